"""Running a command: with a key, in a loop of its own, to an end that is told; and what all commands share."""

from __future__ import annotations

import asyncio
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from ..errors import HeyGenError
from . import output

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

HUMAN = click.Option(["--human"], is_flag=True, help="Tables and values for people, and progress while it waits.")
QUIET = click.Option(["-q", "--quiet"], is_flag=True, help="Nothing on stderr but an error.")


def run(doing: Callable[[], Coroutine[Any, Any, int]], *, human: bool = False, command: str = "") -> int:
    """Do it, and give the exit code; `command` is what `--help` may be asked of when it was asked wrongly."""
    output.need_key()
    try:
        return asyncio.run(doing())
    except HeyGenError as error:
        return output.fail(error, human=human, command=command)


def bars(*, shown: bool) -> Any:
    """Live bars at a terminal, a context of `heygen_async.progress.Bars`; elsewhere of None."""
    if not (shown and sys.stderr.isatty()):
        return nullcontext()
    from ..progress import Bars

    return Bars(transient=True)
