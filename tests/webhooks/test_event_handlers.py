"""Event handlers: retries, failures, and claims of other processes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from webhook_support import (
    claim_of,
    create_receiver,
    deliver,
    event_body,
    signed_headers,
)

from heygen_async import (
    AsyncHeyGen,
    Backoff,
)
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.webhooks import (
    Event,
)
from heygen_async.webhooks import parse
from heygen_async.webhooks.event_stores import MemoryEventStore


@pytest.mark.parametrize("way", ["raises", "cancels itself", "is not async"])
async def test_handler_that_ends_cancelled_has_failed(api: HeyGenEmulator, way: str) -> None:
    failures: list[tuple[str | None, Exception]] = []
    attempts: list[str | None] = []
    handled: list[str | None] = []

    async def cancelled(event: Event) -> None:
        attempts.append(event.event_id)
        if way == "cancels itself":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(1)
        raise asyncio.CancelledError

    def cancelled_function(event: Event) -> None:
        attempts.append(event.event_id)
        raise asyncio.CancelledError

    handler = cancelled_function if way == "is not async" else cancelled
    receiver = create_receiver(
        api, concurrency=1, max_attempts=3, on_failure=lambda event, error: failures.append((event.event_id, error))
    )
    receiver.on("avatar_video.success")(
        lambda event: handler(event) if event.event_id == "evt_1" else handled.append("evt_2")
    )
    assert [await deliver(receiver, api, number) for number in (1, 2)] == [200, 200]
    await receiver.aclose()
    assert (attempts, handled) == (["evt_1"] * 3, ["evt_2"])
    ((id, error),) = failures
    assert id == "evt_1"
    assert isinstance(error, RuntimeError)
    assert "CancelledError of its own making" in str(error)


async def test_handler_that_takes_too_long_is_cancelled_and_has_failed(api: HeyGenEmulator) -> None:
    failures: list[Exception] = []
    durations: list[float] = []

    async def hangs(event: Event) -> None:
        began = api.clock.time()
        try:
            await asyncio.Event().wait()
        finally:
            durations.append(api.clock.time() - began)

    receiver = create_receiver(
        api, max_attempts=2, handler_timeout=60, on_failure=lambda _, error: failures.append(error)
    )
    receiver.on()(hangs)
    assert await deliver(receiver, api) == 200
    await receiver.aclose()
    assert [60 <= duration < 61 for duration in durations] == [True, True]
    (error,) = failures
    assert isinstance(error, TimeoutError)
    assert "did not end within 60 s (handler_timeout)" in str(error)


async def test_failing_on_failure_does_not_stop_the_worker(
    api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("nothing works")

    receiver = create_receiver(api, concurrency=1, max_attempts=1, on_failure=fail)
    receiver.on()(fail)
    assert [await deliver(receiver, api, number) for number in (1, 2)] == [200, 200]
    await receiver.aclose()
    assert caplog.text.count("on_failure itself failed") == 2


async def test_claim_of_a_long_handling_is_renewed(api: HeyGenEmulator) -> None:
    store = MemoryEventStore()
    handled: list[str] = []

    async def fails_for_an_hour(event: Event) -> None:
        await asyncio.sleep(50)
        if api.clock.time() - began < 3600:
            raise RuntimeError("not yet")
        handled.append("first process")

    began = api.clock.time()
    options: dict[str, Any] = {"event_store": store, "handler_timeout": 60, "max_attempts": 100}
    first, second = (create_receiver(api, **options) for _ in range(2))
    first.on()(fails_for_an_hour)
    second.on()(lambda event: handled.append("second process"))
    assert await deliver(first, api) == 200
    statuses = set()
    while not handled:
        statuses.add(await deliver(second, api))
        await asyncio.sleep(20)
    await asyncio.sleep(1)
    assert (statuses, handled, await deliver(second, api)) == ({503}, ["first process"], 200)
    await first.aclose()
    await second.aclose()


@pytest.mark.slow
async def test_handles_an_event_whose_claim_has_expired(api: HeyGenEmulator) -> None:
    store, handled = MemoryEventStore(), []
    assert await store.claim(claim_of("evt_1")) == "new"  # by a process that has died
    receiver = create_receiver(api, event_store=store)
    receiver.on()(lambda event: handled.append(event.event_id))
    began = api.clock.time()
    while await deliver(receiver, api) == 503:  # HeyGen delivers it again later
        await asyncio.sleep(10)
    assert 300 <= api.clock.time() - began < 320
    await receiver.aclose()
    assert handled == ["evt_1"]


async def test_closing_does_not_wait_for_a_claim_of_another_process(
    api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    store, handled = MemoryEventStore(), []
    assert await store.claim(claim_of("evt_1")) == "new"  # by another process
    receiver = create_receiver(api, event_store=store, retry=Backoff(initial=60, maximum=60))

    @receiver.on()
    async def slow(event: Event) -> None:
        await asyncio.sleep(5)
        handled.append(event.event_id)

    await receiver.enqueue(parse(event_body(1), {"Heygen-Event-Id": "evt_1"}, verified=True))
    for number, status in ((1, 200), (2, 200), (2, 200)):
        assert await deliver(receiver, api, number) == status
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
