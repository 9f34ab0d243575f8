"""What can go wrong, as a tree.

Everything that the SDK raises is a `HeyGenError`. What HeyGen answered is an `APIError`, with a class a status and,
below those, a class for each code that a program acts on. What never got an answer is an `APIConnectionError`.
A mutating request whose fate is unknown is an `AmbiguousRequestError` besides.

Every exception survives `pickle` and `deepcopy`, and none holds a key, a token or a presigned query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .types.base import format_value, redact_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .types.base import JSONValue

__all__ = [
    "APIConnectionError", "APIError", "APITimeoutError", "AmbiguousConnectionError", "AmbiguousDecodeError",
    "AmbiguousRequestError", "AmbiguousServerError", "AmbiguousTimeoutError", "AuthenticationError",
    "OAuthError", "BadRequestError", "BudgetExceededError", "ConfigurationError", "ConflictError",
    "ContentPolicyError", "DecodeError", "DownloadError", "EndpointSunsetError", "InvalidJSONError", "GoneError",
    "HeyGenError", "InputRequiredError", "InsufficientCreditError", "InsufficientScopeError", "InvalidInputError",
    "JobFailedError", "NotFoundError", "PaginationError", "PaymentRequiredError", "PermissionDeniedError",
    "PlanUpgradeRequiredError", "QuotaExceededError", "RateLimitError", "RedirectError", "RequestInProgressError",
    "ResourceNotReadyError", "ServerError", "StreamEndedError", "ToolRefusedError", "TrialLimitExceededError",
    "UnknownArgumentError", "UnprocessableError", "UploadError", "WaitTimeoutError", "WebhookVerificationError",
]  # fmt: skip

SIGN_IN_AGAIN = "Sign in again: OAuthClient.authorize() in a web app, login_with_browser() in a script."


def _restore(cls: type[HeyGenError], args: tuple[object, ...], state: dict[str, object]) -> HeyGenError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class HeyGenError(Exception):
    """The root: `except HeyGenError` catches all that this package raises.

    `idempotency_key` is set when a request was sent under one and nobody knows whether it was done: asking again with
    it is safe, asking without it may be a second job.
    """

    idempotency_key: str | None = None

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.__dict__.update(facts)

    def __str__(self) -> str:
        return f"{super().__str__()}{self._ask_again()}"

    def _ask_again(self) -> str:
        key = f"idempotency_key={self.idempotency_key!r}"
        return f" It may have been done; to ask again and be charged once, pass {key}." if self.idempotency_key else ""

    def __reduce__(self) -> tuple[Callable[..., HeyGenError], tuple[object, ...]]:
        return _restore, (type(self), self.args, self.__dict__)


class ConfigurationError(HeyGenError):
    """The client cannot work as it was set up: no key, a bad base URL, used closed or in another event loop."""


class InvalidInputError(HeyGenError, ValueError):
    """A value that can never be right; nothing was sent. Names the field, the value and what would be right."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        value = redact_queries(value) if isinstance(value, str) else value
        what = "missing" if value is None else format_value(value)
        super().__init__(f"{field} is {what}; expected {expected}. Nothing was sent.")
        self.field: str = field
        self.value: object = value
        self.expected: str = expected

    def __reduce__(self) -> tuple[Callable[..., HeyGenError], tuple[object, ...]]:
        import pickle  # noqa: PLC0415  who copies an error has it

        try:
            pickle.dumps(self.value)
        except Exception:  # noqa: BLE001  an open file, a generator: what it shows travels in its place
            return _restore, (type(self), self.args, {**self.__dict__, "value": repr(self.value)})
        return super().__reduce__()


class UnknownArgumentError(InvalidInputError, TypeError):
    """A method has no parameter of this name (`field`); `suggestion` is the most similar one, or None."""

    def __init__(self, method: str, argument: str, suggestion: str | None = None) -> None:
        hint = f"Did you mean {suggestion!r}?" if suggestion else f"help({method}) lists its parameters."
        HeyGenError.__init__(self, f"{method}() has no parameter {argument!r}. {hint} Nothing was sent.")
        self.field, self.value, self.expected = argument, None, f"a parameter of {method}()"
        self.suggestion: str | None = suggestion


class APIError(HeyGenError):
    """HeyGen answered with an error.

    `status` is the HTTP status; `code`, `message`, `param` and `doc_url` are the API's own words (`code` and
    `message` fall back to what the status says); `body` is the whole answer as it came, decoded when it is JSON and
    text when it is not; `retry_after` is in seconds when the server asked for a pause.
    """

    #: What a person does about it; each class says its own.
    advice = ""

    status: int
    code: str | None = None
    param: str | None = None
    doc_url: str | None = None
    request_id: str | None = None
    body: JSONValue = None
    method: str = ""
    path: str = ""
    retry_after: float | None = None

    @property
    def message(self) -> str:
        """The API's words."""
        return str(self.args[0])

    def __str__(self) -> str:
        code = f" {self.code}" if self.code else ""
        said = f"{self.method} {self.path} answered {self.status}{code}: {self.message.rstrip('.')}"
        if self.param:
            said += f" (field {self.param})"
        said += "."
        if self.retry_after is not None:
            said += f" The server asks to wait {self.retry_after:g} s."
        if self.advice:
            said += f" {self.advice}"
        if self.request_id:
            said += f" [request {self.request_id}]"
        return said + self._ask_again()


