"""Create an avatar from a photo, and more looks of the same person.

python examples/photo_avatar.py portrait.jpg --name Ada --look "in a laboratory" --look "in a red coat, outdoors"
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from local import open_heygen, run, sample, show

from heygen_async.types.avatars import PhotoAvatar, PromptAvatar


async def main(photo: Path, name: str, prompts: list[str]) -> None:
    async with open_heygen() as heygen:
        first = await heygen.avatars.create_and_wait(PhotoAvatar(name=name, file=photo), on_update=show)
        print(f"{first.id}: {first.name}")
        looks = await asyncio.gather(
            *(
                heygen.avatars.create_and_wait(
                    PromptAvatar(name=f"{name}, {prompt}", prompt=prompt, avatar_group_id=first.group_id),
                    on_update=show,
                )
                for prompt in prompts
            )
        )
        for look in looks:
            print(f"{look.id}: {look.name}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", nargs="?", type=Path, default=sample("thumbnail.jpg"))
    parser.add_argument("--name", default="Ada")
    parser.add_argument("--look", action="append", help="the description of another look; may be repeated")
    arguments = parser.parse_args()
    run(main(arguments.photo, arguments.name, arguments.look or ["in a laboratory", "in a red coat, outdoors"]))
