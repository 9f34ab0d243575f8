"""Successful responses, decoded from the API's envelope `{"data": …}` into structs.

A decoder is built once for each type, because building one costs more than decoding a page.
"""

from __future__ import annotations

import re
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from ..errors import DecodeError, InvalidJSONError
from .encoding import JSON_ERRORS
from .error_mapping import decode_loosely, error_fields, error_from_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..types.base import JSONValue
    from .response import Response

T = TypeVar("T")
E = TypeVar("E", bound="Envelope")
F = TypeVar("F", bound="Callable[..., Any]")

_SECRETS = re.compile(rb'("(?:secret|access_token|refresh_token)"\s*:\s*")[^"]+')


class Envelope(msgspec.Struct, kw_only=True):
    """The fields beside `data` in every response: an error may be among them, even with status 200."""

    error: Any = None


class DataEnvelope(Envelope, Generic[T]):
    """A response with one value."""

    data: T


class PageEnvelope(Envelope, Generic[T]):
    """A page of a cursor list."""

    data: list[T]
    has_more: bool = False
    next_token: str | None = None


class _ResourcesPage(msgspec.Struct, Generic[T]):
    resources: list[T]
    next_cursor: str | None = None


class ResourcesEnvelope(Envelope, Generic[T]):
    """A page in the older form, whose items and cursor stand inside `data`."""

    data: _ResourcesPage[T]


def _cached(build: F) -> F:
    """Cache a builder of decoders with its type kept."""
    return cast("F", cache(build))


@_cached
def data_decoder(response_type: type[T]) -> Callable[[Response], T]:
    """Build a function that decodes the `data` of a response."""
    return _decoder(_parametrized(DataEnvelope, response_type), attrgetter("data"))


@_cached
def page_decoder(item_type: type[T]) -> Callable[[Response], PageEnvelope[T]]:
    """Build a function that decodes a page of items."""
    return _decoder(_parametrized(PageEnvelope, item_type))


@_cached
def resources_decoder(item_type: type[T]) -> Callable[[Response], ResourcesEnvelope[T]]:
    """Build a function that decodes a page in the older form."""
    return _decoder(_parametrized(ResourcesEnvelope, item_type))


def _parametrized(envelope: Any, parameter: object) -> Any:
    return envelope[parameter]


def decode_json(response: Response) -> JSONValue:
    """Decode a response of an unknown form; None when it has no body.

    Raises:
        InvalidJSONError: The body is not JSON.
        APIError: The body holds an error.
    """
    try:
        body = cast("JSONValue", msgspec.json.decode(response.body)) if response.body else None
    except JSON_ERRORS:
        raise _invalid_json(response) from None
    if isinstance(body, dict) and body.get("error"):
        raise error_from_response(response)
    return body


def _decoder(envelope_type: type[E], select: Callable[[E], T] | None = None) -> Callable[[Response], Any]:
    """Build a function that decodes a response.

    The function raises `InvalidJSONError` when the body is not JSON, `DecodeError` when it does not have the
    documented form, and an `APIError` when it holds an error.
    """
    decode = msgspec.json.Decoder(envelope_type).decode

    def read(response: Response) -> Any:
        try:
            envelope = decode(response.body)
        except msgspec.ValidationError as problem:
            if error_fields(decode_loosely(response.body)) is not None:
                raise error_from_response(response) from None
            raise DecodeError(
                f"{response.method} {response.path}: the response with status {response.status} does not have the "
                f"documented form ({problem}). The whole response is in .body.",
                status=response.status,
                body=_redacted(response.body),
                method=response.method,
                path=response.path,
            ) from None
        except JSON_ERRORS:
            raise _invalid_json(response) from None
        if envelope.error and _is_error(envelope.error):
            raise error_from_response(response)
        return envelope if select is None else select(envelope)

    return read


def _is_error(error: object) -> bool:
    """Whether an `error` beside `data` reports one: an object without a code and a message does not."""
    return not isinstance(error, dict) or "code" in error or "message" in error


def _invalid_json(response: Response) -> InvalidJSONError:
    body = _redacted(response.body)
    return InvalidJSONError(
        f"{response.method} {response.path}: the response with status {response.status} is not JSON "
        f"({len(body)} bytes, beginning with {body[:60]!r}). The whole response is in .body.",
        status=response.status,
        body=body,
        method=response.method,
        path=response.path,
    )


def _redacted(body: bytes) -> bytes:
    """Remove the secrets from a body that an exception takes into logs and to other processes."""
    return _SECRETS.sub(rb"\1...", body)
