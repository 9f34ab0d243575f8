"""Every exception of the SDK, as one tree under `HeyGenError`.

An error response of HeyGen is an `APIError`, with a class for each status and for each code that a program acts on. A
request without a response is an `APIConnectionError`. If it may have been done, it is an `AmbiguousRequestError` too.
Every exception survives `pickle` and `deepcopy`. None holds a key, a token or the query of a presigned URL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .types.pickling import picklable, rebuild_exception
from .types.redaction import format_value, redact_urls, redact_value

if TYPE_CHECKING:
    from .types.base import JSONValue, Problem

__all__ = [
    "APIConnectionError", "APIError", "APITimeoutError", "AmbiguousConnectionError", "AmbiguousDecodeError",
    "AmbiguousRequestError", "AmbiguousServerError", "AmbiguousTimeoutError", "AmbiguousTooLargeError",
    "AuthenticationError", "BadRequestError", "BudgetExceededError", "ConcurrencyLimitError", "ConfigurationError",
    "ConflictError", "ContentPolicyError", "DecodeError", "DownloadError", "EndpointSunsetError", "GoneError",
    "HeyGenError", "InputRequiredError", "InsufficientCreditError", "InsufficientScopeError", "InvalidInputError",
    "InvalidJSONError", "JobFailedError", "JournalError", "NotFoundError", "OAuthError", "PaginationError",
    "PaymentRequiredError", "PermissionDeniedError", "PlanUpgradeRequiredError", "PromptError", "QuotaExceededError",
    "RateLimitError", "RedirectError", "RequestInProgressError", "ResourceNotReadyError", "ResponseTooLargeError",
    "ServerError", "StaleEditVersionError", "StreamEndedError", "ToolRefusedError", "TrialLimitExceededError",
    "UnknownArgumentError", "UnprocessableError", "UploadError", "WaitInterruptedError", "WaitTimeoutError",
    "WebhookVerificationError",
]  # fmt: skip


class HeyGenError(Exception):
    """The base class: `except HeyGenError` catches every exception of the SDK.

    `idempotency_key` is set if the outcome is unknown. Repeating with the key is safe; without it, it may cost twice.
    `advice` names the next step of an error from HeyGen; `retry_after` is the requested pause before it in seconds.
    """

    idempotency_key: str | None = None
    advice: str = ""
    retry_after: float | None = None

    def __init__(self, message: str) -> None:
        super().__init__(redact_urls(message))

    def __str__(self) -> str:
        return super().__str__() + self._repeat_advice()

    def _repeat_advice(self) -> str:
        key = self.idempotency_key
        return f" It may have been done; to repeat it safely, pass idempotency_key={key!r}." if key else ""

    def __reduce__(self) -> tuple[Callable[..., BaseException], tuple[object, ...]]:
        state = {name: picklable(value) for name, value in self.__dict__.items()}
        return rebuild_exception, (type(self), self.args, state)


class ConfigurationError(HeyGenError):
    """The client cannot work as configured: no key, an invalid base URL, used when closed or in two event loops."""


class JournalError(ConfigurationError):
    """A batch's journal is damaged, incomplete, of another program, or cannot be read or written."""


