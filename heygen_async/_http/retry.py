"""What became of a request, and what the caller is told of it.

What goes wrong with a request is one of four things, and only they decide whether it is sent again:

* *never delivered*: no connection came about. The API knows nothing of it; sending it again is the first time.
* *refused*: the API said that it did nothing (429, or 503 with `Retry-After`). Sending it again is safe.
* *unknown*: it went out, and no answer came that says what became of it (a reset, a timeout, another 5xx, a body that
  cannot be read). It is sent again only when the operation can bear it: because it changes nothing, or under the same
  idempotency key, where the API honours one. Otherwise it may be a second job that somebody pays for, and the caller
  gets an `AmbiguousRequestError` instead.
* *final*: the answer is the answer.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from .. import errors
from .encoding import path_of

if TYPE_CHECKING:
    from .endpoint import Endpoint

#: Codes of a 429 that no pause of ours cures.
_NO_CURE = frozenset({"quota_exceeded", "insufficient_credit", "trial_limit_exceeded", "plan_upgrade_required"})


class RequestOutcome(Enum):
    """What became of a request."""

    NOT_SENT = auto()
    REJECTED = auto()
    UNKNOWN = auto()
    FINAL = auto()


def broken_off(problem: Exception, method: str, address: str) -> tuple[errors.HeyGenError, RequestOutcome]:
    """What a broken exchange is to the caller, and what became of the request; what is no such thing is raised."""
    from . import connection  # noqa: PLC0415  imports aiohttp

    error = connection.told(problem, method, path_of(address))
    if error is None:
        raise problem
    if connection.never_will(problem):
        return error, RequestOutcome.FINAL
    return error, RequestOutcome.UNKNOWN if connection.was_sent(problem) else RequestOutcome.NOT_SENT


def fate_of(error: errors.APIError) -> RequestOutcome:
    """What an error that the API answered says about the request."""
    if isinstance(error, errors.RequestInProgressError):
        return RequestOutcome.REJECTED
    if error.status == 429 or isinstance(error, errors.RateLimitError):
        return RequestOutcome.FINAL if (error.code or "").lower() in _NO_CURE else RequestOutcome.REJECTED
    if error.status == 503 and error.retry_after is not None:
        return RequestOutcome.REJECTED
    return (
        RequestOutcome.UNKNOWN
        if error.status == 408 or (error.status >= 500 and error.status != 501)
        else RequestOutcome.FINAL
    )


def told(error: errors.HeyGenError, fate: RequestOutcome, route: Endpoint, key: str | None) -> errors.HeyGenError:
    """The error as the caller sees it: with what is needed to find out, or to ask again, when the fate is unknown."""
    if isinstance(error, errors.NotFoundError) and route.alternative:
        error.advice = route.alternative
    if isinstance(error, errors.NotFoundError | errors.PermissionDeniedError) and route.preview:
        error.advice = f"This is a preview, which this account may not have. {error.advice}"
    if isinstance(error, errors.EndpointSunsetError) and route.successor:
        error.advice = f"heygen.{route.successor} does the same in v3."
    if fate is RequestOutcome.UNKNOWN and not route.repeatable:
        return errors.ambiguous(error, route.recovery)
    if fate is RequestOutcome.UNKNOWN and key is not None:
        error.idempotency_key = key
    return error


def not_sent(route: Endpoint, address: str, why: str) -> errors.APITimeoutError:
    """What a call is told whose time ran out before it could go out."""
    return errors.APITimeoutError(
        f"{route.method} {path_of(address)} was not sent: {why} a longer timeout.",
        method=route.method,
        path=path_of(address),
    )
