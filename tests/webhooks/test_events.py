"""Events: typed by their name, with nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from heygen_async import (
    DecodeError,
)
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
        ("avatar_video.success", {"video_id": 7}, UnknownEvent),
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
