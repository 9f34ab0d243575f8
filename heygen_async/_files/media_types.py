"""Media types: the types that the API accepts, and the detection of a file's type."""

from __future__ import annotations

import mimetypes
import sys
from importlib import import_module

import anyio.to_thread
import msgspec

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
#: The first bytes of files of a type. `puremagic` finds the same, in 0.25 ms.
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",  # without a tag
    b"%PDF-": "application/pdf",
}
_MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "})


async def load_detector() -> None:
    """Import `puremagic` in a thread: the import blocks, and only programs that upload need it."""
    if "puremagic" not in sys.modules:
        await anyio.to_thread.run_sync(import_module, "puremagic")


class FileDescription(msgspec.Struct, frozen=True):
    """The caller's description of a file.

    Args:
        field: The request field that holds the file.
        filename: Its name, if it has one.
        media_type: Its type, if the caller knows it.
        allow_zip: Whether a zip is accepted too.
    """

    field: str
    filename: str | None
    media_type: str | None
    allow_zip: bool = False

    @property
    def accepted_types(self) -> frozenset[str]:
        """The media types that the file may have."""
        if self.field == "project":
            return ZIP_TYPES
        return ASSET_TYPES | ZIP_TYPES if self.allow_zip else ASSET_TYPES

    @property
    def accepted(self) -> str:
        """The accepted types in words, for error messages."""
        if self.field == "project":
            return "a zip of the project"
        return f"a png, jpeg, mp4, webm, mp3, wav, pdf{', srt or zip' if self.allow_zip else ' or srt'} file"

    def resolve_media_type(self, head: bytes) -> str:
        """Return the caller's media type, or detect the type by the content, then by the name.

        Args:
            head: The first bytes of the file.

        Raises:
            InvalidInputError: The API does not take this type in this field.
        """
        accepted = self.accepted_types
        if self.media_type:
            media_type = _PREFERRED_NAMES.get(self.media_type, self.media_type)
            if media_type not in accepted:
                expected = f"one of {', '.join(sorted(accepted))}"
                raise InvalidInputError(f"{self.field}.media_type", media_type, expected)
            return media_type
        by_signature = _type_by_signature(head)
        if by_signature is not None and by_signature in accepted:
            return by_signature
        name = self.filename or ""
        type_of_name = mimetypes.guess_type(name)[0]
        candidates = [*_types_by_content(head[:HEAD_SIZE]), type_of_name]
        if name.lower().endswith(".srt"):  # an SRT file has no content that distinguishes it from other text
            candidates.append("application/x-subrip")
        if type_of_name is not None and _PREFERRED_NAMES.get(type_of_name, type_of_name) not in accepted:
            accepted -= ZIP_TYPES  # by their content, many other formats are zips too, such as docx
        for candidate in filter(None, candidates):
            if (media_type := _PREFERRED_NAMES.get(candidate, candidate)) in accepted:
                return media_type
        found = type_of_name or next(filter(None, candidates), "of an unknown type")
        raise InvalidInputError(self.field, name or head[:16], f"{self.accepted}; this one is {found}")


def _type_by_signature(head: bytes) -> str | None:
    """Return the type of a file that begins as most uploads do; None if it begins otherwise."""
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp":
        return "video/mp4" if head[8:12] in _MP4_BRANDS else None
    if head.startswith(b"\x1aE\xdf\xa3"):  # EBML, the container of WebM and of Matroska
        return "video/webm" if b"\x42\x82\x84webm" in head[:64] else None
    return next((media_type for signature, media_type in _SIGNATURES.items() if head.startswith(signature)), None)


def _types_by_content(head: bytes) -> list[str | None]:
    puremagic = import_module("puremagic")
    try:  # without a filename, since puremagic would open that file
        return [match.mime_type for match in puremagic.magic_string(head)]
    except (puremagic.PureError, ValueError):
        return []
