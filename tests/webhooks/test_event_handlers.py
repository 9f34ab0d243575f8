"""Event handlers: retries, failures, and claims of other processes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from webhook_support import (
    create_receiver,
    deliver,
    signed_headers,
    unsigned_delivery,
)

from heygen_async import (
    AsyncHeyGen,
    Backoff,
    WebhookReceiver,
)
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.webhooks import (
    Event,
)
from heygen_async.webhooks.event_stores import MemoryEventStore


async def test_cancelled_handler_does_not_stop_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    handled: list[str | None] = []
    async with WebhookReceiver(None, concurrency=1) as receiver:

        @receiver.on()
        async def cancelled(event: Event) -> None:
            if event.event_id == "evt_0":
                raise asyncio.CancelledError
            handled.append(event.event_id)

        assert [await receiver.receive(*unsigned_delivery(number)) for number in range(2)] == [200, 200]
    assert handled == ["evt_1"]
    assert "A handler of the webhook event evt_0 was cancelled" in caplog.text


@pytest.mark.slow
async def test_handles_an_event_whose_claim_has_expired(api: HeyGenEmulator) -> None:
    store, handled = MemoryEventStore(lease=300), []
    assert await store.claim("evt_1") == "new"  # by a process that has died
    receiver = create_receiver(api, event_store=store)
    receiver.on()(lambda event: handled.append(event.event_id))
    began = api.clock.time()
    assert await deliver(receiver, api) == 200
    assert await deliver(receiver, api) == 200
    while not handled:
        await asyncio.sleep(1)
    assert 300 <= api.clock.time() - began < 310
    await receiver.aclose()
    assert handled == ["evt_1"]


async def test_closing_does_not_wait_for_a_claim_of_another_process(
    api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    store, handled = MemoryEventStore(lease=300), []
    assert await store.claim("evt_1") == "new"  # by another process
    receiver = create_receiver(api, event_store=store, retry=Backoff(initial=60, maximum=60))

    @receiver.on()
    async def slow(event: Event) -> None:
        await asyncio.sleep(5)
        handled.append(event.event_id)

    for number in (1, 2, 2):
        assert await deliver(receiver, api, number) == 200
    await asyncio.sleep(1)
    began = api.clock.time()
    await receiver.aclose()
    assert api.clock.time() - began < 5
    assert handled == ["evt_2"]
    (message,) = [record.getMessage() for record in caplog.records if "is closing while" in record.getMessage()]
    assert "another process holds the claim of webhook event evt_1" in message


async def test_failed_event_is_reported_and_handled_by_a_replay(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    failed: list[tuple[Any, Exception]] = []
    handled: list[Event] = []
    broken = True

    def handler(event: Event) -> None:
        if broken and event.event_data.video_id == "v2":  # type: ignore[attr-defined]
            raise RuntimeError("the database is down")
        handled.append(event)

    async def on_failure(event: Event, error: Exception) -> None:
        failed.append((event, error))

    receiver = create_receiver(api, max_attempts=2, on_failure=on_failure)
    receiver.on("avatar_video.success")(handler)
    api.emit("avatar_video.success", {"video_id": "long ago"})
    api.clock.advance(3600)
    since = api.clock.time()
    api.clock.advance(1)  # the events come after that moment
    ids = [api.emit("avatar_video.success", {"video_id": f"v{number}"}) for number in range(4)]
    for number in (0, 2):
        body = json.dumps({"event_type": "avatar_video.success", "event_data": {"video_id": f"v{number}"}}).encode()
        assert await receiver.receive(body, signed_headers(body, time=since, id=ids[number])) == 200
    await receiver.aclose()
    ((event, error),) = failed
    assert (event.event_id, str(error)) == (ids[2], "the database is down")
    broken = False
    assert await client.webhooks.replay(receiver, since=since) == 4
    assert await client.webhooks.replay(receiver, since=since) == 4
    await receiver.aclose()
    assert [event.event_id for event in handled] == [ids[0], ids[1], ids[2], ids[3]]
    assert all(event.verified and event.created_at for event in handled[1:])
