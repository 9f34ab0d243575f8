"""Reading what the API says: the envelope around every answer, and the three forms that its errors have had.

v3 says `{"data": …}` or `{"error": {"code", "message", "param", "doc_url"}}`; v2 adds `{"error": "text"}`; v1 says
`{"code": 400…, "message": "text"}` with 100 for success. A proxy on the way may answer with a page of HTML.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from ..errors import APIError, DecodeError, InvalidJSONError, error_class
from .encoding import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..types.base import JSONValue
    from .response import Response

T = TypeVar("T")
E = TypeVar("E", bound="Envelope")
F = TypeVar("F", bound="Callable[..., Any]")


_SECRETS = re.compile(rb'("(?:secret|access_token|refresh_token)"\s*:\s*")[^"]+')
_ENOUGH = 4_000  # characters of a page, to tell what it is
#: What a person does about it, for codes whose class says something else.
_ADVICE: dict[str, str] = {
    "ai_vendor_access_restricted": "Ask an administrator of the workspace to allow this vendor.",
    "voice_not_usable": "Choose another voice; this one does not become usable.",
    "voice_unavailable": "Choose another voice, or clone this one anew.",
    "voice_expired": "Choose another voice, or clone this one anew.",
    "voice_training_failed": "Choose another voice, or train this one anew.",
    "voice_not_ready": "Wait for it to finish, then ask again.",
    "unlimited_mode_disabled": "Choose another avatar, or the engine Avatar IV or V.",
    "resource_limit_reached": "Delete what is not needed any more, or have HeyGen raise the limit, then ask again.",
    "download_failed": "Check that each URL in the request is public and leads to the file itself, then ask again.",
    "gateway_timeout": "Check that each URL in the request is public and answers quickly, then ask again.",
    "ephemeral_upload_disabled": "Ask again later, or give the file in another way.",
    "hyperframes_project_too_large": "Upload it with assets.upload() first, and give its asset_id.",
}


class Envelope(msgspec.Struct, kw_only=True):
    """What every answer has beside its data: perhaps an error, even under a 200."""

    error: Any = None


class One(Envelope, Generic[T]):
    """An answer with one thing in it."""

    data: T


class Listing(Envelope, Generic[T]):
    """A page of a cursor list."""

    data: list[T]
    has_more: bool = False
    next_token: str | None = None


class _Inner(msgspec.Struct, Generic[T]):
    resources: list[T]
    next_cursor: str | None = None


class Resources(Envelope, Generic[T]):
    """A page in the older form, with its items and its cursor inside `data`."""

    data: _Inner[T]


def _once(make: F) -> F:
    """Made once for a type: to make a decoder costs more than to read a page."""
    return cast("F", cache(make))


@_once
def one(into: type[T]) -> Callable[[Response], T]:
    """Reads the `data` of an answer, as `into`."""
    return _reading(msgspec.json.Decoder(_of(One, into)), of=attrgetter("data"))


@_once
def listing(item: type[T]) -> Callable[[Response], Listing[T]]:
    """Reads a page whose items are `item`."""
    return _reading(msgspec.json.Decoder(_of(Listing, item)))


@_once
def resources(item: type[T]) -> Callable[[Response], Resources[T]]:
    """Reads a page in the older form."""
    return _reading(msgspec.json.Decoder(_of(Resources, item)))


def _of(form: Any, part: object) -> Any:
    return form[part]


def anything(response: Response) -> JSONValue:
    """Reads an answer that nobody described."""
    try:
        answer = cast("JSONValue", msgspec.json.decode(response.body)) if response.body else None
    except UNREADABLE:
        raise _garbled(response) from None
    if isinstance(answer, dict) and answer.get("error"):
        raise error_of(response)
    return answer


def _reading(decoder: msgspec.json.Decoder[E], of: Callable[[E], T] | None = None) -> Callable[[Response], Any]:
    """How an answer becomes a struct.

    It raises `InvalidJSONError` when the body is no JSON, `DecodeError` when it is not of the documented form, and an
    `APIError` when it is a success that carries an error.
    """
    decode = decoder.decode

    def read(response: Response) -> Any:
        try:
            answer = decode(response.body)
        except msgspec.ValidationError as problem:
            if _error_in(_loose(response.body)) is not None:
                raise error_of(response) from None
            raise DecodeError(
                f"{response.method} {response.path} answered {response.status} with JSON that is not of the "
                f"documented form: {problem}. The whole answer is in .body.",
                status=response.status,
                body=_shown(response.body),
                method=response.method,
                path=response.path,
            ) from None
        except UNREADABLE:
            raise _garbled(response) from None
        if answer.error and _says(answer.error):
            raise error_of(response)
        return answer if of is None else of(answer)

    return read


def _says(error: object) -> bool:
    """Whether an `error` beside data tells of one: an open object without a code or a message does not."""
    return not isinstance(error, dict) or "code" in error or "message" in error


def _garbled(response: Response) -> InvalidJSONError:
    """A success whose body is no JSON."""
    body = _shown(response.body)
    return InvalidJSONError(
        f"{response.method} {response.path} answered {response.status} with a body that is no JSON "
        f"({len(body)} bytes, beginning {body[:60]!r}). The whole body is in .body.",
        status=response.status,
        body=body,
        method=response.method,
        path=response.path,
    )


def _shown(body: bytes) -> bytes:
    """A body as an exception may hold it, which goes into logs and to other processes: without its secrets."""
    return _SECRETS.sub(rb"\1...", body)


def error_of(response: Response) -> APIError:
    """The exception for an answer that is an error, in whichever form it came."""
    body = _loose(response.body)
    found = _error_in(body) or {}
    code = found.get("code")
    message = found.get("message") or found.get("msg") or found.get("detail")
    if not message:
        message = _page_title(body) if isinstance(body, str) and body else "no message came with it"
    param, doc_url = found.get("param"), found.get("doc_url")
    text_code = None if code is None else str(code)
    advice = _ADVICE.get((text_code or "").lower())
    return error_class(response.status, text_code)(
        str(message),
        status=response.status,
        code=text_code,
        param=None if param is None else str(param),
        doc_url=None if doc_url is None else str(doc_url),
        request_id=response.request_id,
        body=body,
        method=response.method,
        path=response.path,
        retry_after=retry_after_of(response),
        **({} if advice is None else {"advice": advice}),
    )


def retry_after_of(response: Response) -> float | None:
    """Seconds that the server asks to wait: `Retry-After` in seconds or as a date, measured by the server's clock."""
    value = response.headers.get("Retry-After")
    if value is None:
        return None
    value = value.strip()
    try:
        return max(0.0, float(value)) if value.replace(".", "", 1).isdigit() else _seconds_until(value, response)
    except (ValueError, TypeError, OverflowError):
        return None


def _seconds_until(date: str, response: Response) -> float:
    sent = response.headers.get("Date")
    now = parsedate_to_datetime(sent) if sent else datetime.now(UTC)
    return max(0.0, (parsedate_to_datetime(date) - now).total_seconds())


def _loose(body: bytes) -> JSONValue:
    try:
        return cast("JSONValue", msgspec.json.decode(body))
    except UNREADABLE:
        return body.decode("utf-8", "replace")


def _error_in(body: JSONValue) -> dict[str, JSONValue] | None:
    """The error's own fields, or None when the body tells of none."""
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    if isinstance(error, dict):
        return error or None
    if isinstance(error, str) and error:
        return {"message": error}
    code = body.get("code")
    if code is not None and code != 100 and body.get("data") is None:
        return body
    if body.get("data") is None and (body.get("message") or body.get("detail")):
        return body
    return None


def _page_title(page: str) -> str:
    page = page[:_ENOUGH]
    title = re.search(r"<title[^>]*>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    text = title.group(1) if title else re.sub(r"<[^>]+>", " ", page)
    return f"not the API but something on the way answered: {' '.join(text.split())[:200]}"
