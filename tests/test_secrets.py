"""Secrets that are planted in failing operations appear in no message, log, local variable or pickle of the SDK.

A server fails every request in one of many ways. It repeats the key and the request in every part of its response.
`HEYGEN_ASYNC_SECRETS` sets the number of operations (`nox -s soak -- secrets` performs 3,000); `HEYGEN_ASYNC_SEED`
draws others.
"""

from __future__ import annotations

import base64
import copy
import json
import logging
import os
import pickle
import random
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from operator import attrgetter
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote

import aiohttp.web
import pytest
import pytest_asyncio
from forged_api import forged_api, served
from support import PNG, QUICK

from heygen_async import AsyncHeyGen, HeyGenError, OAuthClient, OAuthTokens, WebhookReceiver
from heygen_async.operations import Operation, operations
from heygen_async.webhooks import verify

COUNT = int(os.environ.get("HEYGEN_ASYNC_SECRETS", "150"))
SEED = os.environ.get("HEYGEN_ASYNC_SEED", "")
PLANTED = {
    "key": "sk_V2_hgu_kQx8/ab+cd=planted",
    "rotated": "sk_V3_hgu_rot8/ab+cd=planted",
    "access": "oat_7hG/tt+zz=planted",
    "refresh": "ort_9kL/vv+yy=planted",
    "webhook": "whsec_4mN/ww+xx=planted",
    "password": "Pw2passwordplanted",
    "query": "Sg5signatureplanted",
    "fragment": "Fr6fragmentplanted",
}
URL = "https://user:{password}@files.example.com/a.mp4?sig={query}#{fragment}".format(**PLANTED)
STATUSES = (200, 302, 307, 400, 401, 402, 403, 404, 409, 410, 413, 422, 429, 500, 502, 503)
FIELDS = ("code", "message", "param", "doc_url", "detail", "errors")


def forms(secret: str) -> set[str]:
    """Return a secret as it is, percent-encoded, escaped in JSON and in Base64."""
    encoded = base64.b64encode(secret.encode()).decode()
    return {secret, quote(secret, safe=""), secret.replace("/", "\\/"), encoded}


#: What no output may contain: each form, without the end of Base64 that depends on the text after it.
FORMS = {form[:24]: name for name, secret in PLANTED.items() for form in forms(secret)}


