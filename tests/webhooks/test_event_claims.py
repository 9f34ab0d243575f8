"""Event claims: a store that fails loses no event, doubles none, and holds nothing up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from support import redis_server, tasks
from webhook_support import SQLiteFaults, claim_of, create_receiver, deliver, event_body

from heygen_async import ConfigurationError, WebhookReceiver
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.webhooks import Event
from heygen_async.webhooks import parse
from heygen_async.webhooks.event_stores import (
    Claim,
    ClaimResult,
    EventStore,
    MemoryEventStore,
    RedisEventStore,
    SQLiteEventStore,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteEventStore]:
    store = SQLiteEventStore(tmp_path / "events.db")
    yield store
    await store.aclose()


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SQLiteFaults:
    return SQLiteFaults(monkeypatch, tmp_path / "events.db")


FAULTS = pytest.mark.parametrize("fault", ["locked", "full", "read-only"])
ACKNOWLEDGE = pytest.mark.parametrize("acknowledge", ["first", "after_handlers"])


@FAULTS
@ACKNOWLEDGE
async def test_delivery_during_an_outage_of_the_store_is_handled_after_its_redelivery(
    api: HeyGenEmulator,
    store: SQLiteEventStore,
    faults: SQLiteFaults,
    fault: str,
    acknowledge: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handled: list[str | None] = []
    failed: list[tuple[str | None, Exception]] = []
    receiver = create_receiver(
        api,
        event_store=store,
        acknowledge=acknowledge,
        on_failure=lambda *failure: failed.append((failure[0].event_id, failure[1])),
    )
    receiver.on()(lambda event: handled.append(event.event_id))
    async with receiver:
        await faults.start(fault)
        assert await deliver(receiver, api) == 503
        await asyncio.sleep(0.1)
        assert handled == []
        ((id, error),) = failed
        assert (id, type(error)) == ("evt_1", ConfigurationError)
        assert "events.db cannot be opened or written" in str(error)
        assert "The webhook event evt_1 (avatar_video.success) was not handled" in caplog.text
        await faults.end()
        assert await deliver(receiver, api) == 200
    assert handled == ["evt_1"]


@FAULTS
async def test_closing_ends_while_the_store_fails(
    api: HeyGenEmulator, store: SQLiteEventStore, faults: SQLiteFaults, fault: str
) -> None:
    handled, failed = [], []
    receiver = create_receiver(api, event_store=store, on_failure=lambda event, _: failed.append(event.event_id))
    receiver.on()(lambda event: handled.append(event.event_id))
    async with receiver:
        assert await deliver(receiver, api, 1) == 200
        await faults.start(fault)
        assert await deliver(receiver, api, 2) == 503
        await receiver.enqueue(parse(event_body(3), {"Heygen-Event-Id": "evt_3"}, verified=True))
        assert await receiver.aclose() == []
    assert (handled, failed) == (["evt_1"], ["evt_2", "evt_3"])
    await faults.end()


@FAULTS
async def test_event_that_the_store_could_not_record_is_not_handled_again(
    api: HeyGenEmulator, store: SQLiteEventStore, faults: SQLiteFaults, fault: str
) -> None:
    handled: list[str | None] = []
    receiver = create_receiver(api, event_store=store, acknowledge="after_handlers")

    @receiver.on()
    async def handle(event: Event) -> None:
        handled.append(event.event_id)
        if len(handled) == 1:
            await faults.start(fault)

    async with receiver:
        assert await deliver(receiver, api, 1) == 200
        assert await deliver(receiver, api, 1) == 200
        await faults.end()
        assert await deliver(receiver, api, 2) == 200
    assert handled == ["evt_1", "evt_2"]
    assert await store.claim(claim_of("evt_1")) == "done"


async def test_short_outage_of_the_store_is_not_noticed(
    api: HeyGenEmulator, store: SQLiteEventStore, faults: SQLiteFaults
) -> None:
    handled: list[str | None] = []
    receiver = create_receiver(api, event_store=store)
    receiver.on()(lambda event: handled.append(event.event_id))
    async with receiver:
        await faults.start("full")
        delivery = asyncio.ensure_future(deliver(receiver, api))
        await asyncio.sleep(0.2)
        await faults.end()
        assert await delivery == 200
    assert handled == ["evt_1"]


class SilentStore(MemoryEventStore):
    """A store whose method of this name never returns."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    async def respond(self, name: str) -> None:
        if name == self.name:
            await asyncio.Event().wait()

    async def open(self) -> None:
        await self.respond("open")

    async def claim(self, claim: Claim) -> ClaimResult:
        await self.respond("claim")
        return await super().claim(claim)

    async def mark_done(self, claim: Claim) -> None:
        await self.respond("mark_done")
        await super().mark_done(claim)

    async def release(self, claim: Claim) -> None:
        await self.respond("release")
        await super().release(claim)


@pytest.mark.parametrize(("silent", "status"), [("open", 503), ("claim", 503), ("mark_done", 200), ("release", 200)])
async def test_silent_store_holds_nothing_up(api: HeyGenEmulator, silent: str, status: int) -> None:
    receiver = create_receiver(api, event_store=SilentStore(silent), max_attempts=1)

    @receiver.on()
    def handle(event: Event) -> None:
        if silent == "release":
            raise RuntimeError("to be released")

    before, began = tasks(), api.clock.time()
    assert await deliver(receiver, api) == status
    assert api.clock.time() - began < 9
    await receiver.aclose()
    assert api.clock.time() - began < 20
    await asyncio.sleep(0)
    assert tasks() == before


