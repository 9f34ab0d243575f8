"""Create a cinematic clip from a prompt, an avatar and reference pictures.

python examples/cinematic_video.py "She crosses a rainy street at night" --reference street.jpg -o clip.mp4
"""

from __future__ import annotations

import argparse
from pathlib import Path

from local import open_heygen, run, sample, show

from heygen_async.types.videos import CinematicVideo


async def main(prompt: str, references: list[Path], output: str) -> None:
    async with open_heygen() as heygen:
        [look, *_] = (await heygen.avatars.looks.list(limit=1)).data
        request = CinematicVideo(
            prompt=prompt, avatar_id=[look.id], references=[*references], duration=8, aspect_ratio="16:9"
        )
        video = await heygen.videos.create_and_wait(request, on_update=show)
        print(await heygen.download(video, output, overwrite=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prompt", nargs="?", default="She crosses a rainy street at night")
    parser.add_argument("--reference", type=Path, action="append", help="a picture or a clip; may be repeated")
    parser.add_argument("-o", "--output", default="clip.mp4")
    arguments = parser.parse_args()
    run(main(arguments.prompt, arguments.reference or [sample("thumbnail.jpg")], arguments.output))