class EchoServer:
    """Fails every request, and repeats what it contained; each response is drawn anew."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.url = ""

    def echo(self, request: aiohttp.web.Request, body: str) -> tuple[str, str]:
        """Return the request, with one form of each secret of its client; and one secret."""
        sent = f"{body} {dict(request.headers)} {request.path}".replace("\n", " ")
        held = [
            name
            for name in ("key", "rotated", "access", "refresh")
            if any(form in sent for form in forms(PLANTED[name]))
        ]
        held += ["refresh"] if "access" in held else [] if held else ["query"]
        echoed = " ".join(self.random.choice(sorted(forms(PLANTED[name]))) for name in held)
        return f"invalid: {sent} {echoed} {URL}", PLANTED[held[0]]

    async def handle(self, request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        draw, body = self.random, (await request.read()).decode("utf-8", "replace")[:300]
        if draw.random() < 0.1:
            request.transport.abort()  # type: ignore[union-attr]
            return aiohttp.web.Response()
        echo, secret = self.echo(request, body)
        headers = {"X-Request-Id": secret, "Retry-After": "0", "Connection": "close"}
        status = draw.choice(STATUSES)
        if status in {302, 307}:
            secret = "moved" if secret == PLANTED["query"] else secret  # a path is shown
            headers["Location"] = draw.choice([URL, f"{self.url}/v3/{quote(secret, safe='')}", "https://["])
        content = draw.choice([self.json_error, self.html, self.broken, self.wrong_form])(echo)
        return aiohttp.web.Response(body=content, status=status, headers=headers)

    def json_error(self, echo: str) -> bytes:
        error = {name: echo for name in FIELDS if self.random.random() < 0.6}
        return json.dumps({"error": {"code": "invalid", **error}, echo: [echo, {"a": echo}]}).encode()

    def html(self, echo: str) -> bytes:
        return f"<html><title>{echo}</title><body>{echo}</body></html>".encode()

    def broken(self, echo: str) -> bytes:
        return json.dumps({"data": {"id": "v_1", "title": echo}}).encode()[:-3]

    def wrong_form(self, echo: str) -> bytes:
        failed = {"status": "failed", "failure_message": echo, "failure_code": echo, "error": {"message": echo}}
        data = self.random.choice([{"id": 7, "status": echo}, [echo], 7, {"id": "v", **failed}, {"items": [echo]}])
        return json.dumps({"data": data, "has_more": True, "next_token": echo}).encode()


@asynccontextmanager
async def echo_server(seed: str) -> AsyncIterator[EchoServer]:
    server = EchoServer(seed)
    async with served(server.handle) as server.url:
        yield server


@pytest_asyncio.fixture
async def echo() -> AsyncIterator[EchoServer]:
    async with echo_server(SEED) as server:
        yield server


def sample(
    schema: Mapping[str, Any], root: Mapping[str, Any], draw: random.Random, depth: int = 0, name: str = ""
) -> Any:
    """Return a value of a schema, or now and then of another type; texts are URLs with secrets."""
    if "$ref" in schema:
        return sample(root["$defs"][schema["$ref"].rpartition("/")[2]], root, draw, depth, name)
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return sample(draw.choice(schema[union]), root, draw, depth, name)
    if "enum" in schema or "const" in schema:
        return draw.choice(schema.get("enum") or [schema.get("const")])
    kind = schema.get("type", "object")
    if depth > 6 or (depth and not name.endswith("id") and draw.random() < 0.03):
        return draw.choice([URL, [URL], {"url": URL}])
    if kind == "object":
        required = schema.get("required", ())
        return {
            name: sample(inner, root, draw, depth + 1, name)
            for name, inner in schema.get("properties", {}).items()
            if name in required or draw.random() < 0.3
        }
    if kind == "array":
        return [sample(schema.get("items", {"type": "string"}), root, draw, depth + 1, name)]
    text = "v_123" if name.removesuffix("s").endswith("id") else draw.choice([URL, "text"])
    return {"string": text, "integer": 3, "number": 1.5, "boolean": True}.get(kind)


def exceptions(error: BaseException | None, found: dict[int, BaseException]) -> dict[int, BaseException]:
    """Return an exception with all its causes and contexts."""
    if error is not None and id(error) not in found:
        found[id(error)] = error
        for other in (error.__cause__, error.__context__, *getattr(error, "exceptions", ())):
            exceptions(other, found)
    return found


def frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Yield the frames of a traceback but those of this file, which plants the secrets."""
    return (entry for entry in traceback.walk_tb(error.__traceback__) if entry[0].f_code.co_filename != __file__)


