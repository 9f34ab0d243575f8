"""Error responses, mapped to exceptions.

HeyGen has three forms of error bodies: v3 sends `{"error": {"code", "message", "param", "doc_url"}}`, v2 also
`{"error": "text"}`, and v1 `{"code": 400…, "message": "text"}` with 100 for success. A proxy may respond with an HTML
page instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import msgspec

from .. import errors
from ..types.pickling import rebuild_exception
from ..types.redaction import redact_body, redact_urls, without_query
from .code_advice import advice_for
from .encoding import JSON_ERRORS
from .retry_after import parse_retry_after
from .retry_policy import RequestOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..types.base import JSONValue
    from .endpoint import Endpoint
    from .exchange import Exchange
    from .response import Response

_PAGE_CHARACTERS = 4_000  # of an HTML page that are searched for its title
_V1_SUCCESS = 100
_LIMITED_PARTS = {"json_body": "the body", "event": "an event", "event_line": "a line"}


_CLASS_BY_CODE: Mapping[str, type[errors.APIError]] = {
    "content_policy_violation": errors.ContentPolicyError,
    "insufficient_credit": errors.InsufficientCreditError,
    "trial_limit_exceeded": errors.TrialLimitExceededError,
    "plan_upgrade_required": errors.PlanUpgradeRequiredError,
    "insufficient_api_key_scope": errors.InsufficientScopeError,
    "request_in_progress": errors.RequestInProgressError,
    "resource_not_ready": errors.ResourceNotReadyError,
    "stale_edit_version": errors.StaleEditVersionError,
    "quota_exceeded": errors.QuotaExceededError,
    "endpoint_sunset": errors.EndpointSunsetError,
    "400123": errors.RateLimitError,  # v1's numeric codes, sent with status 400
    "10007": errors.RateLimitError,
    "10015": errors.TrialLimitExceededError,
}
_CLASS_BY_STATUS: Mapping[int, type[errors.APIError]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    402: errors.PaymentRequiredError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    408: errors.ServerError,
    409: errors.ConflictError,
    410: errors.GoneError,
    413: errors.BadRequestError,
    422: errors.UnprocessableError,
    429: errors.RateLimitError,
}
_AMBIGUOUS_CLASSES: tuple[tuple[type[errors.HeyGenError], type[errors.AmbiguousRequestError]], ...] = (
    (errors.APITimeoutError, errors.AmbiguousTimeoutError),
    (errors.APIConnectionError, errors.AmbiguousConnectionError),
    (errors.ServerError, errors.AmbiguousServerError),
    (errors.ResponseTooLargeError, errors.AmbiguousTooLargeError),
    (errors.DecodeError, errors.AmbiguousDecodeError),
)


def error_from_response(response: Response) -> errors.APIError:
    """Return the exception for an error response of any of these forms."""
    body = decode_loosely(response.body)
    fields = error_fields(body) or {}
    code = _text(fields.get("code"))
    message = fields.get("message") or fields.get("msg") or fields.get("detail")
    if not message:
        message = _page_title(body) if isinstance(body, str) and body else "the response has no message"
    return error_class(response.status, code)(
        str(message),
        status=response.status,
        code=code,
        param=_text(fields.get("param")),
        doc_url=_text(fields.get("doc_url")),
        request_id=response.request_id,
        body=body,
        method=response.method,
        path=response.path,
        retry_after=parse_retry_after(response.headers),
        advice=known.action if (known := advice_for(code)) else None,
    )


def error_class(status: int, code: str | None) -> type[errors.APIError]:
    """Return the class for an error response. The status decides; a code refines it within the status's own classes."""
    family = _CLASS_BY_STATUS.get(status)
    if family is None:
        family = (
            errors.ServerError if status >= 500 else errors.RedirectError if 300 <= status < 400 else errors.APIError
        )
    refined = _CLASS_BY_CODE.get((code or "").lower())
    if refined is not None and (issubclass(refined, family) or family is errors.APIError or (code or "").isdigit()):
        return refined
    return family


