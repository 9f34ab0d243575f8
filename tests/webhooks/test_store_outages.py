"""Outages of the event store under load: no event vanishes, and none is handled twice.

`HEYGEN_ASYNC_WEBHOOK_EVENTS` sets the number of events.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from contextlib import suppress
from itertools import cycle
from pathlib import Path

import aiohttp
import pytest
from support import tasks
from webhook_support import SECRET, SQLiteFaults, event_body, serve_receiver, signed_headers

from heygen_async import Backoff, WebhookReceiver
from heygen_async.types.webhooks import Event
from heygen_async.webhooks.event_stores import SQLiteEventStore

EVENTS = int(os.environ.get("HEYGEN_ASYNC_WEBHOOK_EVENTS", "300"))
CONNECTIONS = min(200, EVENTS // 5)
STORE_SECONDS = 0.3
FAULTS = ("locked", "full", "read-only")


class Sender:
    """Sends events from many connections, and each one again until it is accepted, as HeyGen does."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.accepted: set[str] = set()
        self.statuses: Counter[int] = Counter()
        self._session = session
        self._url = url
        self._numbers = iter(range(EVENTS))
        self._dice = random.Random(0)

    async def send_all(self) -> None:
        await asyncio.gather(*(self._send_next() for _ in range(CONNECTIONS)))

    async def _send_next(self) -> None:
        for number in self._numbers:
            body, id = event_body(number), f"evt_{number}"
            while not await self._send(body, id):
                await asyncio.sleep(self._dice.uniform(0, 0.1))
            self.accepted.add(id)
            if self._dice.random() < 0.05:  # a delivery that is repeated, and a captured one under another id
                await self._send(body, self._dice.choice([id, f"captured_{number}"]))

    async def _send(self, body: bytes, id: str) -> bool:
        async with self._session.post(self._url, data=body, headers=signed_headers(body, id=id)) as response:
            self.statuses[response.status] += 1
            return response.status == 200


async def break_the_store_in_turn(faults: SQLiteFaults, sender: Sender) -> None:
    for fault in cycle(FAULTS):
        for start in (True, False):
            await (faults.start(fault) if start else faults.end())
            target = sender.statuses.total() + EVENTS // 5
            with suppress(TimeoutError):
                async with asyncio.timeout(3 * STORE_SECONDS if start else None):
                    while sender.statuses.total() < target:
                        await asyncio.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("acknowledge", ["first", "after_handlers"])
async def test_no_event_vanishes_while_the_store_fails_in_turn(
    acknowledge: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = SQLiteFaults(monkeypatch, tmp_path / "events.db", store_seconds=STORE_SECONDS)
    store, before = SQLiteEventStore(tmp_path / "events.db"), tasks()
    handled: Counter[str] = Counter()
    failed: Counter[str] = Counter()

    async def handle(event: Event) -> None:
        await asyncio.sleep(0)
        handled[event.raw["event_data"]["video_id"]] += 1  # type: ignore[index,call-overload]

    receiver = WebhookReceiver(
        SECRET,
        event_store=store,
        acknowledge=acknowledge,  # type: ignore[arg-type]
        tolerance=None,
        retry=Backoff(initial=0.01, maximum=0.02),
        on_failure=lambda event, _: failed.update([str(event.event_id)]),
    )
    receiver.on()(handle)
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with receiver, serve_receiver(receiver) as url, aiohttp.ClientSession(connector=connector) as session:
        sender = Sender(session, url)
        breaking = asyncio.ensure_future(break_the_store_in_turn(faults, sender))
        await sender.send_all()
        breaking.cancel()
        await asyncio.wait({breaking})
        await faults.end()
        assert await receiver.aclose() == []
    await store.aclose()
    assert tasks() == before
    assert handled == Counter({f"video_{number}": 1 for number in range(EVENTS)})
    assert sender.accepted == {f"evt_{number}" for number in range(EVENTS)}
    assert (sender.statuses[503] > 0) == (failed.total() > 0)
    print(f"{acknowledge}: {dict(sender.statuses)}, {failed.total()} failures reported")
