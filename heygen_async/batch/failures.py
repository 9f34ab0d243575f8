"""The classes of errors: errors that end a run, that fail one row, or that may be retried."""

from __future__ import annotations

from .. import errors
from .._http.backoff import Backoff
from .._http.retrying import Attempts, retrying

#: The API key or token is invalid for every request.
ACCESS_DENIED = (errors.AuthenticationError, errors.InsufficientScopeError)
#: These end the run: no other row would succeed.
FATAL = (*ACCESS_DENIED, errors.ConfigurationError)
#: After these errors it is certain that no job was created.
REJECTED = (errors.RateLimitError, errors.InsufficientCreditError, *FATAL)
#: HeyGen cannot be reached or is broken. The same request may succeed later.
OUTAGE = (errors.APIConnectionError, errors.ServerError, errors.RequestInProgressError)
#: After these errors a job may exist.
POSSIBLY_CREATED = (errors.AmbiguousRequestError, *OUTAGE)

_OUTAGE_BACKOFF = Backoff(initial=1.0, factor=2.0, maximum=60.0, jitter=0.5)
OUTAGE_RETRIES = 45  # their delays add up to about half an hour
_TRANSIENT = (
    errors.ServerError, errors.RateLimitError, errors.RequestInProgressError, errors.ResourceNotReadyError
)  # fmt: skip


def outage_attempts(max_retries: int | None = OUTAGE_RETRIES) -> Attempts:
    """Return attempts for an operation that waits for the end of an outage, by default for half an hour."""
    return retrying(_OUTAGE_BACKOFF, max_retries=max_retries)


def is_final(error: Exception) -> bool:
    """Return whether a later run would get the same error: the job failed, or HeyGen rejects the request."""
    return isinstance(error, errors.JobFailedError | errors.APIError) and not isinstance(error, _TRANSIENT)


def is_caused_by_one_row(error: Exception) -> bool:
    """Return whether one row of a batch request is at fault, and no job was created for any of them."""
    rejected = isinstance(error, errors.BadRequestError | errors.InvalidInputError | errors.UploadError)
    return rejected or not isinstance(error, errors.HeyGenError)
