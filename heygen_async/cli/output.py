"""Standard output (JSON, JSON Lines, text) and notices on standard error."""

from __future__ import annotations

import os
import sys
from typing import IO, Any

import click
import msgspec

from . import exit_codes


class CommandError(click.ClickException):
    """A command failed although its arguments are valid."""

    def __init__(self, code: str, message: str, hint: str = "", *, exit_code: int = exit_codes.FAILED) -> None:
        super().__init__(message)
        self.code: str = code
        self.hint: str = hint
        self.exit_status: int = exit_code

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the error as text, for a command that runs on its own."""
        click.echo(f"Error: {self.message}{f' Hint: {self.hint}' if self.hint else ''}", file=file, err=file is None)


def print_response(response: object, *, human: bool = False, mutating: bool = False) -> None:
    """Print a response as JSON, or with `human` as a table.

    Args:
        response: The response.
        human: Print a table.
        mutating: Whether the response reports a change at HeyGen. If stdout cannot be written, it is printed to stderr.
    """
    try:
        if mutating and sys.stdout.name == os.devnull:  # The entry point opens it where the shell closed stdout.
            raise CommandError("output_error", "Standard output is closed.")
        if human:
            from .tables import format_table

            print_text(format_table(response))
        else:
            _write(msgspec.json.format(msgspec.json.encode(response), indent=2))
    except (CommandError, click.exceptions.Exit):
        if mutating:
            print_notice("response", "Standard output cannot be written. This is the response.", response=response)
        raise


def print_json_line(item: object) -> None:
    """Print one item on one line."""
    _write(msgspec.json.encode(item))


def print_text(text: str) -> None:
    """Print text for a person."""
    _write(text.encode(sys.stdout.encoding, "backslashreplace"))


def print_notice(code: str, message: str, **fields: object) -> None:
    """Print a notice to stderr: information that is not an error."""
    print_to_stderr(msgspec.json.encode({"notice": {"code": code, "message": message, **fields}}))


def print_to_stderr(line: str | bytes) -> None:
    """Print a line to stderr. It is dropped when nobody can read it, as after the terminal was closed."""
    try:
        click.echo(line, err=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # Python writes what is buffered at its end.


def unwritable_stdout(problem: OSError) -> Exception:
    """Return the exception that ends a command whose stdout cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(problem, BrokenPipeError):  # The reader closed the pipe, as `head` does. That is not an error.
        return click.exceptions.Exit(exit_codes.DONE)
    return CommandError("output_error", f"Standard output cannot be written: {problem.strerror}.")


def _write(encoded: bytes) -> None:
    try:
        sys.stdout.buffer.write(encoded + b"\n")
        sys.stdout.buffer.flush()
    except OSError as problem:
        raise unwritable_stdout(problem) from None