class RedirectError(APIError):
    """A redirect that was not followed: it leads to another host, where the key must not go, or goes round."""

    advice = "Set base_url to the address that the API really has."


class BadRequestError(APIError):
    """400, 413 or 422: the request itself is wrong; `param` names the field where the API knows it."""

    advice = "Correct the request; the same one will be refused again."


class ContentPolicyError(BadRequestError):
    """400 `content_policy_violation`."""

    advice = "Change the content; HeyGen's usage policy refuses this one."


class UnprocessableError(BadRequestError):
    """422: well formed, but it cannot be done as asked; `body["error"]["errors"]` lists the reasons."""


class AuthenticationError(APIError):
    """401: the key or token is missing, wrong or expired."""

    advice = "Check HEYGEN_API_KEY against the key in HeyGen's settings."


class PaymentRequiredError(APIError):
    """402: credit, or a larger plan, is needed."""

    advice = "Add credit or change the plan, then ask again; users.me() shows the balance."


class InsufficientCreditError(PaymentRequiredError):
    """402 `insufficient_credit`: the balance does not cover this request."""


class TrialLimitExceededError(PaymentRequiredError):
    """402 `trial_limit_exceeded`: a trial account's videos are used up."""


class PlanUpgradeRequiredError(PaymentRequiredError):
    """402 `plan_upgrade_required`: the plan does not have this feature."""


class PermissionDeniedError(APIError):
    """403: the key is good, but may not do this."""

    advice = "Use a key of the workspace that owns it, with the permission for it."


class InsufficientScopeError(PermissionDeniedError):
    """403 `insufficient_api_key_scope`: the message names the scope that the key lacks."""

    advice = "Give the key that scope in HeyGen's settings, or use one that has it."


class NotFoundError(APIError):
    """404: no such thing, or not in this account."""

    advice = "Check the id, and that it belongs to this account and was not deleted."


class GoneError(NotFoundError):
    """410: it was there, and is over."""

    advice = "It does not come back; begin another."


class EndpointSunsetError(GoneError):
    """410 `endpoint_sunset`: HeyGen has switched this endpoint off."""

    advice = "Use its successor in v3."


class ConflictError(APIError):
    """409: it does not go with the present state."""

    advice = "Look at the thing's present state, then decide."


class RequestInProgressError(ConflictError):
    """409 `request_in_progress`: an earlier request with this idempotency key still runs."""

    advice = "Ask again later with the same idempotency_key: the first answer is replayed."


class ResourceNotReadyError(ConflictError):
    """409 `resource_not_ready`: it exists, but is not finished yet."""

    advice = "Wait for it to finish, then ask again."


class RateLimitError(APIError):
    """429: too many requests, or all of the plan's job slots are taken; `retry_after` says how long to wait."""

    advice = "Ask less often, or wait for running jobs to end."


class QuotaExceededError(RateLimitError):
    """429 `quota_exceeded`: a usage quota is used up; waiting a little does not cure it."""

    advice = "Raise the plan's quota, or wait until it is reset."


class ServerError(APIError):
    """5xx, and 408: something broke at HeyGen or on the way there."""

    advice = "Ask again later; if it stays, report the request id to HeyGen."


class APIConnectionError(HeyGenError):
    """No whole answer came: refused, reset, cut off. `method` and `path` say for what."""

    method: str = ""
    path: str = ""


class APITimeoutError(APIConnectionError, TimeoutError):
    """No answer came in time; see `Timeout` for the limits."""


class DecodeError(HeyGenError):
    """An answer came that is not what the API documents. `body` is what came; no id in it is lost."""

    status: int
    body: bytes
    method: str = ""
    path: str = ""


class InvalidJSONError(DecodeError):
    """A success whose body is no JSON at all; the same request may be answered whole."""


class AmbiguousRequestError(HeyGenError):
    """A request that changes or spends was sent, and nobody can say whether it was done.

    It was not repeated, because this operation honours no idempotency key. The message says where to look.
    What is raised is also the error that hid the answer: an `APIConnectionError`, an `APITimeoutError`, a
    `ServerError` or a `DecodeError`.
    """


class AmbiguousConnectionError(AmbiguousRequestError, APIConnectionError):
    """The connection broke after the request went out."""


class AmbiguousTimeoutError(AmbiguousRequestError, APITimeoutError):
    """The time ran out after the request went out."""


class AmbiguousServerError(AmbiguousRequestError, ServerError):
    """A 5xx that may have come after the work was begun."""

    advice = ""


class AmbiguousDecodeError(AmbiguousRequestError, DecodeError):
    """A success whose body could not be read."""


