"""Responses that deviate from the documented form: the result that a program gets from each."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from forged_api import forged_api

from heygen_async import AsyncHeyGen, DecodeError, InvalidJSONError, NotFoundError
from heygen_async._http import drift as reports
from heygen_async.types import AvatarVideo, ColorRoles, Video

VIDEO: dict[str, Any] = {"id": "video_1", "status": "completed", "created_at": 1767323045, "duration": 12.5}
REQUEST = AvatarVideo(avatar_id="avatar_1", script="Hello.", voice_id="voice_0001")


@pytest.fixture(autouse=True)
def nothing_logged_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "_logged", set())


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"created_at": "1767323045"}, "created_at", 1767323045),
        ({"created_at": 1767323045.25}, "created_at", 1767323045),
        ({"created_at": "2026-01-02T03:04:05Z"}, "created_at", 1767323045),
        ({"created_at": "2026-01-02T03:04:05"}, "created_at", 1767323045),
        ({"created_at": "2026-01-02T05:04:05+02:00"}, "created_at", 1767323045),
        ({"created_at": "yesterday"}, "created_at", "yesterday"),
        ({"created_at": [1767323045]}, "created_at", 1767323045),
        ({"duration": "12.5"}, "duration", 12.5),
        ({"duration": "12"}, "duration", 12.0),
        ({"duration": "NaN"}, "duration", "NaN"),
        ({"title": 2026}, "title", "2026"),
        ({"title": True}, "title", "true"),
        ({"title": {"text": "Tour"}}, "title", {"text": "Tour"}),
        ({"failure_message": {"reason": "too long"}}, "failure_message", {"reason": "too long"}),
        ({"status": 7}, "status", "7"),
        ({"status": None}, "status", None),
    ],
)
async def test_converts_a_value_of_another_type_or_keeps_it(changes: dict[str, Any], field: str, value: object) -> None:
    async with forged_api() as (api, client):
        api.give({"data": {**VIDEO, **changes}})
        video = await client.videos.get("video_1")
    assert isinstance(video, Video)
    assert getattr(video, field) == value
    assert type(getattr(video, field)) in {type(value), type(video.status)}
    for name in {"id", "status", "created_at", "duration"} - {field}:
        assert getattr(video, name) == VIDEO[name]


async def test_gives_a_numeric_id_as_text() -> None:
    async with forged_api() as (api, client):
        api.give({"data": {"video_id": 12345, "status": "pending"}})
        created = await client.videos.create(REQUEST)
    assert created.video_id == "12345"


async def test_reports_each_field_once_in_the_log_and_always_to_the_callback(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[list[str]] = []
    caplog.set_level(logging.WARNING, logger="heygen_async")
    async with forged_api(on_drift=lambda _, drifts: calls.append([drift.path for drift in drifts])) as (api, client):
        api.give({"data": {**VIDEO, "duration": "secret-value", "title": 5}})
        await client.videos.get("video_1")
        await client.videos.get("video_1")
        response = client.last_response
    assert calls == [["$.data.title", "$.data.duration"]] * 2 or calls == [["$.data.duration", "$.data.title"]] * 2
    assert response is not None
    assert {(drift.struct, drift.field, drift.received) for drift in response.drift} == {
        ("Video", "duration", "text"), ("Video", "title", "number"),
    }  # fmt: skip
    warnings = [record.getMessage() for record in caplog.records if "deviates" in record.getMessage()]
    assert len(warnings) == 2
    assert not any("secret-value" in warning for warning in warnings)


async def test_growth_is_no_drift() -> None:
    async with forged_api(strict=True) as (api, client):
        api.give({"data": {**VIDEO, "field_added_later": [1], "status": "rendering_in_space"}, "meta": {}})
        video = await client.videos.get("video_1")
        assert client.last_response is not None
        assert client.last_response.drift == ()
    assert (video.status, video.id) == ("rendering_in_space", "video_1")


@pytest.mark.parametrize("body", [{"data": {**VIDEO, "duration": "12"}}, VIDEO, {"data": [VIDEO]}])
async def test_a_strict_client_raises_where_another_form_came(body: Any) -> None:
    async with forged_api(strict=True) as (api, client):
        api.give(body)
        with pytest.raises(DecodeError, match="documented form") as caught:
            await client.videos.get("video_1")
    assert b"video_1" in caught.value.body


@pytest.mark.parametrize(
    "body",
    [VIDEO, {"data": [VIDEO]}, {"data": {"video": VIDEO}}, {"result": {"data": VIDEO}}, [VIDEO], {"data": "video_1"}],
)
async def test_finds_the_object_outside_its_envelope(body: Any) -> None:
    async with forged_api() as (api, client):
        api.give(body)
        video = await client.videos.get("video_1")
    assert video.id == "video_1"
    assert video.status == (None if body == {"data": "video_1"} else "completed")


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b'\xef\xbb\xbf{"data": {"id": "video_1", "title": "Tour"}}', "Tour"),
        ('{"data": {"id": "video_1", "title": "Tour"}}'.encode("utf-16"), "Tour"),
        (b'{"data": {"id": "video_1", "title": "Tour", "duration": NaN}}', "Tour"),
        (b'{"data": {"id": "video_1", "title": "Tour", "duration": -Infinity}}', "Tour"),
        (b'{"data": {"id": "video_1", "title": "Tour", "duration": 1e999}}', "Tour"),
        (b'{"data": {"id": "video_1", "title": "A", "title": "Tour"}}', "Tour"),
        (b'{"data": {"id": "video_1", "title": "T\xffur"}}', "T\N{REPLACEMENT CHARACTER}ur"),
        (b'{"data": {"id": "video_1", "title": "T\\ud800ur"}}', "T\N{REPLACEMENT CHARACTER}ur"),
        (b'{"data": {"id": "video_1", "title": "a\tb"}}', "a\tb"),
    ],
)
async def test_reads_json_as_it_really_arrives(body: bytes, title: str) -> None:
    async with forged_api() as (api, client):
        api.give(body)
        video = await client.videos.get("video_1")
    assert (video.id, video.title, video.duration) == ("video_1", title, None)


async def test_reads_the_json_of_errors_and_of_raw_requests_as_it_arrives() -> None:
    async with forged_api() as (api, client):
        api.give(b'\xef\xbb\xbf{"data": {"score": NaN, "title": "T\xffur"}}')
        assert await client.request("GET", "/v4/new") == {
            "data": {"score": None, "title": "T\N{REPLACEMENT CHARACTER}ur"}
        }
        api.give(b'\xef\xbb\xbf{"error": {"code": "not_found", "message": "No \xff."}}', status=404)
        with pytest.raises(NotFoundError) as caught:
            await client.videos.get("video_1")
        assert caught.value.code == "not_found"
        api.give(b"<html>")
        with pytest.raises(InvalidJSONError):
            await client.request("GET", "/v4/new")


@pytest.mark.parametrize("body", [b"<html><title>502</title></html>", b'{"data": {"id": "vid', b"", b"[" * 100_000])
async def test_a_body_that_is_no_json_is_an_error(body: bytes) -> None:
    async with forged_api() as (api, client):
        api.give(body)
        with pytest.raises(InvalidJSONError) as caught:
            await client.videos.get("video_1")
    assert caught.value.body == body


@pytest.mark.parametrize(
    ("status", "body"), [(200, b""), (204, b""), (200, b"{}"), (200, b'{"data": null}'), (200, b"null")]
)
async def test_an_empty_response_to_a_delete_is_a_success(status: int, body: bytes) -> None:
    async with forged_api() as (api, client):
        api.give(body, status=status)
        deleted = await client.videos.delete("video_1")
        opened = await client.podcasts.delete("podcast_1")
    assert deleted.id == "video_1"
    assert opened == {}


@pytest.mark.parametrize(
    "body", [{"data": {}}, {"data": None}, {}, {"data": {"status": "pending", "note": "video_9"}}, []]
)
async def test_a_create_without_its_id_is_an_error_with_everything(body: Any) -> None:
    async with forged_api() as (api, client):
        api.give(body, **{"X-Request-Id": "req_1"})
        with pytest.raises(DecodeError) as caught:
            await client.videos.create(REQUEST, idempotency_key="key_1")
    error = caught.value
    assert (error.status, error.request_id, error.idempotency_key) == (200, "req_1", "key_1")
    assert error.body == api.body
    assert "lacks video_id" in str(error)
    assert "may charge" in str(error)


async def test_one_bad_item_of_a_hundred_loses_no_item(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="heygen_async")
    items: list[Any] = [{"voice_id": f"voice_{n}", "name": "Ada", "language": "English"} for n in range(100)]
    items[41]["name"] = {"first": "Ada"}
    async with forged_api() as (api, client):
        api.give({"data": items, "has_more": False})
        voices = [voice async for voice in client.voices.list()]
    assert [voice.voice_id for voice in voices] == [f"voice_{n}" for n in range(100)]
    assert voices[41].name == {"first": "Ada"}  # type: ignore[comparison-overlap]  # as it came
    assert sum("deviates" in record.getMessage() for record in caplog.records) == 1


async def test_pages_follow_a_cursor_that_is_beside_the_items() -> None:
    async with forged_api() as (api, client):
        first = {"data": {"voices": [{"voice_id": "a"}], "has_more": True, "next_token": "2"}}
        api.bodies["/v3/voices"] = [first, [{"voice_id": "b", "data": [1]}]]
        assert [voice.voice_id async for voice in client.voices.list()] == ["a", "b"]


async def test_pages_follow_the_cursor_when_has_more_is_missing() -> None:
    async with forged_api() as (api, client):
        pages = [{"data": [{"voice_id": "a"}], "next_token": "2"}, {"data": {"voice_id": "b"}}]
        api.bodies["/v3/voices"] = pages
        assert [voice.voice_id async for voice in client.voices.list()] == ["a", "b"]


@pytest.mark.parametrize("time", [1767323045, "1767323045", "2026-01-02T03:04:05Z", 1767323045.0])
async def test_times_of_every_form_are_a_datetime_too(time: object) -> None:
    async with forged_api() as (api, client):
        api.give({"data": [{"brand_glossary_id": "g", "name": "Terms", "created_at": time}], "has_more": False})
        (glossary,) = (await client.brand_glossaries.list()).data
        api.give({"data": {**VIDEO, "created_at": time}})
        video = await client.videos.get("video_1")
    assert glossary.created == video.created == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


async def test_an_error_in_a_success_stays_an_error() -> None:
    async with forged_api() as (api, client):
        api.give({"error": {"code": "not_found", "message": "No such video."}, "data": 7}, status=404)
        with pytest.raises(NotFoundError, match="No such video"):
            await client.videos.get("video_1")


async def test_a_user_without_a_name_is_a_user() -> None:
    async with forged_api(strict=True) as (api, client):
        api.give({"data": {"email": "ada@example.com"}})
        user = await client.users.me()
    assert (user.email, user.first_name) == ("ada@example.com", None)


def test_a_client_is_lenient_by_default() -> None:
    assert not AsyncHeyGen("key")._transport.options.strict


async def test_an_object_of_unknown_fields_alone_is_growth() -> None:
    async with forged_api(strict=True) as (api, client):
        api.give({"data": {"brand_kit_id": "kit_1", "color_roles": {"field_added_later": "blue"}}})
        kit = await client.brand_kits.get("kit_1")
        assert client.last_response is not None
        assert client.last_response.drift == ()
    assert isinstance(kit.color_roles, ColorRoles)


async def test_a_redirect_to_a_shorter_path_gives_no_id() -> None:
    async with forged_api() as (api, client):
        api.headers = {"Location": "/v3/none"}
        api.bodies = {"/v3/videos/video_1": [(307, b"")], "/v3/none": [{"data": 7}]}
        assert (await client.videos.get("video_1")).id is None
