"""Webhooks: what HeyGen signed passes and nothing else, every event is handled, and each once."""

from __future__ import annotations

import asyncio
import hmac
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given, settings, strategies as st
from support import redis_server

from heygen_async import (
    AsyncHeyGen,
    Backoff,
    ConfigurationError,
    DecodeError,
    InvalidInputError,
    WebhookReceiver,
    WebhookVerificationError,
)
from heygen_async.testing import HeyGenEmulator, Plan
from heygen_async.types.videos import AvatarVideo
from heygen_async.types.webhooks import (
    Event,
    OpenEvent,
    PersonalizedVideoEvent,
    TranslationFailEvent,
    TranslationSuccessEvent,
    UnknownEvent,
    VideoFailEvent,
    VideoSuccessEvent,
)
from heygen_async.webhooks import signature as webhooks
from heygen_async.webhooks.event_stores import EventStore, MemoryEventStore, RedisEventStore, SQLiteEventStore

SECRET = "whsec_n3w5ecr3t"
NOW = 1_700_000_000
SCRIPT = AvatarVideo(avatar_id="a", script="Hello there.")
QUICK = Backoff(initial=0.1, maximum=0.1)


def signed(body: bytes, secret: str = SECRET, *, time: float = NOW, id: str = "evt_1") -> dict[str, str]:
    signature = hmac.digest(secret.encode(), body, "sha256").hex()
    return {"Heygen-Signature": signature, "Heygen-Timestamp": str(int(time)), "Heygen-Event-Id": id}


def body_of(number: int = 1, kind: str = "avatar_video.success") -> bytes:
    return json.dumps({"event_type": kind, "event_data": {"video_id": f"video_{number}"}}).encode()


# -- is it HeyGen's?


def passes(body: bytes, headers: Any, secret: Any = SECRET, **options: Any) -> bool:
    try:
        webhooks.verify(body, headers, secret, **{"now": NOW, **options})
    except WebhookVerificationError:
        return False
    return True


@settings(max_examples=300)
@given(body=st.binary(max_size=200), secret=st.text("abcdefXYZ0123_", min_size=8, max_size=40), data=st.data())
def test_exactly_the_right_one_passes(body: bytes, secret: str, data: st.DataObject) -> None:
    headers = signed(body, secret)
    assert passes(body, headers, secret)
    parts = {"body": body, "signature": headers["Heygen-Signature"].encode(), "secret": secret.encode()}
    name = data.draw(st.sampled_from([name for name, part in parts.items() if part]))
    changed = bytearray(parts[name])
    bit = data.draw(st.integers(0, len(changed) * 8 - 1))
    changed[bit // 8] ^= 1 << bit % 8
    parts[name] = bytes(changed)
    told = {**headers, "Heygen-Signature": parts["signature"].decode("latin-1")}
    assert not passes(parts["body"], told, parts["secret"].decode("latin-1"))


@given(bit=st.integers(0, 79))
def test_a_changed_timestamp_passes_only_within_five_minutes(bit: int) -> None:
    """It is not part of what is signed."""
    changed = bytearray(str(NOW).encode())
    changed[bit // 8] ^= 1 << bit % 8
    text = changed.decode("latin-1")
    right = text.isascii() and text.isdigit() and abs(int(text) - NOW) <= 300
    assert passes(b"{}", {**signed(b"{}"), "Heygen-Timestamp": text}) == right


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Heygen-Signature": None}, "there is no Heygen-Signature header"),
        ({"Heygen-Signature": "zz"}, "not 64 hexadecimal digits"),
        ({"Heygen-Signature": "é" * 64}, "not 64 hexadecimal digits"),
        ({"Heygen-Signature": "0" * 64}, "not that of this body"),
        ({"Heygen-Timestamp": None}, "there is no Heygen-Timestamp header"),
        ({"Heygen-Timestamp": "soon"}, "no number of seconds"),
        ({"Heygen-Timestamp": "٤" * 10}, "no number of seconds"),
        ({"Heygen-Timestamp": "-1"}, "no number of seconds"),
        ({"Heygen-Timestamp": "9" * 14}, "no number of seconds"),
        ({"Heygen-Timestamp": str(NOW - 301)}, "301 s old"),
        ({"Heygen-Timestamp": str(NOW + 301)}, "301 s ahead"),
    ],
)
def test_every_way_of_being_wrong_has_its_reason(change: dict[str, str | None], reason: str) -> None:
    headers = {name: value for name, value in {**signed(b"{}"), **change}.items() if value is not None}
    with pytest.raises(WebhookVerificationError, match=reason) as caught:
        webhooks.verify(b"{}", headers, SECRET, now=NOW)
    assert signed(b"{}")["Heygen-Signature"] not in str(caught.value) + repr(caught.value.__dict__)
    assert SECRET not in str(caught.value)


