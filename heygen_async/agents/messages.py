"""Texts for a model: errors with the next step, tool names in place of method names."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from ..errors import HeyGenError, WaitTimeoutError
from ..operations.catalog import operations
from ..operations.text import replace_method_names
from .offered_texts import name_offered_only
from .wait_tools import next_call

#: Longer than every key, id and cursor of the API: a value that the model itself wrote.
_LONG_WORD = re.compile(r"\S{400,}")


def describe_error(error: HeyGenError, offered: Collection[str] = ()) -> str:
    """Return an error's message and notes for a model, with the next call after a timeout.

    Args:
        error: The error.
        offered: The names of the tools that the model has; the text names no other. Default: all.
    """
    lines = [str(error), *getattr(error, "__notes__", ())]
    if isinstance(error, WaitTimeoutError):
        lines.append(f"To continue, call {next_call(error.kind, error.id)}.")
    text = name_offered_only(with_tool_names("\n".join(lines)), offered)
    return _LONG_WORD.sub(_shorten, text)


def with_tool_names(text: str, operation_path: str = "") -> str:
    """Replace method names of the client (`videos.create`) in a text by tool names.

    Args:
        text: The text.
        operation_path: The path of the operation that the text describes. The text may name methods of the same
            resource without the resource.
    """
    return replace_method_names(text, _tool_names, operation_path)


@cache
def _tool_names() -> dict[str, str]:
    names = {operation.path: operation.name for operation in reversed(list(operations().values()))}
    return {**names, "assets.upload": names["assets.create_direct_upload"]}


def _shorten(word: re.Match[str]) -> str:
    return f"{word[0][:200]}… ({len(word[0])} characters)"
