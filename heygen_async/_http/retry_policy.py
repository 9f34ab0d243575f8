"""The retry rules: the outcome of a failed request, and whether it may be sent again.

The problem: a request that creates a video costs money, and a failure often hides whether it was done. A client that
repeats every failed request pays twice; one that repeats none fails after every short fault of the network.

The rejected ways: deciding by HTTP method alone (HeyGen deduplicates many POST requests, but not all), and deciding
by status alone (a 500 may occur before or after the work).

The outcome of a failed request is one of four:

* not sent: no connection was made, so HeyGen did not receive the request. Sending it is safe.
* rejected: HeyGen reported that it did nothing, by 429, by 503 with `Retry-After`, or by 409 `request_in_progress`.
  Sending it again is safe.
* unknown: the request was sent, and no response says whether it was done. Examples are a reset, a timeout, another 5xx,
  a body that is not JSON, and a response that exceeds a limit.
* final: the response is the result. No retry changes it.

The invariants:

* A request with an unknown outcome is sent again only when its operation allows it: because a repeat changes nothing,
  or because HeyGen honours its idempotency key. Any other raises `AmbiguousRequestError`, which says how to find out.
* After one attempt with an unknown outcome, the outcome of the whole call is unknown until a final response arrives.
* Retries of rejected requests do not spend the retry budget, because the server set their time. All others do.
* `request_in_progress` is repeated until the deadline, with no limit of attempts: HeyGen is still processing the
  request.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from .. import errors

if TYPE_CHECKING:
    from .configuration import Options
    from .endpoint import Endpoint
    from .retry_budget import RetryBudget

MAX_DELAY = 120.0  # seconds; when the server requests a longer pause, the caller decides
#: Codes of a 429 that no pause changes.
_PERMANENT = frozenset({"quota_exceeded", "insufficient_credit", "trial_limit_exceeded", "plan_upgrade_required"})


class RequestOutcome(Enum):
    """The outcome of a failed request; the module's docstring explains the four values."""

    NOT_SENT = auto()
    REJECTED = auto()
    UNKNOWN = auto()
    FINAL = auto()


def outcome_of(error: errors.APIError) -> RequestOutcome:
    """Return the outcome of the request that got an error response."""
    if isinstance(error, errors.RequestInProgressError):
        return RequestOutcome.REJECTED
    if error.status == 429 or isinstance(error, errors.RateLimitError):
        return RequestOutcome.FINAL if (error.code or "").lower() in _PERMANENT else RequestOutcome.REJECTED
    if error.status == 503 and error.retry_after is not None:
        return RequestOutcome.REJECTED
    if error.status == 408 or (error.status >= 500 and error.status != 501):
        return RequestOutcome.UNKNOWN
    return RequestOutcome.FINAL


def may_retry(
    error: errors.HeyGenError,
    outcome: RequestOutcome,
    endpoint: Endpoint,
    options: Options,
    attempt: int,
    budget: RetryBudget,
) -> bool:
    """Decide whether a request may be sent again, and pay for the retry from the budget.

    Args:
        error: The error that ended the newest attempt.
        outcome: The outcome of that attempt.
        endpoint: The operation, whose idempotency decides after an unknown outcome.
        options: The client's options.
        attempt: The number of the newest attempt, from 1.
        budget: The client's retry budget.
    """
    if isinstance(error, errors.RequestInProgressError):
        return options.max_retries > 0
    if outcome is RequestOutcome.FINAL or attempt > options.max_retries:
        return False
    if isinstance(error, errors.ResponseTooLargeError):  # the same request gets the same response
        return False
    if isinstance(error, errors.RateLimitError) and not options.retries_rate_limits:
        return False
    if outcome is RequestOutcome.UNKNOWN and not endpoint.repeat_rules.repeatable:
        return False
    return outcome is RequestOutcome.REJECTED or budget.spend()


class FailedAttemptError(Exception):
    """Private control flow: one attempt failed.

    Attributes:
        error: The error for the caller.
        outcome: The outcome of the request.
    """

    def __init__(self, error: errors.HeyGenError, outcome: RequestOutcome) -> None:
        super().__init__(error, outcome)
        self.error: errors.HeyGenError = error
        self.outcome: RequestOutcome = outcome
