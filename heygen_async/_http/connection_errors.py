"""aiohttp's exceptions, mapped to the SDK's, and whether the request was sent when they occurred.

aiohttp's own exceptions are never raised or chained: their request headers contain the credentials.
"""

from __future__ import annotations

import socket

import aiohttp
from aiohttp.http_exceptions import LineTooLong

from ..errors import (
    APIConnectionError,
    APITimeoutError,
    ConfigurationError,
    InvalidInputError,
    ResponseTooLargeError,
)
from .proxies import ProxyError
from .public_hosts import RefusedUrlError
from .retry_policy import FailedAttemptError, RequestOutcome


def failed_attempt(problem: Exception, method: str, path: str) -> FailedAttemptError:
    """Map an exception that ended an attempt.

    Raises:
        RefusedUrlError: The resolver refused the host.
        Exception: `problem` itself, when it is neither aiohttp's nor the operating system's.
    """
    refused = getattr(problem, "os_error", problem)
    if isinstance(refused, RefusedUrlError):
        raise refused
    if isinstance(problem, aiohttp.ClientConnectorCertificateError):  # a ValueError too
        return FailedAttemptError(_certificate_error(problem, method, path), RequestOutcome.FINAL)
    if isinstance(problem, ValueError):  # aiohttp.InvalidURL, or a host or port that cannot be one
        invalid = InvalidInputError("url", path, "an address that can be reached")
        return FailedAttemptError(invalid, RequestOutcome.FINAL)
    error = connection_error(problem, method, path)
    if error is None:
        raise problem
    return FailedAttemptError(error, _outcome(problem))


def connection_error(problem: Exception, method: str, path: str) -> APIConnectionError | ResponseTooLargeError | None:
    """Map an exception to the SDK's error; None when it is neither aiohttp's nor the operating system's."""
    if isinstance(problem, aiohttp.ClientResponseError) and _is_head_too_large(problem):
        message = (
            f"{method} {path}: the head of the response has too many lines, or a line that exceeds limits.header. "
            "AsyncHeyGen(limits=Limits(header=…)) allows longer lines."
        )
        return ResponseTooLargeError(message, status=0, body=b"", method=method, path=path)
    if isinstance(problem, TimeoutError):
        missing = "no connection" if isinstance(problem, aiohttp.ConnectionTimeoutError) else "no response"
        return APITimeoutError(f"{method} {path}: {missing} within the timeout.", method=method, path=path)
    reason = _reason(problem)
    if reason is None:
        return None
    error = APIConnectionError(f"{method} {path}: {reason}.", method=method, path=path)
    error.is_unknown_host = isinstance(problem, aiohttp.ClientConnectorDNSError | socket.gaierror)
    return error


def _certificate_error(problem: aiohttp.ClientConnectorCertificateError, method: str, path: str) -> ConfigurationError:
    cause = problem.certificate_error
    reason = (getattr(cause, "verify_message", "") or str(cause)).rstrip(".")
    return ConfigurationError(
        f"{method} {path}: the certificate of {problem.host} is not trusted ({reason}). Check the address, and this "
        "machine's clock. AsyncHeyGen(ca_bundle=…) and the variable SSL_CERT_FILE name further certificates to trust."
    )


def _is_head_too_large(problem: BaseException) -> bool:
    """Whether aiohttp stopped reading a response's head; it tells so by the cause of its error, or by the text."""
    cause = problem.__cause__ or problem.__context__
    if cause is None:
        return False
    return isinstance(cause, LineTooLong) or "Too many headers" in str(cause) or _is_head_too_large(cause)


def _reason(problem: Exception) -> str | None:
    match problem:
        case ProxyError():
            return str(problem)
        case aiohttp.ClientProxyConnectionError():
            cause = problem.os_error.strerror or problem.os_error
            return f"no connection to the proxy {problem.host}:{problem.port} ({cause})"
        case aiohttp.ClientConnectorDNSError():
            return f"the host {problem.host} was not found"
        case socket.gaierror():
            return "the host was not found"
        case aiohttp.ClientConnectorError():
            return f"no connection to {problem.host}:{problem.port} ({problem.os_error.strerror or problem.os_error})"
        case aiohttp.ServerDisconnectedError():
            return "the server closed the connection without a response"
        case aiohttp.ClientPayloadError():
            return "the response was cut off"
        case aiohttp.ClientError() | OSError():
            return f"the connection broke ({type(problem).__name__})"
        case _:
            return None


def _outcome(problem: Exception) -> RequestOutcome:
    if isinstance(problem, ProxyError):
        return RequestOutcome.FINAL if problem.is_final else RequestOutcome.NOT_SENT
    if isinstance(problem, aiohttp.ClientSSLError):
        return RequestOutcome.FINAL
    if isinstance(problem, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return RequestOutcome.NOT_SENT
    return RequestOutcome.UNKNOWN
