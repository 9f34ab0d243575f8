"""Events: typed by their name, with nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from heygen_async import DecodeError
from heygen_async._jobs.registry import KINDS
from heygen_async.testing.events import EVENT_TYPES
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
from heygen_async.webhooks import parse


@pytest.mark.parametrize(
    ("kind", "data", "struct"),
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
        ("avatar_video.success", {"url": "u"}, UnknownEvent),
        ("avatar_video.success", "text", UnknownEvent),
        ("video_agent.success", None, UnknownEvent),
        (None, "text", UnknownEvent),
    ],
)
def test_events_are_typed_and_keep_their_raw_body(kind: str | None, data: Any, struct: type[Event]) -> None:
    raw = {"event_type": kind, "event_data": data, "later": {"a": 1}}
    event = parse(json.dumps(raw), {"heygen-EVENT-id": "evt_7"}, verified=True)
    assert type(event) is struct
    assert (event.raw, event.event_id, event.verified) == (raw, "evt_7", True)
    assert event.event_type == str(kind)
    shown = event.event_data
    assert shown == data or all(getattr(shown, name, value) == value for name, value in data.items())
    unsigned = parse(json.dumps(raw).encode())
    assert (unsigned.event_id, unsigned.verified) == (None, False)


DEEPLY_NESTED = b'{"event_data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize("body", [b"", b"[]", b"text", b"\xff\xfe", "7", DEEPLY_NESTED, '{"a": "\ud800"}'])
def test_body_that_is_not_an_object_is_a_decode_error(body: bytes | str) -> None:
    with pytest.raises(DecodeError, match="not a JSON object"):
        parse(body)


@pytest.mark.parametrize(
    ("changes", "created"),
    [
        ({"created_at": 1767323045}, "2026-01-02T03:04:05+00:00"),
        ({"created_at": "2026-01-02T03:04:05Z"}, "2026-01-02T03:04:05+00:00"),
        ({"created_at": {"at": 5}}, None),
    ],
)
def test_an_event_of_another_form_is_the_same_event(changes: dict[str, Any], created: str | None) -> None:
    data = {"video_id": 7, "url": ["https://files.example/v.mp4"], "folder_id": {"id": 1}}
    event = parse(json.dumps({"event_type": "avatar_video.success", "event_id": 12, "event_data": data, **changes}))
    assert isinstance(event, VideoSuccessEvent)
    assert (event.event_id, event.event_data.video_id) == ("12", "7")
    assert (event.event_data.url, event.event_data.folder_id) == ("https://files.example/v.mp4", {"id": 1})
    assert event.raw["event_data"] == data
    assert (event.created and event.created.isoformat()) == created


def test_an_event_of_invalid_text_is_an_event() -> None:
    event = parse(b'\xef\xbb\xbf{"event_type": "avatar_video.fail", "event_data": {"video_id": "v", "msg": "T\xffur"}}')
    assert isinstance(event, VideoFailEvent)
    assert event.event_data.msg == "T\N{REPLACEMENT CHARACTER}ur"


def test_job_of_an_event_is_what_its_wait_takes() -> None:
    fields = {
        prefix: {kind.id_field} for kind in KINDS for prefix in kind.event_prefixes if kind.id_field != "avatar_item"
    }
    for prefix, field in EVENT_TYPES.values():
        fields.setdefault(prefix, set()).add(field)
    for prefix, names in fields.items():
        for name in names:
            body = {
                "event_type": f"{prefix}.success",
                "event_data": {"callback_id": "c", "folder_id": "f", name: "job_1"},
            }
            assert parse(json.dumps(body)).job == "job_1", (prefix, name)


@pytest.mark.parametrize(
    ("kind", "data", "job"),
    [
        ("video_agent.success", {"video_id": "v", "session_id": "s"}, "s"),
        ("personalized_video", {"project_id": "p", "video_id": "v"}, "v"),
        ("photo_avatar_train.success", {"id": 7}, "7"),
        ("batch.finished", {"batch_id": "b"}, "b"),
        ("holodeck.success", {"video_id": "v"}, "v"),
        ("avatar_video.success", {"test": True, "callback_id": "c", "id": True}, None),
        ("avatar_video.success", "text", None),
        ("video_agent.success", None, None),
    ],
)
def test_job_of_an_event_comes_from_its_data(kind: str, data: Any, job: str | None) -> None:
    assert parse(json.dumps({"event_type": kind, "event_data": data})).job == job
