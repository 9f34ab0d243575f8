"""Measure webhook deliveries under load, and the time from an event to the end of the wait for its job.

The emulator, on the first core, emits 200 events a second. It delivers a tenth of them twice, and sends a forged
delivery with one in twenty. The receiver, on the second core, deduplicates events in SQLite. Its handlers fail one time
in ten, and halfway the receiver is closed and opened again on the same port.
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


async def emit(pipe: Connection) -> None:
    """Serve the emulator: send its address, emit the events on request, then send the longest response time."""
    async with HeyGenEmulator(record_requests=False, render_seconds=1.0, concurrency_limit=10_000, balance=1e6) as api:
        pipe.send((api.key, api.url))
        await asyncio.to_thread(pipe.recv)
        api.deliveries.duplicate_share, api.deliveries.forged_share = 0.1, 0.05
        started, event_ids = time.monotonic(), []
        for number in range(RATE * SECONDS):
            event_ids.append(api.emit("avatar_video.success", {"video_id": f"video_{number}"}))
            await asyncio.sleep(max(started + number / RATE - time.monotonic(), 0))
        pipe.send(event_ids)
        await asyncio.to_thread(pipe.recv)
        pipe.send(api.deliveries.max_response_seconds)
        await asyncio.to_thread(pipe.recv)


def run(pipe: Connection) -> None:
    pin(0)
    asyncio.run(emit(pipe))


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
    """Return the number of events, of events not handled exactly once, and the longest response time in seconds."""
    handled: collections.Counter[str] = collections.Counter()
    dice = random.Random(0)
    event_store = SQLiteEventStore(folder / "events.db")

    def handler(event: Event) -> None:
        if dice.random() < 0.1:
            raise RuntimeError("one in ten")
        handled[str(event.event_id)] += 1

    def build_receiver(secret: str | None) -> WebhookReceiver:
        receiver = WebhookReceiver(
            secret, event_store=event_store, max_attempts=10, retry=Backoff(initial=0.01, maximum=0.05)
        )
        receiver.on()(handler)
        return receiver

    first = build_receiver(None)
    async with AsyncHeyGen(key, base_url=url) as heygen:
        async with mounted(first, 0) as port:
            endpoint = await heygen.webhooks.endpoints.create(url=f"http://127.0.0.1:{port}{PATH}")
            first.add_secret(endpoint.secret or "")
            pipe.send("emit")
            await asyncio.sleep(SECONDS / 2)
        async with mounted(build_receiver(endpoint.secret), port):
            event_ids: list[str] = await asyncio.to_thread(pipe.recv)
            until = time.monotonic() + 60
            while len(handled) < len(event_ids) and time.monotonic() < until:
                await asyncio.sleep(0.05)
    await event_store.aclose()
    pipe.send("report")
    slowest: float = await asyncio.to_thread(pipe.recv)
    wrong = sum(handled[id] != 1 for id in event_ids) + len(handled.keys() - set(event_ids))
    return len(event_ids), wrong, slowest


async def wake_delay(key: str, url: str) -> float:
    """Return the 95th percentile of the time, in ms, from the arrival of an event to the end of the wait."""
    late: list[float] = []
    arrived: dict[str, float] = {}
    receiver = WebhookReceiver(None)
    receiver.subscribe(lambda event: arrived.setdefault(event["event_data"]["video_id"], time.monotonic()))
    async with mounted(receiver, 0) as port, AsyncHeyGen(key, base_url=url, events=receiver) as heygen:
        endpoint = await heygen.webhooks.endpoints.create(url=f"http://127.0.0.1:{port}{PATH}")
        receiver.add_secret(endpoint.secret or "")
        for _ in range(WAITS):
            created = await heygen.videos.create(AvatarVideo(avatar_id="avatar_1", script="Hello."))
            await heygen.wait_for_video(created)
            late.append((time.monotonic() - arrived[created.video_id]) * 1e3)
    return max(late) if len(late) < 2 else statistics.quantiles(late, n=20)[-1]


def measure() -> list[Row]:
    """Return the rows of the deliveries and of the wait."""
    pin(1)
    logging.getLogger("heygen_async").setLevel(logging.CRITICAL)  # the receiver logs every forged delivery
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=run, args=(there,), daemon=True)
    process.start()
    try:
        key, url = here.recv()
        with tempfile.TemporaryDirectory() as folder:
            event_count, wrong, slowest = asyncio.run(under_load(here, key, url, Path(folder)))
        late = asyncio.run(wake_delay(key, url))
        here.send("end")
    finally:
        process.terminate()
        process.join()
    if wrong:
        raise RuntimeError(f"{wrong} of {event_count} events were not handled exactly once")
    return [
        Row(
            f"{event_count} events at {RATE}/s, each handled once: slowest response", "ms", 10_000.0, slowest * 1e3, 1.0
        ),
        Row("a wait ends after its event, p95", "ms", 50.0, late, 1.0),
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
