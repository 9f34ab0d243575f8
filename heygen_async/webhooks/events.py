"""Events: `parse` turns the body of a delivery into a typed struct."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

import msgspec

from .._http.drift import report_drift
from .._http.encoding import JSON_ERRORS
from .._http.lenient_decoding import convert, parse_json
from .._http.response import Response
from ..errors import DecodeError
from ..types import webhooks as types
from ..types.base import JSONValue
from ..types.tracebacks import strips_frames
from .signature import Fields, Headers, normalize_headers

_LISTED_NAMES = frozenset(get_args(types.EventName))
_UNLISTED_PREFIXES = ("filler_word_removal.", "podcast.")  # HeyGen delivers these events but lists them nowhere
_STRUCTS: Mapping[str, type[types.Event]] = {
    "avatar_video.success": types.VideoSuccessEvent,
    "avatar_video.fail": types.VideoFailEvent,
    "video_translate.success": types.TranslationSuccessEvent,
    "video_translate.fail": types.TranslationFailEvent,
    "personalized_video": types.PersonalizedVideoEvent,
}
_OBJECTS = msgspec.json.Decoder(dict[str, Any])


@strips_frames
def parse(body: bytes | str, headers: Headers = (), *, verified: bool = False) -> types.AnyEvent:
    """Parse a delivery, a call to a `callback_url`, or an entry of the event log.

    Args:
        body: A JSON object.
        headers: The headers of the delivery, which may hold `Heygen-Event-Id`.
        verified: Whether `verify` accepted the delivery. Do not trust an event without a signature.

    Returns:
        The typed event; an `UnknownEvent` if its type is not known.

    Raises:
        DecodeError: The body is not a JSON object.
    """
    return parse_delivery(body, normalize_headers(headers), verified=verified)


def parse_delivery(body: bytes | str, fields: Fields, *, verified: bool) -> types.AnyEvent:
    """Parse a delivery as `parse` does, with headers that were normalized before.

    Raises:
        DecodeError: The body is not a JSON object.
    """
    try:
        raw = _parse_object(body)
    except ValueError as error:
        content = body.encode(errors="replace") if isinstance(body, str) else body
        raise DecodeError(f"The webhook body is not a JSON object ({error}).", status=0, body=content) from None
    event_id = raw.get("event_id") or fields.get("Heygen-Event-Id")
    return build_event(raw, str(event_id) if isinstance(event_id, str | int) else None, verified=verified)


def _parse_object(body: bytes | str) -> dict[str, JSONValue]:
    """Parse a JSON object, also one with a byte order mark or invalid UTF-8.

    Raises:
        ValueError: The body is not a JSON object.
    """
    try:
        return cast("dict[str, JSONValue]", _OBJECTS.decode(body))
    except JSON_ERRORS as error:
        value: JSONValue = parse_json(body) if isinstance(body, bytes) else None
        if not isinstance(value, dict):
            raise ValueError(str(error)) from None  # noqa: TRY004  the body has the wrong type, not an argument
        return value


def build_event(raw: dict[str, JSONValue], event_id: str | None, *, verified: bool) -> types.AnyEvent:
    """Return the typed event of a decoded body; `raw` keeps the whole body.

    Data that deviates from the documented form is converted leniently. Without its id, the event is an `UnknownEvent`.
    """
    name = str(raw.get("event_type"))
    is_known = name in _LISTED_NAMES or name.startswith(_UNLISTED_PREFIXES)
    struct = _STRUCTS.get(name, types.OpenEvent if is_known else types.UnknownEvent)
    values = {
        "event_type": name,
        "event_id": event_id,
        "created_at": raw.get("created_at"),
        "verified": verified,
        "raw": raw,
        "event_data": raw.get("event_data"),
    }
    try:
        return cast("types.AnyEvent", msgspec.convert(values, struct))
    except msgspec.ValidationError:
        event, drifts = convert(values, struct, path="$")
        if not isinstance(event, types.Event) or not _is_whole(event):
            event, drifts = convert(values, types.UnknownEvent, path="$")
        report_drift(Response("POST", "webhook", 200, {}, b"", 1, 0.0), drifts, None)
        return cast("types.AnyEvent", event)


def _is_whole(event: types.Event) -> bool:
    """Return whether the data of an event is an object with its id."""
    data: object = getattr(event, "event_data", None)
    if not isinstance(data, msgspec.Struct):
        return isinstance(data, dict)
    return all(getattr(data, field.name) is not None for field in msgspec.structs.fields(type(data)) if field.required)
