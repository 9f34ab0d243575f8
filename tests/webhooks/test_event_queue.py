"""The event queue: bounded, in one event loop at a time, with no acknowledged event lost."""

from __future__ import annotations

import asyncio

import pytest
from webhook_support import (
    SECRET,
    create_receiver,
    deliver,
    event_body,
    unsigned_delivery,
)

from heygen_async import (
    ConfigurationError,
    WebhookReceiver,
)
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.webhooks import (
    Event,
)
from heygen_async.webhooks import parse
from heygen_async.webhooks.event_stores import MemoryEventStore


def test_one_receiver_works_in_several_loops_one_after_another() -> None:
    handled: list[str | None] = []
    receiver = WebhookReceiver(None, concurrency=1)

    @receiver.on()
    async def slow(event: Event) -> None:
        await asyncio.sleep(0)
        handled.append(event.event_id)

    async def run(first: int) -> None:
        async with receiver:
            assert [await receiver.receive(*unsigned_delivery(first + offset)) for offset in range(3)] == [200] * 3

    for turn in range(3):
        asyncio.run(run(turn * 3))
    assert handled == [f"evt_{number}" for number in range(9)]


@pytest.mark.parametrize("ending", ["loop", "cancelled close"])
def test_next_loop_handles_the_events_that_an_ended_loop_left_behind(
    ending: str, caplog: pytest.LogCaptureFixture
) -> None:
    released, handled = asyncio.Event(), []
    receiver = WebhookReceiver(None, concurrency=2)

    @receiver.on()
    async def stuck(event: Event) -> None:
        await released.wait()
        handled.append(event.event_id)

    async def run() -> None:
        for number in range(5):
            assert await receiver.receive(*unsigned_delivery(number)) == 200
        await asyncio.sleep(0)
        if ending == "cancelled close":
            closing = asyncio.ensure_future(receiver.aclose())
            await asyncio.sleep(0)
            closing.cancel()
            await asyncio.wait({closing})

    asyncio.run(run())
    (message,) = [record.getMessage() for record in caplog.records if "before 5 events" in record.getMessage()]
    assert {f"evt_{number}" in message for number in range(5)} == {True}
    released.set()
    asyncio.run(receiver.aclose())
    assert sorted(handled) == [f"evt_{number}" for number in range(5)]


def test_use_in_a_second_loop_is_a_configuration_error() -> None:
    receiver = WebhookReceiver(SECRET)
    other = asyncio.new_event_loop()
    other.run_until_complete(receiver.__aenter__())
    with pytest.raises(ConfigurationError, match=r"open in another event loop\. Close it there"):
        asyncio.run(receiver.aclose())
    other.run_until_complete(receiver.aclose())
    other.close()
    asyncio.run(receiver.aclose())


async def test_full_queue_answers_503_and_loses_nothing(api: HeyGenEmulator) -> None:
    released, handled = asyncio.Event(), []

    async def slow(event: Event) -> None:
        await released.wait()
        handled.append(event.event_id)

    receiver = create_receiver(api, queue_size=3, concurrency=1)
    receiver.on()(slow)
    statuses = [await deliver(receiver, api, 0)]
    await asyncio.sleep(0.1)
    statuses += [await deliver(receiver, api, number) for number in range(1, 6)]
    assert statuses == [200, 200, 200, 200, 503, 503]
    released.set()
    await receiver.aclose()
    assert handled == [f"evt_{number}" for number in range(4)]


@pytest.mark.skipif(not hasattr(asyncio, "eager_task_factory"), reason="needs Python 3.12")
async def test_eager_workers_are_not_more_than_the_concurrency() -> None:
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    receiver = WebhookReceiver(None, concurrency=1)
    running, parallel = 0, []

    @receiver.on()
    async def receive_next(event: Event) -> None:
        nonlocal running
        running += 1
        parallel.append(running)
        if len(parallel) < 4:
            await receiver.receive(*unsigned_delivery(len(parallel) + 1))
        running -= 1

    async with receiver:
        await receiver.receive(*unsigned_delivery(1))
        while len(parallel) < 4:
            await asyncio.sleep(0)
    assert parallel == [1, 1, 1, 1]


