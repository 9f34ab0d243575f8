"""The receiver: every event that HeyGen signed is handled, and nothing else."""

from __future__ import annotations

import asyncio
import json
import random
import traceback
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support import counted_steps
from webhook_support import (
    NOW,
    SECRET,
    VIDEO_REQUEST,
    create_receiver,
    deliver,
    event_body,
    serve_receiver,
    signed_headers,
    unsigned_delivery,
)

import heygen_async
from heygen_async import (
    AsyncHeyGen,
    InvalidInputError,
    WebhookReceiver,
    WebhookVerificationError,
)
from heygen_async.testing import HeyGenEmulator, Plan
from heygen_async.types.videos import AvatarVideo
from heygen_async.types.webhooks import (
    Event,
    VideoSuccessEvent,
)
from heygen_async.webhooks import verify
from heygen_async.webhooks.event_stores import SQLiteEventStore


async def test_handles_deliveries_of_the_local_heygen(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    handled: list[Event] = []
    receiver = create_receiver(api)

    @receiver.on("avatar_video.success", "avatar_video.fail")
    async def keep(event: Event) -> None:
        handled.append(event)

    @receiver.on()
    def keep_all(event: Event) -> None:
        handled.append(event)

    async with serve_receiver(receiver) as url:
        endpoint = await client.webhooks.endpoints.create(url=url, events=["avatar_video.success", "avatar_video.fail"])
        receiver.add_secret(str(endpoint.secret))
        good = await client.videos.create(VIDEO_REQUEST)
        api.plan(Plan(fail_message="It is broken."))
        bad = await client.videos.create(VIDEO_REQUEST)
        await client.video_agents.create(prompt="A tour")  # the endpoint does not subscribe to its events
        while len(handled) < 4:
            await asyncio.sleep(1)
        await receiver.aclose()
    by_id = {event.event_data.video_id: event for event in handled}  # type: ignore[attr-defined]
    assert isinstance(by_id[good.video_id], VideoSuccessEvent)
    assert by_id[bad.video_id].event_data.msg == "It is broken."  # type: ignore[attr-defined]
    assert all(event.verified and event.event_id for event in handled)
    assert len(await client.webhooks.list_events().collect()) == 2 + 1


async def test_callback_is_handled_and_marked_as_not_verified(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    handled: list[Event] = []
    receiver = WebhookReceiver(None)
    receiver.on()(handled.append)
    async with serve_receiver(receiver) as url, receiver:
        video = await client.videos.create(
            AvatarVideo(avatar_id="avatar_1", script="Hello.", callback_url=url, callback_id="7")
        )
        while not handled:
            await asyncio.sleep(1)
        await receiver.receive(msgspec.json.encode(handled[0].raw), {})  # again
    (event,) = handled
    assert (event.verified, event.event_id, event.event_data.callback_id) == (False, None, "7")  # type: ignore[attr-defined]
    assert event.event_data.video_id == video.video_id  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(3))
async def test_each_event_succeeds_once_despite_duplicates_forgeries_and_restarts(
    seed: int, api: HeyGenEmulator, tmp_path: Path
) -> None:
    dice, store = random.Random(seed), SQLiteEventStore(tmp_path / "events.db")
    succeeded: list[str] = []

    def handler(event: Event) -> None:
        if dice.random() < 0.1:
            raise RuntimeError("the database is down")
        succeeded.append(str(event.event_id))

    def start_receiver() -> WebhookReceiver:
        receiver = create_receiver(api, event_store=store, max_attempts=2)
        receiver.on("avatar_video.success")(handler)
        return receiver

    receiver, statuses = start_receiver(), dict.fromkeys((200, 401, 503), 0)
    deliveries = [(number, dice.random() < 0.05) for number in range(400)]
    deliveries += [(number, False) for number in dice.sample(range(400), 40)]
    dice.shuffle(deliveries)
    for turn, (number, forged) in enumerate(deliveries):
        if turn == 200:
            await receiver.aclose()  # a restart; acknowledged events are handled first
            receiver = start_receiver()
        status = await deliver(receiver, api, number, secret="whsec_forged" if forged else SECRET)
        statuses[status] += 1
        assert status == (401 if forged else 200)
    await receiver.aclose()
    good = {f"evt_{number}" for number, forged in deliveries if not forged}
    assert len(succeeded) == len(set(succeeded))
    assert set(succeeded) <= good
    assert len(good - set(succeeded)) < 20  # failed in both attempts; a replay would deliver them again
    await store.aclose()


async def test_warns_once_about_unsigned_events(caplog: pytest.LogCaptureFixture) -> None:
    async with WebhookReceiver(None) as receiver:
        for number in range(3):
            await receiver.receive(*unsigned_delivery(number))
    (message,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "has no secret" in message.getMessage()
    assert "evt_0" in message.getMessage()


async def test_acknowledges_after_the_handlers_are_done(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    attempts: list[str | None] = []

    async def fails_twice(event: Event) -> None:
        attempts.append(event.event_id)
        if len(attempts) < 3:
            raise RuntimeError("not yet")

    receiver = create_receiver(api, acknowledge="after_handlers", max_attempts=1)
    receiver.on()(fails_twice)
    async with serve_receiver(receiver) as url, receiver:
        receiver.add_secret(str((await client.webhooks.endpoints.create(url=url)).secret))
        id = api.emit("avatar_video.success", {"video_id": "v"})
        while len(attempts) < 3:
            await asyncio.sleep(1)
        await asyncio.sleep(100)
    assert attempts == [id] * 3
    assert api.deliveries.delivery_count == 3


async def test_next_delivery_learns_the_result_of_a_slow_handler(api: HeyGenEmulator) -> None:
    handled = []

    async def slow(event: Event) -> None:
        await asyncio.sleep(20)
        handled.append(event.event_id)

    receiver = create_receiver(api, acknowledge="after_handlers")
    receiver.on()(slow)
    began = api.clock.time()
    assert await deliver(receiver, api) == 503
    assert api.clock.time() - began < 10
    assert await deliver(receiver, api) == 503  # the first handling still runs
    assert await deliver(receiver, api) == 200
    assert handled == ["evt_1"]
    await receiver.aclose()


async def test_event_wakes_its_wait(api: HeyGenEmulator) -> None:
    receiver = create_receiver(api)
    async with (
        serve_receiver(receiver) as url,
        receiver,
        AsyncHeyGen(api.key, base_url=api.url, events=receiver) as client,
    ):
        receiver.add_secret(str((await client.webhooks.endpoints.create(url=url)).secret))
        began = api.clock.time()
        video = await client.videos.create_and_wait(VIDEO_REQUEST)
        assert video.status == "completed"
        assert len(api.requests_for("VideoGet")) <= 3
        assert api.clock.time() - began < 62  # without events, the polls would be at 30 s and 90 s


async def test_wait_without_its_event_ends_within_a_minute(api: HeyGenEmulator) -> None:
    api.plan(Plan(seconds=600))
    async with create_receiver(api) as receiver, AsyncHeyGen(api.key, base_url=api.url, events=receiver) as client:
        began = api.clock.time()
        await client.videos.create_and_wait(VIDEO_REQUEST)
        assert api.clock.time() - began < 661


async def test_collected_client_is_no_longer_notified(api: HeyGenEmulator) -> None:
    receiver = create_receiver(api)
    notifications: list[Any] = []
    client = AsyncHeyGen(api.key, base_url=api.url, events=receiver)
    receiver.subscribe(notifications.append)
    await client.aclose()
    del client
    assert await deliver(receiver, api) == 200
    assert notifications == [json.loads(event_body())]
    assert len(receiver._listeners) == 1
    await receiver.aclose()


async def test_rotated_secret_is_used_and_the_old_one_expires(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    receiver = create_receiver(api)
    endpoint = await client.webhooks.endpoints.create(url="https://example.com/hook")
    receiver.add_secret(str(endpoint.secret), grace=0)
    rotated = await client.webhooks.endpoints.rotate_secret(endpoint.endpoint_id, receiver=receiver, grace=600)
    assert await deliver(receiver, api, 1, secret=rotated.secret) == 200
    assert await deliver(receiver, api, 2, secret=str(endpoint.secret)) == 200
    assert await deliver(receiver, api, 3) == 401
    api.clock.advance(601)
    assert await deliver(receiver, api, 4, secret=str(endpoint.secret)) == 401
    assert await deliver(receiver, api, 5, secret=rotated.secret) == 200
    await receiver.aclose()


def test_rejects_invalid_options() -> None:
    for bad in (
        {"secret": ""}, {"secret": []}, {"queue_size": 0}, {"concurrency": 0}, {"max_attempts": 0},
        {"handler_timeout": 0}, {"handler_timeout": float("inf")}, {"dedupe_window": -1}, {"acknowledge": "after"},
    ):  # fmt: skip
        with pytest.raises(InvalidInputError, match=next(iter(bad))):
            WebhookReceiver(**{"secret": SECRET, **bad})  # type: ignore[arg-type]
    assert SECRET not in repr(WebhookReceiver(SECRET))


def test_secrets_are_in_no_repr_of_the_receivers_attributes() -> None:
    receiver = WebhookReceiver(["whsec_planted_first", SECRET])
    receiver.add_secret("whsec_planted_second")
    shown = repr({name: vars(value) if hasattr(value, "__dict__") else value for name, value in vars(receiver).items()})
    assert "whsec_" not in repr(vars(receiver)) + shown


async def test_secrets_are_in_no_local_variable_of_a_rejection(api: HeyGenEmulator) -> None:
    body = event_body()
    with pytest.raises(WebhookVerificationError) as caught:
        verify(body, signed_headers(body, secret="whsec_other"), SECRET, now=NOW)
    files = [Path(frame.f_code.co_filename) for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert [file for file in files if file.is_relative_to(Path(heygen_async.__file__).parent)] == []


@pytest.mark.parametrize("is_passed", [True, False])
async def test_a_turned_clock_is_passed_to_the_receiver(
    api: HeyGenEmulator, client: AsyncHeyGen, caplog: pytest.LogCaptureFixture, is_passed: bool
) -> None:
    receiver = WebhookReceiver(None, **({"clock": api.clock.time} if is_passed else {}))
    accepted = asyncio.Event()
    receiver.on("avatar_video.success")(lambda event: accepted.set())
    api.plan(Plan(seconds=900))
    async with serve_receiver(receiver) as url, receiver:
        endpoint = await client.webhooks.endpoints.create(url=url)
        receiver.add_secret(endpoint.secret or "")
        await client.videos.create_and_wait(AvatarVideo(avatar_id="avatar_1", script="Hello."), timeout=3600)
        await asyncio.sleep(60)
        assert accepted.is_set() is is_passed
    hints = {record.name for record in caplog.records if "clock=api.clock.time" in record.getMessage()}
    assert hints == (set() if is_passed else {"heygen_async.webhooks", "heygen_async.testing.deliveries"})


async def test_a_delivery_takes_few_steps() -> None:
    async with WebhookReceiver(SECRET, clock=lambda: NOW) as receiver:
        receiver.on()(lambda _: None)
        bodies = [event_body(number) for number in range(100)]
        deliveries = [(body, signed_headers(body, id=f"evt_{number}")) for number, body in enumerate(bodies)]
        with counted_steps(str(Path(heygen_async.__file__).parent)) as steps:
            for body, headers in deliveries:
                assert await receiver.receive(body, headers) == 200
            await receiver.aclose()
            assert steps.total() <= 100 * 62