def test_headers_of_every_framework() -> None:
    headers = signed(b"{}")
    pairs = [(name.lower(), value) for name, value in headers.items()]
    for form in (
        headers,
        {name.upper(): value for name, value in headers.items()},
        pairs,
        [(name.encode(), value.encode()) for name, value in pairs],
        iter(pairs),
    ):
        assert passes(b"{}", form)
    assert not passes(b"{}", [*pairs, ("Heygen-Signature", "0" * 64)])
    assert not passes(b"{}", [*pairs, ("heygen-timestamp", str(NOW))])
    assert passes(b"{}", {**headers, "Heygen-Timestamp": f"{NOW}123"})
    assert passes(b"{}", {"Signature": headers["Heygen-Signature"]}, tolerance=None)
    assert not passes(b"{}", {"Signature": headers["Heygen-Signature"]})


def test_several_secrets_during_a_rotation() -> None:
    assert passes(b"{}", signed(b"{}"), ["whsec_new", SECRET])
    assert not passes(b"{}", signed(b"{}"), ["whsec_new", "whsec_other"])
    for none in ("", [], ["", SECRET]):
        with pytest.raises(ConfigurationError, match="secret"):
            webhooks.verify(b"{}", signed(b"{}"), none)


# -- what does it say?


@pytest.mark.parametrize(
    ("kind", "data", "into"),
    [
        ("avatar_video.success", {"video_id": "v", "url": "u", "new": 1}, VideoSuccessEvent),
        ("avatar_video.fail", {"video_id": "v", "msg": "why"}, VideoFailEvent),
        ("video_translate.success", {"video_translate_id": "t", "output_language": "German"}, TranslationSuccessEvent),
        ("video_translate.fail", {"video_translate_id": "t", "message": "why"}, TranslationFailEvent),
        ("personalized_video", {"project_id": "p", "contact_info": {"name": "Ada"}}, PersonalizedVideoEvent),
        ("video_agent.success", {"session_id": "s", "anything": [1]}, OpenEvent),
        ("batch.finished", {}, OpenEvent),
        ("podcast.success", {"podcast_id": "p"}, OpenEvent),
        ("holodeck.success", {"id": 1}, UnknownEvent),
        ("avatar_video.success", {"video_id": 7}, UnknownEvent),
        ("video_agent.success", None, UnknownEvent),
        (None, "text", UnknownEvent),
    ],
)
def test_events_are_typed_and_nothing_is_lost(kind: str | None, data: Any, into: type[Event]) -> None:
    raw = {"event_type": kind, "event_data": data, "later": {"a": 1}}
    event = webhooks.parse(json.dumps(raw), {"heygen-EVENT-id": "evt_7"}, verified=True)
    assert type(event) is into
    assert (event.raw, event.event_id, event.verified) == (raw, "evt_7", True)
    assert event.event_type == str(kind)
    shown = event.event_data
    assert shown == data or all(getattr(shown, name, value) == value for name, value in data.items())
    unsigned = webhooks.parse(json.dumps(raw).encode())
    assert (unsigned.event_id, unsigned.verified) == (None, False)


DEEP = b'{"event_data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize("body", [b"", b"[]", b"text", b"\xff\xfe", "7", DEEP, '{"a": "\ud800"}'])
def test_what_is_no_event_is_told(body: bytes | str) -> None:
    with pytest.raises(DecodeError, match="no JSON object"):
        webhooks.parse(body)


