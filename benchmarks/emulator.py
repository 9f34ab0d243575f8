"""Measure the local HeyGen: its start, a wait on the turned clock, and requests with few and with many jobs.

Client and emulator run in one process. The floor of a wait is the time that a test may take, 12 ms. The shortest of
several waits counts, because they take real time. The floor of a request with 40,000 jobs is the same one with ten.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from rows import Row, cpu_of, many, pin

from heygen_async import AsyncHeyGen
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

REQUEST = AvatarVideo(avatar_id="avatar_1", script="Hello. This is a tour.")
STATES = [("processing", 60.0), ("completed", 0.0)]
ROUNDS = 15
CALLS = 100
FEW, MANY = 10, 40_000
TEST_MS = 12.0


async def wait_once() -> None:
    async with HeyGenEmulator(autojump=True) as api, AsyncHeyGen(api.key, base_url=api.url) as heygen:
        await heygen.wait_for_video(await heygen.videos.create(REQUEST))


async def sample_requests() -> dict[str, dict[str, list[float]]]:
    """Return the CPU microseconds of a list and of a get in each round, with few and with many jobs."""
    async with HeyGenEmulator() as few, HeyGenEmulator() as many_jobs:
        calls: dict[str, dict[str, Callable[[], Awaitable[object]]]] = {"get": {}, "list": {}}
        clients: list[AsyncHeyGen] = []
        for name, api, count in (("floor", few, FEW), ("ours", many_jobs, MANY)):
            ids = [api.state.create_job("video", "video", STATES, seconds=60.0).id for _ in range(count)]
            client = AsyncHeyGen(api.key, base_url=api.url)
            clients.append(client)
            calls["get"][name] = lambda client=client, video_id=ids[0]: client.videos.get(video_id)  # type: ignore[misc]
            calls["list"][name] = lambda client=client: client.videos.list(limit=10)  # type: ignore[misc]
        rounds = {kind: await in_turn(callers) for kind, callers in calls.items()}
        for client in clients:
            await client.aclose()
        return rounds


async def in_turn(callers: dict[str, Callable[[], Awaitable[object]]]) -> dict[str, list[float]]:
    rounds: dict[str, list[float]] = {name: [] for name in callers}
    for number in range(ROUNDS + 1):
        for name, call in callers.items():
            microseconds = await cpu_of(many(call, CALLS, 1), CALLS)
            if number:
                rounds[name].append(microseconds)
    return rounds


def measure() -> list[Row]:
    """Return the rows of a wait, a get and a list."""
    logging.disable()
    pin(1)
    waits: list[float] = []
    for _ in range(2 * ROUNDS):
        started = time.perf_counter()
        asyncio.run(wait_once())
        waits.append((time.perf_counter() - started) * 1e3)
    rows = [Row("a test that waits on the turned clock", "ms", TEST_MS, min(waits), 1.0)]
    found = asyncio.run(sample_requests())
    return rows + [
        Row.of_rounds(f"emulator with {MANY:,} jobs: {kind}", "µs CPU", rounds, 1.1) for kind, rounds in found.items()
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
