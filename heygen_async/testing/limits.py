"""Limits that the documentation states in prose only.

A key of a table is the name of a field. Where operations differ, it is the operation and the name. A value that the
schema allows and only the prose forbids is accepted, because HeyGen may have added it later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from .api_errors import APIErrorResponse

__all__ = ["check", "find_entry"]

_Entry = TypeVar("_Entry")

#: The minimum and the maximum number of characters of a text.
_TEXTS: Mapping[str, tuple[int, int]] = {
    "message": (1, 10_000),
    "prompt": (1, 10_000),
    "script": (1, 5_000),
    "text": (1, 5_000),
    "AiClippingCreate.prompt": (0, 500),
    "AvatarCreate.prompt": (1, 1_000),
    "HyperframesRenderCreate.callback_id": (0, 256),
    "HyperframesRenderCreate.title": (0, 500),
    "ModelVideoCreate.prompt": (1, 16_000),
    "VoiceCreate.prompt": (1, 1_000),
}
#: The minimum and the maximum number of entries of a list.
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
#: The minimum and the maximum of a number.
_NUMBERS: Mapping[str, tuple[float, float]] = {
    "opacity": (0, 1),
    "pitch": (-50, 50),
    "similarity": (0, 1),
    "similarity_boost": (0, 1),
    "speed": (0.5, 1.5),
    "stability": (0, 1),
    "style": (0, 1),
    "volume": (0, 1),
    "ModelSpeechCreate.speed": (0.5, 2.0),
    "ModelSpeechStream.speed": (0.5, 2.0),
    "VoiceSpeechCreate.speed": (0.5, 2.0),
}
#: The allowed values of a text.
_VALUES: Mapping[str, tuple[str, ...]] = {
    "BackgroundRemovalCreate.layers": ("foreground", "mask", "background"),
    "ModelSpeechCreate.model": ("heygen-voice-1", "heygen-voice-1-turbo"),
    "ModelSpeechStream.model": ("heygen-voice-1", "heygen-voice-1-turbo"),
    "VoiceSpeechCreate.input_type": ("text", "ssml"),
}
#: The allowed values of a number.
_CHOICES: Mapping[str, tuple[int, ...]] = {
    "TemplateGenerate.fps": (25, 30, 60),
}
_COLOR = (re.compile(r"#[0-9a-fA-F]{6}"), "a hex color such as '#1a2b3c'")
#: Loopback addresses are allowed for tests; HeyGen reads public addresses only.
_URL = (
    re.compile(r"https://[^/\s]\S*|http://(localhost|127(\.\d{1,3}){3}|\[::1\])([:/]\S*)?", re.IGNORECASE),
    "a publicly accessible HTTPS URL",
)
#: HeyGen Voice speaks 39 languages; the documentation does not list their codes.
_LANGUAGE = (re.compile(r"[a-z]{2,3}"), "the code of a language without a region, such as 'en'")
#: The pattern of a text, and its description.
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "audio_url": _URL,
    "checksum_sha256": (re.compile(r"[0-9a-fA-F]{64}"), "a SHA-256 digest of 64 hex digits"),
    "color": _COLOR,
    "consent_text": (re.compile(r"[^<>]*"), "plain text without '<' and '>'"),
    "url": _URL,
    "value": _COLOR,
    "ModelSpeechCreate.language": _LANGUAGE,
    "ModelSpeechStream.language": _LANGUAGE,
}


def check(operation: str, name: str, value: Any, where: str) -> None:
    """Check the value of a field against the documented limits.

    Args:
        operation: The operation.
        name: The name of the field.
        value: Its value.
        where: Its path in the body, for the error.

    Raises:
        APIErrorResponse: 400: the value is outside a limit.
    """
    if isinstance(value, str):
        _check_text(operation, name, value, where)
    elif isinstance(value, list):
        low, high = find_entry(_LISTS, operation, name) or _ANY_LIST
        if not low <= len(value) <= high:  # pyright: ignore[reportUnknownArgumentType]
            raise APIErrorResponse.invalid_parameter(where, f"'{where}' must have {low} to {high} entries.")
    elif isinstance(value, int | float):
        span, choices = find_entry(_NUMBERS, operation, name), find_entry(_CHOICES, operation, name)
        if choices is not None and value not in choices:
            raise APIErrorResponse.invalid_parameter(
                where, f"'{where}' must be one of: {', '.join(map(str, choices))}."
            )
        if span is not None and not span[0] <= value <= span[1]:
            raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be between {span[0]} and {span[1]}.")


def _check_text(operation: str, name: str, value: str, where: str) -> None:
    length = find_entry(_TEXTS, operation, name)
    values = find_entry(_VALUES, operation, name)
    form = find_entry(_FORMS, operation, name)
    if length is not None and not length[0] <= len(value) <= length[1]:
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must have {length[0]} to {length[1]} characters.")
    if values is not None and value not in values:
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be one of: {', '.join(values)}.")
    if form is not None and not form[0].fullmatch(value):
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be {form[1]}.")


def find_entry(table: Mapping[str, _Entry], operation: str, name: str) -> _Entry | None:
    """Return the entry of a table for a field of an operation; None if it has none."""
    return table.get(f"{operation}.{name}", table.get(name))