async def test_closing_within_a_time_says_what_was_left_undone(
    api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    released, handled = asyncio.Event(), []

    async def hangs(event: Event) -> None:
        await released.wait()
        handled.append(event.event_id)

    receiver = create_receiver(api, concurrency=2)
    receiver.on()(hangs)
    assert [await deliver(receiver, api, number) for number in range(5)] == [200] * 5
    began = api.clock.time()
    undone = await receiver.aclose(timeout=7)
    assert 7 <= api.clock.time() - began < 8
    assert sorted(str(event.event_id) for event in undone) == [f"evt_{number}" for number in range(5)]
    assert "before 5 events were handled" in caplog.text
    released.set()
    await receiver.aclose()  # the next use continues with them
    assert sorted(handled) == [f"evt_{number}" for number in range(5)]
    assert await receiver.aclose(timeout=7) == []


async def test_events_left_undone_are_free_for_another_process(api: HeyGenEmulator) -> None:
    store, handled = MemoryEventStore(), []
    first, second = (create_receiver(api, event_store=store, concurrency=1) for _ in range(2))
    first.on()(lambda _: asyncio.Event().wait())
    second.on()(lambda event: handled.append(event.event_id))
    assert [await deliver(first, api, number) for number in range(3)] == [200] * 3
    assert len(await first.aclose(timeout=1)) == 3
    assert [await deliver(second, api, number) for number in range(3)] == [200] * 3
    await second.aclose()
    assert handled == [f"evt_{number}" for number in range(3)]


async def test_acknowledging_after_the_handlers_obeys_the_limits(api: HeyGenEmulator) -> None:
    released = asyncio.Event()
    running, max_running = 0, 0

    async def slow(event: Event) -> None:
        nonlocal running, max_running
        running += 1
        max_running = max(max_running, running)
        await released.wait()
        running -= 1

    receiver = create_receiver(api, acknowledge="after_handlers", concurrency=3, queue_size=4)
    receiver.on()(slow)
    deliveries = [asyncio.ensure_future(deliver(receiver, api, number)) for number in range(3)]
    await asyncio.sleep(0.1)
    deliveries += [asyncio.ensure_future(deliver(receiver, api, number)) for number in range(3, 20)]
    await asyncio.sleep(0.1)
    released.set()
    statuses = await asyncio.gather(*deliveries)
    assert (max_running, statuses) == (3, [200] * 7 + [503] * 13)
    await receiver.aclose()


async def test_repeated_delivery_waits_for_the_handlers_of_the_first(api: HeyGenEmulator) -> None:
    handled = []

    async def slow(event: Event) -> None:
        await asyncio.sleep(5)
        handled.append(event.event_id)

    receiver = create_receiver(api, acknowledge="after_handlers")
    receiver.on()(slow)
    assert await asyncio.gather(*(deliver(receiver, api) for _ in range(3))) == [200] * 3
    assert handled == ["evt_1"]
    await receiver.aclose()


async def test_closing_ends_the_wait_for_a_place(api: HeyGenEmulator) -> None:
    receiver = create_receiver(api, concurrency=1, queue_size=1)
    receiver.on()(lambda _: asyncio.Event().wait())
    waiting = [
        asyncio.ensure_future(receiver.enqueue(parse(event_body(number), {"Heygen-Event-Id": f"evt_{number}"})))
        for number in range(4)
    ]
    await asyncio.sleep(1)
    undone = await receiver.aclose(timeout=1)
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [type(None)] * 2 + [ConfigurationError] * 2
    assert [event.event_id for event in undone] == ["evt_0", "evt_1"]
