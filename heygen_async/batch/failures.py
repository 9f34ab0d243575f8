"""Which errors end a run, which fail one row, and which leave a row to a later run."""

from __future__ import annotations

from .._http.backoff import Backoff
from .._http.retrying import Attempts, retrying
from ..errors import (
    AmbiguousRequestError,
    APIConnectionError,
    APIError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    HeyGenError,
    InsufficientCreditError,
    InsufficientScopeError,
    InvalidInputError,
    JobFailedError,
    RateLimitError,
    RequestInProgressError,
    ResourceNotReadyError,
    ServerError,
    UploadError,
)

#: The API key or token is invalid for every request.
ACCESS_DENIED = (AuthenticationError, InsufficientScopeError)
#: These end the run: no other row would succeed.
FATAL = (*ACCESS_DENIED, ConfigurationError)
#: After these errors it is certain that no job was created.
REJECTED = (RateLimitError, InsufficientCreditError, *FATAL)
#: HeyGen cannot be reached or is broken. The same request may succeed later.
OUTAGE = (APIConnectionError, ServerError, RequestInProgressError)
#: After these errors a job may exist.
POSSIBLY_CREATED = (AmbiguousRequestError, *OUTAGE)

_OUTAGE_BACKOFF = Backoff(initial=1.0, factor=2.0, maximum=60.0, jitter=0.5)
_OUTAGE_RETRIES = 45  # their delays add up to about half an hour


def outage_attempts(max_retries: int | None = _OUTAGE_RETRIES) -> Attempts:
    """Return attempts for an operation that waits for the end of an outage, by default for half an hour."""
    return retrying(_OUTAGE_BACKOFF, max_retries=max_retries)


def is_final(error: Exception) -> bool:
    """Return whether a later run would meet the same error: the job failed, or HeyGen rejects the request."""
    if isinstance(error, ServerError | RateLimitError | RequestInProgressError | ResourceNotReadyError):
        return False
    return isinstance(error, JobFailedError | APIError)


def is_caused_by_one_row(error: Exception) -> bool:
    """Return whether one row of a batch request is at fault, and no job was created for any of them."""
    return isinstance(error, BadRequestError | InvalidInputError | UploadError) or not isinstance(error, HeyGenError)
