"""Run a command's coroutine: check the key, confirm, report errors. Also the options that commands share."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..auth.credential_choice import has_credentials
from ..errors import HeyGenError
from . import exit_codes, settings
from .error_reports import report_error, report_interruption
from .output import CommandError, print_notice
from .signals import run_until_signal

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine, Sequence


def run(
    work: Callable[[], Coroutine[Any, Any, None]],
    *,
    needs_key: bool = True,
    destroys: str = "",
    wait: str | None = None,
    created: Sequence[object] = (),
) -> int:
    """Run a command's coroutine and return the exit code.

    Args:
        work: The coroutine function.
        needs_key: Fail without credentials.
        destroys: A description of the effect that cannot be undone. A person at a terminal has to confirm it.
        wait: The client's wait method that the command uses.
        created: Filled by `work` with the response that created a job. Errors and interruptions print it.
    """
    if needs_key:
        require_credentials()
    if destroys and not _confirm(destroys):
        print_notice("stopped", "Stopped; nothing was sent.")
        return exit_codes.STOPPED
    try:
        run_until_signal(work)
    except KeyboardInterrupt:
        return report_interruption(next(iter(created), None))
    except HeyGenError as error:
        return report_error(error, wait=wait, created=next(iter(created), None))
    return exit_codes.DONE


def require_credentials() -> None:
    """Fail if neither the environment nor a stored sign-in gives credentials."""
    if not has_credentials():
        raise CommandError(
            "unauthorized",
            "There is no API key: HEYGEN_API_KEY and HEYGEN_ACCESS_TOKEN are not set, and no sign-in is stored.",
            "heygen-async auth login, with a key from https://app.heygen.com/settings?nav=API; "
            "or try without a key: heygen-async demo",
            exit_code=exit_codes.NOT_ALLOWED,
        )


def open_listener(host: str, port: int) -> socket.socket:
    """Listen on an IPv4 or IPv6 address; port 0 takes any free port."""
    import socket

    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        # asyncio sets it only for sockets with an explicit protocol. Without it a short response may wait for 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as problem:
        message = f"Cannot listen on {host}:{port} ({problem.strerror}). Choose another --port or --host."
        raise click.UsageError(message, click.get_current_context()) from None


def progress_bars(*, visible: bool) -> Any:
    """Return a context manager of `ProgressBars` if stderr is a terminal and rich is installed, else of None."""
    if not (visible and sys.stderr.isatty() and find_spec("rich")):
        return nullcontext()
    from ..progress import ProgressBars

    return ProgressBars(transient=True)


def _confirm(action: str) -> bool:
    """Ask the person at the terminal. Without a terminal, `--force` is required."""
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"{action} cannot be undone, and there is no terminal to confirm it: add --force.",
            click.get_current_context(),
        )
    try:
        return click.confirm(f"{action} cannot be undone. Continue?", err=True)
    except click.Abort:  # Ctrl-C
        return False


def _require_rich(ctx: click.Context, parameter: click.Parameter, value: bool) -> bool:  # noqa: FBT001  click's signature
    flag, is_default = parameter.opts[0], ctx.get_parameter_source(parameter.name or "") is ParameterSource.DEFAULT
    if flag == "--human" and is_default:
        value = settings.describe("output")["value"] == "human"
    if value and not find_spec("rich"):
        raise click.UsageError(f"{flag} needs rich: python -m pip install 'heygen-async[progress]'", ctx)
    return value


def rich_option(flag: str, description: str) -> click.Option:
    """Return a flag that fails, before anything is sent, if rich is not installed."""
    return click.Option([flag], is_flag=True, callback=_require_rich, help=f"{description} (extra `progress`)")


HUMAN = rich_option("--human/--no-human", "Print tables for people, and progress while it waits.")
QUIET = click.Option(["-q", "--quiet"], is_flag=True, help="Print only errors to stderr.")
CREDENTIALS_HELP = (
    "The API key is read from the environment variable HEYGEN_API_KEY, else an OAuth token from HEYGEN_ACCESS_TOKEN, "
    "else the stored sign-in."
)
TIMEOUT_HELP = "Stop waiting after this time (90s, 10m, 1h30m). Default: 20m; for a batch 2h."
