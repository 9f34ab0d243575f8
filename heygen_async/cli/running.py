"""Running a command: with a key, in a loop of its own, to an end that is told; and what all commands share."""

from __future__ import annotations

import asyncio
import sys
from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from ..errors import HeyGenError
from . import output

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Sequence


def _check_rich(_context: click.Context, _parameter: click.Parameter, human: bool) -> bool:  # noqa: FBT001  click's signature
    if human:
        try:
            import_module("rich")
        except ImportError:
            message = "--human needs rich: python -m pip install 'heygen-async[progress]'"
            raise click.UsageError(message) from None
    return human


HUMAN = click.Option(
    ["--human"],
    is_flag=True,
    callback=_check_rich,
    help="Tables and values for people, and progress while it waits. Needs the extra progress.",
)
TIMEOUT = "How long the wait may take (90s, 10m, 1h30m); by default 20m, for a batch 2h."
QUIET = click.Option(["-q", "--quiet"], is_flag=True, help="Nothing on stderr but an error.")


def run(
    doing: Callable[[], Coroutine[Any, Any, None]],
    *,
    human: bool = False,
    key: bool = True,
    destroys: str = "",
    fields: Collection[str] = (),
    wait: str | None = None,
    begun: Sequence[object] = (),
) -> int:
    """Do it, and give the exit code.

    Args:
        key: Whether it needs one.
        destroys: What it would do for good, unless a person at a terminal says no.
        fields: The fields of the API that are flags of this command.
        wait: The client's wait that ends it.
        begun: What create has answered by then: whatever comes, its ids are told.
    """
    if key:
        output.need_key()
    if destroys and not _confirmed(destroys):
        return output.declined()
    try:
        asyncio.run(doing())
    except KeyboardInterrupt:
        return output.stopped(*begun, human=human)
    except HeyGenError as error:
        command = click.get_current_context().command_path
        known = next(iter(begun), None)
        return output.fail(error, human=human, command=command, fields=fields, wait=wait, known=known)
    return output.DONE


def bars(*, shown: bool) -> Any:
    """Live bars at a terminal, a context of `heygen_async.progress.ProgressBars`; elsewhere of None."""
    if not (shown and sys.stderr.isatty()):
        return nullcontext()
    from ..progress import ProgressBars

    return ProgressBars(transient=True)


def _confirmed(what: str) -> bool:
    """Ask at a terminal before something is done that cannot be undone; elsewhere a flag has to say it."""
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"{what} cannot be undone, and nobody is there to ask: add --force.", click.get_current_context()
        )
    try:
        return click.confirm(f"{what} cannot be undone. Go on?", err=True)
    except click.Abort:  # Ctrl-C
        return False
