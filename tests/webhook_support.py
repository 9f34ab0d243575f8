"""Signed deliveries and receivers for the webhook tests."""

from __future__ import annotations

import asyncio
import hmac
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiohttp import web

from heygen_async import (
    Backoff,
    WebhookReceiver,
)
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo
from heygen_async.webhooks import event_claims, sqlite_file
from heygen_async.webhooks.event_stores import LIFETIME, Claim, id_key

SECRET = "whsec_n3w5ecr3t"

NOW = 1_700_000_000

VIDEO_REQUEST = AvatarVideo(avatar_id="avatar_1", script="Hello there.")

QUICK = Backoff(initial=0.1, maximum=0.1)


def signed_headers(body: bytes, secret: str = SECRET, *, time: float = NOW, id: str = "evt_1") -> dict[str, str]:
    signature = hmac.digest(secret.encode(), body, "sha256").hex()
    return {"Heygen-Signature": signature, "Heygen-Timestamp": str(int(time)), "Heygen-Event-Id": id}


def event_body(number: int = 1, kind: str = "avatar_video.success") -> bytes:
    return json.dumps({"event_type": kind, "event_data": {"video_id": f"video_{number}"}}).encode()


@asynccontextmanager
async def serve_receiver(receiver: Any) -> AsyncIterator[str]:
    """Serve the receiver on its own port; yield its URL."""
    app = web.Application()
    app.router.add_route("*", "/hook", receiver.aiohttp_handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


def create_receiver(api: HeyGenEmulator, **options: Any) -> WebhookReceiver:
    return WebhookReceiver(SECRET, clock=api.clock.time, **{"retry": QUICK, **options})


async def deliver(
    receiver: WebhookReceiver, api: HeyGenEmulator, number: int = 1, *, event_id: str = "", **options: Any
) -> int:
    body, id = event_body(number), event_id or f"evt_{number}"
    return await receiver.receive(body, signed_headers(body, time=api.clock.time(), id=id, **options))


def claim_of(*ids: str, owner: str = "this", lease: float = 300.0, lifetime: float = LIFETIME) -> Claim:
    """A claim of the events with these ids."""
    return Claim({id_key(id): lifetime for id in ids}, owner, lease)


def unsigned_delivery(number: int) -> tuple[bytes, dict[str, str]]:
    return event_body(number), {"Heygen-Event-Id": f"evt_{number}"}


class FaultyConnection(sqlite3.Connection):
    """A connection that cannot write while there is a `fault`."""

    fault: ClassVar[str | None] = None

    def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
        if self.fault == "full" and statement == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        if self.fault == "read-only" and statement.startswith("BEGIN"):
            raise sqlite3.OperationalError("attempt to write a readonly database")
        return super().execute(statement, *arguments)


class SQLiteFaults:
    """Makes the file of an event store unusable: `locked` by another program, `full`, or `read-only`.

    The store's time limits are shorter meanwhile: a hundredth of a second for a lock, and `store_seconds` in all.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path, *, store_seconds: float = 1.0) -> None:
        self.path = path
        self._lock: sqlite3.Connection | None = None
        for name in ("_LOCK_SECONDS", "_OPEN_LOCK_SECONDS"):
            monkeypatch.setattr(sqlite_file, name, 0.01)
        monkeypatch.setattr(event_claims, "STORE_SECONDS", store_seconds)
        monkeypatch.setattr(FaultyConnection, "fault", None)
        connect = sqlite3.connect
        monkeypatch.setattr(
            sqlite3, "connect", lambda *args, **options: connect(*args, factory=FaultyConnection, **options)
        )

    async def start(self, fault: str) -> None:
        if fault == "locked":
            await asyncio.to_thread(self._take_lock)
        else:
            FaultyConnection.fault = fault

    async def end(self) -> None:
        FaultyConnection.fault = None
        if self._lock is not None:
            await asyncio.to_thread(self._lock.close)
            self._lock = None

    def _take_lock(self) -> None:
        self._lock = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
        self._lock.execute("BEGIN IMMEDIATE")
