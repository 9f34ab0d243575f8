"""Measure a batch of 10,000 rows under a concurrency limit of 1,000 jobs, and a sheet of a million rows.

Time runs ten times faster than real time: a video takes 12 s, and the batch polls every half second. The emulator runs
on the first core and has the limit. The batch runs on the second core and has to find the limit. The floor is the time
that the limit allows: 10,000 / 1,000 * 12 s. After the first 1,000 outcomes the memory of the batch must not grow.

The floor of the sheet is the csv module, which reads it into dicts. All of the sheet is checked before the first job.
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
from heygen_async.batch.sheet_check import check_sheet
from heygen_async.batch.sheet_rows import Sheet
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

ROWS = 10_000
CONCURRENCY_LIMIT = 1_000
SECONDS = 12.0
MILLION = 1_000_000


async def serve(pipe: Connection) -> None:
    async with HeyGenEmulator(
        record_requests=False, render_seconds=SECONDS, concurrency_limit=CONCURRENCY_LIMIT, balance=1e9
    ) as api:
        pipe.send((api.key, api.url))
        await asyncio.to_thread(pipe.recv)


def server(pipe: Connection) -> None:
    pin(0)
    asyncio.run(serve(pipe))


def memory(field: str = "VmRSS") -> float:
    """Return the memory of this process in MiB: now (`VmRSS`), or its maximum so far (`VmHWM`).

    `resource.getrusage` is of no use here: its maximum includes the parent process before the fork.
    """
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field)]
    return int(line.split()[1]) / 2**10


async def many(key: str, url: str, folder: Path) -> tuple[float, float, int, int]:
    """Return the seconds, the growth in MiB, the number of 429 responses, and how many followed another directly."""
    limited: list[bool] = []

    def on_response(response: Response) -> None:
        if response.method == "POST":
            limited.append(response.status == 429)

    rows = ((f"row-{i}", AvatarVideo(avatar_id="avatar_1", script=f"Hello {i}.")) for i in range(ROWS))
    poll = Backoff(initial=0.5, factor=1.0, maximum=0.5, jitter=0.1)
    async with AsyncHeyGen(key, base_url=url, poll=poll, on_response=on_response) as heygen:
        started, done, early = time.monotonic(), 0, 0.0
        async for outcome in run(rows, heygen=heygen, journal=folder / "journal"):
            done += outcome.succeeded
            if done == CONCURRENCY_LIMIT:
                early = memory()
        seconds = time.monotonic() - started
    if done != ROWS:
        raise RuntimeError(f"{done} of {ROWS} rows succeeded")
    return seconds, memory() - early, sum(limited), sum(a and b for a, b in pairwise(limited))


def read_as_dicts(path: Path) -> float:
    """Return the CPU seconds in which the csv module reads a sheet into dicts."""
    started = time.process_time()
    with path.open(newline="") as file:
        for _ in csv.DictReader(file):
            pass
    return time.process_time() - started


async def first_of_a_million(key: str, url: str, folder: Path) -> float:
    """Return the CPU seconds until a sheet of a million rows is checked and its first job has ended."""
    started = time.process_time()
    sheet = Sheet(folder / "million.csv")
    checked = await asyncio.to_thread(check_sheet, sheet)
    if checked.rows != MILLION or checked.invalid_rows:
        raise RuntimeError(f"{checked.invalid_rows} of {checked.rows} rows are wrong")
    async with AsyncHeyGen(key, base_url=url) as heygen:
        batch = run(sheet, heygen=heygen, journal=folder / "million", concurrency=10)
        async with contextlib.aclosing(aiter(batch)) as outcomes:
            await anext(outcomes)
    return time.process_time() - started


def a_million(pipe: Connection, key: str, url: str, folder: Path) -> None:
    """Measure the sheet in a process of its own, so that its memory is its own."""
    pin(1)
    floor, before = read_as_dicts(folder / "million.csv"), memory()
    seconds = asyncio.run(first_of_a_million(key, url, folder))
    pipe.send((floor, seconds, memory("VmHWM") - before))


def measure() -> list[Row]:
    """Return the rows of the batch and of the sheet."""
    pin(1)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=server, args=(there,), daemon=True)
    process.start()
    try:
        key, url = here.recv()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            seconds, growth, limited, limited_again = asyncio.run(many(key, url, folder))
            with (folder / "million.csv").open("w", newline="") as file:
                sheet = csv.writer(file)
                sheet.writerow(["id", "first_name", "avatar_id", "script", "title"])
                for i in range(MILLION):
                    words = f"Hello Ada {i}, welcome. It is good to see you here."
                    sheet.writerow([f"crm-{i}", f"Ada {i}", "avatar_1", words, f"Welcome {i}"])
            other = context.Process(target=a_million, args=(there, key, url, folder))
            other.start()
            floor, until_first, growth_of_sheet = here.recv()
            other.join()
        here.send("end")
    finally:
        process.terminate()
        process.join()
    if limited_again:
        raise RuntimeError(f"{limited_again} responses with status 429 followed another one directly")
    return [
        Row(
            f"batch of {ROWS:,}, {CONCURRENCY_LIMIT:,} in parallel",
            "s",
            ROWS / CONCURRENCY_LIMIT * SECONDS,
            seconds,
            1.1,
            {"429s": limited},
        ),
        Row("batch: memory growth after the first 1,000", "MiB", 4.0, max(growth, 0.0), 1.0),
        Row("a sheet of 1,000,000 rows: first job done", "s CPU", floor, until_first, 14.0),
        Row("a sheet of 1,000,000 rows: memory growth", "MiB", 64.0, growth_of_sheet, 1.0),
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
