"""`Fault`: which requests fail, and how. `fault_responses.py` produces the failure."""

from __future__ import annotations

import random
import re
from fnmatch import translate
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from .names import check_code, check_name, check_operation
from .oauth import OAuth

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Fault", "FaultKind"]

FaultKind: TypeAlias = Literal[
    "reset_before", "reset_mid_request", "reset_mid_body", "lost_response", "truncate", "corrupt", "delay", "silent",
    "stall", "status", "response", "html", "redirect", "ignore_range", "new_etag", "short", "long", "wrong_digest",
]  # fmt: skip


_STATUSES: Mapping[str, int] = {"redirect": 302, "response": 200}
_MAX_SECONDS = 1e9  # 31 years
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


class Fault:
    """A kind of failure, and the requests to which it applies. Pass it to `HeyGenEmulator.inject`.

    Kinds that prevent the operation:

    | kind | failure |
    |---|---|
    | `reset_before` | the connection is reset after the headers |
    | `reset_mid_request` | the connection is reset after a share of the request's body |
    | `silent` | no response, ever |
    | `status` | an API error: `status`, `code`, `message`, `retry_after` |
    | `response` | a response of your own: `status` and `body`, also for an endpoint that the contract does not have |
    | `html` | the 502 page of a proxy |
    | `redirect` | a redirect to `headers["Location"]` |

    Kinds after the operation:

    | kind | failure |
    |---|---|
    | `lost_response` | the connection is reset before the response |
    | `reset_mid_body` | the connection is reset after a part of the response |
    | `truncate` | the connection is closed after a part of the response |
    | `stall` | no more data after a part of the response |
    | `corrupt` | status 200 with invalid JSON; in a download, one wrong bit |
    | `delay` | the response is sent after `seconds` |

    Kinds for downloads (`origin="storage"`): `ignore_range`, `new_etag`, `wrong_digest`, and `short` and `long`, a
    body without `Content-Length` that has too few or too many bytes.

    Args:
        kind: The failure.
        method: The HTTP method of the requests; None for any.
        path: A glob or regular expression for the decoded path, such as `/v3/videos/*`; None for any.
        operation: An operation of the API's contract, such as `VideoGet`; None for any.
        origin: The port: the API or its storage.
        count: The number of requests that fail; None for all.
        after: The number of matching requests that succeed first.
        probability: The share of matching requests that fail, from 0 to 1, drawn with `seed`.
        seed: The seed of `probability`.
        status: The status of the kinds `status` (500 by default), `redirect` (302) and `response` (200).
        body: The JSON body of the kind `response`, such as `{"data": {"id": "x"}}`.
        code: The error code of the kind `status`.
        message: The error message of the kind `status`.
        retry_after: The seconds in `Retry-After` of the kind `status`; None for no such header.
        retry_after_date: Whether `Retry-After` is a date instead of seconds.
        seconds: The delay of the kind `delay`, in seconds of the clock.
        position: The position of the cut, as a share of the body. For server-sent events it counts events: 2.5 cuts the
            third in the middle.
        headers: More headers of the kinds `status`, `redirect` and `response`.
        unknown: Whether the code may resemble one that the API documents.

    Raises:
        ValueError: The kind, the operation or the origin is not known, or the code is misspelt; the message has the
            nearest known name. Or a number is out of its range, or a header holds a control character.
    """

    def __init__(
        self,
        kind: FaultKind,
        *,
        method: str | None = None,
        path: str | None = None,
        operation: str | None = None,
        origin: Literal["api", "storage"] = "api",
        count: int | None = 1,
        after: int = 0,
        probability: float = 1.0,
        seed: int = 0,
        status: int | None = None,
        body: object = None,
        code: str | None = None,
        message: str = "This fault was injected by a test.",
        retry_after: float | None = None,
        retry_after_date: bool = False,
        seconds: float = 0.0,
        position: float = 0.5,
        headers: Mapping[str, str] | None = None,
        unknown: bool = False,
    ) -> None:
        _check_names(kind, origin, operation, None if unknown else code)
        _check_number("probability", probability, 0, 1)
        _check_number("seconds", seconds, 0, _MAX_SECONDS)
        _check_number("retry_after", retry_after or 0, 0, _MAX_SECONDS)
        self.kind: FaultKind = kind
        self.method: str | None = method
        self.operation: str | None = operation
        self.origin: Literal["api", "storage"] = origin
        self.count: int | None = count
        self.after: int = after
        self.probability: float = probability
        self.status: int = _status(kind, status)
        self.body: object = body
        self.code: str | None = code
        self.message: str = message
        self.retry_after: float | None = retry_after
        self.retry_after_date: bool = retry_after_date
        self.seconds: float = seconds
        self.position: float = position
        self.headers: dict[str, str] = _check_headers(headers or {})
        self.unknown: bool = unknown
        self.hits: int = 0
        self.path: str | None = path
        self.seed: int = seed
        self._pattern = _compile_path(path)
        self._random = random.Random(seed)  # noqa: S311  reproducible, not secret

    def __repr__(self) -> str:
        return f"Fault({self.kind!r}, hits={self.hits})"

    def meets(self, origin: str, method: str, path: str, operation: str | None) -> bool:
        """Return whether this request fails, and count it if so.

        Args:
            origin: `api` or `storage`: the port that got the request.
            method: The HTTP method.
            path: The path of the request.
            operation: The name of the operation, such as `VideoCreate`; None for an unknown path.
        """
        if origin != self.origin or (self.count is not None and self.hits >= self.count):
            return False
        if self.method not in {None, method} or self.operation not in {None, operation}:
            return False
        if self._pattern is not None and not self._pattern.fullmatch(path):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.probability < 1.0 and self._random.random() >= self.probability:
            return False
        self.hits += 1
        return True


def _check_names(kind: str, origin: str, operation: str | None, code: str | None) -> None:
    check_name("The fault", kind, get_args(FaultKind))
    check_name("The origin", origin, ("api", "storage"))
    if operation is not None:
        check_operation(operation, OAuth.operations.values())
    if code is not None:
        check_code(code)


def _status(kind: FaultKind, status: int | None) -> int:
    """Return the status of a fault; None is the default of its kind."""
    if status is None:
        return _STATUSES.get(kind, 500)
    _check_number("status", status, 100, 599)
    if kind == "status" and status < 400:
        raise ValueError(f"status is {status}; the kind 'status' is an error, 400 to 599. Use the kind 'response'.")
    return status


def _compile_path(path: str | None) -> re.Pattern[str] | None:
    """Return the pattern of a path: a glob, or a regular expression if it is one."""
    if path is None:
        return None
    try:
        return re.compile(f"{path}|{translate(path)}")
    except re.error:
        return re.compile(translate(path))


def _check_number(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value:g}; expected {low:g} to {high:g}")


def _check_headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"the header {name!r} has a character that HTTP does not allow")
    return dict(headers)
