"""Texts for a model: errors with the next step, ids of created jobs, tool names in place of method names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, cast

from ..errors import HeyGenError, WaitTimeoutError
from ..operations.catalog import find_status_operation, operations
from ..operations.text import replace_method_names

if TYPE_CHECKING:
    from ..types.base import JSONValue

#: Longer than every key, id and cursor of the API: a value that the model itself wrote.
_LONG_WORD = re.compile(r"\S{400,}")


def describe_error(error: HeyGenError, wait: str | None = None) -> str:
    """Return an error's message and notes for a model, with the next call after a timeout.

    Args:
        error: The error.
        wait: The name of the client's wait method that belongs to the operation, such as `wait_for_video`.
    """
    lines = [str(error), *getattr(error, "__notes__", ())]
    if isinstance(error, WaitTimeoutError) and (status := find_status_operation(error.kind, wait)) is not None:
        lines.append(f"To continue, call {status.name} with {status.input.ids[0]}={error.id!r} and wait=true.")
    return _LONG_WORD.sub(_shorten, with_tool_names("\n".join(lines)))


def describe_ids(response: dict[str, JSONValue]) -> str:
    """Return the ids in a response that created a job, such as `video_id=v_1`."""
    return ", ".join(_ids(cast("dict[str, JSONValue]", response["data"])))


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


def _ids(data: dict[str, JSONValue]) -> Iterator[str]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield from (f"{name}.{inner}" for inner in _ids(value))
        elif name == "id" or name.endswith(("_id", "_ids")):
            yield f"{name}={value}"


def _shorten(word: re.Match[str]) -> str:
    return f"{word[0][:200]}… ({len(word[0])} characters)"