async def test_claim_that_could_not_be_released_is_taken_up_by_the_next_delivery(api: HeyGenEmulator) -> None:
    store, attempts = SilentStore("release"), []
    receiver = create_receiver(api, event_store=store, acknowledge="after_handlers", max_attempts=1)

    @receiver.on()
    def fails_once(event: Event) -> None:
        attempts.append(event.event_id)
        if len(attempts) == 1:
            raise RuntimeError("not yet")

    assert [await deliver(receiver, api) for _ in range(3)] == [500, 200, 200]
    await receiver.aclose()
    assert attempts == ["evt_1", "evt_1"]


async def test_silent_store_is_an_error_at_the_start(api: HeyGenEmulator) -> None:
    with pytest.raises(ConfigurationError, match="did not respond within 5 s"):
        await create_receiver(api, event_store=SilentStore("open")).__aenter__()


def no_database(path: Path) -> None:
    path.write_text("This file is no database, but a long text. " * 100)


@pytest.mark.parametrize(("create", "reason"), [(Path.mkdir, "is a folder"), (no_database, "not a database")])
async def test_unusable_store_is_an_error_at_the_start(
    api: HeyGenEmulator, tmp_path: Path, create: Any, reason: str
) -> None:
    path = tmp_path / "events.db"
    await asyncio.to_thread(create, path)
    receiver = create_receiver(api, event_store=SQLiteEventStore(path))
    with pytest.raises(ConfigurationError, match=reason) as caught:
        async with receiver:
            pass
    assert str(path) in str(caught.value)
    assert await deliver(receiver, api) == 503
    await receiver.aclose()


async def test_read_only_store_is_an_error_at_the_start(
    api: HeyGenEmulator, store: SQLiteEventStore, faults: SQLiteFaults
) -> None:
    await store.claim(claim_of("evt_1"))
    await store.aclose()
    await faults.start("read-only")
    with pytest.raises(ConfigurationError, match="attempt to write a readonly database"):
        await create_receiver(api, event_store=store).__aenter__()
    await faults.end()


async def test_cancelled_delivery_leaves_no_claim(api: HeyGenEmulator, store: SQLiteEventStore) -> None:
    handled: list[str | None] = []
    receiver = create_receiver(api, event_store=store)
    receiver.on()(lambda event: handled.append(event.event_id))
    async with receiver:
        for steps in range(6):
            delivery = asyncio.ensure_future(deliver(receiver, api, steps))
            for _ in range(steps):
                await asyncio.sleep(0)
            delivery.cancel()
            await asyncio.wait({delivery})
            while await deliver(receiver, api, steps) != 200:
                await asyncio.sleep(0.01)
    assert sorted(map(str, handled)) == [f"evt_{number}" for number in range(6)]


async def test_captured_delivery_under_another_id_is_not_handled_again(api: HeyGenEmulator, store: EventStore) -> None:
    handled: list[str | None] = []
    receiver = create_receiver(api, event_store=store, dedupe_window=3600)
    receiver.on()(lambda event: handled.append(event.event_id))
    assert [await deliver(receiver, api, 1, event_id=f"evt_{number}") for number in range(5)] == [200] * 5
    await receiver.aclose()
    assert [await deliver(receiver, api, 1, event_id=f"evt_{number}") for number in range(5, 10)] == [200] * 5
    await receiver.aclose()
    assert handled == ["evt_0"]


async def test_body_is_remembered_for_the_window_alone(api: HeyGenEmulator) -> None:
    handled: list[str | None] = []
    receiver = create_receiver(api, dedupe_window=3600)
    receiver.on()(lambda event: handled.append(event.event_id))
    assert await deliver(receiver, api, 1, event_id="evt_1") == 200
    await asyncio.sleep(3599)
    assert await deliver(receiver, api, 1, event_id="evt_2") == 200
    await asyncio.sleep(2)
    assert await deliver(receiver, api, 1, event_id="evt_3") == 200
    await receiver.aclose()
    assert handled == ["evt_1", "evt_3"]


async def test_redelivery_under_another_id_passes_after_a_failed_handler(api: HeyGenEmulator) -> None:
    handled: list[str | None] = []
    receiver = create_receiver(api, acknowledge="after_handlers", max_attempts=1)

    @receiver.on()
    def fails_once(event: Event) -> None:
        handled.append(event.event_id)
        if len(handled) == 1:
            raise RuntimeError("not yet")

    assert [await deliver(receiver, api, 1, event_id=f"evt_{number}") for number in range(3)] == [500, 200, 200]
    await receiver.aclose()
    assert handled == ["evt_0", "evt_1"]


async def test_test_calls_are_recognised_by_their_id_alone() -> None:
    handled: list[str | None] = []
    async with WebhookReceiver(None) as receiver:
        receiver.on()(lambda event: handled.append(event.event_id))
        body = b'{"event_type": "avatar_video.success", "event_data": {"test": true}}'
        for id in ("ping_1", "ping_2", "ping_2", "", ""):  # an empty id is none
            assert await receiver.receive(body, {"Heygen-Event-Id": id}) == 200
    assert handled == ["ping_1", "ping_2", "", ""]


async def test_redis_that_ends_loses_no_event(api: HeyGenEmulator) -> None:
    from redis.asyncio import Redis

    handled: list[str | None] = []
    failed: list[str | None] = []
    async with AsyncExitStack() as server, Redis(port=await server.enter_async_context(redis_server())) as client:
        receiver = create_receiver(
            api, event_store=RedisEventStore(client), on_failure=lambda event, _: failed.append(event.event_id)
        )
        receiver.on()(lambda event: handled.append(event.event_id))
        async with receiver:
            assert [await deliver(receiver, api, number) for number in (1, 1, 2)] == [200] * 3
            assert [await deliver(receiver, api, 1, event_id="captured")] == [200]
            await server.aclose()
            assert await deliver(receiver, api, 3) == 503
    assert (handled, failed) == (["evt_1", "evt_2"], ["evt_3"])
