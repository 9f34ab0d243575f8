"""Measure the CPU time of a batch's row, with a journal, against `gather` with a semaphore and shared polling.

A row is one create, a share of the bulk status requests, and one request for its result. A job has ended when it is
polled for the first time. The floor does the same with aiohttp and msgspec, and keeps no journal.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import tempfile
import time
from pathlib import Path

import aiohttp
import msgspec
from rows import Row, pin
from server import job_states, serving

from heygen_async import AsyncHeyGen, Backoff
from heygen_async.batch import run
from heygen_async.types.batches import JobStatus
from heygen_async.types.videos import AvatarVideo, Video, VideoCreated

ROWS = 5_000
CONCURRENCY = 100
ROUNDS = 7
PAUSE = 0.05  # seconds until the first poll
GOAL = 1.5
HEADERS = {"X-Api-Key": "key", "Content-Type": "application/json"}
numbers = itertools.count(1)


class Created(msgspec.Struct):
    data: VideoCreated


class Statuses(msgspec.Struct):
    data: list[JobStatus]


class Result(msgspec.Struct):
    data: Video


def respond(head: bytes) -> bytes:
    """Return the response to a request. The head may follow the body of the request before it."""
    method, target, _ = head.partition(b"\r\n")[0].decode().rsplit(" ", 2)
    if method.endswith("POST"):
        return f'{{"data":{{"video_id":"v_{next(numbers):012}","status":"pending"}}}}'.encode()
    return job_states(target, lambda _: "completed")


def request(number: int) -> AvatarVideo:
    return AvatarVideo(avatar_id="avatar_1", script=f"Hello {number}. Good to see you.", title=f"Welcome {number}")


class SharedPolling:
    """The waits for jobs: one bulk status request for all that are due, then one request for each result."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._statuses = msgspec.json.Decoder(Statuses)
        self._result = msgspec.json.Decoder(Result)
        self._waits: dict[str, asyncio.Future[None]] = {}

    async def poll(self) -> None:
        while True:
            await asyncio.sleep(PAUSE)
            for ids in self._chunks():
                target = f"{self._url}/v3/videos/statuses?video_ids={','.join(ids)}"
                async with self._session.get(target, headers=HEADERS) as response:
                    for status in self._statuses.decode(await response.read()).data:
                        if status.status == "completed" and status.video_id is not None:
                            self._waits.pop(status.video_id).set_result(None)

    def _chunks(self) -> list[list[str]]:
        ids = list(self._waits)
        return [ids[start : start + 100] for start in range(0, len(ids), 100)]

    async def wait(self, id: str) -> Video:
        self._waits[id] = ended = asyncio.get_running_loop().create_future()
        await ended
        async with self._session.get(f"{self._url}/v3/videos/{id}", headers=HEADERS) as response:
            return self._result.decode(await response.read()).data


async def floor(url: str) -> int:
    """Return the number of rows that succeeded."""
    created = msgspec.json.Decoder(Created)
    places = asyncio.Semaphore(CONCURRENCY)
    async with aiohttp.ClientSession() as session:
        polling = SharedPolling(session, url)
        poller = asyncio.create_task(polling.poll())

        async def one(number: int) -> Video:
            async with places:
                headers = {**HEADERS, "Idempotency-Key": secrets.token_hex(16)}
                content = msgspec.json.encode(request(number))
                async with session.post(f"{url}/v3/videos", data=content, headers=headers) as response:
                    video = created.decode(await response.read()).data
                return await polling.wait(video.video_id)

        videos = await asyncio.gather(*map(one, range(ROWS)))
        poller.cancel()
    return sum(video.status == "completed" for video in videos)


async def ours(url: str) -> int:
    """Return the number of rows that succeeded."""
    poll = Backoff(initial=PAUSE, factor=1.0, maximum=PAUSE, jitter=0.1)
    rows = ((f"row-{number}", request(number)) for number in range(ROWS))
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal"
        async with AsyncHeyGen("key", base_url=url, poll=poll) as heygen:
            batch = run(rows, heygen=heygen, journal=journal, concurrency=CONCURRENCY)
            return sum([outcome.succeeded async for outcome in batch])


def measure() -> list[Row]:
    """Return the row of the batch."""
    logging.disable()
    pin(1)
    samples: dict[str, list[float]] = {"floor": [], "ours": []}
    with serving(respond) as url:
        for number in range(ROUNDS + 1):
            for name, work in (("floor", floor), ("ours", ours)):
                started = time.process_time()
                succeeded = asyncio.run(work(url))
                if succeeded != ROWS:
                    raise RuntimeError(f"{succeeded} of {ROWS} rows succeeded")
                if number:  # the first round warms up
                    samples[name].append((time.process_time() - started) / ROWS * 1e6)
    return [Row.of_rounds(f"batch of {ROWS:,} rows, {CONCURRENCY} at once: a row", "µs CPU", samples, GOAL)]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
