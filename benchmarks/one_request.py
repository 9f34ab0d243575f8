"""One request: CPU of `videos.get` against aiohttp's `get`, `read` and a typed decode; others beside."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp
import httpx
import msgspec
import pydantic
from rows import Row, cpu_of, medians, pin
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
CALLS = 1500
ROUNDS = 7


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


class RunwayAnswer(BaseModel):
    data: PydanticVideo


def many(call: Callable[[], Awaitable[object]], flight: int) -> Callable[[], Awaitable[object]]:
    """All the calls, so many at a time."""

    async def lane(times: int) -> None:
        for _ in range(times):
            await call()

    async def work() -> None:
        await asyncio.gather(*(lane(CALLS // flight) for _ in range(flight)))

    return work


async def sampled(url: str) -> dict[int, dict[str, float]]:
    """Median CPU microseconds a request, by who makes it, at 1 and at 64 in flight."""
    decoder = msgspec.json.Decoder(Enveloped)
    address = f"{url}/v3/videos/video_0123456789"
    found: dict[int, dict[str, float]] = {}
    async with (
        aiohttp.ClientSession() as session,
        AsyncHeyGen("key", base_url=url) as heygen,
        httpx.AsyncClient() as plain,
        AsyncRunwayML(api_key="key", base_url=url) as generated,
    ):

        async def floor() -> object:
            async with session.get(address, headers={"X-Api-Key": "key"}) as answer:
                return decoder.decode(await answer.read()).data

        async def ours() -> object:
            return await heygen.videos.get("video_0123456789")

        async def by_httpx() -> object:
            answer = await plain.get(address, headers={"X-Api-Key": "key"})
            return PydanticEnvelope.model_validate_json(answer.content).data

        async def by_generated() -> object:
            return await generated.get("/v3/videos/video_0123456789", cast_to=RunwayAnswer)

        who = {"floor": floor, "ours": ours, "httpx + pydantic": by_httpx, "generated (runwayml)": by_generated}
        for flight in (1, 64):
            samples: dict[str, list[float]] = {name: [] for name in who}
            for number in range(ROUNDS + 1):
                for name, call in who.items():
                    spent = await cpu_of(many(call, flight), CALLS // flight * flight)
                    if number:  # the first round warms up
                        samples[name].append(spent)
            found[flight] = medians(samples)
    return found


def measure() -> list[Row]:
    """The row at 1 and at 64 in flight."""
    logging.disable()
    pin(1)
    with serving(BODY) as url:
        found = asyncio.run(sampled(url))
    return [
        Row(
            f"one request, {flight} in flight",
            "µs CPU",
            times.pop("floor"),
            times.pop("ours"),
            1.15,
            times,
        )
        for flight, times in found.items()
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
