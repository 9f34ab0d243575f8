"""Many concurrent waits: requests, CPU, memory and lateness, beside one poller a task.

Ten times faster than life: jobs end between 5 and 15 s (later where there are very many), and the pauses between looks
are a tenth of the SDK's own for videos. A job's id says when it ends, by the clock that both processes share.
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
from server import serving

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
    """One trial; memory in KiB a waiter, lateness in seconds."""

    waits: int
    requests: int
    floor: float
    cpu: float
    memory: float
    median: float
    p99: float
    latest: float


def answer(head: bytes) -> bytes:
    """The local API: states by the ids."""
    target = head.split(b" ", 2)[1].decode()
    now = time.monotonic()
    _, _, ids = target.partition("video_ids=")
    if ids:
        found = (f'{{"video_id":"{id}","status":"{state(id, now)}"}}' for id in ids.replace("%2C", ",").split(","))
        return f'{{"data":[{",".join(found)}]}}'.encode()
    id = target.rpartition("/")[2]
    return f'{{"data":{{"id":"{id}","status":"{state(id, now)}","video_url":"https://example.com/v.mp4"}}}}'.encode()


def state(id: str, now: float) -> str:
    return "completed" if now >= end_of(id) else "processing"


def end_of(id: str) -> float:
    return float(id.split("_")[1])


def looks_until(seconds: float) -> int:
    """How many looks a job of this length costs by its own backoff."""
    at, looks = 0.0, 1
    while at < seconds:
        at += POLL.ceiling(looks - 1) * (1 - POLL.jitter / 2)
        looks += 1
    return looks


def resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def by_us(url: str, ids: list[str]) -> Measured:
    requests = 0

    def count(_: object) -> None:
        nonlocal requests
        requests += 1

    async with AsyncHeyGen("key", base_url=url, poll=POLL, on_request=count) as heygen:
        await heygen.wait_for_video(f"v_{time.monotonic()}_warm")
        requests = 0
        return await measured(ids, [heygen.wait_for_video(id) for id in ids], lambda: requests)


async def by_pollers(url: str, ids: list[str]) -> Measured:
    requests = 0
    decoder = msgspec.json.Decoder(dict[str, Video])

    async def poll(session: aiohttp.ClientSession, id: str) -> Video:
        nonlocal requests
        for step in range(10_000):
            requests += 1
            async with session.get(f"{url}/v3/videos/{id}", headers={"X-Api-Key": "key"}) as there:
                video = decoder.decode(await there.read())["data"]
            if video.status == "completed":
                return video
            await asyncio.sleep(POLL.delay(step))
        raise AssertionError

    async with aiohttp.ClientSession() as session:
        await poll(session, f"v_{time.monotonic()}_warm")
        requests = 0
        return await measured(ids, [poll(session, id) for id in ids], lambda: requests)


async def measured(ids: list[str], waits: list[Awaitable[Video]], requests: object) -> Measured:
    late: list[float] = []

    async def one(wait: Awaitable[Video], end: float) -> None:
        await wait
        late.append(time.monotonic() - end)

    gc.collect()
    before, began, cpu = resident(), time.monotonic(), time.process_time()
    tasks = [asyncio.ensure_future(one(wait, end_of(id))) for id, wait in zip(ids, waits, strict=True)]
    waits.clear()
    await asyncio.sleep(max(0.0, end_of(ids[0]) - 0.5 - time.monotonic()))
    grown = resident() - before
    await asyncio.gather(*tasks)
    late.sort()
    looks = sum(looks_until(end_of(id) - began) for id in ids)
    return Measured(
        waits=len(ids),
        requests=requests(),  # type: ignore[operator]
        floor=looks / 100 + len(ids),
        cpu=time.process_time() - cpu,
        memory=grown / len(ids) / 1024,
        median=statistics.median(late),
        p99=late[int(len(late) * 0.99)],
        latest=late[-1],
    )


def trial(url: str, size: int, how: str, tell: Connection) -> None:
    """In a process of its own, so that memory is its own."""
    logging.disable()
    pin(1)
    started, spread = time.monotonic() + EARLIEST + size / 10_000, max(10.0, size / RATE)
    ids = [f"v_{started + spread * number / size:.4f}_{number}" for number in range(size)]
    tell.send(asyncio.run((by_us if how == "us" else by_pollers)(url, ids)))


def tried(url: str, size: int, how: str) -> Measured:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=trial, args=(url, size, how, there))
    process.start()
    found = here.recv()
    process.join()
    return found


def measure() -> tuple[list[Row], str]:
    """The rows at 10,000, and the curve as a table."""
    with serving(answer) as url:
        ours = {size: tried(url, size, "us") for size in SIZES}
        theirs = {size: tried(url, size, "pollers") for size in (1_000, 10_000)}
    at, beside = ours[10_000], theirs[10_000]
    rows = [
        Row("10,000 waits: requests", "", at.floor, at.requests, 1.1, {"a poller a task": beside.requests}),
        Row("10,000 waits: memory a waiter", "KiB", 4.0, at.memory, 1.0, {"a poller a task": beside.memory}),
        Row("10,000 waits: latest result", "s", POLL.maximum, at.latest, 1.1, {"a poller a task": beside.latest}),
    ]
    lines = [
        "| concurrent waits | requests | floor | CPU s | KiB a waiter | late, median s | late, p99 s |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, found in (("", ours), (" (a poller a task)", theirs)):
        for size, one in found.items():
            memory = f"{one.memory:.1f}" if size >= 1_000 else "-"
            floor = f"{one.floor:,.0f}" if not name else "-"
            cells = (f"{one.requests:,}", floor, f"{one.cpu:.2f}", memory, f"{one.median:.2f}", f"{one.p99:.2f}")
            lines.append(f"| {size:,}{name} | {' | '.join(cells)} |")
    return rows, "\n".join(lines)


if __name__ == "__main__":
    found_rows, curve = measure()
    for row in found_rows:
        print(row.line())
    print(curve)
