"""Failed polls: the rules by which one ends a wait.

The problem: during a wait of minutes, polls fail with transient errors, such as in an outage, and with permanent
errors. A wait that continues after every error polls in vain until its timeout. A wait that ends at the first error
loses a job that is paid for. So each error has a cause, and each cause has a maximum number of consecutive failed
polls.

| cause        | errors                                              | failures in a row that a wait survives |
|--------------|-----------------------------------------------------|----------------------------------------|
| `outage`     | no response, 408, 429, 5xx                          | any number                             |
| `unreadable` | a response that cannot be decoded                   | 2                                      |
| `blocked`    | 403 with a page of HTML, as a firewall sends it     | 3                                      |
| `unknown`    | a host that was never found                         | 2                                      |
| `missing`    | 404                                                 | none, or any number for a new job      |
| `final`      | everything else, such as 400, 401, 403, 410 and 422 | none                                   |

The transport has refreshed the token once before a 401 arrives here. A new job may not be visible yet, so a 404 does
not end its wait for `NEW_JOB_TIME` seconds.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

from .. import errors

#: The errors of a status request that may pass.
TRANSIENT_ERRORS = (errors.APIConnectionError, errors.RateLimitError, errors.ServerError, errors.DecodeError)
NEW_JOB_TIME = 30.0  # seconds

Cause: TypeAlias = Literal["outage", "unreadable", "blocked", "unknown", "missing", "final"]
_MAX_IN_A_ROW: dict[Cause, float] = {"outage": math.inf, "unreadable": 2, "blocked": 3, "unknown": 2}
NO_RESPONSE = "no response"
MAX_LOOKUP_PAUSE = 4.0  # seconds between the polls of a host that was never found


def is_blocked(error: errors.HeyGenError) -> bool:
    """Whether a firewall before the API refused the request."""
    if not isinstance(error, errors.PermissionDeniedError):
        return False
    return isinstance(error.body, str) and error.body.lstrip().startswith("<")


def cause_of(error: errors.HeyGenError) -> Cause:
    """Return the cause of a failed poll."""
    if isinstance(error, errors.DecodeError):
        return "unreadable"
    if isinstance(error, errors.APIConnectionError) and error.is_unknown_host:
        return "unknown"
    if isinstance(error, TRANSIENT_ERRORS):
        return "outage"
    if is_blocked(error):
        return "blocked"
    is_missing = isinstance(error, errors.NotFoundError) and not isinstance(error, errors.GoneError)
    return "missing" if is_missing else "final"


def _result_of(error: errors.HeyGenError) -> str:
    """Return what a failed poll got, in the words of a message."""
    if isinstance(error, errors.RateLimitError):
        return f"status {error.status} (rate limited)"
    if isinstance(error, errors.APIError):
        return f"status {error.status}"
    if isinstance(error, errors.DecodeError):
        return "an unreadable response"
    return NO_RESPONSE if isinstance(error, errors.APITimeoutError) else "no complete response"


def resume_condition(error: errors.HeyGenError | None) -> str:
    """Return when a wait whose polls all failed can be resumed. `error` is its last, or None if HeyGen was silent."""
    if isinstance(error, errors.RateLimitError):
        return "HeyGen limits the rate of requests. With fewer requests or a longer timeout"
    if isinstance(error, errors.NotFoundError):
        return "HeyGen does not know this id yet. Later"
    if isinstance(error, errors.APIError | errors.DecodeError):
        return "HeyGen, or a proxy before it, failed. When it works again"
    return "When HeyGen can be reached again"


class FailureStreak:
    """The consecutive failed polls of one wait.

    Attributes:
        results: What the polls got, such as `status 503`, with their numbers.
    """

    __slots__ = ("_cause", "_count", "results")

    def __init__(self) -> None:
        self._cause: Cause = "outage"
        self._count = 0  # of those with this cause
        self.results: dict[str, int] = {}

    def survives(self, error: errors.HeyGenError, *, is_new_job: bool = False) -> bool:
        """Count a failed poll, and return whether the wait continues.

        Args:
            error: The error of the poll.
            is_new_job: Whether the job was created so recently that the API may not show it yet.
        """
        cause, result = cause_of(error), _result_of(error)
        self.results[result] = self.results.get(result, 0) + 1
        self._count = self._count + 1 if cause == self._cause else 1
        self._cause = cause
        return (cause == "missing" and is_new_job) or self._count <= _MAX_IN_A_ROW.get(cause, 0)
