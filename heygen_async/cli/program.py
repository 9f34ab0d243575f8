"""`heygen-async`: the group of all commands, loaded when they are used, and the exit code of every ending."""

from __future__ import annotations

import io
import logging
import os
import sys
from functools import partial
from importlib import import_module
from typing import Any, cast

import click

from ..errors import HeyGenError
from ..operations.names import COMMANDS, command_resources
from . import exit_codes, output
from .command_names import PROGRAM, with_command_names
from .error_reports import report_error, report_interruption
from .signals import interrupt_at_signals


class Program(click.Group):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the API's resources and of the other commands."""
        return sorted({*COMMANDS, *(noun.partition(" ")[0] for noun in command_resources())})

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names; for an unknown one, suggest similar names."""
        name = args[0]
        if not (ctx.resilient_parsing or name.startswith("-") or name in (known := self.list_commands(ctx))):
            from difflib import get_close_matches

            similar = get_close_matches(name, known)
            suggestion = f" Did you mean {' or '.join(similar)}?" if similar else ""
            raise click.UsageError(f"No such command {name!r}.{suggestion}", ctx)
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the group of a resource, or another command."""
        if cmd_name in COMMANDS:
            return _load_command(cmd_name)
        resources = [found for noun, found in command_resources().items() if noun.partition(" ")[0] == cmd_name]
        if not resources:
            return None
        from .operation_commands import commands_of

        commands: dict[tuple[str, ...], click.Command] = {}
        for name, _ in resources:
            commands |= commands_of(name)
        if cmd_name == "video":  # Its download is no operation of the API.
            commands["download",] = _load_command("download")
        return _group(cmd_name, commands, "; ".join(description for _, description in resources))


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    _prepare_process()
    log, notices = logging.getLogger("heygen_async"), _LogNotices(logging.WARNING)
    log.addHandler(notices)
    # A shell passes bytes. They are decoded as UTF-8 in every locale.
    arguments = [os.fsencode(one).decode("utf-8", "surrogateescape") for one in arguments]
    program = Program(PROGRAM, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
    try:
        code = program.main(arguments, prog_name=PROGRAM, standalone_mode=False)
    except (click.ClickException, HeyGenError) as error:
        return report_error(error)
    except OSError as problem:  # raised by click when it prints help
        return report_error(output.unwritable_stdout(problem))
    except (click.Abort, KeyboardInterrupt):
        return report_interruption()
    finally:
        log.removeHandler(notices)
    return code if isinstance(code, int) else exit_codes.DONE


def run_standalone(command: click.Command, arguments: list[str], name: str) -> int:
    """Run one command as a separate program, which reports wrong use as text. Return the exit code."""
    interrupt_at_signals()
    try:
        code = command.main(arguments, prog_name=name, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return exit_codes.exit_code_of(error)
    except (click.Abort, KeyboardInterrupt):
        return exit_codes.STOPPED
    return code if isinstance(code, int) else exit_codes.DONE


def _prepare_process() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    interrupt_at_signals()


def _group(name: str, commands: dict[tuple[str, ...], click.Command], description: str) -> click.Group:
    """Return a group with nested groups for commands of several words, such as `proofreads srt get`.

    Without a command, a group prints its help.
    """
    group = click.Group(name, help=description, invoke_without_command=True, callback=_print_help)
    nested: dict[str, dict[tuple[str, ...], click.Command]] = {}
    for (first, *rest), command in commands.items():
        if rest:
            nested.setdefault(first, {})[tuple(rest)] = command
        else:
            group.add_command(command, first)
    for first, inner in nested.items():
        group.add_command(_group(first, inner, ", ".join(" ".join(words) for words in inner)))
    return group


@click.pass_context
def _print_help(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        output.print_text(ctx.get_help())


def _load_command(name: str) -> click.Command:
    """Return the command of the file with its name; that of the MCP server stands beside its server."""
    name = name.replace("-", "_")
    try:
        module = import_module("..mcp.command" if name == "mcp" else f".{name}", __package__)
    except ImportError as error:  # The extra is not installed.
        anything: dict[str, Any] = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
        return click.Command(name, context_settings=anything, callback=partial(_report_missing, str(error)))
    return cast("click.Command", getattr(module, name))


def _report_missing(reason: str) -> None:
    raise click.UsageError(reason)


class _LogNotices(logging.Handler):
    """Prints warnings of the SDK's log as notices."""

    def emit(self, record: logging.LogRecord) -> None:
        output.print_notice("log", with_command_names(record.getMessage()))
