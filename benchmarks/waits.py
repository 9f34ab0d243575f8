"""Measure the requests, CPU, memory and delay of many concurrent waits, against a poller in each task.

Time runs ten times faster than real time. Jobs end between 5 and 15 s; very many jobs end later. The delays between
polls are a tenth of the SDK's own for videos. A job's id contains the time of its end, by the clock that both
processes share.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import statistics
import time
from collections.abc import Awaitable
from multiprocessing.connection import Connection

import aiohttp
import msgspec
from rows import Row, pin
from server import job_states, serving

from heygen_async import AsyncHeyGen, Backoff
from heygen_async._jobs.kinds import POLL as VIDEO_POLL
from heygen_async.types.videos import Video

POLL = Backoff(
    initial=VIDEO_POLL.initial / 10, factor=VIDEO_POLL.factor, maximum=VIDEO_POLL.maximum / 10, jitter=VIDEO_POLL.jitter
)
SIZES = (10, 100, 1_000, 10_000, 50_000)
EARLIEST = 5.0  # seconds until the first job ends
RATE = 2_000  # ends a second, at most


class Measured(msgspec.Struct):
    """The result of one trial: memory in KiB a waiter, delays in seconds."""

    waits: int
    requests: int
    floor: float
    cpu: float
    memory: float
    median: float
    p99: float
    latest: float


def respond(head: bytes, now: float | None = None) -> bytes:
    """Return the API's response to a request: the states of the jobs, by their ids, at the time `now`."""
    now = time.monotonic() if now is None else now
    return job_states(head.split(b" ", 2)[1].decode(), lambda job: state(job, now))


def state(id: str, now: float) -> str:
    return "completed" if now >= end_time(id) else "processing"


def end_time(id: str) -> float:
    return float(id.split("_")[1])


def polls_until(seconds: float) -> int:
    """Return the number of polls of one job of this length by the backoff alone."""
    elapsed, polls = 0.0, 1
    while elapsed < seconds:
        elapsed += POLL.ceiling(polls - 1) * (1 - POLL.jitter / 2)
        polls += 1
    return polls


def resident_memory() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def run_client(url: str, ids: list[str]) -> Measured:
    requests = 0

    def count(_: object) -> None:
        nonlocal requests
        requests += 1

    async with AsyncHeyGen("key", base_url=url, poll=POLL, on_request=count) as heygen:
        await heygen.wait_for_video(f"v_{time.monotonic()}_warm")
        requests = 0
        return await measure_waits(ids, [heygen.wait_for_video(id) for id in ids], lambda: requests)


async def run_pollers(url: str, ids: list[str]) -> Measured:
    requests = 0
    decoder = msgspec.json.Decoder(dict[str, Video])

    async def poll(session: aiohttp.ClientSession, id: str) -> Video:
        nonlocal requests
        for step in range(10_000):
            requests += 1
            async with session.get(f"{url}/v3/videos/{id}", headers={"X-Api-Key": "key"}) as response:
                video = decoder.decode(await response.read())["data"]
            if video.status == "completed":
                return video
            await asyncio.sleep(POLL.delay(step))
        raise AssertionError

    async with aiohttp.ClientSession() as session:
        await poll(session, f"v_{time.monotonic()}_warm")
        requests = 0
        return await measure_waits(ids, [poll(session, id) for id in ids], lambda: requests)


async def measure_waits(ids: list[str], waits: list[Awaitable[Video]], requests: object) -> Measured:
    delays: list[float] = []

    async def one(wait: Awaitable[Video], end: float) -> None:
        await wait
        delays.append(time.monotonic() - end)

    gc.collect()
    before, started, cpu = resident_memory(), time.monotonic(), time.process_time()
    tasks = [asyncio.ensure_future(one(wait, end_time(id))) for id, wait in zip(ids, waits, strict=True)]
    waits.clear()
    await asyncio.sleep(max(0.0, end_time(ids[0]) - 0.5 - time.monotonic()))
    growth = resident_memory() - before
    await asyncio.gather(*tasks)
    delays.sort()
    polls = sum(polls_until(end_time(id) - started) for id in ids)
    return Measured(
        waits=len(ids),
        requests=requests(),  # type: ignore[operator]
        floor=polls / 100 + len(ids),
        cpu=time.process_time() - cpu,
        memory=growth / len(ids) / 1024,
        median=statistics.median(delays),
        p99=delays[int(len(delays) * 0.99)],
        latest=delays[-1],
    )


def trial(url: str, size: int, name: str, pipe: Connection) -> None:
    """Run one trial in a process of its own, so that its memory is its own."""
    logging.disable()
    pin(1)
    started, spread = time.monotonic() + EARLIEST + size / 10_000, max(10.0, size / RATE)
    ids = [f"v_{started + spread * number / size:.4f}_{number}" for number in range(size)]
    pipe.send(asyncio.run((run_client if name == "client" else run_pollers)(url, ids)))


def run_trial(url: str, size: int, name: str) -> Measured:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=trial, args=(url, size, name, there))
    process.start()
    result = here.recv()
    process.join()
    return result


def measure() -> tuple[list[Row], str]:
    """Return the rows for 10,000 waits, and the results of all sizes as a table."""
    with serving(respond) as url:
        ours = {size: run_trial(url, size, "client") for size in SIZES}
        theirs = {size: run_trial(url, size, "pollers") for size in (1_000, 10_000)}
    own, other = ours[10_000], theirs[10_000]
    rows = [
        Row("10,000 waits: requests", "", own.floor, own.requests, 1.1, {"a poller in each task": other.requests}),
        Row("10,000 waits: memory a waiter", "KiB", 4.0, own.memory, 1.0, {"a poller in each task": other.memory}),
        Row("10,000 waits: latest result", "s", POLL.maximum, own.latest, 1.1, {"a poller in each task": other.latest}),
    ]
    lines = [
        "| concurrent waits | requests | floor | CPU s | KiB a waiter | delay, median s | delay, p99 s |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, results in (("", ours), (" (a poller in each task)", theirs)):
        for size, result in results.items():
            memory = f"{result.memory:.1f}" if size >= 1_000 else "-"
            floor = f"{result.floor:,.0f}" if not name else "-"
            cells = (
                f"{result.requests:,}",
                floor,
                f"{result.cpu:.2f}",
                memory,
                f"{result.median:.2f}",
                f"{result.p99:.2f}",
            )
            lines.append(f"| {size:,}{name} | {' | '.join(cells)} |")
    return rows, "\n".join(lines)


if __name__ == "__main__":
    found_rows, curve = measure()
    for row in found_rows:
        print(row.line())
    print(curve)
