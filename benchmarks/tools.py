"""Measure the CPU time of a tool call in this process, against the method that it calls, and of selecting tools."""

from __future__ import annotations

import asyncio
import logging

import msgspec
from rows import Row, pin, sample_in_turn
from server import serving

from heygen_async import AsyncHeyGen, tools
from heygen_async.types.videos import AvatarVideo

BODY = msgspec.json.encode({"data": {"id": "video_1", "video_id": "video_1", "status": "pending"}})
ARGUMENTS = {"avatar_id": "avatar_1", "script": "Hello. This is a tour.", "voice_id": "voice_1"}
CALLS = 256
ROUNDS = 30
GOAL = 1.08


async def sample(url: str) -> dict[str, dict[str, list[float]]]:
    """Return the CPU microseconds of a call in each round by caller, for two operations."""
    async with AsyncHeyGen("key", base_url=url) as heygen:
        names = ["get_video", "create_video_from_avatar"]
        get, create = tools(heygen, include=names, spending="allow")
        callers = {
            "a tool call, get": {
                "floor": lambda: heygen.videos.get("video_1"),
                "ours": lambda: get(video_id="video_1"),
            },
            "a tool call, create": {
                "floor": lambda: heygen.videos.create(AvatarVideo(**ARGUMENTS)),
                "ours": lambda: create(**ARGUMENTS),
            },
        }
        return {
            name: await sample_in_turn(clients, calls=CALLS, flight=1, rounds=ROUNDS)  # type: ignore[arg-type]
            for name, clients in callers.items()
        }


def measure() -> list[Row]:
    """Return a row for each operation."""
    logging.disable()
    pin(1)
    with serving(BODY) as url:
        found = asyncio.run(sample(url))
    return [Row.of_rounds(name, "µs CPU", rounds, GOAL) for name, rounds in found.items()]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