class InvalidInputError(HeyGenError, ValueError):
    """An argument is invalid. `field` names it, `value` is its value, and `expected` describes a valid one."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        value = redact_value(value)
        super().__init__(f"{field} is {'missing' if value is None else format_value(value)}; expected {expected}.")
        self.field: str = field
        self.value: object = value
        self.expected: str = expected


class UnknownArgumentError(InvalidInputError, TypeError):
    """A method has no parameter of this name (`field`); `suggestion` is the most similar one, or None."""

    def __init__(self, method: str, argument: str, suggestion: str | None = None, advice: str = "") -> None:
        hint = f"Did you mean {suggestion!r}?" if suggestion else advice or f"help({method}) lists its parameters."
        super().__init__(argument, None, f"a parameter of {method}()")
        self.args: tuple[object, ...] = (f"{method}() has no parameter {argument!r}. {hint}",)
        self.suggestion: str | None = suggestion


class PromptError(InvalidInputError):
    """A prompt breaks rules of the guide, or is too long. `problems` lists all of them."""

    def __init__(self, problems: Sequence[Problem], advice: str) -> None:
        super().__init__(f"prompt.{problems[0].where}", problems, "a prompt by the guide")
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        text = "\n".join([f"The prompt has {count} by the guide:", *map(str, problems), advice])
        self.args: tuple[object, ...] = (text,)
        self.problems: Sequence[Problem] = problems


class APIError(HeyGenError):
    """HeyGen responded with an error.

    `code`, `message`, `param` and `doc_url` are the API's own. `body` is the whole response, decoded when it is JSON.
    """

    def __init_subclass__(cls, advice: str | None = None) -> None:
        cls.advice = cls.advice if advice is None else advice

    def __init__(
        self, message: str, *, status: int, code: str | None = None, param: str | None = None,
        doc_url: str | None = None, request_id: str | None = None, body: JSONValue = None, method: str = "",
        path: str = "", retry_after: float | None = None, advice: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.message: str = redact_urls(message)
        self.status: int = status
        self.code: str | None = code
        self.param: str | None = param
        self.doc_url: str | None = doc_url
        self.request_id: str | None = request_id
        self.body: JSONValue = redact_value(body)
        self.method: str = method
        self.path: str = path
        self.retry_after: float | None = retry_after
        self.advice: str = self.advice if advice is None else advice

    def __str__(self) -> str:
        message = self.message.rstrip(".") + (f" (field {self.param})" if self.param else "")
        problem = f"{self.method} {self.path} returned {self.status} {self.code or ''}".rstrip() + f": {message}."
        pause = "" if self.retry_after is None else f"The server asks to wait {self.retry_after:g} s."
        request = self.request_id and f"[request {self.request_id}]"
        return " ".join(filter(None, (problem, pause, self.advice, request))) + self._repeat_advice()


class RedirectError(APIError, advice="Set base_url to the address that the API really has."):
    """A redirect that is not followed: it leads to another origin, which must not get the key, or in a circle."""


class BadRequestError(APIError, advice="Correct the request; the same one will be rejected again."):
    """400, 413 or 422: the request is invalid. `param` names the field where the API does."""


class ContentPolicyError(BadRequestError, advice="Change the content; HeyGen's usage policy does not allow it."):
    """400 `content_policy_violation`."""


class UnprocessableError(BadRequestError):
    """422: the request is well formed, but cannot be done. `body["error"]["errors"]` lists the reasons."""


class AuthenticationError(APIError, advice="Check HEYGEN_API_KEY against the key in HeyGen's settings."):
    """401: the key or token is missing, wrong or expired."""


class PaymentRequiredError(APIError, advice="Add credit or change the plan; users.me() shows the balance."):
    """402: the account needs credit or a larger plan."""


class InsufficientCreditError(PaymentRequiredError):
    """402 `insufficient_credit`: the balance does not cover this request."""


class TrialLimitExceededError(PaymentRequiredError):
    """402 `trial_limit_exceeded`: the trial account has used all its videos."""


class PlanUpgradeRequiredError(PaymentRequiredError):
    """402 `plan_upgrade_required`: the plan does not include this feature."""


class PermissionDeniedError(APIError, advice="Use a key of the workspace that owns it, with permission for it."):
    """403: the key is valid, but has no permission for this."""


class InsufficientScopeError(PermissionDeniedError, advice="Give the key that scope, or use one that has it."):
    """403 `insufficient_api_key_scope`: the message names the missing scope."""


class NotFoundError(APIError, advice="Check the id, and that it belongs to this account and was not deleted."):
    """404: it does not exist, or not in this account."""


class GoneError(NotFoundError, advice="It does not come back; create another."):
    """410: it existed, and has ended."""


class EndpointSunsetError(GoneError, advice="Use its successor in v3."):
    """410 `endpoint_sunset`: HeyGen has switched this endpoint off."""


class ConflictError(APIError, advice="Fetch the present state, then decide."):
    """409: the request does not fit the current state."""


class RequestInProgressError(ConflictError, advice="Try again later with the same idempotency_key."):
    """409 `request_in_progress`: an earlier request with this key still runs. Its response will be repeated."""


class ResourceNotReadyError(ConflictError, advice="Wait until it is finished, then try again."):
    """409 `resource_not_ready`: it exists, but is not finished yet."""


class StaleEditVersionError(ConflictError, advice="Fetch it, apply the change anew, and send its edit_version."):
    """409 `stale_edit_version`: it has changed since the `expected_edit_version` of the request."""


class RateLimitError(APIError, advice="Send fewer requests, or wait until running jobs have ended."):
    """429: too many requests, or too many jobs in parallel. `retry_after` is the pause that HeyGen requests."""


class ConcurrencyLimitError(HeyGenError):
    """The limiter of a program has no free place for another job; nothing was sent. Repeat after `retry_after`."""


class QuotaExceededError(RateLimitError, advice="Raise the plan's quota, or wait until it is reset."):
    """429 `quota_exceeded`: a usage quota is used up. A short pause does not help."""


class ServerError(APIError, advice="Try again later; if it persists, report the request id to HeyGen."):
    """5xx or 408: HeyGen, or a proxy before it, failed."""


class APIConnectionError(HeyGenError):
    """No complete response arrived. `is_unknown_host`: the host was not found, and the client never reached it."""

    def __init__(self, message: str, *, method: str = "", path: str = "") -> None:
        super().__init__(message)
        self.is_unknown_host: bool = False
        self.method: str = method
        self.path: str = path


class APITimeoutError(APIConnectionError, TimeoutError):
    """No response arrived within the timeout; `Timeout` describes the limits."""


class DecodeError(HeyGenError):
    """A response does not have the documented form. `body` is the whole response, with every id in it."""

    def __init__(self, message: str, *, status: int, body: bytes, method: str = "", path: str = "") -> None:
        super().__init__(message)
        self.request_id: str | None = None
        self.status: int = status
        self.body: bytes = body
        self.method: str = method
        self.path: str = path


class InvalidJSONError(DecodeError):
    """A successful response is not JSON. The same request may succeed later."""


class ResponseTooLargeError(DecodeError):
    """A response exceeds a limit of `Limits`. `body` is its beginning. `status` is 0 if the head is too large."""


class AmbiguousRequestError(HeyGenError):
    """It is unknown whether a mutating request was done, because its response was lost.

    It was not repeated: HeyGen honours no key here. The message says how to find out. Its cause is another base class.
    """


class AmbiguousConnectionError(AmbiguousRequestError, APIConnectionError):
    """The connection broke after the request was sent."""


class AmbiguousTimeoutError(AmbiguousRequestError, APITimeoutError):
    """The timeout expired after the request was sent."""


class AmbiguousServerError(AmbiguousRequestError, ServerError, advice=""):
    """A 5xx that may have occurred after the work was done."""


class AmbiguousDecodeError(AmbiguousRequestError, DecodeError):
    """A successful response that cannot be read."""


class AmbiguousTooLargeError(AmbiguousDecodeError, ResponseTooLargeError):
    """A successful response that exceeds a limit of `Limits`. `body` is its beginning."""


class PaginationError(HeyGenError):
    """A cursor list does not advance: `token`, the next cursor, is empty or was returned before."""

    def __init__(self, path: str, token: str) -> None:
        super().__init__(f"GET {path} reports more items, but no new cursor ({token!r}). List again from the start.")
        self.path: str = path
        self.token: str = redact_urls(token)


class OAuthError(HeyGenError):
    """The sign-in failed: `error` is OAuth's code, `invalid_state`, `no_code` or `timeout`; `description` says why."""

    def __init__(self, message: str, *, error: str, description: str | None = None) -> None:
        super().__init__(message)
        self.error: str = error
        self.description: str | None = description


