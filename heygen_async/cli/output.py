"""What is printed: JSON on stdout, one object about an error on stderr, and for people tables and values."""

from __future__ import annotations

import os
import re
import shlex
import sys
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import click
import msgspec

from .. import errors
from ..catalogue import json_of, operations, renamed

if TYPE_CHECKING:
    from ..models.base import JSONValue

DONE, FAILED, MISUSED, NOT_ALLOWED, TIMED_OUT = 0, 1, 2, 3, 4
PROGRAM = "heygen-async"
_COLUMNS = 6
_TIMES = re.compile(r"(^|_)(at|since|until)$")


def tell(answer: object, *, human: bool = False) -> None:
    """Print an answer: JSON, or a table of its items or its values."""
    if human:
        _show(answer)
    else:
        _write(msgspec.json.format(msgspec.json.encode(answer), indent=2))


def tell_line(item: object) -> None:
    """Print one of many, on one line."""
    _write(msgspec.json.encode(item))


def notice(code: str, message: str) -> None:
    """Tell on stderr what is no error."""
    click.echo(msgspec.json.encode({"notice": {"code": code, "message": message}}), err=True)


def fail(error: Exception, *, human: bool = False, command: str = "") -> int:
    """Print what went wrong, and give its exit code; what is known of a job goes to stdout."""
    job = getattr(error, "job", None)
    if job is not None:
        tell({"data": json_of(job)}, human=human)
    click.echo(msgspec.json.encode({"error": _facts(error, command)}), err=True)
    return _code(error)


def need_key() -> None:
    """Refuse to go on without a key in the environment."""
    if not os.environ.get("HEYGEN_API_KEY"):
        raise NoKeyError("There is no API key: HEYGEN_API_KEY is not set.")


class NoKeyError(click.ClickException):
    """The environment holds no key."""

    exit_code = NOT_ALLOWED


def in_commands_words(text: str) -> str:
    """A text in which methods of the client are called by their commands."""
    return renamed(text, _commands)


@cache
def _commands() -> dict[str, str]:
    return {operation.path: " ".join((PROGRAM, *operation.command)) for operation in operations().values()}


def _facts(error: Exception, command: str) -> dict[str, JSONValue]:
    facts: dict[str, JSONValue] = {"code": _name(error), "message": _message(error)}
    if isinstance(error, errors.APIError):
        facts |= {
            "status": error.status,
            "param": error.param,
            "doc_url": error.doc_url,
            "request_id": error.request_id,
        }
        facts = {name: value for name, value in facts.items() if value is not None}
    if hint := _hint(error, command):
        facts["hint"] = hint
    return facts


def _message(error: Exception) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, errors.InvalidInputError):
        flag = f"--{error.field.replace('_', '-')}" if error.field.isidentifier() else error.field
        if error.value is None:
            return f"{flag} is missing; expected {error.expected}. Nothing was sent."
        return in_commands_words(str(error).replace(error.field, flag, 1))
    if isinstance(error, errors.APIError) and not isinstance(error, errors.AmbiguousRequestError):
        return error.message
    return in_commands_words("\n".join([str(error), *getattr(error, "__notes__", ())]))


def _name(error: Exception) -> str:
    match error:
        case NoKeyError():
            return "unauthorized"
        case click.ClickException() | errors.InvalidInputError() | errors.ConfigurationError():
            return "usage_error"
        case errors.APIError():
            return error.code or f"http_{error.status}"
        case errors.WaitTimeoutError():
            return "timeout"
        case errors.JobFailedError():
            return error.failure_code or "job_failed"
        case errors.APIConnectionError():
            return "network_error"
        case _:
            return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__.removesuffix("Error")).lower()


def _code(error: Exception) -> int:
    match error:
        case NoKeyError() | errors.AuthenticationError() | errors.PermissionDeniedError():
            return NOT_ALLOWED
        case click.ClickException() | errors.InvalidInputError() | errors.ConfigurationError():
            return MISUSED
        case errors.WaitTimeoutError():
            return TIMED_OUT
        case _:
            return FAILED


def _hint(error: Exception, command: str) -> str:
    """What to type next."""
    if isinstance(error, NoKeyError):
        return "export HEYGEN_API_KEY=…, which is made at https://app.heygen.com/settings?nav=API"
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{error.ctx.command_path} --help"
    if isinstance(error, errors.InvalidInputError):
        return f"{command or PROGRAM} --help"
    if isinstance(error, errors.APIError):
        return in_commands_words(error.advice)
    if isinstance(error, errors.WaitTimeoutError | errors.InputRequiredError):
        looks = (one for one in operations().values() if one.wait and not one.changes)
        if (look := next((one for one in looks if one.gives is type(error.job)), None)) is not None:
            return shlex.join([PROGRAM, *look.command, error.id, "--wait"])
    return ""


def _write(encoded: bytes) -> None:
    try:
        sys.stdout.buffer.write(encoded + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # the reader has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(DONE) from None


def _show(answer: object) -> None:
    from rich.console import Console
    from rich.table import Table

    envelope = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    data = cast("object", envelope.get("data", answer))
    table = Table(box=None, pad_edge=False)
    if isinstance(data, list):
        items: list[dict[str, Any]] = data  # pyright: ignore[reportUnknownVariableType]  the API's lists hold objects
        columns = _columns(items)
        for column in columns:
            table.add_column(column.replace("_", " "), overflow="fold")
        for item in items:
            table.add_row(*(_readable(column, item.get(column)) for column in columns))
    else:
        table.show_header = False
        table.add_column()
        table.add_column(overflow="fold")
        values = cast("dict[str, Any]", data) if isinstance(data, dict) else {"": data}
        for name, value in values.items():
            table.add_row(f"[bold]{name}[/bold]", _readable(name, value))
    console = Console(highlight=False)
    console.print(table)
    if envelope.get("has_more"):
        console.print(f"More with --token {envelope['next_token']}", style="dim", markup=False)


def _columns(items: list[dict[str, Any]]) -> list[str]:
    """The fields that tell most: ids, names and states first, then what is short."""
    found = list(dict.fromkeys(name for item in items for name in item))
    plain = [name for name in found if not any(isinstance(item.get(name), dict | list) for item in items)]
    first = [name for name in plain if name == "id" or name.endswith("_id")][:1]
    first += [name for name in ("name", "title", "status", "type", "created_at") if name in plain]
    return (first + [name for name in plain if name not in first and not name.endswith("url")])[:_COLUMNS]


def _readable(name: str, value: Any) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    if _TIMES.search(name) and isinstance(value, int):
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, str):
        colour = {"completed": "green", "complete": "green", "failed": "red"}.get(value)
        return f"[{colour}]{value}[/{colour}]" if colour else escape(value)
    return escape(msgspec.json.encode(value).decode())
