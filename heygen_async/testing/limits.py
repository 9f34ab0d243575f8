"""Limits that the documentation states in words only, as tables. A key is a field's name, or, where operations differ,
the operation and the name. What a schema lists and words take away again is accepted: HeyGen may have widened it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from .api_errors import APIErrorResponse

__all__ = ["check"]

_Limit = TypeVar("_Limit")

#: The least and the most characters of a text.
_TEXTS: Mapping[str, tuple[int, int]] = {
    "message": (1, 10_000),
    "prompt": (1, 10_000),
    "script": (1, 5_000),
    "text": (1, 5_000),
    "AiClippingCreate.prompt": (0, 500),
    "AvatarCreate.prompt": (1, 1_000),
    "HyperframesRenderCreate.callback_id": (0, 256),
    "HyperframesRenderCreate.title": (0, 500),
    "VoiceCreate.prompt": (1, 1_000),
}
#: The least and the most entries of a list.
_LISTS: Mapping[str, tuple[int, int]] = {
    "lipsyncs": (1, 100),
    "scenes": (1, 50),
    "video_translations": (1, 100),
    "videos": (1, 100),
    "AssetDirectUploadsBatchesCreate.files": (1, 100),
    "AvatarCreate.reference_images": (0, 3),
    "VideoAgentCreate.files": (0, 20),
    "VideoAgentSend.files": (0, 20),
}
_ANY_LIST = (0, 1000)
#: The least and the greatest number.
_NUMBERS: Mapping[str, tuple[float, float]] = {
    "opacity": (0, 1),
    "pitch": (-50, 50),
    "similarity_boost": (0, 1),
    "speed": (0.5, 1.5),
    "stability": (0, 1),
    "volume": (0, 1),
    "VoiceSpeechCreate.speed": (0.5, 2.0),
}
#: The words that a text may be.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "VoiceSpeechCreate.input_type": ("text", "ssml"),
}
_COLOR = (re.compile(r"#[0-9a-fA-F]{6}"), "a hex color such as '#1a2b3c'")
#: This machine's own addresses are for tests: HeyGen itself reads from public ones alone.
_URL = (
    re.compile(r"https://[^/\s]\S*|http://(localhost|127(\.\d{1,3}){3}|\[::1\])([:/]\S*)?", re.IGNORECASE),
    "a publicly accessible HTTPS URL",
)
#: What a text looks like, and how that is called.
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "audio_url": _URL,
    "checksum_sha256": (re.compile(r"[0-9a-fA-F]{64}"), "a SHA-256 digest of 64 hex digits"),
    "color": _COLOR,
    "consent_text": (re.compile(r"[^<>]*"), "plain text without '<' and '>'"),
    "url": _URL,
    "value": _COLOR,
}


def check(operation: str, name: str, value: Any, where: str) -> None:
    """Refuse a value outside what the documentation says of such a field of an operation."""
    if isinstance(value, str):
        _check_text(operation, name, value, where)
    elif isinstance(value, list):
        low, high = _limit(_LISTS, operation, name) or _ANY_LIST
        if not low <= len(value) <= high:  # pyright: ignore[reportUnknownArgumentType]
            raise APIErrorResponse.invalid_parameter(where, f"'{where}' must have {low} to {high} entries.")
    elif isinstance(value, int | float):
        span = _limit(_NUMBERS, operation, name)
        if span is not None and not span[0] <= value <= span[1]:
            raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be between {span[0]} and {span[1]}.")


def _check_text(operation: str, name: str, value: str, where: str) -> None:
    length = _limit(_TEXTS, operation, name)
    words = _limit(_WORDS, operation, name)
    form = _limit(_FORMS, operation, name)
    if length is not None and not length[0] <= len(value) <= length[1]:
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must have {length[0]} to {length[1]} characters.")
    if words is not None and value not in words:
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be one of: {', '.join(words)}.")
    if form is not None and not form[0].fullmatch(value):
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be {form[1]}.")


def _limit(table: Mapping[str, _Limit], operation: str, name: str) -> _Limit | None:
    return table.get(f"{operation}.{name}") or table.get(name)
