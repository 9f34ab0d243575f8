"""Responses that exceed a limit: each is a typed error, and the client reads no further."""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from endless_api import CHUNKED, GZIP, JSON, EndlessApi, bomb, endless_api, endless_head, response
from support import QUICK, tasks

from heygen_async import (
    AmbiguousTooLargeError,
    APIConnectionError,
    AsyncHeyGen,
    BadRequestError,
    DownloadError,
    Limits,
    OAuthClient,
    OAuthTokens,
    ResponseTooLargeError,
    ServerError,
)
from heygen_async.types.videos import AvatarVideo

MIB = 1 << 20
LIMITS = Limits(json_body=MIB, error_body=MIB // 2, event=MIB, event_line=MIB // 2)
BUFFERED = 16 * MIB  # that the operating system may hold between the server and the client
SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")
CREATED = b'{"data": {"video_id": "v_1", "status": "pending", "title": "'
CLIPPED = b'{"data": {"job_id": "clip_1", "title": "'
CHUNK = b"1000\r\n" + b"a" * 4096 + b"\r\n"
ENDLESS_BODIES = {
    "to the end of the connection": lambda: response(JSON, repeat=b"a"),
    "in chunks": lambda: response(JSON, CHUNKED, repeat=CHUNK),
    "of a length": lambda: response(JSON, b"Content-Length: 1000000000000\r\n", repeat=b"a"),
    "a gzip bomb": lambda: response(JSON, GZIP, begin=bomb(64 * MIB), repeat=b"\0"),
    "a deflate bomb": lambda: response(JSON, b"Content-Encoding: deflate\r\n", begin=bomb(64 * MIB, 15), repeat=b"\0"),
}
ENDLESS_HEADS = {
    "one line": lambda: iter([b"HTTP/1.1 200 OK\r\nX-A: ", *[b"a" * 4096] * 20_000]),
    "many lines": lambda: endless_head(b"X-A: a\r\n"),
    "a reason": lambda: iter([b"HTTP/1.1 200 ", *[b"a" * 4096] * 20_000]),
    "a name": lambda: iter([b"HTTP/1.1 200 OK\r\n", *[b"a" * 4096] * 20_000]),
}


@pytest.fixture
async def served() -> AsyncGenerator[tuple[EndlessApi, AsyncHeyGen]]:
    before = tasks()
    async with endless_api(limits=LIMITS) as (api, client):
        yield api, client
        await api.ended()
        assert api.closed_by_client == len(api.requests)
        assert api.sent < BUFFERED * len(api.requests)
    assert tasks() <= before


@pytest.mark.parametrize("form", ENDLESS_BODIES)
async def test_a_body_over_the_limit_is_an_error(served: tuple[EndlessApi, AsyncHeyGen], form: str) -> None:
    api, client = served
    api.make = ENDLESS_BODIES[form]
    with pytest.raises(
        ResponseTooLargeError, match=rf"GET /v3/users/me: the body .* limits.json_body \({MIB} "
    ) as caught:
        await client.users.me()
    assert (len(api.requests), caught.value.status, len(caught.value.body)) == (1, 200, LIMITS.error_body)


@pytest.mark.parametrize("form", ENDLESS_HEADS)
async def test_a_head_over_the_limit_is_an_error(served: tuple[EndlessApi, AsyncHeyGen], form: str) -> None:
    api, client = served
    api.make = ENDLESS_HEADS[form]
    with pytest.raises(ResponseTooLargeError, match=r"GET /v3/users/me: the head .* limits.header"):
        await client.users.me()
    assert len(api.requests) == 1


@pytest.mark.parametrize(("status", "kind"), [(b"400 Bad", BadRequestError), (b"500 Bad", ServerError)])
async def test_the_beginning_of_an_error_body_is_kept(
    served: tuple[EndlessApi, AsyncHeyGen], status: bytes, kind: type[ServerError]
) -> None:
    api, client = served
    api.make = lambda: response(JSON, status=status, begin=b"<title>Sorry</title>", repeat=b"a")
    with pytest.raises(kind, match="Sorry") as caught:
        await client.with_options(max_retries=0).users.me()
    assert len(caught.value.body) == LIMITS.error_body


async def test_a_body_of_just_the_limit_is_read() -> None:
    async with endless_api(limits=LIMITS) as (api, client):
        name = b"a" * (MIB - len(b'{"data": {"username": ""}}'))
        body = b'{"data": {"username": "%b"}}' % name
        for head, sent in (
            ([b"Content-Length: %d\r\n" % MIB], body),
            ([CHUNKED], b"%x\r\n%b\r\n0\r\n\r\n" % (MIB, body)),
            ([GZIP, CHUNKED], b"%x\r\n%b\r\n0\r\n\r\n" % (len(gzip.compress(body)), gzip.compress(body))),
        ):
            api.make = lambda head=head, sent=sent: response(JSON, *head, begin=sent)
            assert (await client.users.me()).username == name.decode()
        assert api.connections == 1


async def test_a_large_response_to_a_billable_request_says_which_job_exists(
    served: tuple[EndlessApi, AsyncHeyGen],
) -> None:
    api, client = served
    api.make = lambda: response(JSON, begin=CREATED, repeat=b"a")
    with pytest.raises(ResponseTooLargeError, match="accepted the request and may charge") as caught:
        await client.videos.create(SCRIPT)
    assert "video_id v_1" in "".join(caught.value.__notes__)
    assert caught.value.idempotency_key
    assert len(api.requests) == 1


async def test_a_large_response_without_a_key_is_ambiguous(served: tuple[EndlessApi, AsyncHeyGen]) -> None:
    api, client = served
    api.make = lambda: response(JSON, begin=CLIPPED, repeat=b"a")
    with pytest.raises(AmbiguousTooLargeError, match=r"ai_clipping.list\(\) shows") as caught:
        await client.ai_clipping.create(video={"type": "url", "url": "https://example.com/a.mp4"})
    assert "clip_1" in "".join(caught.value.__notes__)
    assert len(api.requests) == 1


async def test_a_large_head_of_a_response_without_a_key_is_ambiguous(served: tuple[EndlessApi, AsyncHeyGen]) -> None:
    api, client = served
    api.make = ENDLESS_HEADS["one line"]
    with pytest.raises(AmbiguousTooLargeError, match=r"ai_clipping.list\(\) shows"):
        await client.ai_clipping.create(video={"type": "url", "url": "https://example.com/a.mp4"})
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("limit", "begin", "repeat"),
    [
        ("event_line", b"data: ", b"a"),
        ("event_line", b": a comment ", b"\0"),
        ("event", b"", b"data: a\n"),
        ("event", b"", b"data\r"),
    ],
    ids=["line", "comment", "event", "empty lines"],
)
async def test_a_line_and_an_event_of_a_stream_have_limits(
    served: tuple[EndlessApi, AsyncHeyGen], limit: str, begin: bytes, repeat: bytes
) -> None:
    api, client = served
    first = b'data: {"words": [{"word": "Well.", "start": 0, "end": 1}]}\n\n'
    api.make = lambda: response(
        b"Content-Type: text/event-stream\r\n", begin=b"event: words\n" + first + begin, repeat=repeat
    )
    words = []
    with pytest.raises(ResponseTooLargeError, match=f"limits.{limit} "):
        async for word in client.avatar_realtime.words("stream_1"):
            words.append(word.word)
    assert (words, len(api.requests)) == (["Well."], 1)


