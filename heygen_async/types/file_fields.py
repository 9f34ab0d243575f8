"""File fields: their names, the strings that they take, and the walk over all files of a body.

A string in a file field is an http(s) URL or an asset id, and never a path of this machine. The form of the string
decides, so no check tells whether a file exists.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from types import NoneType
from typing import Any, TypeAlias, cast

import msgspec

#: Receives a file and its path in the body, such as `scenes[0].source`; returns the value that takes its place.
Replace: TypeAlias = Callable[[Any, str], Any]

#: The fields in which the API takes a file.
FILE_FIELDS = frozenset(
    "audio consent_video file files identity_images image project reference_audio reference_images reference_videos "
    "references source source_files srt video video_a video_b".split()
)
#: The fields whose keys the caller chooses, at every depth: a key there names no field of the API.
_FREE_FIELDS = frozenset({"inputs", "product_graph", "variables"})
_NO_FIELDS: frozenset[str] = frozenset()
#: The strings that a file field takes, in words.
EXPECTED_TEXT = "an http(s) URL or an asset id; for a local file use pathlib.Path"
_ASSET_ID = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = frozenset({bool, float, int, NoneType})  # a look-up is faster than isinstance
_TEXTS = _PLAIN | {str}


def is_url(text: str) -> bool:
    """Return whether a text is an http(s) URL."""
    return text[:8].lower().startswith(("https://", "http://"))


def is_asset_id(text: str) -> bool:
    """Return whether a text has the form of an asset id."""
    return _ASSET_ID.fullmatch(text) is not None


def is_path(value: object) -> bool:
    """Return whether a value of a file field is a string that is neither a URL nor an asset id."""
    return isinstance(value, str) and not is_url(value) and not is_asset_id(value)


def has_files(body: Any) -> bool:
    """Return whether a body holds a file, in any form that `replace_files` finds."""
    found = False

    def note(file: Any, _: str) -> Any:
        nonlocal found
        found = True
        return file

    replace_files(body, note)
    return found


def invalid_file_texts(body: Any) -> dict[str, str]:
    """Return the strings in file fields that are neither URLs nor asset ids, by their paths in the body."""
    found: dict[str, str] = {}

    def check(file: Any, path: str) -> Any:
        if is_path(file):
            found[path] = file
        return file

    replace_files(body, check)
    return found


def paths_as_text(body: Any) -> Any:
    """Return the body with the text of every path in its place."""

    def as_text(file: Any, _: str) -> Any:
        return os.fspath(cast("os.PathLike[str]", file)) if isinstance(file, os.PathLike) else file

    return replace_files(body, as_text)


def replace_files(body: Any, replace: Replace) -> Any:
    """Return the body with `replace(file, path)` in place of every file.

    Files are the strings, bytes, open files and structs in file fields, and every `Path` and `BytesFile`.
    """
    if isinstance(body, msgspec.Struct) and _is_plain(body, FILE_FIELDS):
        return body
    return _replace(body, replace, "", FILE_FIELDS, is_file=False)


def _replace(value: Any, replace: Replace, path: str, names: frozenset[str], *, is_file: bool) -> Any:
    if isinstance(value, os.PathLike) or (is_file and _is_file(value)):
        return replace(value, path)
    if isinstance(value, msgspec.Struct):
        if getattr(value, "is_local", False):
            return replace(value, path)
        if _is_plain(value, names):
            return value
        new = _replace_fields(msgspec.structs.asdict(value), replace, path, names)
        return msgspec.structs.replace(value, **new) if new else value
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        new = _replace_fields(fields, replace, path, names)
        return {**fields, **new} if new else fields
    if isinstance(value, list | tuple):
        items = cast("list[object]", value)
        return [
            _replace(item, replace, f"{path}[{number}]", names, is_file=is_file) for number, item in enumerate(items)
        ]
    return value


def _is_plain(struct: msgspec.Struct, names: frozenset[str]) -> bool:
    """Return whether a struct has neither a file field nor a value that could hold a file."""
    return not _has_file_field(type(struct), names) and _TEXTS.issuperset(map(type, msgspec.structs.astuple(struct)))


@cache
def _has_file_field(struct: type[msgspec.Struct], names: frozenset[str]) -> bool:
    return not names.isdisjoint(struct.__struct_fields__)


def _replace_fields(
    fields: Mapping[str, object], replace: Replace, path: str, names: frozenset[str]
) -> dict[str, object]:
    """Return the fields that change."""
    changes: dict[str, object] = {}
    for name, value in fields.items():
        is_file = name in names
        if type(value) in _PLAIN or (type(value) is str and not is_file):
            continue
        inner_names = _NO_FIELDS if name in _FREE_FIELDS else names
        inner = _replace(value, replace, f"{path}.{name}" if path else name, inner_names, is_file=is_file)
        if inner is not value:
            changes[name] = inner
    return changes


def _is_file(value: object) -> bool:
    """Return whether a value of a file field is a file: a string, bytes, a struct or an open file."""
    return (
        isinstance(value, str | bytes | bytearray | memoryview | msgspec.Struct)
        or hasattr(value, "read")
        or hasattr(getattr(value, "file", None), "seek")
    )
