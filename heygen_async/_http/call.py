"""One call of an operation: its request, and the state of its attempts."""

from __future__ import annotations

import math
from logging import getLogger
from typing import TYPE_CHECKING

import msgspec

from ..errors import APIConnectionError, ConfigurationError, StaleEditVersionError
from ..types.redaction import NO_SECRETS, without_query
from .error_mapping import final_error, not_sent_error, too_large_error
from .log_records import log_fields
from .operation import operation_name
from .paid_requests import log_accepted
from .retry_policy import FailedAttemptError, RequestOutcome

if TYPE_CHECKING:
    from multidict import CIMultiDict

    from ..errors import APITimeoutError, HeyGenError
    from ..types.redaction import SecretMask
    from .concurrency_limiter import ConcurrencyLimiter
    from .credentials import Credentials
    from .endpoint import Endpoint
    from .exchange import Exchange
    from .response import Response
    from .spending import Spending
    from .streamed_body import Body

_log = getLogger("heygen_async.http")


class Call(msgspec.Struct, eq=False):
    """One call of an operation, over all its attempts.

    Attributes:
        operation: The endpoint, a method with `@operation`, or a name, for the log.
        endpoint: The endpoint.
        address: The path with the query.
        headers: The headers, without a token.
        body: The encoded or streamed body.
        time_limit: The timeout of the whole call in seconds; for an event stream, of its opening.
        idempotency_key: The key, when HeyGen honours one for this operation.
        is_stream: Whether the response is an event stream, which stays open.
        attempt: The number of the newest attempt, from 1.
        started: The event loop's time at which the newest attempt started.
        deadline: The event loop's time at which the call ends.
        limiter: The connection limit that the call counts against.
        mask: Masks the credentials in what the server sends.
        signed_headers: The headers with the token of the newest attempt.
        exchange: The open exchange of an event stream.
        failure: The newest failed attempt.
        is_unknown: Whether an attempt had an unknown outcome.
        accepted: The newest successful response to a billable request, also when it cannot be decoded.
        spending: The sum to which a billable request is added.
    """

    operation: object
    endpoint: Endpoint
    address: str
    headers: CIMultiDict[str]
    body: bytes | Body | None
    time_limit: float
    idempotency_key: str | None
    limiter: ConcurrencyLimiter
    mask: SecretMask = NO_SECRETS
    signed_headers: CIMultiDict[str] | None = None
    is_stream: bool = False
    attempt: int = 1
    started: float = 0.0
    deadline: float = math.inf
    exchange: Exchange | None = None
    failure: FailedAttemptError | None = None
    is_unknown: bool = False
    accepted: Response | None = None
    spending: Spending | None = None

    def __repr__(self) -> str:
        return f"Call({self.endpoint.method} {without_query(self.address)})"

    @property
    def operation_name(self) -> str:
        """The name of the operation, for the log."""
        return operation_name(self.operation, self.body)

    def log_fields(self, response: Response | None = None) -> dict[str, object]:
        """Return the attributes of a log record about the newest attempt."""
        if response is None:
            return log_fields(self.operation_name, attempt=self.attempt)
        return log_fields(
            self.operation_name,
            attempt=response.attempt,
            status=response.status,
            request_id=response.request_id and self.mask.text(response.request_id),
            elapsed=response.elapsed,
        )

    @property
    def newest_failure(self) -> FailedAttemptError:
        """The newest failed attempt of a call that has failed."""
        if self.failure is None:
            raise RuntimeError("No attempt has failed.")
        return self.failure

    def error(self) -> HeyGenError:
        """Return the error to raise after the last attempt."""
        error, outcome = self.newest_failure.error, self.newest_failure.outcome
        if self.is_unknown and isinstance(error, ConfigurationError):  # no response: an untrusted certificate
            error = APIConnectionError(str(error), method=self.endpoint.method, path=without_query(self.address))
            outcome = RequestOutcome.UNKNOWN
        elif self.is_unknown and outcome is not RequestOutcome.FINAL:
            outcome = RequestOutcome.UNKNOWN
        elif self.is_unknown and isinstance(error, StaleEditVersionError):  # an earlier attempt may be the newer edit
            error.advice = "An earlier attempt of this call may have made the change. Fetch it, and compare first."
        return self.mask.error(final_error(error, outcome, self.endpoint, self.idempotency_key))

    def not_sent_error(self, reason: str) -> APITimeoutError:
        """Return the error for an attempt that could not be sent. An earlier attempt may have been sent."""
        return not_sent_error(self.endpoint, self.address, reason, is_retry=self.failure is not None)

    def too_large(self, exchange: Exchange, limit: str, beginning: bytes) -> FailedAttemptError:
        """Return the failure of an attempt whose successful response exceeds a limit."""
        error = too_large_error(self.endpoint, exchange, limit, beginning)
        return FailedAttemptError(error, RequestOutcome.UNKNOWN)

    def record_success(self, response: Response, decode: object, credentials: Credentials | None) -> None:
        """Keep the response to a billable request, book it, and report an accepted token to the credentials."""
        if self.endpoint.billable:
            if self.spending is not None and self.accepted is None:
                self.spending.book(self.endpoint.path, self.body)
            self.accepted = response
            log_accepted(self, response, decode)
        if credentials is not None and self.signed_headers is not None:
            credentials.accept(self.signed_headers)

    def log_cancelled(self) -> None:
        """Log the idempotency key of a billable call that was cancelled in flight."""
        if self.idempotency_key is not None and self.endpoint.billable:
            method, path = self.endpoint.method, without_query(self.address)
            message = "%s %s was cancelled in flight. Its idempotency key is %s."
            _log.warning(message, method, path, self.idempotency_key, extra=self.log_fields())
