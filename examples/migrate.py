"""Create the same video with v2 and with v3.

python examples/migrate.py "Hello, and welcome." -o welcome

The v2 calls warn with the names of their successors. `explain` prints the v3 call for the v2 request.
"""

from __future__ import annotations

import argparse

from local import open_heygen, run

from heygen_async.legacy import convert_to_v3, dimension, explain
from heygen_async.legacy.types.videos import AvatarCharacter, Scene, TextVoice, VideoRequest


async def main(script: str, output: str) -> None:
    async with open_heygen() as heygen:
        # v2
        avatar = (await heygen.legacy.avatars.list()).avatars[0]
        details = await heygen.legacy.avatars.details(avatar.avatar_id)
        request = VideoRequest(
            video_inputs=[
                Scene(
                    character=AvatarCharacter(avatar_id=avatar.avatar_id),
                    voice=TextVoice(voice_id=str(details.default_voice_id), input_text=script),
                )
            ],
            dimension=dimension("16:9", "720p"),
        )
        created = await heygen.legacy.videos.generate(request)
        print(await heygen.download(await heygen.wait_for_video(created), f"{output}-v2.mp4", overwrite=True))

        # v3
        print(explain(request))
        video = await heygen.videos.create_and_wait(convert_to_v3(request))
        print(await heygen.download(video, f"{output}-v3.mp4", overwrite=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("script", nargs="?", default="Hello, and welcome.")
    parser.add_argument("-o", "--output", default="migrated")
    arguments = parser.parse_args()
    run(main(arguments.script, arguments.output))
