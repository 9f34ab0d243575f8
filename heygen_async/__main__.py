"""`heygen-async`, also `python -m heygen_async`: the entry point of the command line.

The most frequent calls, help and version, are served here without the imports that commands need.
"""

from __future__ import annotations

import gc
import os
import sys

from . import __version__
from .cli.exit_codes import FAILED, STOPPED, describe_exit_codes
from .operations.names import COMMANDS, command_resources

_COMPLETION_VARIABLE = "_HEYGEN_ASYNC_COMPLETE"
_OBJECTS_A_COLLECTION = 10_000  # Imports create many objects and little garbage.
_FIRST_COMMANDS = """\
HeyGen from the shell. These commands matter first; `heygen-async --help` lists all.

  heygen-async demo                                      create a sample video here, without a key
  heygen-async auth login                                store your API key for this user
  heygen-async auth status                               show the account, its balance and the key in use
  heygen-async video-agent create --prompt TEXT --wait   create a video from a prompt
  heygen-async avatar looks list                         list the avatars that a video can show
  heygen-async voice list --language English             list the voices that it can speak with
  heygen-async video create -d REQUEST.json --wait       create a video from an avatar and a script
  heygen-async video download VIDEO_ID                   save a finished video
  heygen-async video-translate create --help             translate a video
  heygen-async batch SHEET.csv --dry-run                 check a sheet of many videos, and its price

`heygen-async completion bash` prints the script that completes commands in bash; zsh and fish too.
"""
_HELP = """\
Usage: heygen-async NOUN VERB [ARGUMENTS] [OPTIONS]

HeyGen from the shell. Prints JSON to stdout, and one JSON object about an error to stderr.

Nouns of the API:
{nouns}

Commands:
{commands}

Options:
  -h --help  also after a noun or a command: heygen-async video create --help
  --version

The API key is read from the environment variable HEYGEN_API_KEY, else an OAuth token from HEYGEN_ACCESS_TOKEN, else the
stored sign-in. `heygen-async auth status` shows which is used.
{exit_codes}
"""


def main() -> int:
    """Run this process's command line and return the exit code."""
    gc.set_threshold(_OBJECTS_A_COLLECTION)
    arguments = sys.argv[1:]
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # The shell closed stdout.
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: PTH123, SIM115  pathlib is slow
    try:
        if _COMPLETION_VARIABLE not in os.environ:
            if not arguments:
                return _print(_FIRST_COMMANDS)
            if arguments in (["--help"], ["-h"]):
                return _print(_help())
            if arguments == ["--version"]:
                return _print(f"heygen-async {__version__}\n")
        from .cli.signals import exit_at_signals  # noqa: PLC0415  Help does not need it.

        exit_at_signals()
        from .cli.program import run  # noqa: PLC0415  Help does not need it.
    except KeyboardInterrupt:
        return STOPPED
    return run(arguments)


def _help() -> str:
    descriptions = {noun: description for noun, (_, description) in command_resources().items()}
    return _HELP.format(nouns=_table(descriptions), commands=_table(COMMANDS), exit_codes=describe_exit_codes())


def _table(descriptions: dict[str, str]) -> str:
    return "\n".join(f"  {name:<20}  {descriptions[name]}" for name in sorted(descriptions))


def _print(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as problem:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(problem, BrokenPipeError):  # It is not an error when the reader closes the pipe.
            message = f"Standard output cannot be written: {problem.strerror}."
            sys.stderr.write(f'{{"error": {{"code": "output_error", "message": "{message}"}}}}\n')
            return FAILED
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
