"""Measure the CPU time of a webhook delivery to an aiohttp application, against `hmac` and `json` in a bare handler.

Both handlers run in one process and take turns. The client, on the first core, signs each delivery.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import multiprocessing
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
from aiohttp import web
from rows import Row, pin

from heygen_async import WebhookReceiver
from heygen_async.types.webhooks import Event
from heygen_async.webhooks.event_stores import SQLiteEventStore

SECRET = "secret_0123456789"
EVENTS = 300  # a round
ROUNDS = 15
FLIGHT = 32
GOALS = {"memory": 1.35, "SQLite": 2.0}


async def deliver(pipe: Connection) -> None:
    """Send a round of signed deliveries to each path that the other process names; None ends."""
    sent = 0
    async with aiohttp.ClientSession() as session:
        while (url := await asyncio.to_thread(pipe.recv)) is not None:
            numbers = iter(range(sent, sent + EVENTS))
            sent += EVENTS
            await asyncio.gather(*(deliver_some(session, url, numbers) for _ in range(FLIGHT)))
            pipe.send(None)


async def deliver_some(session: aiohttp.ClientSession, url: str, numbers: object) -> None:
    for number in numbers:  # type: ignore[attr-defined]
        data = {"video_id": f"video_{number}", "url": "https://files.example.com/video.mp4?Signature=" + "a" * 200}
        body = json.dumps({"event_type": "avatar_video.success", "event_data": data}).encode()
        headers = {
            "Heygen-Event-Id": f"event_{number}",
            "Heygen-Timestamp": str(int(time.time())),
            "Heygen-Signature": hmac.digest(SECRET.encode(), body, "sha256").hex(),
        }
        async with session.post(url, data=body, headers=headers) as response:
            assert response.status == 200, response.status


def run(pipe: Connection) -> None:
    pin(0)
    asyncio.run(deliver(pipe))


async def handle_bare(request: web.Request) -> web.Response:
    body = await request.read()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, request.headers["Heygen-Signature"]):
        return web.Response(status=401)
    json.loads(body)
    return web.Response()


def ignore(_: Event) -> None:
    """Handle an event."""


async def sample(pipe: Connection, folder: Path) -> dict[str, list[float]]:
    """Return the CPU microseconds of a delivery in each round by handler."""
    store = SQLiteEventStore(folder / "events.db")
    receivers = {"memory": WebhookReceiver(SECRET), "SQLite": WebhookReceiver(SECRET, event_store=store)}
    app = web.Application()
    app.router.add_post("/floor", handle_bare)
    for name, receiver in receivers.items():
        receiver.on()(ignore)
        app.router.add_post(f"/{name}", receiver.aiohttp_handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    samples: dict[str, list[float]] = {name: [] for name in ("floor", *receivers)}
    for number in range(ROUNDS + 1):
        for name, values in samples.items():
            started = time.process_time()
            pipe.send(f"http://127.0.0.1:{runner.addresses[0][1]}/{name}")
            await asyncio.to_thread(pipe.recv)
            if number:  # the first round warms up
                values.append((time.process_time() - started) / EVENTS * 1e6)
    for receiver in receivers.values():
        await receiver.aclose()
    await store.aclose()
    await runner.cleanup()
    pipe.send(None)
    return samples


def measure() -> list[Row]:
    """Return a row for each event store."""
    pin(1)
    logging.disable()
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=run, args=(there,), daemon=True)
    process.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            rounds = asyncio.run(sample(here, Path(folder)))
    finally:
        process.terminate()
        process.join()
        logging.disable(logging.NOTSET)
    return [
        Row.of_rounds(
            f"a webhook event, {name} store", "µs CPU", {"floor": rounds["floor"], "ours": rounds[name]}, goal
        )
        for name, goal in GOALS.items()
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
