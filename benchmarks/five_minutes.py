"""Count the polls of five-minute jobs on the emulator's clock, and measure how late the SDK notices their ends."""

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
MAX_POLLS = 35.0
MAX_DELAY = 6.0  # seconds, on average
MAX_SHARED_POLLS = 40.0


async def wait_for_jobs(*, shared: bool) -> tuple[float, float]:
    """Return the polls of one job (of all jobs, when one client shares them), and the mean delay in seconds."""
    draw = random.Random(4)
    async with HeyGenEmulator(autojump=True) as api:
        one = AsyncHeyGen(api.key, base_url=api.url)
        clients = [one] * JOBS if shared else [AsyncHeyGen(api.key, base_url=api.url) for _ in range(JOBS)]
        loop = asyncio.get_running_loop()

        async def wait(client: AsyncHeyGen) -> float:
            seconds = draw.uniform(290, 310)
            states = [("pending", 10.0), ("processing", seconds - 10.0), ("completed", 0.0)]
            id, ends = api.state.create_job("video", "video", states, seconds=10.0).id, loop.time() + seconds
            await client.wait_for_video(VideoCreated(video_id=id, status=VideoStatus.PENDING))
            return loop.time() - ends

        delays = await asyncio.gather(*(wait(client) for client in clients))
        for client in clients:
            await client.aclose()
        bulk, single = len(api.requests_for("VideoStatusesList")), len(api.requests_for("VideoGet"))
    return float(bulk) if shared else single / JOBS, statistics.mean(delays)


def measure() -> list[Row]:
    """Return the rows for a client a job, and for one client that polls for all jobs."""
    logging.disable()
    polls, delay = asyncio.run(wait_for_jobs(shared=False))
    shared_polls, _ = asyncio.run(wait_for_jobs(shared=True))
    return [
        Row("a five-minute job: polls", "", MAX_POLLS, polls, 1.0),
        Row("a five-minute job: mean delay of its end", "s", MAX_DELAY, delay, 1.0),
        Row("100 five-minute jobs: shared polls", "", MAX_SHARED_POLLS, shared_polls, 1.0),
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
