"""What is printed: JSON on stdout, one object about an error on stderr, and for people tables and values."""

from __future__ import annotations

import os
import re
import shlex
import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import click
import msgspec

from .. import errors
from ..operations.catalog import json_of, look_at, operations, renamed

if TYPE_CHECKING:
    from collections.abc import Collection

    from rich.text import Text

DONE, FAILED, MISUSED, NOT_ALLOWED, TIMED_OUT, STOPPED = 0, 1, 2, 3, 4, 130
PROGRAM = "heygen-async"
_COLUMNS = 6
_WIDE = 1000  # characters of a line that no terminal folds
_MINUTE = "%Y-%m-%d %H:%M UTC"
_TIMES = re.compile(r"(^|_)(at|since|until)$")
_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*$")


def tell(answer: object, *, human: bool = False, of_change: bool = False) -> None:
    """Print an answer: JSON, or a table of its items or its values.

    Args:
        of_change: It tells of what was done, or begun: where stdout cannot be written, stderr tells it.
    """
    if human:
        text = _table(answer).encode(sys.stdout.encoding, "backslashreplace")
    else:
        text = msgspec.json.format(msgspec.json.encode(answer), indent=2)
    try:
        if of_change and sys.stdout.name == os.devnull:  # which stands for what the shell has closed
            raise FailedError("output_error", "Standard output is closed.")
        _write(text)
    except (FailedError, click.exceptions.Exit):
        if of_change:
            notice("answer", "Standard output cannot be written; this is what was answered.", answer=answer)
        raise


def tell_line(item: object) -> None:
    """Print one of many, on one line."""
    _write(msgspec.json.encode(item))


def tell_text(text: str) -> None:
    """Print what a person reads."""
    _write(text.encode(sys.stdout.encoding, "backslashreplace"))


def notice(code: str, message: str, **facts: object) -> None:
    """Tell on stderr what is no error."""
    click.echo(msgspec.json.encode({"notice": {"code": code, "message": message, **facts}}), err=True)


def fail(
    error: Exception,
    *,
    human: bool = False,
    command: str = "",
    fields: Collection[str] = (),
    wait: str | None = None,
    known: object = None,
) -> int:
    """Print what went wrong, and give its exit code.

    What is `known` of a job, by its last look or by what create answered, goes to stdout.

    Args:
        command: Whose help tells more.
        fields: Those of the command's flags that are fields of the API.
        wait: The client's wait that it stands for.
    """
    if (job := getattr(error, "job", None)) is not None:
        known = {"data": json_of(job)}
    _tell_known(known, human=human)
    code, exit_code, hint = _ending(error, command, wait)
    facts: dict[str, object] = {"code": code, "message": _message(error, fields)}
    if isinstance(error, errors.APIError):
        told = {name: getattr(error, name) for name in ("status", "param", "doc_url", "request_id")}
        facts |= {name: value for name, value in told.items() if value is not None}
    if isinstance(error, errors.WaitTimeoutError | errors.JobFailedError | errors.InputRequiredError):
        facts["id"] = error.id
    if hint:
        facts["hint"] = hint
    click.echo(msgspec.json.encode({"error": facts}), err=True)
    return exit_code


def stopped(known: object = None, *, human: bool = False) -> int:
    """Tell of an interruption, and what is known of what goes on at HeyGen after it."""
    _tell_known(known, human=human)
    notice("stopped", "Stopped; what is under way goes on at HeyGen.")
    return STOPPED


def declined() -> int:
    """Tell that nothing was done."""
    notice("stopped", "Stopped; nothing was sent.")
    return STOPPED


def _tell_known(known: object, *, human: bool) -> None:
    """Print what is known of a job; that it cannot be is not what ended the command."""
    if known is not None:
        with suppress(FailedError, click.exceptions.Exit):
            tell(known, human=human, of_change=True)


def need_key() -> None:
    """Refuse to go on without a key in the environment."""
    if not os.environ.get("HEYGEN_API_KEY"):
        raise FailedError(
            "unauthorized",
            "There is no API key: HEYGEN_API_KEY is not set.",
            "export HEYGEN_API_KEY=…, which is made at https://app.heygen.com/settings?nav=API",
            ends=NOT_ALLOWED,
        )


class FailedError(click.ClickException):
    """What was asked for could not be done, and nobody is to blame for how it was asked."""

    def __init__(self, code: str, message: str, hint: str = "", *, ends: int = FAILED) -> None:
        super().__init__(message)
        self.code: str = code
        self.hint: str = hint
        self.ends: int = ends


def in_commands_words(text: str, beside: str = "") -> str:
    """A text in which methods of the client are called by their commands; see `renamed`."""
    return renamed(text, _commands, beside).replace("base_url", "HEYGEN_API_URL")