def ambiguous_error(error: errors.HeyGenError, recovery: str) -> errors.HeyGenError:
    """Return the same error as an `AmbiguousRequestError`, with the way to find out whether the request was done."""
    for kind, ambiguous_kind in _AMBIGUOUS_CLASSES:
        if isinstance(error, kind):
            cause = str(error.args[0]).rstrip(".")
            message = f"{cause}. It was not repeated, because it may have been done. {recovery}"
            facts: dict[str, object]
            facts = {**error.__dict__, "message": message} if isinstance(error, errors.APIError) else error.__dict__
            return rebuild_exception(ambiguous_kind, (message,), facts)
    return error


def final_error(
    error: errors.HeyGenError, outcome: RequestOutcome, endpoint: Endpoint, idempotency_key: str | None
) -> errors.HeyGenError:
    """Return the error to raise for a call, with the operation's advice and the key for repeating the call.

    After an unknown outcome it is an `AmbiguousRequestError`, unless the call may simply be repeated.
    """
    if isinstance(error, errors.NotFoundError) and endpoint.alternative:
        error.advice = endpoint.alternative
    if isinstance(error, errors.NotFoundError | errors.PermissionDeniedError) and endpoint.preview:
        error.advice = f"This operation is a preview, which may not be enabled for this account. {error.advice}"
    if isinstance(error, errors.EndpointSunsetError) and endpoint.successor:
        error.advice = f"Use heygen.{endpoint.successor} instead, which does the same in v3."
    if outcome is not RequestOutcome.UNKNOWN:
        return error
    if not endpoint.repeat_rules.repeatable:
        return ambiguous_error(error, endpoint.recovery)
    if idempotency_key is not None:
        error.idempotency_key = idempotency_key
    return error


def not_sent_error(endpoint: Endpoint, address: str, reason: str, *, is_retry: bool) -> errors.APITimeoutError:
    """Return the error for a request that could not be sent, or sent again, within its timeout."""
    path, again = without_query(address), " again" if is_retry else ""
    message = f"{endpoint.method} {path} was not sent{again}: {reason}"
    return errors.APITimeoutError(message, method=endpoint.method, path=path)


def too_large_error(
    endpoint: Endpoint, exchange: Exchange, limit: str, beginning: bytes
) -> errors.ResponseTooLargeError:
    """Return the error for a successful response, or a part of it, that exceeds the limit of this name."""
    path, status = without_query(exchange.address), exchange.response.status
    charge = " HeyGen accepted the request and may charge for it." if endpoint.billable else ""
    message = (
        f"{endpoint.method} {path}: {_LIMITED_PARTS[limit]} of the response with status {status} exceeds "
        f"limits.{limit} ({getattr(exchange.limits, limit)} bytes).{charge} .body holds its beginning. "
        f"AsyncHeyGen(limits=Limits({limit}=…)) sets another limit."
    )
    body = redact_body(beginning)
    return errors.ResponseTooLargeError(message, status=status, body=body, method=endpoint.method, path=path)


def decode_loosely(body: bytes) -> JSONValue:
    """Decode a body as JSON, also with a byte order mark, NaN or invalid UTF-8, or else as text."""
    try:
        return cast("JSONValue", msgspec.json.decode(body))
    except JSON_ERRORS:
        from .lenient_decoding import parse_json  # noqa: PLC0415  well-formed JSON does not need it

        try:
            return cast("JSONValue", parse_json(body))
        except ValueError:
            return body.decode("utf-8", "replace")


def error_fields(body: JSONValue) -> dict[str, JSONValue] | None:
    """Return the fields of the error in a body; None when there is no error in it."""
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    if isinstance(error, dict):
        return error or None
    if isinstance(error, str) and error:
        return {"message": error}
    if body.get("data") is not None:
        return None
    has_error_code = body.get("code") is not None and body.get("code") != _V1_SUCCESS
    return body if has_error_code or body.get("message") or body.get("detail") else None


def _text(value: JSONValue) -> str | None:
    return None if value is None else redact_urls(str(value))


def _page_title(page: str) -> str:
    page = page[:_PAGE_CHARACTERS]
    title = re.search(r"<title[^>]*>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    text = title.group(1) if title else re.sub(r"<[^>]+>", " ", page)
    return f"the response is not the API's, but a proxy's: {' '.join(text.split())[:200]}"
