"""Create a video of an avatar that speaks a script.

python examples/avatar_video.py "Hello, and welcome." -o hello.mp4
"""

from __future__ import annotations

import argparse

from local import open_heygen, run, show

from heygen_async.types.videos import AvatarVideo, Caption


async def main(script: str, output: str) -> None:
    async with open_heygen() as heygen:
        [look, *_] = (await heygen.avatars.looks.list(ownership="public", limit=1)).data
        video = await heygen.videos.create_and_wait(
            AvatarVideo(
                avatar_id=look.id,
                script=script,
                voice_id=look.default_voice_id,
                caption=Caption(style="default"),
                aspect_ratio="16:9",
            ),
            on_update=show,
        )
        print(await heygen.download(video, output, overwrite=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("script", nargs="?", default="Hello, and welcome.")
    parser.add_argument("-o", "--output", default="avatar.mp4")
    arguments = parser.parse_args()
    run(main(arguments.script, arguments.output))
