"""Create a video of three scenes: a presenter, a picture with a narrator, and an existing clip.

python examples/studio_scenes.py --picture chart.png --clip demo.mp4 -o studio.mp4
"""

from __future__ import annotations

import argparse
from pathlib import Path

from local import open_heygen, run, sample, show

from heygen_async.types.videos import (
    AvatarInput,
    AvatarScene,
    ColorBackground,
    ImageScene,
    Playback,
    StudioVideo,
    VideoScene,
)


async def main(picture: Path, clip: Path, output: str) -> None:
    async with open_heygen() as heygen:
        [look, *_] = (await heygen.avatars.looks.list(limit=1)).data
        [voice, *_] = (await heygen.voices.list(limit=1)).data
        presenter = AvatarInput(
            avatar_id=look.id,
            script="Here is what we have found.",
            voice_id=voice.voice_id,
            background=ColorBackground(color="#10243f"),
        )
        request = StudioVideo(
            title="Three scenes",
            scenes=[
                AvatarScene(input=presenter),
                ImageScene(source=picture, script="The curve says it all.", voice_id=voice.voice_id),
                VideoScene(source=clip, playback=Playback(volume=0.4)),
            ],
        )
        video = await heygen.videos.create_and_wait(request, on_update=show)
        print(await heygen.download(video, output, overwrite=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, default=sample("thumbnail.jpg"))
    parser.add_argument("--clip", type=Path, default=sample("video.mp4"))
    parser.add_argument("-o", "--output", default="studio.mp4")
    arguments = parser.parse_args()
    run(main(arguments.picture, arguments.clip, arguments.output))