async def test_an_endless_event_of_a_paid_stream_is_ambiguous(served: tuple[EndlessApi, AsyncHeyGen]) -> None:
    api, client = served
    api.make = lambda: response(GZIP, begin=bomb(64 * MIB), repeat=b"\0")
    with pytest.raises(AmbiguousTooLargeError, match="charged"):
        async for _ in client.models.stream_speech(text="Well.", voice_id="voice_0001"):
            pass
    assert len(api.requests) == 1


async def test_a_legacy_response_has_the_limits_of_the_client(served: tuple[EndlessApi, AsyncHeyGen]) -> None:
    api, client = served
    api.make = ENDLESS_BODIES["in chunks"]
    with (
        pytest.warns(DeprecationWarning, match="ended v1 and v2"),
        pytest.raises(ResponseTooLargeError, match="limits.json_body"),
    ):
        await client.legacy.videos.status("video_1")


async def test_a_head_of_a_file_store_over_the_limit_ends_the_download(
    served: tuple[EndlessApi, AsyncHeyGen], tmp_path: Path
) -> None:
    api, client = served
    api.make = ENDLESS_HEADS["many lines"]
    with pytest.raises(DownloadError, match=r"the head .* limits.header"):
        await client.download(f"{api.url}/video.mp4", tmp_path / "video.mp4")
    assert (len(api.requests), list(tmp_path.iterdir())) == (1, [])


@pytest.mark.parametrize("form", ["body", "error body", "head"])
async def test_a_response_of_the_token_endpoint_has_limits(served: tuple[EndlessApi, AsyncHeyGen], form: str) -> None:
    api, _ = served
    api.make = {
        "body": ENDLESS_BODIES["a gzip bomb"],
        "error body": lambda: response(JSON, status=b"400 Bad", begin=b'{"error": "', repeat=b"planted_ort"),
        "head": ENDLESS_HEADS["many lines"],
    }[form]
    tokens = OAuthTokens(access_token="planted_oat", refresh_token="planted_ort", client_id="abc")
    with pytest.raises(ResponseTooLargeError if form != "error body" else Exception) as caught:
        await OAuthClient("abc", "http://127.0.0.1/", base_url=api.url).refresh(tokens)
    assert "planted" not in repr(vars(caught.value)) + str(caught.value)
    assert len(api.requests) == 1


async def test_a_switch_of_protocols_is_an_error_and_closes_its_connection() -> None:
    async with endless_api(max_retries=1, retry=QUICK) as (api, client):
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
        api.make = lambda: iter([head])
        with pytest.raises(APIConnectionError, match="101"):
            await client.users.me()
        await api.ended()
        assert (len(api.requests), api.connections) == (2, 2)
