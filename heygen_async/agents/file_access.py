"""Decide which local files the arguments of a tool may name.

A model can write any path into an argument, and a model can be misled by the text that it reads. Therefore the program
names one folder. A path in a file field becomes a `FolderFile` below that folder, which is opened without following a
link. Without a folder, no local file is read, and the file system is not asked about any path.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, InvalidInputError, ToolRefusedError
from ..types.file_fields import is_path, is_url, replace_files
from ..types.redaction import format_value

if TYPE_CHECKING:
    from ..operations.operation import Operation
    from ..types.base import JSONValue
    from .actions import Action


async def resolve_local_files(
    operation: Operation | Action, arguments: dict[str, JSONValue], folder: Path | None
) -> dict[str, Any]:
    """Return the arguments with a `FolderFile` in place of every local path.

    Raises:
        ToolRefusedError: A local path lies outside `folder` or leads through a link, or `folder` is None.
        ConfigurationError: `folder` is not a folder.
        InvalidInputError: There is no such file.
    """
    if not operation.mutating:  # A read operation uploads nothing.
        return arguments
    paths: list[str] = []

    def collect(file: Any, path: str) -> Any:
        if _is_local(operation, file, path):
            paths.append(file)
        return file

    replace_files(arguments, collect)
    if not paths:
        return arguments
    if folder is None:
        raise _refusal(operation, paths[0], folder)
    from .._http.worker_threads import run_in_thread  # noqa: PLC0415  few calls name a file

    return await run_in_thread(_join, operation, arguments, folder)


def _is_local(operation: Operation | Action, file: object, path: str) -> bool:
    """Return whether a file of JSON arguments is a local path.

    Raises:
        InvalidInputError: It is a URL in an argument that takes only local files.
    """
    if not isinstance(file, str) or path not in operation.input.paths:
        return is_path(file)
    if is_url(file):
        raise InvalidInputError(path, file, "a local file; a URL needs no upload: pass the URL itself where it is used")
    return True


def _join(operation: Operation | Action, arguments: dict[str, JSONValue], folder: Path) -> dict[str, Any]:
    """Return the arguments with the local paths in it joined to the folder, after each was opened once. Blocks."""
    from .._files.local_files import FolderFile, open_regular_file  # noqa: PLC0415  few calls name a file
    from .._files.request_files import local_paths  # noqa: PLC0415

    if not folder.is_dir():
        raise ConfigurationError(f"files is {str(folder)!r}, which is not a folder. Pass an existing folder.")

    def join(file: Any, path: str) -> Any:
        if not _is_local(operation, file, path):
            return file
        try:
            return FolderFile(folder, file)
        except ValueError:
            raise _refusal(operation, file, folder) from None

    joined: dict[str, Any] = replace_files(arguments, join)
    for file, field in local_paths(joined):  # Wrong paths fail before the person is asked.
        try:
            open_regular_file(file).close()
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None) == errno.ELOOP:
                raise _refusal(operation, str(file), folder) from None
            reason = getattr(error, "strerror", None) or error
            raise InvalidInputError(field, str(file), f"a file that can be read ({reason})") from None
    return joined


def _refusal(operation: Operation | Action, path: str, folder: Path | None) -> ToolRefusedError:
    problem = "no local files" if folder is None else f"only local files below {folder}"
    remedy = "Pass an https URL or an asset id."
    if operation.input.paths:
        remedy = "An https URL needs no upload; pass it where the file is used."
    reason = f"was not run: {format_value(path)} is a local file, and this program lets a model read {problem}"
    return ToolRefusedError(operation.name, reason, f"{remedy} Only the program can pass others.")
