"""The lists of a real account, as the list commands print them: JSON, JSON Lines, or several of both in one file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import os

__all__ = ["Resources", "read_account"]

Resources = dict[str, dict[str, dict[str, Any]]]  # fields by kind and id
#: The kinds of resources, and how to recognize one: the field with its id, and another field that it has.
_FORMS = (
    ("voice", "voice_id", "name"),
    ("style", "style_id", "name"),
    ("brand_kit", "brand_kit_id", "name"),
    ("brand_glossary", "brand_glossary_id", "name"),
    ("folder", "folder_id", "is_trash"),
    ("asset", "id", "uploaded_at"),
    ("avatar", "id", "avatar_type"),
    ("avatar_group", "id", "looks_count"),
    ("template", "id", "aspect_ratio"),
    ("template", "template_id", "name"),
    ("avatar", "avatar_id", "avatar_name"),
    ("avatar", "talking_photo_id", "talking_photo_name"),
)
_OLD_NAMES = frozenset({"avatar_name", "talking_photo_name"})  # of v2, whose resources have other fields
_SPACE = re.compile(r"\s*")


def read_account(paths: Iterable[str | os.PathLike[str]]) -> Resources:
    """Return the resources in these files.

    Raises:
        OSError: A file cannot be read.
        ValueError: A file is not JSON, or has no list that the emulator knows.
    """
    found: Resources = {}
    for path in map(Path, paths):
        status = path.stat()
        for kind, id, fields in _read_file(path, status.st_mtime_ns, status.st_size):
            found.setdefault(kind, {})[id] = fields
    return found


@lru_cache(maxsize=8)
def _read_file(path: Path, changed_at: int, size: int) -> list[tuple[str, str, dict[str, Any]]]:  # noqa: ARG001
    """Return the kind, id and fields of each resource in a file. Many emulators read it once while it is unchanged."""
    found = list(_resources(_documents(path)))
    if not found:
        raise ValueError(
            f"{path} has no list of voices, avatars, looks, templates, styles, brands, folders, assets or languages. "
            "Write one with, for example: heygen-async voice list --all"
        )
    return found


def _documents(path: Path) -> list[Any]:
    """Return the JSON documents of a file."""
    decoder = json.JSONDecoder()
    documents: list[Any] = []
    try:
        text, start = path.read_text(encoding="utf-8-sig").rstrip(), 0
        while start < len(text):
            document, end = decoder.raw_decode(text, _skip_space(text, start))
            documents.append(document)
            start = end
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON: {error}. The file needs what a list command printed.") from None
    return documents


def _skip_space(text: str, start: int) -> int:
    match = _SPACE.match(text, start)
    return start if match is None else match.end()


def _resources(value: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the kind, id and fields of each resource in a JSON value."""
    if isinstance(value, list):
        entries: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        for entry in entries:
            yield from _resources(entry)
    if not isinstance(value, dict):
        return
    fields = cast("dict[str, Any]", value)
    for kind, id_name, other in _FORMS:
        if isinstance(fields.get(id_name), str) and other in fields:
            yield kind, fields[id_name], {"name": fields[other]} if other in _OLD_NAMES else fields
            return
    for name, inner in fields.items():
        if name == "languages" and isinstance(inner, list):
            yield from (("language", entry, {}) for entry in cast("list[object]", inner) if isinstance(entry, str))
        else:
            yield from _resources(inner)