class _JobError(HeyGenError):
    """The end of a wait for `job`, its newest struct or None. `history` has states and seconds, `pending` has ids."""

    history: Sequence[tuple[str, float]] = ()
    finished: Sequence[object] = ()
    pending: Sequence[str] = ()

    def __init__(
        self, message: str, *, kind: str, id: str, job: object, state: str, elapsed: float, poll_count: int
    ) -> None:
        super().__init__(message)
        self.kind: str = kind
        self.id: str = id
        self.job: object = job
        self.state: str = state
        self.elapsed: float = elapsed
        self.poll_count: int = poll_count


class JobFailedError(_JobError):
    """The job failed, with the API's own code and message. `advice` is the next step. Of several, this is the first."""

    failure_code: str | None = None
    failure_message: str | None = None
    other_failures: Sequence[JobFailedError] = ()

    @property
    def failed(self) -> Sequence[JobFailedError]:
        """The errors of all failed jobs of the call, in the order of the request."""
        return (self, *self.other_failures)


class InputRequiredError(_JobError):
    """The job waits for a person; `job` holds the question. Reply as the message says, then wait again."""


class WaitTimeoutError(_JobError, TimeoutError):
    """A wait's timeout expired; the job continues at HeyGen. `wait_for_*` with `id` resumes; `history` has states."""


class WaitInterruptedError(_JobError, ConfigurationError):
    """The client was closed during a wait; the job continues at HeyGen. To resume, wait for `id` on an open client."""


class BudgetExceededError(HeyGenError):
    """A batch ended because its next rows would exceed the budget. `held` rows were not started; amounts are in USD."""

    def __init__(self, message: str, *, budget: float, spent: float, held: int) -> None:
        super().__init__(message)
        self.budget: float = budget
        self.spent: float = spent
        self.held: int = held


class StreamEndedError(HeyGenError):
    """A realtime stream ended (`end_reason`: `final_marker`, `idle_timeout` or None) before it took `unsent_text`."""

    def __init__(self, message: str, *, stream_id: str, end_reason: str | None, unsent_text: str) -> None:
        super().__init__(message)
        self.stream_id: str = stream_id
        self.end_reason: str | None = end_reason
        self.unsent_text: str = unsent_text


class ToolRefusedError(HeyGenError):
    """The program or the person does not allow a model to run `tool`, for `reason`. Nothing was sent."""

    def __init__(self, tool: str, reason: str, advice: str) -> None:
        super().__init__(f"{tool} {reason}; nothing was sent. {advice}")
        self.tool: str = tool
        self.reason: str = reason


class UploadError(HeyGenError):
    """A file was not uploaded; `source` names it."""

    def __init__(self, message: str, *, source: str) -> None:
        super().__init__(message)
        self.source: str = source


class DownloadError(HeyGenError):
    """A file was not downloaded completely. `path` is the target, which was not written; `job` is its finished job."""

    job: object = None

    def __init__(self, message: str, *, url: str, path: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.url: str = url
        self.path: str = path
        self.status: int | None = status


class WebhookVerificationError(HeyGenError):
    """A webhook delivery is not trustworthy; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The webhook delivery was rejected: {reason}.")
        self.reason: str = reason
