"""Errors on standard error: code, message, hint for the next command, and the exit code of each error."""

from __future__ import annotations

import re
import shlex
import sys
from contextlib import suppress

import click
import msgspec

from .. import errors
from .._http.configuration import BASE_URL_VARIABLES, environment_value
from ..operations.catalog import find_status_operation
from ..operations.text import to_json
from . import exit_codes
from .command_names import PROGRAM, with_command_names
from .output import CommandError, print_notice, print_response, print_to_stderr

_JOB_ERRORS = (
    errors.WaitTimeoutError,
    errors.WaitInterruptedError,
    errors.JobFailedError,
    errors.InputRequiredError,
)


def report_error(error: Exception, *, wait: str | None = None, created: object = None) -> int:
    """Print an error as one JSON object, at a terminal as text, and return its exit code.

    The last known state of a job is printed to stdout, so that its ids are not lost.

    Args:
        error: The error.
        wait: The client's wait method that the command used.
        created: The response that created a job, if the error has no later state of the job.
    """
    if (job := getattr(error, "job", None)) is not None:
        created = {"data": to_json(job)}
    _print_job(created)
    code, hint = _classify(error, wait)
    report: dict[str, object] = {"code": code, "message": _message(error)}
    if isinstance(error, errors.APIError):
        details = {name: getattr(error, name) for name in ("status", "param", "doc_url", "request_id")}
        report |= {name: value for name, value in details.items() if value is not None}
    if isinstance(error, _JOB_ERRORS):
        report["id"] = error.id
    if hint:
        report["hint"] = hint
    print_to_stderr(_as_text(report) if sys.stderr.isatty() else msgspec.json.encode({"error": report}))
    return exit_codes.exit_code_of(error)


def _as_text(report: dict[str, object]) -> str:
    """Return an error for a person at a terminal: the message, the next step, the details."""
    details = ", ".join(f"{name} {value}" for name, value in report.items() if name not in {"message", "hint"})
    hint = f"\nNext: {report['hint']}" if "hint" in report else ""
    return f"Error: {report['message']}{hint}\n({details})"


def report_interruption(created: object = None) -> int:
    """Print that a signal stopped the command, and the job that continues at HeyGen. Return the exit code."""
    _print_job(created)
    print_notice("stopped", "Stopped. Created jobs continue at HeyGen.")
    return exit_codes.STOPPED


def _print_job(created: object) -> None:
    if created is not None:
        context = click.get_current_context(silent=True)
        human = bool(context and context.params.get("human"))
        with suppress(CommandError, click.exceptions.Exit):  # The original error is the one to report.
            print_response(created, human=human, mutating=True)


def _message(error: Exception) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, errors.InvalidInputError) and (flag := _flag_of(error.field)):
        return with_command_names(str(error).replace(error.field, flag, 1))
    if isinstance(error, errors.APIError) and not isinstance(error, errors.AmbiguousRequestError):
        return with_command_names("\n".join([error.message, *getattr(error, "__notes__", ())]))
    return with_command_names("\n".join([str(error), *getattr(error, "__notes__", ())]))


def _flag_of(field: str) -> str | None:
    """Return the flag of the running command that sets a field of the API."""
    context = click.get_current_context(silent=True)
    options = [one for one in context.command.params if isinstance(one, click.Option)] if context else []
    return next((option.opts[-1] for option in options if option.name == field), None)


def _classify(error: Exception, wait: str | None) -> tuple[str, str]:
    """Return the error's code, and a hint: the next command to run."""
    match error:
        case CommandError():
            return error.code, error.hint
        case click.ClickException():
            context = error.ctx if isinstance(error, click.UsageError) else None
            return "usage_error", f"{context.command_path} --help" if context else ""
        case errors.InvalidInputError():
            context = click.get_current_context(silent=True)
            return "usage_error", f"{context.command_path if context else PROGRAM} --help"
        case errors.ConfigurationError():
            return "usage_error", ""
        case errors.APIError():
            return error.code or f"http_{error.status}", with_command_names(error.advice)
        case errors.WaitTimeoutError():
            status = find_status_operation(error.kind, wait)
            hint = shlex.join([PROGRAM, *status.command, error.id, "--wait"]) if status else ""
            return "timeout", hint
        case errors.JobFailedError():
            return error.failure_code or "job_failed", ""
        case errors.APIConnectionError():
            setting = environment_value(*BASE_URL_VARIABLES)
            return "network_error", f"{setting[0]} is {setting[1]}." if setting else ""
        case errors.BudgetExceededError():
            return "budget_exceeded", ""
        case _:
            name = type(error).__name__.removesuffix("Error")
            return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(), ""
