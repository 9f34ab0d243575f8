"""Measure the CPU time of `videos.create` without files against aiohttp's `post` and msgspec."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import msgspec
from rows import Row, pin, sample_in_turn
from server import serving

from heygen_async import AsyncHeyGen
from heygen_async.types.videos import AvatarVideo, VideoCreated

BODY = msgspec.json.encode({"data": {"video_id": "video_0123456789", "status": "pending"}})
REQUEST = AvatarVideo(avatar_id="avatar_1", script="Hello. This is a tour.", voice_id="voice_1", title="A tour")
HEADERS = {"X-Api-Key": "key", "Content-Type": "application/json"}
CALLS = 512
ROUNDS = 40
GOALS = {1: 1.15, 64: 1.20}


class Enveloped(msgspec.Struct):
    data: VideoCreated


async def sample(url: str) -> dict[int, dict[str, list[float]]]:
    """Return the CPU microseconds of a create in each round by client, with 1 and with 64 in flight."""
    decoder = msgspec.json.Decoder(Enveloped)
    found: dict[int, dict[str, list[float]]] = {}
    async with aiohttp.ClientSession() as session, AsyncHeyGen("key", base_url=url) as heygen:

        async def floor() -> object:
            headers = {**HEADERS, "Idempotency-Key": "0123456789abcdef" * 2}
            content = msgspec.json.encode(REQUEST)
            async with session.post(f"{url}/v3/videos", data=content, headers=headers) as response:
                return decoder.decode(await response.read()).data

        async def ours() -> object:
            return await heygen.videos.create(REQUEST)

        for flight in GOALS:
            clients = {"floor": floor, "ours": ours}
            found[flight] = await sample_in_turn(clients, calls=CALLS, flight=flight, rounds=ROUNDS)
    return found


def measure() -> list[Row]:
    """Return a row for 1 and a row for 64 creates in flight."""
    logging.disable()
    pin(1)
    with serving(BODY) as url:
        found = asyncio.run(sample(url))
    return [
        Row.of_rounds(f"one create, {flight} in flight", "µs CPU", rounds, GOALS[flight])
        for flight, rounds in found.items()
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
