"""Texts and responses for readers other than Python programs: other names for methods, JSON for structs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import msgspec

if TYPE_CHECKING:
    from ..types.base import JSONValue

_METHOD = re.compile(r"`?\b(?:heygen\.)?([a-z_]+(?:\.[a-z_]+)+)(?:\([^()]*\))?`?")
_WAIT_CALL = re.compile(r": wait_for_[a-z_]+\([^()]*\)")
_BARE_NAME = re.compile(r"`([a-z_]+)`")


def replace_method_names(text: str, name_of: Callable[[str], str | None], own_path: str = "") -> str:
    """Return the text with another name for each method of the client, such as `videos.list()`.

    The calls that resume waits are left out, because only Python programs can use them.

    Args:
        text: The text.
        name_of: Returns the new name of a method by its path; None for a path of no method.
        own_path: The path of the method that the text describes. The text names methods of the same resource without
            the resource.
    """
    if own_path:
        resource = own_path.rpartition(".")[0]
        text = _BARE_NAME.sub(lambda match: name_of(f"{resource}.{match[1]}") or match[0], text)
    return _METHOD.sub(lambda match: name_of(match[1]) or match[0], _WAIT_CALL.sub("", text))


def to_json(value: object, *, keep_nulls: bool = False) -> JSONValue:
    """Return a struct, or a list or mapping of structs, as JSON types, without nulls by default."""
    return cast("JSONValue", _copy(msgspec.to_builtins(value), keep_nulls=keep_nulls))


def _copy(value: Any, *, keep_nulls: bool) -> Any:
    """Return a copy without internal fields, and without nulls unless they are kept.

    Not recursive: a response may be nested more deeply than Python's call stack.
    """
    root: list[Any] = [value]
    pending: list[Any] = [root]
    while pending:
        container = pending.pop()
        entries: Any = (
            cast("dict[str, object]", container).items() if isinstance(container, dict) else enumerate(container)
        )
        for key, inner in entries:
            if isinstance(inner, dict):
                fields = cast("dict[str, object]", inner)
                container[key] = {
                    name: field
                    for name, field in fields.items()
                    if (keep_nulls or field is not None) and name != "_resource"
                }
                pending.append(container[key])
            elif isinstance(inner, list):
                container[key] = list(cast("list[object]", inner))
                pending.append(container[key])
    return root[0]
