"""Which media types the API takes, and how the type of a file is found out."""

from __future__ import annotations

import mimetypes
import sys
from importlib import import_module

import anyio.to_thread

from ..errors import InvalidInputError

#: Bytes at the beginning of a file that decide its media type.
HEAD_SIZE = 4096
#: The types that the API's reference lists for assets.
ASSET_TYPES = frozenset(
    "image/png image/jpeg video/mp4 video/webm audio/mpeg audio/wav application/pdf application/x-subrip".split()
)
#: A HyperFrames project. It is taken by direct upload only.
ZIP_TYPES = frozenset({"application/zip"})
_PREFERRED_NAMES = {
    "application/x-zip-compressed": "application/zip",
    "audio/mp3": "audio/mpeg",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "image/jpg": "image/jpeg",
}


async def load_detector() -> None:
    """Import `puremagic` in a thread: the import blocks, and only programs that upload need it."""
    if "puremagic" not in sys.modules:
        await anyio.to_thread.run_sync(import_module, "puremagic")


def accepted_types(field: str, *, allow_zip: bool) -> frozenset[str]:
    """Return the media types that a file in this request field may have."""
    return ZIP_TYPES if field == "project" else ASSET_TYPES | ZIP_TYPES if allow_zip else ASSET_TYPES


def describe_accepted(field: str, *, allow_zip: bool) -> str:
    """Return the accepted types in words, for error messages."""
    if field == "project":
        return "a zip of the project"
    return f"a png, jpeg, mp4, webm, mp3, wav, pdf{', srt or zip' if allow_zip else ' or srt'} file"


def check_media_type(field: str, media_type: str, *, allow_zip: bool) -> str:
    """Return the caller's media type under its preferred name.

    Raises:
        InvalidInputError: The API does not take this type in this field.
    """
    accepted = accepted_types(field, allow_zip=allow_zip)
    media_type = _PREFERRED_NAMES.get(media_type, media_type)
    if media_type not in accepted:
        raise InvalidInputError(f"{field}.media_type", media_type, f"one of {', '.join(sorted(accepted))}")
    return media_type


def detect_media_type(field: str, head: bytes, filename: str | None, *, allow_zip: bool) -> str:
    """Return the media type by the content, or else by the name; an SRT file is known by its name only.

    Raises:
        InvalidInputError: The API does not take this type in this field.
    """
    accepted = accepted_types(field, allow_zip=allow_zip)
    name = filename or ""
    type_of_name = mimetypes.guess_type(name)[0]
    candidates = [*_types_by_content(head), type_of_name]
    if name.lower().endswith(".srt"):
        candidates.append("application/x-subrip")
    if type_of_name is not None and _PREFERRED_NAMES.get(type_of_name, type_of_name) not in accepted:
        accepted -= ZIP_TYPES  # by their content, many other formats are zips too, such as docx
    for candidate in filter(None, candidates):
        if (media_type := _PREFERRED_NAMES.get(candidate, candidate)) in accepted:
            return media_type
    found = type_of_name or next(filter(None, candidates), "of an unknown type")
    expected = f"{describe_accepted(field, allow_zip=allow_zip)}; this one is {found}"
    raise InvalidInputError(field, name or head[:16], expected)


def _types_by_content(head: bytes) -> list[str | None]:
    puremagic = import_module("puremagic")
    try:  # without a filename, since puremagic would open that file
        return [match.mime_type for match in puremagic.magic_string(head)]
    except (puremagic.PureError, ValueError):
        return []