@cache
def _commands() -> dict[str, str]:
    named = {operation.path: " ".join((PROGRAM, *operation.command)) for operation in operations().values()}
    return {**named, "assets.upload": f"{PROGRAM} upload"}


def _message(error: Exception, fields: Collection[str]) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, errors.InvalidInputError) and error.field in fields:
        return in_commands_words(str(error).replace(error.field, f"--{error.field.replace('_', '-')}", 1))
    if isinstance(error, errors.APIError) and not isinstance(error, errors.AmbiguousRequestError):
        return error.message
    return in_commands_words("\n".join([str(error), *getattr(error, "__notes__", ())]))


def _ending(error: Exception, command: str, wait: str | None) -> tuple[str, int, str]:
    """What it is called, the exit code, and what to type next."""
    match error:
        case FailedError():
            return error.code, error.ends, error.hint
        case click.ClickException():
            context = error.ctx if isinstance(error, click.UsageError) else None
            return "usage_error", MISUSED, f"{context.command_path} --help" if context else ""
        case errors.InvalidInputError():
            return "usage_error", MISUSED, f"{command or PROGRAM} --help"
        case errors.ConfigurationError():
            return "usage_error", MISUSED, ""
        case errors.APIError():
            refused = isinstance(error, errors.AuthenticationError | errors.PermissionDeniedError)
            code = error.code or f"http_{error.status}"
            return code, NOT_ALLOWED if refused else FAILED, in_commands_words(error.advice)
        case errors.WaitTimeoutError():
            look = look_at(error.kind, wait)
            return "timeout", TIMED_OUT, shlex.join([PROGRAM, *look.command, error.id, "--wait"]) if look else ""
        case errors.JobFailedError():
            return error.failure_code or "job_failed", FAILED, ""
        case errors.APIConnectionError():
            address = os.environ.get("HEYGEN_API_URL")
            return "network_error", FAILED, f"HEYGEN_API_URL is {address}." if address else ""
        case _:
            name = type(error).__name__.removesuffix("Error")
            return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(), FAILED, ""


def in_plain(text: str) -> str:
    """A text without the characters by which a terminal is steered."""
    return _STEERS.sub("", text)


def _write(encoded: bytes) -> None:
    try:
        sys.stdout.buffer.write(encoded + b"\n")
        sys.stdout.buffer.flush()
    except OSError as problem:
        raise unwritable(problem) from None


def unwritable(problem: OSError) -> Exception:
    """What ends a command that cannot print."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(problem, BrokenPipeError):  # the reader has enough
        return click.exceptions.Exit(DONE)
    return FailedError("output_error", f"Standard output cannot be written: {problem.strerror}.")


def _table(answer: object) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    envelope = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    data = envelope.get("data", answer)
    table = Table(box=None, pad_edge=False)
    if isinstance(data, list):
        items = [_values(item) for item in cast("list[object]", data)]
        for number, column in enumerate(columns := _columns(items)):
            table.add_column(in_plain(column).replace("_", " "), overflow="fold", no_wrap=number == 0)
        for item in items:
            table.add_row(*(_readable(column, item.get(column)) for column in columns))
    else:
        table.show_header = False
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in _values(data).items():
            table.add_row(Text(in_plain(name), style="bold"), _readable(name, value))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    with console.capture() as printed:
        console.print(table)
        if envelope.get("has_more"):
            console.print(in_plain(f"More with --token {envelope.get('next_token')}"), style="dim", markup=False)
    return printed.get().removesuffix("\n")


def _values(thing: object) -> dict[str, Any]:
    return cast("dict[str, Any]", thing) if isinstance(thing, dict) else {"": thing}


def _columns(items: list[dict[str, Any]]) -> list[str]:
    """The fields that tell most: ids, names and states first, then what is short."""
    found = list(dict.fromkeys(name for item in items for name in item))
    plain = [name for name in found if not any(isinstance(item.get(name), dict | list) for item in items)]
    first = [name for name in plain if name == "id" or name.endswith("_id")][:1]
    first += [name for name in ("name", "title", "status", "type", "url", "created_at") if name in plain]
    return (first + [name for name in plain if name not in first and not name.endswith("_url")])[:_COLUMNS]


def _readable(name: str, value: Any) -> Text:
    from rich.text import Text

    with suppress(ValueError, OverflowError):  # what is no time after all is shown as it is
        if isinstance(value, int) and _TIMES.search(name):
            return Text(datetime.fromtimestamp(value, UTC).strftime(_MINUTE))
        if isinstance(value, str) and _ISO.match(value):
            return Text(datetime.fromisoformat(value).astimezone(UTC).strftime(_MINUTE))
    if value is None:
        return Text()
    if isinstance(value, str):
        return Text(in_plain(value), style={"completed": "green", "complete": "green", "failed": "red"}.get(value, ""))
    return Text(in_plain(msgspec.json.encode(value).decode()))
