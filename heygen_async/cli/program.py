"""The whole command line: nouns and their verbs, found when they are asked for, and what every end of it prints."""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
import threading
from difflib import get_close_matches
from importlib import import_module
from typing import cast

import click

from ..errors import HeyGenError
from ..operations.names import COMMANDS, nouns
from . import output

#: The files of the commands that are no operations.
_HOMES = {"upload": "files", "batch": "jobs", "listen": "jobs", "watch": "jobs"}


class Program(click.Group):
    """`heygen-async`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every noun and every command beside them."""
        return sorted([*COMMANDS, *nouns()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; of what is none, those near it are told."""
        name = args[0]
        if not (ctx.resilient_parsing or name.startswith("-") or name in (known := self.list_commands(ctx))):
            near = get_close_matches(name, known)
            said = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f"No such command {name!r}.{said}", ctx)
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A noun with its verbs, of the catalogue; or a command beside them."""
        if cmd_name in COMMANDS:
            return _command(_HOMES.get(cmd_name, "shell"), cmd_name)
        resource, about = nouns().get(cmd_name, (None, ""))
        if resource is None:
            return None
        from .operations import commands

        found: dict[tuple[str, ...], click.Command] = {**commands(resource)}
        if cmd_name == "video":  # which has one that is no operation
            found["download",] = _command("files", "video_download")
        return _group(cmd_name, found, about)


def _group(name: str, commands: dict[tuple[str, ...], click.Command], about: str) -> click.Group:
    """Commands of several words, such as `video-translate proofreads srt get`."""
    group = click.Group(name, help=about, no_args_is_help=False)
    nested: dict[str, dict[tuple[str, ...], click.Command]] = {}
    for (first, *rest), command in commands.items():
        if rest:
            nested.setdefault(first, {})[tuple(rest)] = command
        else:
            group.add_command(command, first)
    for first, inner in nested.items():
        group.add_command(_group(first, inner, ", ".join(" ".join(words) for words in inner)))
    return group


def _command(home: str, name: str) -> click.Command:
    return cast("click.Command", getattr(import_module(f".{home}", __package__), name))


class _Notices(logging.Handler):
    """What the SDK logs, as notices."""

    def emit(self, record: logging.LogRecord) -> None:
        output.notice("log", output.in_commands_words(record.getMessage()))


def run(arguments: list[str]) -> int:
    """Run a command line; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    log, notices = logging.getLogger("heygen_async"), _Notices(logging.WARNING)
    log.addHandler(notices)
    # Arguments are bytes to a shell, and UTF-8 whatever the locale says.
    arguments = [os.fsencode(one).decode("utf-8", "surrogateescape") for one in arguments]
    program = Program("heygen-async", no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
    try:
        code = program.main(arguments, prog_name=output.PROGRAM, standalone_mode=False)
    except (click.ClickException, HeyGenError) as error:
        return output.fail(error)
    except OSError as problem:  # of what click itself prints: help
        return output.fail(output.unwritable(problem))
    except (click.Abort, KeyboardInterrupt):
        return output.stopped()
    finally:
        log.removeHandler(notices)
    return code if isinstance(code, int) else output.DONE
