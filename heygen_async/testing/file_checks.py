"""The files that a request names: a type, a size or a length that the documentation rules out is refused, with a hint.

What is known about a file: its record, if it is an asset; its media type and size, if it stands in the request; and the
ending of its address. What is not known is accepted. A further field with files is one entry of `_FIELDS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from mimetypes import MimeTypes
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .api_errors import APIErrorResponse
from .limits import find_entry
from .request_fields import walk

if TYPE_CHECKING:
    from .jobs import State

__all__ = ["FORM_BYTES", "check", "describe_file", "read_details"]

FORM_BYTES = 32 << 20  # of a file in a form, in a request, and behind a URL


class _Rule(NamedTuple):
    """The media types of a kind of file, and its limits in a video: bytes, and seconds or pixels of its longer side."""

    types: tuple[str, ...]
    max_bytes: int
    max_seconds: float | None = None
    max_side: int | None = None


_RULES: Mapping[str, _Rule] = {
    "image": _Rule(("image/png", "image/jpeg"), 50 << 20, max_side=2047),
    "video": _Rule(("video/mp4", "video/webm"), 100 << 20, max_side=2047),
    "audio": _Rule(("audio/mpeg", "audio/wav"), 50 << 20, max_seconds=600.0),
    "document": _Rule(("application/pdf",), FORM_BYTES),
}
#: The kinds of files that a field takes. A key is the operation and the name, with `Video` for videos and their batches.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Video.audio": ("audio",),
    "Video.image": ("image",),
    "Video.references": ("image", "video"),
    "Video.video": ("video",),
    "VideoAgentCreate.files": tuple(_RULES),
    "VideoAgentSend.files": tuple(_RULES),
}
_VIDEOS = frozenset({"VideoCreate", "VideoBatchesCreate"})
_media_types = MimeTypes()
_SYNONYMS = {"audio/x-wav": "audio/wav", "audio/mp3": "audio/mpeg", "image/jpg": "image/jpeg"}
_FILE_FIELDS = ("asset_id", "url", "data", "media_type")


class File(NamedTuple):
    """What is known about a file of a request."""

    media_type: str | None = None
    size_bytes: int = 0
    seconds: float = 0.0
    side: int = 0
    is_asset: bool = False

    @property
    def kind(self) -> str | None:
        """Its kind; the first part of its media type where the API does not take it; None if nothing is known."""
        if self.media_type is None:
            return None
        kinds = (kind for kind, rule in _RULES.items() if self.media_type in rule.types)
        return next(kinds, self.media_type.partition("/")[0])


def describe_file(state: State, file: Mapping[str, Any]) -> File:
    """Return what is known about a file by its fields `asset_id`, `url`, or `media_type` and `data`."""
    if file.get("data") is not None:
        return File(_normalize(file.get("media_type")), len(file["data"]) * 3 // 4)
    url: str | None = file.get("url")
    path = re.split("[?#]", url or "")[0]
    asset = state.assets.get(file.get("asset_id") or path.rpartition("/")[2])
    if asset is not None:
        return File(
            _normalize(asset.get("content_type")),
            asset.get("size_bytes", 0),
            asset.get("seconds", 0.0),
            max(asset.get("width", 0), asset.get("height", 0)),
            is_asset=url is None,
        )
    return File(_normalize(_media_types.guess_type(f"file.{path.rpartition('/')[2].rpartition('.')[2]}")[0]))


def _normalize(media_type: str | None) -> str | None:
    """Return a media type that decides the kind of a file; None for any other."""
    if media_type is None or not media_type.startswith(("image/", "video/", "audio/", "application/pdf")):
        return None
    return _SYNONYMS.get(media_type, media_type)


def read_details(content: bytes) -> dict[str, Any]:
    """Return the size of a PNG in pixels, or the length of a WAV in seconds; nothing for other files."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and len(content) >= 24:
        return {"width": int.from_bytes(content[16:20]), "height": int.from_bytes(content[20:24])}
    if content.startswith(b"RIFF") and content[12:16] == b"fmt " and len(content) >= 44:
        rate = int.from_bytes(content[28:32], "little")
        return {"seconds": (len(content) - 44) / rate} if rate else {}
    return {}


