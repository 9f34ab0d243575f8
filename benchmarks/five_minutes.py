"""Jobs of five minutes on the turned clock: how many looks each costs, and how late its end is known."""

from __future__ import annotations

import asyncio
import logging
import random
import statistics

from rows import Row

from heygen_async import AsyncHeyGen
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import VideoCreated, VideoStatus

JOBS = 100
MAX_LOOKS = 35.0
LATE = 6.0  # seconds, on average
MAX_SHARED = 40.0


async def waited(*, shared: bool) -> tuple[float, float]:
    """The looks of one job (of all, when they are shared), and the mean of how late the ends were known."""
    draw = random.Random(4)
    async with HeyGenEmulator(autojump=True) as api:
        one = AsyncHeyGen(api.key, base_url=api.url)
        clients = [one] * JOBS if shared else [AsyncHeyGen(api.key, base_url=api.url) for _ in range(JOBS)]
        loop = asyncio.get_running_loop()

        async def wait(client: AsyncHeyGen) -> float:
            seconds = draw.uniform(290, 310)
            states = [("pending", 10.0), ("processing", seconds - 10.0), ("completed", 0.0)]
            id, ends = api.world.make("video", "video", states).id, loop.time() + seconds
            await client.wait_for_video(VideoCreated(video_id=id, status=VideoStatus.PENDING))
            return loop.time() - ends

        late = await asyncio.gather(*(wait(client) for client in clients))
        for client in clients:
            await client.aclose()
        bulk, single = len(api.asked("VideoStatusesList")), len(api.asked("VideoGet"))
    return float(bulk) if shared else single / JOBS, statistics.mean(late)


def measure() -> list[Row]:
    """Alone and shared."""
    logging.disable()
    looks, late = asyncio.run(waited(shared=False))
    together, _ = asyncio.run(waited(shared=True))
    return [
        Row("a five-minute job: looks", "", MAX_LOOKS, looks, 1.0),
        Row("a five-minute job: its end is late by, mean", "s", LATE, late, 1.0),
        Row("100 five-minute jobs: shared looks", "", MAX_SHARED, together, 1.0),
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