# -- which were handled?


Store = Callable[..., EventStore]


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Makes views of one store, with the lives that are asked for."""
    if request.param == "memory":
        yield MemoryEventStore
    elif request.param == "sqlite":
        made: list[SQLiteEventStore] = []

        def opened(**lives: float) -> SQLiteEventStore:
            made.append(SQLiteEventStore(tmp_path / "seen.db", **lives))
            return made[-1]

        yield opened
        for one in made:
            await one.aclose()
    else:
        from redis.asyncio import Redis

        async with redis_server() as port, Redis(port=port) as client:
            yield partial(RedisEventStore, client)


async def test_an_event_is_claimed_by_one(store: Store) -> None:
    seen = store()
    claims = await asyncio.gather(*(seen.claim("evt_1") for _ in range(20)))
    assert sorted(claims) == ["busy"] * 19 + ["new"]
    await seen.release("evt_1")
    assert await seen.claim("evt_1") == "new"
    await seen.done("evt_1")
    await seen.release("evt_1")  # what is done stays done
    assert [await seen.claim("evt_1") for _ in range(2)] == ["done", "done"]


async def test_a_claim_ends_and_what_was_done_is_forgotten(store: Store) -> None:
    seen = store(lease=0.002, lifetime=0.002)
    assert await seen.claim("evt_1") == "new"
    while await seen.claim("evt_1") != "new":  # the lease of a process that died ends
        pass
    await seen.done("evt_1")
    while await seen.claim("evt_1") != "new":
        pass


def test_what_redis_says_is_told_from_bytes_without_a_warning() -> None:
    program = """
import asyncio
from unittest.mock import AsyncMock
from heygen_async.webhooks.event_stores import RedisEventStore
for said in (b"done", "done", b"busy:1", "busy:1", None):
    client = AsyncMock(set=AsyncMock(return_value=None), get=AsyncMock(return_value=said))
    print(asyncio.run(RedisEventStore(client).claim("evt_1")))