class PaginationError(HeyGenError):
    """A cursor list that does not move on: an empty or repeated cursor, which would go round for ever."""

    def __init__(self, path: str, token: str) -> None:
        super().__init__(
            f"GET {path} says that there is more but gives the cursor {token!r} again or none; "
            "the items so far are good. List again from the start."
        )
        self.path: str = path
        self.token: str = token


class OAuthError(HeyGenError):
    """Nobody was signed in: HeyGen or the person refused, or the callback was not the answer to what was asked.

    `error` is the code of OAuth 2.0 (`access_denied`, `invalid_grant`, …), or `invalid_state`, `no_code` and `timeout`
    where it was not HeyGen that refused.
    """

    error: str
    description: str | None = None


class _JobError(HeyGenError):
    """What the ends of a wait share: which job, the state seen last, and how long it was watched."""

    kind: str
    id: str
    job: object
    state: str
    elapsed: float
    poll_count: int


class JobFailedError(_JobError):
    """The job ended badly at HeyGen.

    `failure_code` and `failure_message` are the API's words where it gives any; `job` is the struct last seen,
    `kind` and `id` name it, `elapsed` is in seconds.
    """

    failure_code: str | None = None
    failure_message: str | None = None


class InputRequiredError(_JobError):
    """The job stopped to ask a person, so it cannot end by itself; `job` is the struct with the question.

    A session is answered with `video_agents.send_message`, an avatar's consent is asked for with
    `avatars.create_consent`; then wait again.
    """


class WaitTimeoutError(_JobError, TimeoutError):
    """The time given to a wait ran out; the job itself goes on at HeyGen, as far as that is known.

    `job` is the last struct seen, or None when no look succeeded. Call the same `wait_for_*` with `id` to go on.
    """


class BudgetExceededError(HeyGenError):
    """A batch ended because the next rows would go past its `budget`: `held` rows were not begun.

    `budget` and `spent` are in USD.
    """

    budget: float
    spent: float
    held: int


class StreamEndedError(HeyGenError):
    """A realtime stream took no more text.

    `end_reason` is the API's: `final_marker` when it was closed or cancelled, `idle_timeout` when no text came for
    30 s, None when it could not be asked; `unsent_text` is the text that was not taken.
    """

    stream_id: str
    end_reason: str | None
    unsent_text: str


class ToolRefusedError(HeyGenError):
    """A tool that the program, or the person whom it asked, does not let a model run; nothing was sent."""


class UploadError(HeyGenError):
    """A file could not be uploaded; `source` names it."""

    source: str


class DownloadError(HeyGenError):
    """A file could not be fetched whole; nothing stands under the target's name. `path` is the target."""

    url: str
    path: str = ""
    status: int | None = None


class WebhookVerificationError(HeyGenError):
    """A webhook delivery that must not be trusted; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The webhook delivery was refused: {reason}.")
        self.reason: str = reason


_BY_CODE: Mapping[str, type[APIError]] = {
    "content_policy_violation": ContentPolicyError,
    "insufficient_credit": InsufficientCreditError,
    "trial_limit_exceeded": TrialLimitExceededError,
    "plan_upgrade_required": PlanUpgradeRequiredError,
    "insufficient_api_key_scope": InsufficientScopeError,
    "request_in_progress": RequestInProgressError,
    "resource_not_ready": ResourceNotReadyError,
    "quota_exceeded": QuotaExceededError,
    "endpoint_sunset": EndpointSunsetError,
    "400123": RateLimitError,  # v1's numbers, under a 400
    "10007": RateLimitError,
    "10015": TrialLimitExceededError,
}
_BY_STATUS: Mapping[int, type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: ServerError,
    409: ConflictError,
    410: GoneError,
    413: BadRequestError,
    422: UnprocessableError,
    429: RateLimitError,
}


def error_class(status: int, code: str | None) -> type[APIError]:
    """The class for an answer. The status decides; a known code refines it only within its status's family."""
    family = _BY_STATUS.get(status)
    if family is None:
        family = ServerError if status >= 500 else RedirectError if 300 <= status < 400 else APIError
    refined = _BY_CODE.get((code or "").lower())
    if refined is not None and (issubclass(refined, family) or family is APIError or (code or "").isdigit()):
        return refined
    return family


def ambiguous(error: HeyGenError, hint: str) -> HeyGenError:
    """The same error, told as one that may have been done after all."""
    kinds: tuple[tuple[type[HeyGenError], type[AmbiguousRequestError]], ...] = (
        (APITimeoutError, AmbiguousTimeoutError),
        (APIConnectionError, AmbiguousConnectionError),
        (ServerError, AmbiguousServerError),
        (DecodeError, AmbiguousDecodeError),
    )
    for kind, twin in kinds:
        if isinstance(error, kind):
            said = str(error.args[0]).rstrip(".")
            message = f"{said}. It was not repeated, because it may have been done. {hint}"
            return _restore(twin, (message,), dict(error.__dict__))
    return error