def texts(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield everything that an exception shows, each with its name."""
    for one in exceptions(error, {}).values():
        name = type(one).__name__
        yield f"str({name})", str(one)
        yield f"repr({name})", repr(one)
        yield f"vars({name})", repr(vars(one))
        yield (
            f"traceback of {name}",
            "".join(
                traceback.StackSummary.extract(frames(one), capture_locals=True).format()  # type: ignore[arg-type]
            ),
        )
        for frame, _ in frames(one):
            if str(frame.f_globals.get("__name__", "")).startswith("heygen_async"):
                for variable, value in frame.f_locals.items():
                    yield f"{frame.f_code.co_qualname}: {variable}", f"{value!r} {value}"
    vars(error).pop("job", None)  # a struct keeps its whole URLs, as data
    yield "pickle", pickle.dumps(error).decode("utf-8", "replace")
    yield "deepcopy", repr(vars(copy.deepcopy(error)))


def leaks(shown: Iterator[tuple[str, str]]) -> list[str]:
    return [
        f"{name} shows {FORMS[form]}: {text[max(text.find(form) - 60, 0) :][:160]}"
        for name, text in shown
        for form in FORMS
        if form in text
    ]


async def leaks_of(call: Callable[[], Any]) -> list[str]:
    """Return what the failure of a call shows; nothing if the call succeeds."""
    try:
        pending = call()
        await pending if isinstance(pending, Awaitable) else None
    except Exception as error:
        return leaks(texts(error))
    return []


@asynccontextmanager
async def clients(url: str) -> AsyncIterator[list[AsyncHeyGen]]:
    """Clients with a key, with a function that returns keys, and with tokens."""
    tokens = OAuthTokens(access_token=PLANTED["access"], refresh_token=PLANTED["refresh"], client_id="app")
    options: dict[str, Any] = {"base_url": url, "max_retries": 1, "retry": QUICK, "wait_timeout": 0.05, "poll": QUICK}
    opened = [
        AsyncHeyGen(PLANTED["key"], **options),
        AsyncHeyGen(PLANTED["key"], strict=True, **options),
        AsyncHeyGen(lambda: PLANTED["rotated"], **options),
        AsyncHeyGen(auth=tokens, **options),
    ]
    try:
        yield opened
    finally:
        for client in opened:
            await client.aclose()


def other_calls(client: AsyncHeyGen, url: str, folder: Path) -> list[Callable[[], Any]]:
    """Return the calls that are no operations of the catalog: transfers, waits, the sign-in."""
    presigned = f"{url.replace('//', '//user:{password}@')}/a.mp4?sig={{query}}#{{fragment}}".format(**PLANTED)
    oauth = OAuthClient("app", "https://example.com/callback", base_url=url)
    request = oauth.authorize()
    callback = f"https://example.com/callback?code={PLANTED['query']}&state={request.state}"

    async def stream() -> None:
        async with client.open_stream(presigned) as opened:
            async for _ in opened:
                pass

    async def events() -> None:
        async for _ in client.avatar_realtime.words("stream_1"):
            pass

    return [
        lambda: client.download(presigned, folder / "a.mp4"),
        lambda: client.download_many([(presigned, folder / "b.mp4")]),
        stream,
        events,
        lambda: client.assets.upload(PNG),
        lambda: client.wait_for_video("v_1"),
        lambda: client.video_agents.create_and_wait(prompt="A tour", files=[URL], callback_url=URL),
        lambda: client.request("POST", "/v3/none", json={"url": URL}, query={"text": "planted"}),
        lambda: oauth.exchange(request, callback),
    ]


def arguments_of(operation: Operation, draw: random.Random) -> Any:
    schema = operation.input_schema
    return sample({"type": "object", **{name: value for name, value in schema.items() if name != "$ref"}}, schema, draw)


async def perform(operation: Operation, client: AsyncHeyGen, arguments: Any, how: str) -> Any:
    if how == "catalog":
        return await operation.call(client, arguments)
    ids, keywords = operation.input.parse(arguments)
    result = attrgetter(operation.path)(client)(*ids, **keywords)
    return [item async for item in result] if how == "items" and operation.paginated else await result


async def test_failing_operations_show_no_secret(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    draw = random.Random(SEED)
    found: list[str] = []
    async with echo_server(SEED) as server, clients(server.url) as opened_clients:
        every = list(operations().values())
        for number in range(COUNT):
            client = opened_clients[number % len(opened_clients)]
            if number % 8 == 0:
                call = draw.choice(other_calls(client, server.url, tmp_path))
            else:
                operation, how = draw.choice(every), draw.choice(["catalog", "method", "items"])
                arguments = arguments_of(operation, draw)
                call = lambda o=operation, c=client, a=arguments, h=how: perform(o, c, a, h)  # noqa: E731
            found += [f"{number} {leak}" for leak in await leaks_of(call)]
    found += leaks(iter([("the log", caplog.text), *zip(("stdout", "stderr"), capsys.readouterr(), strict=True)]))
    assert not found, f"{len(found)} leaks; the first:\n" + "\n".join(found[:20])


@pytest.mark.parametrize(
    "make",
    [
        lambda: AsyncHeyGen(f"{PLANTED['key']}\n"),
        lambda: AsyncHeyGen(f"{PLANTED['key']}é"),
        lambda: AsyncHeyGen(PLANTED["key"], base_url="https://user:{password}@example.com".format(**PLANTED)),
        lambda: AsyncHeyGen(PLANTED["key"], base_url="https://user:{password}@[".format(**PLANTED)),
        lambda: AsyncHeyGen(PLANTED["key"], base_url="https://user:{password}".format(**PLANTED)),
        lambda: AsyncHeyGen(PLANTED["key"], base_url="ftp://user:{password}@example.com?{query}".format(**PLANTED)),
        lambda: AsyncHeyGen(PLANTED["key"], max_retries=-1),
        lambda: AsyncHeyGen(PLANTED["key"], headers={"Authorization": f"{PLANTED['key']}\n"}),
        lambda: OAuthTokens(access_token=f"{PLANTED['access']} ", refresh_token=PLANTED["refresh"]),
        lambda: OAuthClient("app", "http://user:{password}@example.com/?{query}".format(**PLANTED)),
        lambda: WebhookReceiver(PLANTED["webhook"], queue_size=0),
        lambda: verify(b"{}", {"Heygen-Signature": PLANTED["webhook"]}, PLANTED["webhook"]),
    ],
)
async def test_rejected_arguments_are_not_shown(make: Callable[[], object]) -> None:
    with pytest.raises(HeyGenError) as caught:
        make()
    assert leaks(texts(caught.value)) == []


def test_objects_show_no_secret_that_they_hold() -> None:
    tokens = OAuthTokens(access_token=PLANTED["access"], refresh_token=PLANTED["refresh"], client_id="app")
    receiver = WebhookReceiver([PLANTED["webhook"]])
    receiver.add_secret(PLANTED["rotated"])
    client, signed_in = AsyncHeyGen(PLANTED["key"]), AsyncHeyGen(auth=tokens)
    source = AsyncHeyGen(lambda: PLANTED["key"])
    secret = client._transport.options.api_key
    shown = [client, vars(client), client._transport.options, client._transport._headers, secret, vars(secret)]
    shown += [receiver, vars(receiver), tokens, signed_in, vars(signed_in._transport.shared_state.credentials)]
    shown += [vars(source._transport.shared_state.credentials), secret.mask.text(PLANTED["key"]), vars(secret.mask)]
    assert leaks((type(one).__name__, f"{one!r} {one}") for one in shown) == []
    for travel in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled"):
            travel(secret)


async def test_frames_of_the_program_stay_in_a_traceback(echo: EchoServer) -> None:
    def hook(info: object) -> None:
        raise LookupError(info)

    async with AsyncHeyGen(PLANTED["key"], base_url=echo.url, on_request=hook) as client:
        with pytest.raises(LookupError) as caught:
            await client.videos.get("v_1")
    names = [frame.f_code.co_name for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert names[-1] == "hook"
    assert [name for name in names if name in {"_attempt", "send", "get"}] == []


async def test_error_of_another_package_says_where_it_was_raised(echo: EchoServer) -> None:
    async with AsyncHeyGen(PLANTED["key"], base_url=echo.url) as client:
        with pytest.raises(TypeError) as caught:
            await client.download_many(7)  # type: ignore[arg-type]
    assert "Raised in " in caught.value.__notes__[0]
    assert ".py:" in caught.value.__notes__[0]


async def test_short_key_masks_nothing() -> None:
    async with forged_api() as (api, client):  # its key is "key"
        api.give({"error": {"code": "invalid_key", "message": "The key is missing."}}, status=400)
        with pytest.raises(HeyGenError, match=r"invalid_key: The key is missing\."):
            await client.users.me()
