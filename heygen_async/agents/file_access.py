"""Decide which local files the arguments of a tool may name.

A model can write any path into an argument, and a model can be misled by the text that it reads. Therefore the program
names one folder, and every local path is resolved, links included, and must lie below that folder. Without a folder, no
local file is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread

from .._files.file_inputs import check_not_url
from .._files.request_files import local_paths
from ..errors import ConfigurationError, ToolRefusedError
from ..types.redaction import format_value

if TYPE_CHECKING:
    from ..operations.operation import Operation
    from ..types.base import JSONValue


async def resolve_local_files(
    operation: Operation, arguments: dict[str, JSONValue], folder: Path | None
) -> dict[str, JSONValue]:
    """Return the arguments with every local path joined to `folder`.

    Raises:
        ToolRefusedError: A local path lies outside `folder`, or `folder` is None.
        ConfigurationError: `folder` is not a folder.
    """
    if not operation.mutating:  # A read operation uploads nothing.
        return arguments
    for name in operation.input.paths:
        check_not_url(name, arguments[name])
    for path in local_paths(arguments):
        if folder is None or not await anyio.to_thread.run_sync(_is_below, folder / path, folder):
            raise _refusal(operation, path, folder)
    if folder is None:
        return arguments
    return {name: _join(folder, name, value) for name, value in arguments.items()}


def _refusal(operation: Operation, path: str, folder: Path | None) -> ToolRefusedError:
    problem = "no local files" if folder is None else f"only local files below {folder}"
    remedy = "Pass an https URL or an asset id."
    if operation.input.paths:
        remedy = "An https URL needs no upload; pass it where the file is used."
    reason = f"was not run: {format_value(path)} is a local file, and this program lets a model read {problem}"
    return ToolRefusedError(operation.name, reason, remedy)


def _is_below(path: Path, folder: Path) -> bool:
    if not folder.is_dir():
        raise ConfigurationError(f"files is {str(folder)!r}, which is not a folder. Pass an existing folder.")
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # An invalid path, or links that form a circle.
        return False


def _join(folder: Path, field: str, value: JSONValue) -> JSONValue:
    """Return a field's value with the local paths in it joined to the folder."""
    if isinstance(value, dict):
        return {name: _join(folder, name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_join(folder, field, inner) for inner in value]
    return str(folder / value) if isinstance(value, str) and local_paths({field: value}) else value
