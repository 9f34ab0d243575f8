"""Webhook deliveries under load, and how soon a wait hears of its end.

The local HeyGen, on the first core, tells of 200 events a second; of its deliveries a tenth come twice, and beside one
in twenty comes a forged one. The receiver, on the second core, keeps what it has seen in SQLite, its handlers fail one
time in ten, and in the middle it is closed and opened again on the same port.
"""

from __future__ import annotations

import asyncio
import collections
import logging
import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web
from rows import Row, pin

from heygen_async import AsyncHeyGen, Backoff, WebhookReceiver
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo
from heygen_async.types.webhooks import Event
from heygen_async.webhooks.event_stores import SQLiteEventStore

RATE = 200  # events a second
SECONDS = 10
WAITS = 40
PATH = "/hook"


async def tell(pipe: Connection) -> None:
    """The local HeyGen: it says where it is, tells of events when it is asked to, then how its deliveries went."""
    async with HeyGenEmulator(record=False, render_seconds=1.0, concurrency_limit=10_000, balance=1e6) as api:
        pipe.send((api.key, api.url))
        await asyncio.to_thread(pipe.recv)
        api.deliveries.duplicated, api.deliveries.forged = 0.1, 0.05
        began, told = time.monotonic(), []
        for number in range(RATE * SECONDS):
            told.append(api.tell("avatar_video.success", {"video_id": f"video_{number}"}))
            await asyncio.sleep(max(began + number / RATE - time.monotonic(), 0))
        pipe.send(told)
        await asyncio.to_thread(pipe.recv)
        pipe.send(api.deliveries.slowest)
        await asyncio.to_thread(pipe.recv)


def run(pipe: Connection) -> None:
    pin(0)
    asyncio.run(tell(pipe))


@asynccontextmanager
async def mounted(receiver: WebhookReceiver, port: int) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_post(PATH, receiver.aiohttp_handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
        await receiver.aclose()


async def under_load(pipe: Connection, key: str, url: str, folder: Path) -> tuple[int, int, float]:
    """Events told, events that were not handled exactly once, and the slowest answer in seconds."""
    handled: collections.Counter[str] = collections.Counter()
    dice = random.Random(0)
    seen = SQLiteEventStore(folder / "seen.db")

    def handler(event: Event) -> None:
        if dice.random() < 0.1:
            raise RuntimeError("one in ten")
        handled[str(event.event_id)] += 1

    def made(secret: str | None) -> WebhookReceiver:
        receiver = WebhookReceiver(secret, seen=seen, attempts=10, retry=Backoff(initial=0.01, maximum=0.05))
        receiver.on()(handler)
        return receiver

    first = made(None)
    async with AsyncHeyGen(key, base_url=url) as heygen:
        async with mounted(first, 0) as port:
            endpoint = await heygen.webhooks.endpoints.create(url=f"http://127.0.0.1:{port}{PATH}")
            first.add_secret(endpoint.secret or "")
            pipe.send("tell")
            await asyncio.sleep(SECONDS / 2)
        async with mounted(made(endpoint.secret), port):
            told: list[str] = await asyncio.to_thread(pipe.recv)
            until = time.monotonic() + 60
            while len(handled) < len(told) and time.monotonic() < until:
                await asyncio.sleep(0.05)
    await seen.aclose()
    pipe.send("and?")
    slowest: float = await asyncio.to_thread(pipe.recv)
    wrong = sum(handled[id] != 1 for id in told) + len(handled.keys() - set(told))
    return len(told), wrong, slowest


async def woken(key: str, url: str) -> float:
    """The median time, in ms, from an event's arrival to the end of the wait that it concerns."""
    late: list[float] = []
    arrived: dict[str, float] = {}
    receiver = WebhookReceiver(None)
    receiver.subscribe(lambda event: arrived.setdefault(event["event_data"]["video_id"], time.monotonic()))
    async with mounted(receiver, 0) as port, AsyncHeyGen(key, base_url=url, events=receiver) as heygen:
        endpoint = await heygen.webhooks.endpoints.create(url=f"http://127.0.0.1:{port}{PATH}")
        receiver.add_secret(endpoint.secret or "")
        for _ in range(WAITS):
            created = await heygen.videos.create(AvatarVideo(avatar_id="a", script="Hello."))
            await heygen.wait_for_video(created)
            late.append((time.monotonic() - arrived[created.video_id]) * 1e3)
    return max(late) if len(late) < 2 else statistics.quantiles(late, n=20)[-1]


def measure() -> list[Row]:
    """All of it."""
    pin(1)
    logging.getLogger("heygen_async").setLevel(logging.CRITICAL)  # it is told of every forged one
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=run, args=(there,), daemon=True)
    process.start()
    try:
        key, url = here.recv()
        with tempfile.TemporaryDirectory() as folder:
            told, wrong, slowest = asyncio.run(under_load(here, key, url, Path(folder)))
        late = asyncio.run(woken(key, url))
        here.send("end")
    finally:
        process.terminate()
        process.join()
    if wrong:
        raise RuntimeError(f"{wrong} of {told} events were not handled exactly once")
    return [
        Row(f"{told} events at {RATE}/s, each handled once: slowest answer", "ms", 10_000.0, slowest * 1e3, 1.0),
        Row("a wait ends after its event, p95", "ms", 50.0, late, 1.0),
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
