"""A batch of 10,000 rows under a plan of 1,000 slots, and a sheet of a million rows.

Ten times faster than life: a video takes 12 s and shared looks come every half second. The local HeyGen is on the first
core and has the limit; the batch, on the second, is not told of it. The floor is what the limit allows: 10,000 / 1,000
times 12 s. After the first 1,000 outcomes the batch's memory must not grow.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import multiprocessing
import tempfile
import time
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

from rows import Row, pin

from heygen_async import AsyncHeyGen, Backoff, Response
from heygen_async.batch import run
from heygen_async.batch.sheet import Sheet
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

ROWS = 10_000
SLOTS = 1_000
SECONDS = 12.0
MILLION = 1_000_000


async def serve(pipe: Connection) -> None:
    async with HeyGenEmulator(record=False, render_seconds=SECONDS, concurrency_limit=SLOTS, balance=1e9) as api:
        pipe.send((api.key, api.url))
        await asyncio.to_thread(pipe.recv)


def server(pipe: Connection) -> None:
    pin(0)
    asyncio.run(serve(pipe))


def memory(what: str = "VmRSS") -> float:
    """What this process has in memory now, in MiB, or had at most (`VmHWM`, its own alone: what the one that began it
    had is in getrusage's).
    """
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what)]
    return int(line.split()[1]) / 2**10


async def many(key: str, url: str, folder: Path) -> tuple[float, float, int, int]:
    """Seconds, MiB of growth, and how often the limit answered: in all, and twice in a row."""
    answers: list[bool] = []

    def on_response(response: Response) -> None:
        if response.method == "POST":
            answers.append(response.status == 429)

    rows = ((f"row-{i}", AvatarVideo(avatar_id="a", script=f"Hello {i}.")) for i in range(ROWS))
    often = Backoff(initial=0.5, factor=1.0, maximum=0.5, jitter=0.1)
    async with AsyncHeyGen(key, base_url=url, poll=often, on_response=on_response) as heygen:
        began, done, early = time.monotonic(), 0, 0.0
        async for outcome in run(rows, heygen=heygen, journal=folder / "journal"):
            done += outcome.succeeded
            if done == SLOTS:
                early = memory()
        took = time.monotonic() - began
    if done != ROWS:
        raise RuntimeError(f"{done} of {ROWS} rows were made")
    return took, memory() - early, sum(answers), sum(a and b for a, b in pairwise(answers))


async def first_of_a_million(key: str, url: str, folder: Path) -> float:
    """Seconds until a sheet of a million rows is checked and its first job has ended."""
    began = time.monotonic()
    sheet = Sheet(folder / "million.csv")
    checked = await asyncio.to_thread(sheet.check)
    if checked.rows != MILLION or checked.wrong:
        raise RuntimeError(f"{checked.wrong} of {checked.rows} rows are wrong")
    async with AsyncHeyGen(key, base_url=url) as heygen:
        batch = run(sheet, heygen=heygen, journal=folder / "million", concurrency=10)
        async with contextlib.aclosing(aiter(batch)) as outcomes:
            await anext(outcomes)
    return time.monotonic() - began


def a_million(pipe: Connection, key: str, url: str, folder: Path) -> None:
    """In a process of its own, for its memory."""
    pin(1)
    took = asyncio.run(first_of_a_million(key, url, folder))
    pipe.send((took, memory("VmHWM")))


def measure() -> list[Row]:
    """All of it."""
    pin(1)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=server, args=(there,), daemon=True)
    process.start()
    try:
        key, url = here.recv()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            took, grown, refused, twice = asyncio.run(many(key, url, folder))
            with (folder / "million.csv").open("w", newline="") as file:
                sheet = csv.writer(file)
                sheet.writerow(["id", "first_name", "avatar_id", "script", "title"])
                for i in range(MILLION):
                    words = f"Hello Ada {i}, welcome. It is good to see you here."
                    sheet.writerow([f"crm-{i}", f"Ada {i}", "avatar_1", words, f"Welcome {i}"])
            other = context.Process(target=a_million, args=(there, key, url, folder))
            other.start()
            until_first, peak = here.recv()
            other.join()
        here.send("end")
    finally:
        process.terminate()
        process.join()
    if twice:
        raise RuntimeError(f"the limit answered twice in a row {twice} times")
    return [
        Row(f"batch of {ROWS:,}, {SLOTS:,} at once", "s", ROWS / SLOTS * SECONDS, took, 1.1, {"429s": refused}),
        Row("its memory after the first 1,000", "MiB", 4.0, max(grown, 0.0), 1.0),
        Row("a sheet of 1,000,000 rows: first job done", "s", 60.0, until_first, 1.0),
        Row("its memory at most", "MiB", 200.0, peak, 1.0),
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
