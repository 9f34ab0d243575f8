"""Decoding: what a later API adds raises no error and is not lost."""

from __future__ import annotations

import enum
import importlib
import pkgutil
import threading
import types
import typing
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
import pytest
from fastapi import Body, FastAPI
from fastapi.testclient import TestClient
from forged_api import forged_api
from hypothesis import given, strategies as st
from support import examples

from heygen_async import AsyncHeyGen, types as models
from heygen_async._http.decoding import BlankResultError, ResponseDecoder, data_decoder, page_decoder, resources_decoder
from heygen_async._http.response import Response
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.base import OpenEnum, ResponseStruct
from heygen_async.types.videos import AvatarVideo, Video, VideoStatus


def response_structs() -> list[type[ResponseStruct]]:
    """Return every struct of a response."""
    found: dict[str, type[ResponseStruct]] = {}
    for module in pkgutil.iter_modules(models.__path__):
        for value in vars(importlib.import_module(f"heygen_async.types.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, ResponseStruct) and value is not ResponseStruct:
                found[f"{value.__module__}.{value.__name__}"] = value
    return [found[name] for name in sorted(found)]


def decode(decoder: ResponseDecoder[Any], response: Response) -> Any:
    """Decode in the typed pass, also a struct without a value."""
    try:
        return decoder(response)
    except BlankResultError as blank:
        return blank.result


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
#: What a later version of the API may say where this one knows a few words.
WORDS = st.text("abcdefghijklmnopqrstuvwxyz_ 0123456789", min_size=1, max_size=12)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Draw JSON that the documented type allows, and unknown enum values."""
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return values(typing.get_args(kind)[0])
    if origin in {typing.Union, types.UnionType}:
        return st.one_of([values(part) for part in typing.get_args(kind)])
    if origin is list:
        return st.lists(values(typing.get_args(kind)[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(st.text(max_size=5), values(typing.get_args(kind)[1]), max_size=2)
    if kind is Any:
        return JSON
    if kind in {type(None), msgspec.UnsetType}:
        return st.none()
    if issubclass(kind, ResponseStruct):
        return payloads(kind)
    if issubclass(kind, OpenEnum):
        return st.sampled_from([str(member) for member in kind]) | WORDS
    return {
        str: st.text(max_size=8),
        bytes: st.binary(max_size=8).map(lambda content: b64encode(content).decode()),
        bool: st.booleans(),
        int: st.integers(0, 2**40),
        float: st.floats(0, 1e6) | st.integers(0, 1000),
    }[kind]


@st.composite
def payloads(draw: st.DrawFn, struct: type[ResponseStruct]) -> dict[str, Any]:
    """Draw a response of this form: with nulls and missing fields where they are allowed, and with new fields."""
    config = struct.__struct_config__
    payload: dict[str, Any] = {} if config.tag_field is None else {config.tag_field: config.tag}
    for field in msgspec.structs.fields(struct):
        if field.required or draw(st.booleans()):
            payload[field.encode_name] = draw(values(field.type))
    known = {*payload, *(field.encode_name for field in msgspec.structs.fields(struct))}
    new = draw(st.dictionaries(WORDS.filter(lambda name: name not in known), JSON, max_size=2))
    return payload | new


def kept(found: Any, sent: Any) -> Iterator[tuple[Any, Any]]:
    """Every value of a struct beside what was sent for it."""
    if isinstance(found, ResponseStruct):
        for field in msgspec.structs.fields(type(found)):
            if field.encode_name in sent:
                yield from kept(getattr(found, field.name), sent[field.encode_name])
    elif isinstance(found, list):
        assert len(found) == len(sent)
        for one_found, one_sent in zip(found, sent, strict=True):
            yield from kept(one_found, one_sent)
    elif isinstance(found, dict):
        assert found.keys() == sent.keys()
        for name in found:
            yield from kept(found[name], sent[name])
    else:
        yield found, sent


def response(body: object) -> Response:
    return Response("GET", "/v3/things", 200, {}, msgspec.json.encode(body), 1, 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("struct", response_structs(), ids=lambda struct: struct.__qualname__)
@examples(10)
@given(data=st.data())
def test_response_of_a_later_api_is_decoded_completely(struct: type[ResponseStruct], data: st.DataObject) -> None:
    payload = data.draw(payloads(struct))
    whole = {"data": payload, "new_beside_data": 1, "error": None}
    found = decode(data_decoder(struct), response(whole))
    for value, sent in kept(found, payload):
        assert value == (b64decode(sent) if isinstance(value, bytes) else sent)
        if isinstance(value, OpenEnum):
            assert value.is_known == (sent in set(type(value)))
    assert response(whole).json() == whole
    assert repr(found).startswith(struct.__name__)
    page = {"data": [payload], "has_more": True, "next_token": "t", "new": None}
    assert decode(page_decoder(struct), response(page)).data == [found]
    older = {"data": {"resources": [payload], "next_cursor": None, "new": {}}}
    assert decode(resources_decoder(struct), response(older)).data.resources == [found]


def test_every_response_struct_is_tested() -> None:
    assert len(response_structs()) > 70
    assert all(field.type is not object for struct in response_structs() for field in msgspec.structs.fields(struct))


def test_response_structs_have_no_closed_enum_or_literal() -> None:
    """A Literal, or an Enum of another kind, would refuse what the API says next year."""

    def parts(kind: Any) -> Iterator[Any]:
        yield kind
        for part in typing.get_args(kind):
            yield from parts(part)

    for struct in response_structs():
        for field in msgspec.structs.fields(struct):
            for part in parts(field.type):
                assert typing.get_origin(part) is not Literal
                assert not (isinstance(part, type) and issubclass(part, enum.Enum)) or issubclass(part, OpenEnum)


def test_fastapi_sends_and_accepts_structs() -> None:
    app = FastAPI()

    @app.post("/videos")
    async def create(body: Annotated[AvatarVideo, Body()]) -> list[Video]:
        return [Video(id=body.avatar_id, status=VideoStatus("new"))]

    web = TestClient(app)
    good = {"type": "avatar", "avatar_id": "avatar_1", "engine": {"type": "avatar_v"}}
    assert web.post("/videos", json=good).json() == [Video(id="avatar_1", status=VideoStatus("new")).to_dict()]
    wrong = web.post("/videos", json={"type": "avatar", "script": "Hi."})
    assert (wrong.status_code, "missing required field `avatar_id`" in wrong.text) == (422, True)
    assert web.get("/openapi.json").status_code == 200


async def test_new_field_is_available_in_the_raw_response(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    await client.users.me()
    assert client.last_response is not None
    raw = client.last_response.json()
    assert isinstance(raw, dict)
    assert raw["data"]["username"]


@pytest.mark.parametrize(("size", "in_loop"), [(10, True), (10_000, False)])
async def test_only_a_large_response_of_another_form_is_decoded_in_a_thread(
    size: int, in_loop: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode_leniently, threads = ResponseDecoder.decode_leniently, []

    def recorded(*arguments: Any) -> Any:
        threads.append(threading.current_thread())
        return decode_leniently(*arguments)

    monkeypatch.setattr(ResponseDecoder, "decode_leniently", recorded)
    async with forged_api() as (api, client):
        api.give({"data": [{"voice_id": 5}] * size})
        voices = await client.voices.list()
    assert (len(voices), voices[-1].voice_id) == (size, "5")
    assert [thread is threading.current_thread() for thread in threads] == [in_loop]
