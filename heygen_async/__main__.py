"""`heygen-async`, also `python -m heygen_async`: the command line.

Its help is told from here without importing what the commands need.
"""

from __future__ import annotations

import os
import sys

from . import __version__
from .operations.names import COMMANDS, nouns

_COMPLETING = "_HEYGEN_ASYNC_COMPLETE"
_HELP = """\
Usage: heygen-async NOUN VERB [ARGUMENTS] [OPTIONS]

HeyGen from the shell. Answers are JSON on stdout, an error is one JSON object on stderr.

Nouns of the API:
{nouns}

Commands:
{commands}

Options:
  -h --help  for a noun or a command too: heygen-async video create --help
  --version

The key is HEYGEN_API_KEY of the environment.
Exit codes: 0 done, 1 failed, 2 wrong use, 3 not signed in or not allowed, 4 --timeout ran out, 130 stopped.
"""


def main() -> int:
    """Run this process's command line; its exit code."""
    arguments = sys.argv[1:]
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the shell
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: PTH123, SIM115
    try:
        if _COMPLETING not in os.environ:
            if arguments in ([], ["--help"], ["-h"]):
                return _say(_help())
            if arguments == ["--version"]:
                return _say(f"heygen-async {__version__}\n")
        from .cli.program import run  # noqa: PLC0415  what help does not need
    except KeyboardInterrupt:
        return 130
    return run(arguments)


def _help() -> str:
    about = {noun: about for noun, (_, about) in nouns().items()}
    return _HELP.format(nouns=_table(about), commands=_table(COMMANDS))


def _table(about: dict[str, str]) -> str:
    return "\n".join(f"  {name:<20}  {about[name]}" for name in sorted(about))


def _say(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as problem:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(problem, BrokenPipeError):  # whose reader has enough
            return _fail("output_error", f"Standard output cannot be written: {problem.strerror}.", 1)
    return 0


def _fail(code: str, message: str, exit_code: int) -> int:
    sys.stderr.write(f'{{"error": {{"code": "{code}", "message": "{message}"}}}}\n')
    return exit_code


if __name__ == "__main__":
    raise SystemExit(main())
