"""Settings of the command line: from the environment, else from `config.json` beside the stored sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from .._http import file_writing
from .._http.configuration import environment_value
from .output import CommandError

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("output", "analytics")
_VALUES = {"output": ("json", "human"), "analytics": ("false",)}
_VARIABLES = {"output": "HEYGEN_OUTPUT"}


def describe(name: str) -> dict[str, str]:
    """Return a setting with its value and its source.

    Raises:
        click.UsageError: The value of the environment or the file is invalid.
    """
    found = environment_value(_VARIABLES[name]) if name in _VARIABLES else None
    stored = _read().get(name)
    if found is not None:
        value, source = found[1].strip(), found[0]
    elif stored is not None:
        value, source = str(stored), str(_path())
    else:
        value, source = _VALUES[name][0], "default"
    return {"name": name, "value": _check(name, value, source), "source": source}


def store(name: str, value: str) -> None:
    """Write a setting.

    Raises:
        click.UsageError: The value is invalid.
        CommandError: The file cannot be written.
    """
    content = msgspec.json.encode({**_read(), name: _check(name, value, name)})
    path = _path()
    try:
        file_writing.create_private_folder(path.parent)
        with file_writing.replacement_file(path, path.with_name(f".{path.name}.new")) as file:
            file.write(content + b"\n")
    except OSError as problem:
        raise CommandError("output_error", f"{path} cannot be written ({problem.strerror}).") from None


def _path() -> Path:
    from ..auth.token_file import token_file_path

    return token_file_path().with_name("config.json")


def _read() -> dict[str, Any]:
    try:
        return msgspec.json.decode(_path().read_bytes(), type=dict[str, Any])
    except OSError:
        return {}
    except msgspec.DecodeError:
        raise click.UsageError(f"{_path()} is not valid JSON. Correct or remove it.") from None


def _check(name: str, value: str, source: str) -> str:
    if value not in _VALUES[name]:
        raise click.UsageError(f"{source} is {value!r}; expected {' or '.join(_VALUES[name])}.")
    return value
