"""Signed deliveries and receivers for the webhook tests."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from heygen_async import (
    Backoff,
    WebhookReceiver,
)
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

SECRET = "whsec_n3w5ecr3t"

NOW = 1_700_000_000

VIDEO_REQUEST = AvatarVideo(avatar_id="a", script="Hello there.")

QUICK = Backoff(initial=0.1, maximum=0.1)


def signed_headers(body: bytes, secret: str = SECRET, *, time: float = NOW, id: str = "evt_1") -> dict[str, str]:
    signature = hmac.digest(secret.encode(), body, "sha256").hex()
    return {"Heygen-Signature": signature, "Heygen-Timestamp": str(int(time)), "Heygen-Event-Id": id}


def event_body(number: int = 1, kind: str = "avatar_video.success") -> bytes:
    return json.dumps({"event_type": kind, "event_data": {"video_id": f"video_{number}"}}).encode()


@asynccontextmanager
async def serve_receiver(receiver: WebhookReceiver) -> AsyncIterator[str]:
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


async def deliver(receiver: WebhookReceiver, api: HeyGenEmulator, number: int = 1, **options: Any) -> int:
    body = event_body(number)
    return await receiver.receive(body, signed_headers(body, time=api.clock.time(), id=f"evt_{number}", **options))


def unsigned_delivery(number: int) -> tuple[bytes, dict[str, str]]:
    return event_body(number), {"Heygen-Event-Id": f"evt_{number}"}