"""
    run = subprocess.run([sys.executable, "-bb", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["done", "done", "busy", "busy", "busy"]


async def test_what_is_done_outlives_the_process(tmp_path: Path) -> None:
    first, second = SQLiteEventStore(tmp_path / "seen.db"), SQLiteEventStore(tmp_path / "seen.db")
    claims = await asyncio.gather(*((first if n % 2 else second).claim("evt_1") for n in range(40)))
    assert claims.count("new") == 1
    await first.done("evt_1")
    await first.aclose()
    assert await second.claim("evt_1") == "done"
    await second.aclose()


async def test_memory_is_bounded() -> None:
    seen = MemoryEventStore(most=10)
    for number in range(30):
        await seen.done(str(number))
    assert [await seen.claim(str(number)) for number in (0, 19, 20, 29)] == ["new", "new", "new", "done"]


# -- the endpoint


@asynccontextmanager
async def served(receiver: WebhookReceiver) -> AsyncIterator[str]:
    """The receiver, on a port of its own."""
    app = web.Application()
    app.router.add_route("*", "/hook", receiver.aiohttp_handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


def receiver_of(api: HeyGenEmulator, **options: Any) -> WebhookReceiver:
    return WebhookReceiver(SECRET, clock=api.clock.time, **{"retry": QUICK, **options})


async def sent(receiver: WebhookReceiver, api: HeyGenEmulator, number: int = 1, **about: Any) -> int:
    body = body_of(number)
    return await receiver.receive(body, signed(body, time=api.clock.time(), id=f"evt_{number}", **about))


async def test_a_delivery_of_the_local_heygen(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    handled: list[Event] = []
    receiver = receiver_of(api)

    @receiver.on("avatar_video.success", "avatar_video.fail")
    async def keep(event: Event) -> None:
        handled.append(event)

    @receiver.on()
    def all_of_them(event: Event) -> None:
        handled.append(event)

    async with served(receiver) as url:
        endpoint = await client.webhooks.endpoints.create(url=url, events=["avatar_video.success", "avatar_video.fail"])
        receiver.add_secret(str(endpoint.secret))
        good = await client.videos.create(SCRIPT)
        api.plan(Plan(fail_message="It is broken."))
        bad = await client.videos.create(SCRIPT)
        await client.video_agents.create(prompt="A tour")  # whose events nobody wants
        while len(handled) < 4:
            await asyncio.sleep(1)
        await receiver.aclose()
    by_id = {event.event_data.video_id: event for event in handled}  # type: ignore[attr-defined]
    assert isinstance(by_id[good.video_id], VideoSuccessEvent)
    assert by_id[bad.video_id].event_data.msg == "It is broken."  # type: ignore[attr-defined]
    assert all(event.verified and event.event_id for event in handled)
    assert len(await client.webhooks.list_events().collect()) == 2 + 1


async def test_a_callback_is_parsed_and_marked_unverified(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    handled: list[Event] = []
    receiver = WebhookReceiver(None)
    receiver.on()(handled.append)
    async with served(receiver) as url, receiver:
        video = await client.videos.create(
            AvatarVideo(avatar_id="a", script="Hello.", callback_url=url, callback_id="7")
        )
        while not handled:
            await asyncio.sleep(1)
        await receiver.receive(json.dumps(handled[0].raw).encode(), {})  # again
    (event,) = handled
    assert (event.verified, event.event_id, event.event_data.callback_id) == (False, None, "7")  # type: ignore[attr-defined]
    assert event.event_data.video_id == video.video_id  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(3))
async def test_deliveries_with_everything_wrong(seed: int, api: HeyGenEmulator, tmp_path: Path) -> None:
    """Duplicates, wrong signatures, handlers that fail, a restart: each event once where its handler succeeded."""
    dice, seen = random.Random(seed), SQLiteEventStore(tmp_path / "seen.db")
    succeeded: list[str] = []

    def handler(event: Event) -> None:
        if dice.random() < 0.1:
            raise RuntimeError("the database is down")
        succeeded.append(str(event.event_id))

    def made() -> WebhookReceiver:
        receiver = receiver_of(api, seen=seen, attempts=2)
        receiver.on("avatar_video.success")(handler)
        return receiver

    receiver, statuses = made(), dict.fromkeys((200, 401, 503), 0)
    waiting = [(number, dice.random() < 0.05) for number in range(400)]
    waiting += [(number, False) for number in dice.sample(range(400), 40)]
    dice.shuffle(waiting)
    for turn, (number, forged) in enumerate(waiting):
        if turn == 200:
            await receiver.aclose()  # a restart; what was acknowledged is handled before
            receiver = made()
        status = await sent(receiver, api, number, secret="whsec_forged" if forged else SECRET)
        statuses[status] += 1
        assert status == (401 if forged else 200)
    await receiver.aclose()
    good = {f"evt_{number}" for number, forged in waiting if not forged}
    assert len(succeeded) == len(set(succeeded))
    assert set(succeeded) <= good
    assert len(good - set(succeeded)) < 20  # failed twice: they are told by on_failure, and by a replay
    await seen.aclose()


def unsigned(number: int) -> tuple[bytes, dict[str, str]]:
    return body_of(number), {"Heygen-Event-Id": f"evt_{number}"}


def test_one_receiver_in_many_loops_one_after_another() -> None:
    handled: list[str | None] = []
    receiver = WebhookReceiver(None, concurrency=1)

    @receiver.on()
    async def slow(event: Event) -> None:
        await asyncio.sleep(0)
        handled.append(event.event_id)

    async def run(first: int) -> None:
        async with receiver:
            assert [await receiver.receive(*unsigned(first + more)) for more in range(3)] == [200] * 3

    for turn in range(3):
        asyncio.run(run(turn * 3))
    assert handled == [f"evt_{number}" for number in range(9)]


@pytest.mark.parametrize("ending", ["loop", "cancelled close"])
def test_what_a_loop_leaves_is_told_and_taken_up_by_the_next(ending: str, caplog: pytest.LogCaptureFixture) -> None:
    gate, handled = asyncio.Event(), []
    receiver = WebhookReceiver(None, concurrency=2)

    @receiver.on()
    async def stuck(event: Event) -> None:
        await gate.wait()
        handled.append(event.event_id)

    async def run() -> None:
        for number in range(5):
            assert await receiver.receive(*unsigned(number)) == 200
        await asyncio.sleep(0)
        if ending == "cancelled close":
            closing = asyncio.ensure_future(receiver.aclose())
            await asyncio.sleep(0)
            closing.cancel()
            await asyncio.wait({closing})

    asyncio.run(run())
    (told,) = [record.getMessage() for record in caplog.records if "before 5 acknowledged" in record.getMessage()]
    assert {f"evt_{number}" in told for number in range(5)} == {True}
    gate.set()
    asyncio.run(receiver.aclose())
    assert sorted(handled) == [f"evt_{number}" for number in range(5)]


def test_a_receiver_at_work_in_another_loop_says_so() -> None:
    receiver = WebhookReceiver(SECRET)
    other = asyncio.new_event_loop()
    other.run_until_complete(receiver.__aenter__())
    with pytest.raises(ConfigurationError, match=r"at work in another event loop\. Close it there"):
        asyncio.run(receiver.aclose())
    other.run_until_complete(receiver.aclose())
    other.close()
    asyncio.run(receiver.aclose())


async def test_a_handler_that_is_cancelled_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    handled: list[str | None] = []
    async with WebhookReceiver(None, concurrency=1) as receiver:

        @receiver.on()
        async def cancelled(event: Event) -> None:
            if event.event_id == "evt_0":
                raise asyncio.CancelledError
            handled.append(event.event_id)

        assert [await receiver.receive(*unsigned(number)) for number in range(2)] == [200, 200]
    assert handled == ["evt_1"]
    assert "A handler of the webhook event evt_0 was cancelled" in caplog.text


async def test_the_first_unsigned_event_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    async with WebhookReceiver(None) as receiver:
        for number in range(3):
            await receiver.receive(*unsigned(number))
    (told,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "has no secret" in told.getMessage()
    assert "evt_0" in told.getMessage()


async def test_a_full_queue_is_told_and_nothing_of_it_is_lost(api: HeyGenEmulator) -> None:
    gate, handled = asyncio.Event(), []

    async def slow(event: Event) -> None:
        await gate.wait()
        handled.append(event.event_id)

    receiver = receiver_of(api, queue_size=3, concurrency=1)
    receiver.on()(slow)
    statuses = [await sent(receiver, api, 0)]
    await asyncio.sleep(0.1)
    statuses += [await sent(receiver, api, number) for number in range(1, 6)]
    assert statuses == [200, 200, 200, 200, 503, 503]
    gate.set()
    await receiver.aclose()
    assert handled == [f"evt_{number}" for number in range(4)]


async def test_nothing_is_acknowledged_that_was_not_handled(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    tries: list[str | None] = []

    async def fails_twice(event: Event) -> None:
        tries.append(event.event_id)
        if len(tries) < 3:
            raise RuntimeError("not yet")

    receiver = receiver_of(api, acknowledge="after", attempts=1)
    receiver.on()(fails_twice)
    async with served(receiver) as url, receiver:
        receiver.add_secret(str((await client.webhooks.endpoints.create(url=url)).secret))
        id = api.emit("avatar_video.success", {"video_id": "v"})
        while len(tries) < 3:
            await asyncio.sleep(1)
        await asyncio.sleep(100)
    assert tries == [id] * 3
    assert api.deliveries.delivery_count == 3


async def test_what_a_dead_process_had_claimed_is_handled_in_the_end(api: HeyGenEmulator) -> None:
    seen, handled = MemoryEventStore(lease=300), []
    assert await seen.claim("evt_1") == "new"  # by one who never comes back
    receiver = receiver_of(api, seen=seen)
    receiver.on()(lambda event: handled.append(event.event_id))
    began = api.clock.time()
    assert await sent(receiver, api) == 200
    assert await sent(receiver, api) == 200
    while not handled:
        await asyncio.sleep(1)
    assert 300 <= api.clock.time() - began < 310
    await receiver.aclose()
    assert handled == ["evt_1"]


async def test_a_claim_of_another_process_does_not_hold_up_the_end(
    api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    seen, handled = MemoryEventStore(lease=300), []
    assert await seen.claim("evt_1") == "new"  # by another
    receiver = receiver_of(api, seen=seen, retry=Backoff(initial=60, maximum=60))

    @receiver.on()
    async def slow(event: Event) -> None:
        await asyncio.sleep(5)
        handled.append(event.event_id)

    for number in (1, 2, 2):
        assert await sent(receiver, api, number) == 200
    await asyncio.sleep(1)
    began = api.clock.time()
    await receiver.aclose()
    assert api.clock.time() - began < 5
    assert handled == ["evt_2"]
    (told,) = [record.getMessage() for record in caplog.records if "with another process" in record.getMessage()]
    assert "evt_1 is with another process, for which the receiver does not wait at its end" in told


async def test_a_slow_handler_is_waited_for_by_the_next_delivery(api: HeyGenEmulator) -> None:
    handled = []

    async def slow(event: Event) -> None:
        await asyncio.sleep(20)
        handled.append(event.event_id)

    receiver = receiver_of(api, acknowledge="after")
    receiver.on()(slow)
    began = api.clock.time()
    assert await sent(receiver, api) == 503
    assert api.clock.time() - began < 10
    assert await sent(receiver, api) == 500  # it still runs, so this one is not handled either
    await asyncio.sleep(20)
    assert await sent(receiver, api) == 200
    assert handled == ["evt_1"]
    await receiver.aclose()


async def test_a_handler_that_fails_for_good_is_reported_and_found_by_a_replay(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    failed: list[tuple[Any, Exception]] = []
    handled: list[Event] = []
    broken = True

    def handler(event: Event) -> None:
        if broken and event.event_data.video_id == "v2":  # type: ignore[attr-defined]
            raise RuntimeError("the database is down")
        handled.append(event)

    async def on_failure(event: Event, error: Exception) -> None:
        failed.append((event, error))

    receiver = receiver_of(api, attempts=2, on_failure=on_failure)
    receiver.on("avatar_video.success")(handler)
    api.emit("avatar_video.success", {"video_id": "long ago"})
    api.clock.advance(3600)
    since = api.clock.time()
    ids = [api.emit("avatar_video.success", {"video_id": f"v{number}"}) for number in range(4)]
    for number in (0, 2):
        body = json.dumps({"event_type": "avatar_video.success", "event_data": {"video_id": f"v{number}"}}).encode()
        assert await receiver.receive(body, signed(body, time=since, id=ids[number])) == 200
    await receiver.aclose()
    ((event, error),) = failed
    assert (event.event_id, str(error)) == (ids[2], "the database is down")
    broken = False
    assert await client.webhooks.replay(receiver, since=since) == 4
    assert await client.webhooks.replay(receiver, since=since) == 4
    await receiver.aclose()
    assert [one.event_id for one in handled] == [ids[0], ids[1], ids[2], ids[3]]
    assert all(one.verified and one.created_at for one in handled[1:])


async def test_a_wait_is_woken_by_its_event(api: HeyGenEmulator) -> None:
    receiver = receiver_of(api)
    async with (
        served(receiver) as url,
        receiver,
        AsyncHeyGen(api.key, base_url=api.url, events=receiver) as client,
    ):
        receiver.add_secret(str((await client.webhooks.endpoints.create(url=url)).secret))
        began = api.clock.time()
        video = await client.videos.create_and_wait(SCRIPT)
        assert video.status == "completed"
        assert len(api.requests_for("VideoGet")) <= 3
        assert api.clock.time() - began < 62  # the first look without events would be at 30 s, then at 90 s


async def test_what_another_worker_heard_of_is_seen_within_a_minute(api: HeyGenEmulator) -> None:
    api.plan(Plan(seconds=600))
    async with receiver_of(api) as receiver, AsyncHeyGen(api.key, base_url=api.url, events=receiver) as client:
        began = api.clock.time()
        await client.videos.create_and_wait(SCRIPT)
        assert api.clock.time() - began < 661


async def test_a_forgotten_client_is_told_nothing_more(api: HeyGenEmulator) -> None:
    receiver = receiver_of(api)
    told: list[Any] = []
    client = AsyncHeyGen(api.key, base_url=api.url, events=receiver)
    receiver.subscribe(told.append)
    await client.aclose()
    del client
    assert await sent(receiver, api) == 200
    assert told == [json.loads(body_of())]
    assert len(receiver._listeners) == 1
    await receiver.aclose()


async def test_a_rotated_secret_is_taken_up(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    receiver = receiver_of(api)
    endpoint = await client.webhooks.endpoints.create(url="https://example.com/hook")
    receiver.add_secret(str(endpoint.secret), grace=0)
    rotated = await client.webhooks.endpoints.rotate_secret(endpoint.endpoint_id, receiver=receiver, grace=600)
    assert await sent(receiver, api, 1, secret=rotated.secret) == 200
    assert await sent(receiver, api, 2, secret=str(endpoint.secret)) == 200
    assert await sent(receiver, api, 3) == 401
    api.clock.advance(601)
    assert await sent(receiver, api, 4, secret=str(endpoint.secret)) == 401
    assert await sent(receiver, api, 5, secret=rotated.secret) == 200
    await receiver.aclose()


async def test_what_is_not_a_delivery_is_refused(api: HeyGenEmulator) -> None:
    receiver = receiver_of(api, max_body=1000)
    large = b"{" + b" " * 5000 + b"}"

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 500):
            yield large[start : start + 500]

    async with served(receiver) as url, aiohttp.ClientSession() as session, receiver:
        for method, data, status in (
            ("GET", b"", 405), ("OPTIONS", b"", 200), ("POST", b"{}", 401), ("POST", large, 413), ("POST", pieces(), 413),
        ):  # fmt: skip
            async with session.request(method, url, data=data) as answer:
                assert answer.status == status
        async with session.post(url, data=b"[1]", headers=signed(b"[1]", time=api.clock.time())) as answer:
            assert answer.status == 400


async def asked(receiver: WebhookReceiver, scope: dict[str, Any], *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """What an ASGI server would see."""
    left, seen = list(messages), []

    async def receive() -> dict[str, Any]:
        return left.pop(0)

    async def send(message: dict[str, Any]) -> None:
        seen.append(message)

    await receiver({"type": "http", "method": "POST", "headers": [], **scope}, receive, send)
    return seen


async def test_it_is_an_asgi_application(api: HeyGenEmulator) -> None:
    receiver = receiver_of(api)
    body = body_of()
    headers = [(name.lower().encode(), value.encode()) for name, value in signed(body, time=api.clock.time()).items()]
    parts = [{"type": "http.request", "body": part, "more_body": True} for part in (body[:10], body[10:])]
    start, end = await asked(receiver, {"headers": headers}, *parts, {"type": "http.request"})
    assert (start["status"], end["body"]) == (200, b"")
    start, _ = await asked(receiver, {}, {"type": "http.disconnect"})
    assert start["status"] == 401
    receiver._closing.set()
    start, _ = await asked(receiver, {"headers": headers}, {"type": "http.request", "body": body})
    assert start["status"] == 503
    assert (b"retry-after", b"1") in start["headers"]
    with pytest.raises(NotImplementedError, match="websocket"):
        await asked(receiver, {"type": "websocket"})
    await receiver.aclose()


def test_a_receiver_that_could_never_work_is_refused() -> None:
    for bad in ({"secret": ""}, {"secret": []}, {"queue_size": 0}, {"concurrency": 0}, {"attempts": 0}):
        with pytest.raises(InvalidInputError, match=next(iter(bad))):
            WebhookReceiver(**{"secret": SECRET, **bad})  # type: ignore[arg-type]
    assert SECRET not in repr(WebhookReceiver(SECRET))
