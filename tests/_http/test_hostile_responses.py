"""Responses that no API would send: each is read, or is an error of the SDK, in time in proportion to its size."""

from __future__ import annotations

import json
import logging
import sys
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from forged_api import forged_api
from hypothesis import given, strategies as st

from heygen_async import HeyGenError
from heygen_async._http.decoding import data_decoder, page_decoder, resources_decoder
from heygen_async._http.endpoint import Endpoint
from heygen_async._http.lenient_decoding import convert
from heygen_async._http.response import Response
from heygen_async.operations import operations
from heygen_async.pagination import Page
from heygen_async.types import Session, Translation, Video, Voice

NAMES = sorted({
    name for operation in operations().values() for kind in [operation.return_type, *typing.get_args(operation.return_type)]
    for name in getattr(kind, "__struct_encode_fields__", ())
})  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(min_value=10**18, max_value=10**40), st.floats(),
    st.text(max_size=5), st.sampled_from(["", "12", "1e999", "0" * 5000, "2026-01-02T03:04:05Z", "9999-99-99", "NaN"]),
)  # fmt: skip
KEYS = st.sampled_from(["", "data", "error", "resources", "has_more", "next_token", "id", "type", *NAMES])
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=30
)
KINDS = [operation.return_type for operation in operations().values() if not operation.paginated]


@pytest.fixture(autouse=True)
def no_warnings(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="heygen_async")


@pytest.mark.parametrize("build", [data_decoder, page_decoder, resources_decoder])
@given(tree=TREES, method=st.sampled_from(["GET", "POST", "DELETE"]), index=st.integers(0, len(KINDS) - 1))
def test_any_json_is_read_or_is_an_error_of_the_sdk(build: Any, tree: Any, method: Any, index: int) -> None:
    kind = KINDS[index]
    if typing.get_origin(kind) is Page:
        kind = typing.get_args(kind)[0]
    response = Response(method, "/v3/things/thing_1", 200, {}, json.dumps(tree).encode(), 1, 0.0)
    try:
        result, drifts = build(kind).decode_leniently(response, Endpoint(method, "/v3/things/{thing_id}"))
    except HeyGenError:
        return
    assert "Drift" not in repr(result)
    assert all(str(drift) for drift in drifts)
    if build is data_decoder and hasattr(kind, "__struct_fields__"):
        assert isinstance(result, kind)


def nested(depth: int, opening: bytes, inner: bytes, closing: bytes) -> bytes:
    return b'{"data":' + opening * depth + inner + closing * depth + b"}"


def hostile_bodies() -> Iterator[bytes]:
    video = b'{"id": "video_1", "status": "completed"}'
    yield from (b"[" * (1 << 20), b'{"a":' * (1 << 17), b"[" * (1 << 19) + b"]" * (1 << 19))
    for depth in (50, 300, 450, 900, 960, 990, 2_000):
        for inner in (video, b"1"):
            yield nested(depth, b"[", inner, b"]")
            yield nested(depth, b'{"":', inner, b"}")
            yield nested(depth, b'{"data":', inner, b"}")
            yield nested(depth // 2, b'[{"data":', inner, b"}]")
        for field in (b"title", b"failure_message", b"duration"):
            yield b'{"data": {"id": "video_1", "%s": %s}}' % (field, b"[" * depth + b"]" * depth)
            yield b'{"data": {"id": "video_1", "%s": %s}}' % (field, b'{"":' * depth + b"1" + b"}" * depth)
    for number in (b"1" * 100_000, b'"%s"' % (b"1" * 100_000), b'"%s"' % (b"0" * 5000), b"1e400", b'"1e400"',
                   b"0." + b"1" * 100_000, b"-62135596801", b'"0001-01-01T00:00:00+23:59"', b'"\\ud800"'):  # fmt: skip
        for field in (b"id", b"created_at", b"duration", b"title", b"status"):
            yield b'{"data": {"id": "video_1", "%s": %s}}' % (field, number)


async def test_a_hostile_body_is_read_or_is_an_error_of_the_sdk() -> None:
    async with forged_api() as (api, client):
        for body in hostile_bodies():
            api.body = body
            for name, arguments in (("get_video", {"video_id": "video_1"}), ("list_videos", {})):
                try:
                    response = await operations()[name].call(client, arguments)
                except HeyGenError:
                    continue
                assert "data" in response


def wide(size: int) -> Any:
    return [{"id": f"video_{number}", "duration": {"seconds": number}} for number in range(size)]


SHAPES: list[tuple[str, Any, Callable[[int], Any]]] = [
    ("items that do not fit", list[Video], wide),
    ("empty items", list[Voice], lambda size: [{}] * size),
    ("lists in lists", list[Video], lambda size: [[[]]] * size),
    ("items in an object", list[Video], lambda size: {"a": {"b": wide(size)}}),
    ("objects without a field", Video, lambda size: {f"key_{number}": {"a": {"b": 1}} for number in range(size)}),
    ("wrapped items", list[Session], lambda size: [{"a": [{"b": {"c": {"status": 5}}}]} for _ in range(size)]),
    ("a long list in a field", Translation, lambda size: {"id": "a", "title": list(range(size))}),
    ("deep wrappers", Video, lambda size: json.loads('{"a":' * (size // 4) + "1" + "}" * (size // 4))),
]


@pytest.mark.parametrize(("name", "kind", "build"), SHAPES, ids=[name for name, *_ in SHAPES])
def test_the_work_grows_with_the_size_of_the_response(name: str, kind: Any, build: Callable[[int], Any]) -> None:
    def calls(size: int) -> int:
        tree, count = build(size), 0

        def trace(_frame: object, event: str, _argument: object) -> None:
            nonlocal count
            count += event in {"call", "c_call"}

        sys.setprofile(trace)
        try:
            convert(tree, kind)
        finally:
            sys.setprofile(None)
        return count

    calls(10)  # inspects the structs
    assert calls(800) <= 2.2 * calls(400) + 200
