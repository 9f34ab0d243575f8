"""Event streams: parsed in linear time, and sent by the same attempt loop as ordinary requests."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given, strategies as st
from support import QUICK, counted_steps

from heygen_async import (
    APIError,
    APITimeoutError,
    AsyncHeyGen,
    OAuthTokens,
    RedirectError,
    ServerError,
    Timeout,
)
from heygen_async._http import event_stream
from heygen_async._http.event_stream import EventParser
from heygen_async._http.limits import DEFAULT_LIMITS
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.avatar_realtime import TextStream

STREAM = "ModelSpeechStream"
WORDS = "AvatarRealtimeWords"


def speech(client: AsyncHeyGen) -> AsyncGenerator[Any]:
    return client.models.stream_speech(text="A sentence to be spoken.", voice_id="voice_0000")


async def test_stream_runs_hooks_for_each_attempt(api: HeyGenEmulator) -> None:
    requests, responses = [], []
    api.inject(Fault("status", status=503, retry_after=1, operation=STREAM))
    async with AsyncHeyGen(
        api.key, base_url=api.url, retry=QUICK, on_request=requests.append, on_response=responses.append
    ) as client:
        assert [part async for part in speech(client)]
        assert client.last_response is responses[-1]
    assert [(request.attempt, request.url) for request in requests] == [
        (1, f"{api.url}{api.requests[0].path}"),
        (2, f"{api.url}{api.requests[0].path}"),
    ]
    assert [(response.status, response.attempt) for response in responses] == [(503, 1), (200, 2)]


async def test_error_of_a_hook_ends_the_stream_and_gives_its_place_back(api: HeyGenEmulator) -> None:
    def on_response(_: object) -> None:
        raise ZeroDivisionError

    async with AsyncHeyGen(api.key, base_url=api.url, max_connections=1, on_response=on_response) as client:
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                await anext(speech(client))


@pytest.mark.parametrize("end", ["read to its end", "closed", "cancelled"])
async def test_stream_holds_its_connection_until_it_ends(end: str, api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(api.key, base_url=api.url, max_connections=1) as client:
        is_open, may_end = asyncio.Event(), asyncio.Event()

        async def consume() -> None:
            async with aclosing(speech(client)) as parts:
                await anext(parts)
                is_open.set()
                await may_end.wait()
                if end == "read to its end":
                    async for _ in parts:
                        pass

        consumer = asyncio.create_task(consume())
        await is_open.wait()
        with pytest.raises(APITimeoutError, match="max_connections"):
            await client.with_options(timeout=1).users.me()
        if end == "cancelled":
            consumer.cancel()
        may_end.set()
        await asyncio.wait({consumer})
        assert (await client.users.me()).username == "local"


async def test_opening_a_stream_waits_for_a_free_connection(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(api.key, base_url=api.url, max_connections=1) as client, aclosing(speech(client)) as first:
        await anext(first)
        with pytest.raises(APITimeoutError, match="was not sent"):
            await anext(speech(client.with_options(timeout=1)))
    assert len(api.requests_for(STREAM)) == 1


async def test_streams_spend_the_retry_budget(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(api.key, base_url=api.url, retry=QUICK) as client:
        created = await client.avatar_realtime.create(
            TextStream(avatar_id="avatar_1", voice_id="voice_0001", text="Now. ")
        )
        api.inject(Fault("status", status=500, operation=WORDS, count=None))
        for _ in range(50):
            with pytest.raises(ServerError):
                await anext(client.avatar_realtime.words(created.stream_id))
    assert len(api.requests_for(WORDS)) <= 50 * 1.1 + 10


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_stream_refuses_a_redirect_to_another_origin(
    status: int, api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    async with HeyGenEmulator() as other:
        location = {"Location": f"{other.url}/v3/models/audio/speech/stream"}
        api.inject(Fault("redirect", status=status, headers=location, operation=STREAM))
        with pytest.raises(RedirectError, match="Set base_url"):
            await anext(speech(client))
        assert other.requests == []


async def test_stream_follows_a_redirect_within_the_api(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    created = await client.avatar_realtime.create(TextStream(avatar_id="avatar_1", voice_id="voice_0001", text="Now. "))
    await client.avatar_realtime.speak(created.stream_id, "Well said indeed.")
    location = {"Location": f"/v3/avatar-realtime/{created.stream_id}/words"}
    api.inject(Fault("redirect", status=307, headers=location, operation=WORDS))
    assert [word.word async for word in client.avatar_realtime.words(created.stream_id)] == [
        "Now.",
        "Well",
        "said",
        "indeed.",
    ]
    assert len(api.requests_for(WORDS)) == 2


async def test_stream_that_does_not_open_ends_with_the_deadline(api: HeyGenEmulator) -> None:
    api.inject(Fault("silent", operation=STREAM, count=None))
    timeout = Timeout(total=5, read=60)
    async with AsyncHeyGen(api.key, base_url=api.url, timeout=timeout, max_connections=1) as client:
        with pytest.raises(APITimeoutError, match="no response within the timeout"):
            await anext(speech(client))
        assert (await client.users.me()).username == "local"


async def test_stream_replaces_a_rejected_token(api: HeyGenEmulator) -> None:
    issued = api.oauth.issue()
    tokens = OAuthTokens(
        access_token="oat_local_" + "0" * 20, refresh_token=issued["refresh_token"], client_id=api.oauth.client_id
    )
    async with AsyncHeyGen(auth=tokens, base_url=api.url) as client:
        with pytest.raises(APIError):
            await anext(client.avatar_realtime.words("none"))
    assert [request.status for request in api.requests_for(WORDS)] == [401, 404]


FIELD = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=8)


def parsed(*chunks: bytes) -> list[tuple[str, str]]:
    parser = EventParser(DEFAULT_LIMITS)
    return [(event.event, event.data) for chunk in chunks for event in parser.feed(chunk)]


@given(
    st.lists(
        st.tuples(st.sampled_from(["message", "end", "wörter"]), st.lists(FIELD, min_size=1, max_size=3)), max_size=5
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 9),
)
def test_parses_events_however_the_bytes_are_split(sent: list, newline: str, size: int) -> None:
    text = "".join(
        newline.join([": a comment", f"event:{kind}", *(f"data: {line}" for line in lines), "", ""])
        for kind, lines in sent
    )
    raw = ("\ufeff" + text + "data: cut off").encode()
    chunks = [raw[start : start + size] for start in range(0, len(raw), size)]
    assert parsed(*chunks) == [(kind, "\n".join(lines)) for kind, lines in sent]


@given(st.binary(max_size=40), st.integers(1, 7))
def test_any_bytes_are_parsed_alike_however_they_are_split(raw: bytes, size: int) -> None:
    raw = (
        raw.replace(b"\x01", b"data:")
        .replace(b"\x02", b"\n\n")
        .replace(b"\x03", b"\r")
        .replace(b"\x04", b"\xef\xbb\xbf")
    )
    chunks = [raw[start : start + size] for start in range(0, len(raw), size)]
    assert parsed(*chunks) == parsed(raw)


@pytest.mark.parametrize(
    ("chunks", "events"),
    [
        ([b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n"], [("message", "a\nb")]),
        ([b"data: a\r", b"\r"], [("message", "a")]),
        ([b"data\n\n"], [("message", "")]),
        ([b"data: a\n", b"", b"\n"], [("message", "a")]),
        ([b"event: end\n\ndata: a\n\n"], [("message", "a")]),
        ([b"\xef\xbb", b"\xbfdata: a\n\n"], [("message", "a")]),
        ([b"data: \xef\xbb\xbfa\n\n"], [("message", "\ufeffa")]),
        ([b"data: \xff\xc3\n\n"], [("message", "\ufffd\ufffd")]),
        ([b"data: \xc3", b"\xa9\n\n"], [("message", "é")]),
        ([b"data: a\ndata: b"], []),
    ],
    ids=["CR LF in two chunks", "CR alone", "no data", "an empty chunk", "no data lines", "a mark in two chunks",
         "a mark within", "invalid UTF-8", "a character in two chunks", "cut off"],
)  # fmt: skip
def test_events_follow_the_specification(chunks: list[bytes], events: list[tuple[str, str]]) -> None:
    assert parsed(*chunks) == events


@pytest.mark.parametrize("chunk", [b"a" * 256, b"data: " + b"a" * 250 + b"\n"], ids=["a long line", "many lines"])
def test_the_work_grows_with_the_size_of_the_stream(chunk: bytes) -> None:
    def allocated(count: int) -> int:
        """Parse an event of this many chunks, and return the sum of the bytes that each chunk allocated at most."""
        parser, total = EventParser(DEFAULT_LIMITS), 0
        for _ in range(count):
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            assert not list(parser.feed(chunk))
            total += tracemalloc.get_traced_memory()[1] - before
        return total

    tracemalloc.start()
    try:
        assert allocated(4_000) <= 3 * allocated(2_000)
    finally:
        tracemalloc.stop()


def test_an_event_of_one_data_line_takes_one_step() -> None:
    chunk, parser = b'data: {"type": "token"}\n\n' * 1_000, EventParser(DEFAULT_LIMITS)
    with counted_steps(event_stream.__file__) as steps:
        assert len(list(parser.feed(chunk))) == 1_000
        assert steps.total() <= 1_010


def test_a_piece_of_a_line_takes_one_step() -> None:
    parser = EventParser(DEFAULT_LIMITS)
    with counted_steps(event_stream.__file__) as steps:
        for _ in range(1_000):
            parser.feed(b"x")
        assert steps.total() == 1_000


def test_a_long_line_is_held_as_bytes_and_as_text_only() -> None:
    piece, parser = b"x" * 1_400, EventParser(DEFAULT_LIMITS)
    tracemalloc.start()
    try:
        for chunk in (b"data: ", *[piece] * 1_000):
            parser.feed(chunk)
        [event] = parser.feed(b"\n\n")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= 2.2 * len(event.data)


@pytest.mark.parametrize("size", [1, 30, 1_000], ids=["bytes", "pieces", "one chunk"])
def test_events_of_one_line_and_of_several_follow_each_other(size: int) -> None:
    raw = b"data: a\n\ndata: b\n\nevent: end\ndata: c\n\ndata: d\ndata: e\n\n\ndata: f\n\ndata: g\n\n: end\n"
    chunks = [raw[start : start + size] for start in range(0, len(raw), size)]
    expected = [("message", "a"), ("message", "b"), ("end", "c"), ("message", "d\ne")]
    assert parsed(*chunks) == [*expected, ("message", "f"), ("message", "g")]
