"""The log of a wait: each poll, each pause and the end, as records of `heygen_async.jobs`.

These records are at the level DEBUG; nothing is formatted while the level is off. Each has the facts of the wait as
attributes.
"""

from __future__ import annotations

from asyncio import CancelledError
from logging import DEBUG, getLogger
from typing import TYPE_CHECKING

from ..errors import HeyGenError
from ..types.redaction import redact_urls
from .poll_failures import NO_RESPONSE

if TYPE_CHECKING:
    from .poll_entry import PollEntry

_log = getLogger("heygen_async.jobs")


def log_poll(entry: PollEntry, state: str, error: BaseException | None = None) -> None:
    """Log the state that a poll returned, or the error that ended it."""
    if _log.isEnabledFor(DEBUG):
        _log.debug(
            "Poll %d of the %s %s after %.1f s: %s.",
            entry.poll_count, entry.kind.name, entry.id, entry.elapsed, _outcome(state, error), extra=log_fields(entry),
        )  # fmt: skip


def log_pause(entry: PollEntry, seconds: float) -> None:
    """Log the pause before the next poll or, if that is earlier, before the deadline."""
    if _log.isEnabledFor(DEBUG):
        message = "The wait for the %s %s pauses for %.1f s."
        _log.debug(message, entry.kind.name, entry.id, seconds, extra=log_fields(entry))


def log_end(entry: PollEntry, error: BaseException | None) -> None:
    """Log the end of a wait: its last state, or the error that it raises."""
    if _log.isEnabledFor(DEBUG):
        _log.debug(
            "The wait for the %s %s ended after %.1f s (polls: %d): %s.",
            entry.kind.name, entry.id, entry.elapsed, entry.poll_count, _outcome(entry.state, error),
            extra=log_fields(entry),
        )  # fmt: skip


def log_fields(entry: PollEntry) -> dict[str, object]:
    """Return the attributes of a log record about this wait."""
    return {
        "operation": f"wait_for_{entry.kind.wait}",
        "job_id": entry.id,
        "state": entry.state,
        "poll_count": entry.poll_count,
        "elapsed": entry.elapsed,
    }


def _outcome(state: str, error: BaseException | None) -> str:
    if error is None:
        return redact_urls(f"state {state!r}")  # a state of an unknown form may hold one
    if isinstance(error, CancelledError | GeneratorExit):
        return "it was cancelled"
    if not isinstance(error, HeyGenError):
        return NO_RESPONSE if isinstance(error, TimeoutError) else type(error).__name__
    return f"{type(error).__name__}: {error}".rstrip(".")
