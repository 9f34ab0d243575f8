"""Deprecated fields of requests: HeyGen still accepts them, and a client warns once of each that a program sets.

A field is deprecated where its type is declared, by `deprecated(...)` of `types/base.py`. The same mark is in the JSON
Schema of the operation.
"""

from __future__ import annotations

import sys
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

from .signatures import keywords_of, unpacked_keywords

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from msgspec import Meta

_PACKAGE = __name__.partition(".")[0]


def deprecated_keywords(method: Callable[..., Any]) -> Mapping[str, str]:
    """Return the deprecated keywords of a method with `**request: Unpack[...]`, each with the advice of its field."""
    return _keywords_of_function(getattr(method, "__func__", method))


@cache
def _keywords_of_function(function: Callable[..., Any]) -> Mapping[str, str]:
    return _deprecated({name: hint for name, (hint, _) in unpacked_keywords(function).items()})


@cache
def deprecated_fields(typed_dict: type) -> Mapping[str, str]:
    """Return the deprecated keys of a `TypedDict`, each with the advice of its field."""
    return _deprecated({name: hint for name, (hint, _) in keywords_of(typed_dict).items()})


def _deprecated(hints: Mapping[str, Any]) -> Mapping[str, str]:
    metas: dict[str, tuple[Meta, ...]] = {name: getattr(hint, "__metadata__", ()) for name, hint in hints.items()}
    return {
        name: (meta.description or "").removeprefix("Deprecated. ")
        for name, entries in metas.items()
        for meta in entries
        if meta.extra_json_schema is not None and meta.extra_json_schema.get("deprecated")
    }


def warn_once(warned: set[str], name: str, advice: str) -> None:
    """Warn at the caller of the SDK that something is deprecated, unless its name is in `warned`."""
    if name in warned:
        return
    warned.add(name)
    level = 1
    frame: FrameType | None = sys._getframe()  # noqa: SLF001  the first frame outside the SDK is the program's
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        frame, level = frame.f_back, level + 1
    warnings.warn(f"{name} is deprecated. {advice}", DeprecationWarning, stacklevel=level)