def check(state: State, operation: str, body: Any) -> None:
    """Check the files of a request. A lenient emulator accepts all.

    Raises:
        APIErrorResponse: 400, or 413 for the project of a render: a limit is exceeded.
    """
    if state.catalog.is_lenient:
        return
    for name, fields, where in _files(body):
        file = describe_file(state, fields)
        if file.size_bytes > FORM_BYTES and not file.is_asset:
            raise _too_large(operation, file, where)
        kinds = find_entry(_FIELDS, "Video" if operation in _VIDEOS else operation, name)
        if kinds is not None and file.media_type is not None:
            _check_file(file, kinds, where, in_video=operation in _VIDEOS)


def _files(body: Any) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield each file: its field, or its kind where another field states it; its fields; and its path."""
    for name, value, where in walk(body):
        if isinstance(value, str) and name in {"audio_asset_id", "audio_url"}:
            yield "audio", {name.removeprefix("audio_"): value}, where
        elif isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            if (source := _texts(fields.get("source"))) is not None:  # of a scene, whose type is that of its file
                yield str(fields.get("type")), source, f"{where}.source"
            if name != "source" and (file := _texts(fields)) is not None:
                yield str(fields.get("type")) if name == "background" else name, file, where


def _texts(value: Any) -> Mapping[str, str] | None:
    """Return the texts among the fields of a file; None if the value is no file, such as a program's own data."""
    fields: dict[str, Any] = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    texts = {name: text for name in _FILE_FIELDS if isinstance(text := fields.get(name), str)}
    return texts if texts.keys() - {"media_type"} else None


def _check_file(file: File, kinds: tuple[str, ...], where: str, *, in_video: bool) -> None:
    """Check the type of a file; of a video's file also the size, the length and the resolution."""
    if file.kind not in kinds or file.media_type not in _RULES[file.kind].types:
        types = ", ".join(type for kind in kinds for type in _RULES[kind].types)
        raise _refusal(
            where, f"a file of type '{file.media_type}' is not supported here; use {types}", in_video=in_video
        )
    rule = _RULES[file.kind]
    if not in_video:
        return
    if file.size_bytes > rule.max_bytes:
        raise _refusal(where, f"the file is larger than {rule.max_bytes >> 20} MB", in_video=True)
    if rule.max_seconds is not None and file.seconds > rule.max_seconds:
        raise _refusal(where, f"the audio is longer than {rule.max_seconds:.0f} seconds", in_video=True)
    if rule.max_side is not None and file.side > rule.max_side:
        raise _refusal(where, f"the resolution is above {rule.max_side} pixels", in_video=True)


def _refusal(where: str, reason: str, *, in_video: bool) -> APIErrorResponse:
    code = "download_failed" if in_video else "invalid_parameter"
    return APIErrorResponse(400, code, f"'{where}': {reason}.", param=where, hint=_hint(reason))


def _too_large(operation: str, file: File, where: str) -> APIErrorResponse:
    is_project = operation == "HyperframesRenderCreate"
    message = f"Maximum size for URL inputs of type '{file.media_type}' is {FORM_BYTES >> 20} MB"
    return APIErrorResponse(
        413 if is_project else 400,
        "hyperframes_project_too_large" if is_project else "invalid_parameter",
        message,
        param=where,
        hint=_hint("the file is larger than 32 MB; upload it directly, and name it by its asset_id"),
    )


def _hint(reason: str) -> str:
    return (
        f"The emulator refused a file: {reason}. lenient=True accepts any file; "
        "api.add('asset', id, content_type=..., size_bytes=...) describes one of your account."
    )
