"""No request makes the local HeyGen fail: mutations of the contract's bodies, of queries and of paths."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from contract_samples import OPERATIONS, valid_value
from hypothesis import given, strategies as st
from support import examples

from heygen_async.testing import HeyGenEmulator
from heygen_async.testing.legacy import account, avatars, videos

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20),
    st.sampled_from(["", "\ud800", "\0", "https://", "http://[", "0" * 64, -1, 0, 10**30, 1e308, "<break time='..s'/>"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
IDS = st.one_of(
    st.sampled_from(["template_0", "avatar_group_00", "avatar_0", "voice_0000"]),
    st.text(min_size=1, max_size=10),
)
LEGACY = sorted({**account.HANDLERS, **avatars.HANDLERS, **videos.HANDLERS})
LEGACY_BODIES: list[dict[str, Any]] = [
    {"video_inputs": [{"character": {"type": "avatar", "avatar_id": "avatar_1"}, "voice": {"type": "text", "voice_id": "voice_0001", "input_text": "x"}}]},
    {"image_key": "k", "script": "x", "voice_id": "voice_0001", "avatar_pose_id": "p", "input_text": "x", "prompt": "x", "video_id": "v"},
    {"video_url": "https://example.com/a.mp4", "output_language": "English", "session_id": "s", "text": "x", "url": "https://example.com"},
    {"name": "n", "image_key": "k", "group_id": "g", "image_keys": ["k"], "id": "i", "variables": {"first_name": {"type": "text"}}},
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[HeyGenEmulator]:
    with HeyGenEmulator(
        render_seconds=0, balance=1e12, record_requests=False, concurrency_limit=10_000, lenient=True
    ) as emulator:
        yield emulator


def nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place of a JSON value: a container, and the key or index in it."""
    if isinstance(value, dict | list):
        for key in range(len(value)) if isinstance(value, list) else value:
            yield value, key
            yield from nodes(value[key])


def mutate(draw: st.DrawFn, body: Any) -> Any:
    """Return the body with up to three places replaced, removed or filled."""
    body = json.loads(json.dumps(body))
    for _ in range(draw(st.integers(0, 3))):
        places = list(nodes(body))
        if not places:
            return draw(VALUES)
        container, key = draw(st.sampled_from(places))
        action = draw(st.sampled_from(["replace", "replace", "remove", "add"]))
        if action == "replace":
            container[key] = draw(VALUES)
        elif action == "remove":
            del container[key]
        elif isinstance(container, dict):
            container[draw(st.text(max_size=5))] = draw(VALUES)
        else:
            container.append(draw(VALUES))
    return body


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, Any]:
    """Draw the method, the address and the body of a request."""
    query: dict[str, str] = {}
    if draw(st.booleans()):
        operation = OPERATIONS[draw(st.sampled_from(sorted(OPERATIONS)))]
        method, path = operation["method"], operation["path"]
        for entry in operation["query"]:
            if entry.get("required") or draw(st.booleans()):
                query[entry["name"]] = draw(
                    st.sampled_from(["1", "0.5", "true", "x", "music", *entry.get("enum", [])]) | st.text(max_size=9)
                )
        body = None
        if operation["request"] is not None:
            body = mutate(
                draw, valid_value(operation["request"], full=draw(st.booleans()), pick=draw(st.integers(0, 9)))
            )
    else:
        method, path = draw(st.sampled_from(LEGACY))
        body = mutate(draw, draw(st.sampled_from(LEGACY_BODIES))) if method != "GET" else None
        for name in ("limit", "token", "video_id", "endpoint_id"):
            if draw(st.booleans()):
                query[name] = draw(st.sampled_from(["1", "-1", "x"]) | st.text(max_size=9))
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + quote(draw(IDS).encode("utf-8", "replace"), safe="") + rest.partition("}")[2]
    encoded = urlencode({name: value.encode("utf-8", "replace") for name, value in query.items()})
    return method, f"{path}?{encoded}", body


def status_of(server: HeyGenEmulator, method: str, address: str, body: bytes | None) -> int:
    with closing(HTTPConnection(urlsplit(server.url).netloc)) as connection:
        connection.request(method, address, body, {"X-Api-Key": server.key})
        return connection.getresponse().status


@examples(200)
@given(request=requests())
def test_no_request_makes_the_emulator_fail(request: tuple[str, str, Any], server: HeyGenEmulator) -> None:
    method, address, body = request
    assert status_of(server, method, address, None if body is None else json.dumps(body).encode()) < 500


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000, b"7", b"null", b'{"a":' * 900 + b"1" + b"}" * 900]
)
def test_no_body_makes_the_emulator_fail(body: bytes, server: HeyGenEmulator) -> None:
    paths = [
        "/v3/templates/template_0",
        "/v3/assets",
        *(path for method, path in LEGACY if method == "POST" and "{" not in path),
    ]
    for path in ["/v3/videos", "/v3/hyperframes/renders", *paths]:
        assert status_of(server, "POST", path, body) < 500, path


@pytest.mark.parametrize("value", ["Ada", None, [], 7, {"type": "text"}, {"type": "text", "properties": "Ada"}])
def test_a_template_variable_of_another_form_is_a_400(value: Any, server: HeyGenEmulator) -> None:
    body = json.dumps({"variables": {"first_name": value}}).encode()
    assert status_of(server, "POST", "/v3/templates/template_1", body) == 400
