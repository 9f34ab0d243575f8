"""Create a video of a photo that speaks.

python examples/image_to_video.py photo.jpg "I have been here all along." -o photo.mp4
"""

from __future__ import annotations

import argparse
from pathlib import Path

from local import open_heygen, run, sample, show

from heygen_async.types.videos import ImageVideo


async def main(photo: Path, script: str, output: str) -> None:
    async with open_heygen() as heygen:
        [voice, *_] = (await heygen.voices.list(language="English", limit=1)).data
        request = ImageVideo(image=photo, script=script, voice_id=voice.voice_id, motion_prompt="a friendly nod")
        video = await heygen.videos.create_and_wait(request, on_update=show)  # the photo is uploaded first
        print(await heygen.download(video, output, overwrite=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", nargs="?", type=Path, default=sample("thumbnail.jpg"))
    parser.add_argument("script", nargs="?", default="I have been here all along.")
    parser.add_argument("-o", "--output", default="photo.mp4")
    arguments = parser.parse_args()
    run(main(arguments.photo, arguments.script, arguments.output))
