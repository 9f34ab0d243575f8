"""Errors of the SDK as failures of activities, and failures of workflows as errors of the SDK."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError, CancelledError, FailureError, TerminatedError

from ...errors import HeyGenError, InsufficientCreditError
from .. import errors

#: Seconds until a row is tried again that the account's balance does not cover.
CREDIT_RETRY_DELAY = 60.0


def to_failure(error: HeyGenError, ids: Sequence[str] = ()) -> ApplicationError:
    """Return the failure of an activity: final, or retried after the delay that HeyGen requested.

    Args:
        error: The error of the step.
        ids: The ids of the row's jobs.
    """
    delay = CREDIT_RETRY_DELAY if isinstance(error, InsufficientCreditError) else errors.retry_after(error)
    return ApplicationError(
        str(error),
        errors.to_json(error),
        list(ids),
        type=type(error).__name__,
        non_retryable=errors.is_final(error),
        next_retry_delay=None if delay is None else timedelta(seconds=delay),
    )


def from_failure(failure: WorkflowFailureError, workflow_id: str) -> tuple[HeyGenError, list[str]]:
    """Return the error that ended a workflow, and the ids of the row's jobs."""
    cause = _innermost(failure)
    if isinstance(cause, ApplicationError) and len(cause.details) == 2:
        text, ids = cause.details
        return errors.from_json(text), ids
    if isinstance(cause, CancelledError | TerminatedError):
        end = "cancelled" if isinstance(cause, CancelledError) else "terminated"
        return HeyGenError(
            f"The workflow {workflow_id!r} was {end}. Its job may be running at HeyGen. Run the batch again to go on "
            "with the row."
        ), []
    return HeyGenError(f"The workflow {workflow_id!r} failed: {cause}. Run the batch again to go on with the row."), []


def _innermost(failure: WorkflowFailureError) -> BaseException:
    """Return the failure that caused all others."""
    cause: BaseException = failure
    while isinstance(inner := cause.__cause__, FailureError):
        cause = inner
    return cause
