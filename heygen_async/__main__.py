"""`heygen-async`, also `python -m heygen_async`: the entry point of the command line.

The most frequent calls, help and version, are served here without the imports that commands need.
"""

from __future__ import annotations

import os
import sys

from . import __version__
from .cli.exit_codes import FAILED, STOPPED, describe_exit_codes
from .operations.names import COMMANDS, command_resources

_COMPLETION_VARIABLE = "_HEYGEN_ASYNC_COMPLETE"
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
    arguments = sys.argv[1:]
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # The shell closed stdout.
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: PTH123, SIM115  pathlib is slow
    try:
        if _COMPLETION_VARIABLE not in os.environ:
            if arguments in ([], ["--help"], ["-h"]):
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
