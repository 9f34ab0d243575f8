"""Measure the CPU time of `videos.get` against aiohttp's `get`, `read` and a typed decode, and of other clients."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import httpx
import msgspec
import pydantic
import requests
from rows import Row, pin, sample_in_turn
from runwayml import AsyncRunwayML, BaseModel
from server import serving

from heygen_async import AsyncHeyGen
from heygen_async.types.videos import Video

BODY = msgspec.json.encode(
    {
        "data": {
            "id": "video_0123456789",
            "status": "completed",
            "title": "A tour",
            "duration": 31.5,
            "video_url": "https://files.example.com/video.mp4?Expires=1&Signature=" + "a" * 200,
            "thumbnail_url": "https://files.example.com/thumbnail.jpg?Expires=1&Signature=" + "a" * 200,
            "created_at": 1_790_000_000,
            "completed_at": 1_790_000_300,
        }
    }
)
CALLS = 128
ROUNDS = 15


class Enveloped(msgspec.Struct):
    data: Video


class PydanticVideo(pydantic.BaseModel):
    id: str
    status: str
    title: str | None = None
    duration: float | None = None
    video_url: str | None = None
    thumbnail_url: str | None = None
    created_at: int | None = None
    completed_at: int | None = None


class PydanticEnvelope(pydantic.BaseModel):
    data: PydanticVideo


class RunwayResponse(BaseModel):
    data: PydanticVideo


async def sample(url: str) -> dict[int, dict[str, list[float]]]:
    """Return the CPU microseconds of a request in each round by client, with 1, 8, 64 and 512 in flight."""
    decoder = msgspec.json.Decoder(Enveloped)
    address = f"{url}/v3/videos/video_0123456789"
    found: dict[int, dict[str, list[float]]] = {}
    async with (
        aiohttp.ClientSession() as session,
        AsyncHeyGen("key", base_url=url) as heygen,
        httpx.AsyncClient() as plain,
        AsyncRunwayML(api_key="key", base_url=url) as generated,
    ):

        async def floor() -> object:
            async with session.get(address, headers={"X-Api-Key": "key"}) as response:
                return decoder.decode(await response.read()).data

        async def ours() -> object:
            return await heygen.videos.get("video_0123456789")

        async def by_httpx() -> object:
            response = await plain.get(address, headers={"X-Api-Key": "key"})
            return PydanticEnvelope.model_validate_json(response.content).data

        async def by_generated() -> object:
            return await generated.get("/v3/videos/video_0123456789", cast_to=RunwayResponse)

        clients = {"floor": floor, "ours": ours, "httpx + pydantic": by_httpx, "generated (runwayml)": by_generated}
        with requests.Session() as blocking:

            async def by_requests() -> object:
                response = blocking.get(address, headers={"X-Api-Key": "key"}, timeout=30)
                return response.json()["data"]

            found[1] = await sample_in_turn(clients | {"requests": by_requests}, calls=CALLS, flight=1, rounds=ROUNDS)
        ours_alone = {name: clients[name] for name in ("floor", "ours")}
        found[8] = await sample_in_turn(ours_alone, calls=CALLS, flight=8, rounds=2 * ROUNDS)
        found[64] = await sample_in_turn(clients, calls=CALLS, flight=64, rounds=ROUNDS)
        found[512] = await sample_in_turn(ours_alone, calls=2048, flight=512, rounds=ROUNDS)
    return found


def measure() -> list[Row]:
    """Return a row for each number of requests in flight."""
    logging.disable()
    pin(1)
    with serving(BODY) as url:
        found = asyncio.run(sample(url))
    return [
        Row.of_rounds(f"one request, {flight} in flight", "µs CPU", rounds, 1.08) for flight, rounds in found.items()
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
