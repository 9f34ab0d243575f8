"""Texts for a model: errors with the next step, tool names in place of method names."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..errors import HeyGenError, WaitTimeoutError
from ..operations.catalog import operations_at
from ..operations.text import replace_method_names
from .offered_texts import name_offered_only
from .wait_tools import next_call

#: Longer than every key, id and cursor of the API: a value that the model itself wrote.
_LONG_WORD = re.compile(r"\S{400,}")
#: Advice for programmers, and in its place advice for a model.
_LOCAL_FILES = ("for a local file use pathlib.Path", "upload a local file with create_asset")


def describe_error(error: HeyGenError, offered: Collection[str] = ()) -> str:
    """Return an error's message and notes for a model, with the next call after a timeout.

    Args:
        error: The error.
        offered: The names of the tools that the model has; the text names no other. Default: all.
    """
    lines = [str(error), *getattr(error, "__notes__", ())]
    if isinstance(error, WaitTimeoutError):
        lines.append(f"To continue, call {next_call(error.kind, error.id)}.")
    text = _LONG_WORD.sub(_shorten, "\n".join(lines)).replace(*_LOCAL_FILES)
    return name_offered_only(with_tool_names(text), offered)


def with_tool_names(text: str, operation_path: str = "") -> str:
    """Replace method names of the client (`videos.create`) in a text by tool names.

    Args:
        text: The text.
        operation_path: The path of the operation that the text describes. The text may name methods of the same
            resource without the resource.
    """
    return replace_method_names(text, _tool_of, operation_path)


def _tool_of(path: str) -> str | None:
    """Return the tool of a method of the client; the first one if it takes several kinds of body."""
    found = operations_at("assets.create_direct_upload" if path == "assets.upload" else path)
    return found[0].name if found else None


def _shorten(word: re.Match[str]) -> str:
    return f"{word[0][:200]}… ({len(word[0])} characters)"
