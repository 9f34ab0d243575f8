"""Requests and responses as values, for hooks and for `AsyncHeyGen.last_response`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..types.base import JSONValue
    from .lenient_decoding import Drift

#: The names under which HeyGen and the proxies before it send the id of a request, the usual one first.
_REQUEST_ID_HEADERS = ("x-amzn-request-id", "x-request-id", "x-amzn-requestid", "x-amz-request-id")


class RequestInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is about to be sent. It holds no credentials and no query.

    Attributes:
        method: The HTTP method.
        url: The URL without its query.
        attempt: The number of the attempt, from 1.
        idempotency_key: The key, when HeyGen honours one for this operation.
        is_transfer: Whether it goes to a file store, to upload or download bytes, and not to the API.
    """

    method: str
    url: str
    attempt: int
    idempotency_key: str | None
    is_transfer: bool = False


class Response(msgspec.Struct, frozen=True, eq=False):
    """A response of the API; for the hook `on_response`, also one of a file store.

    Attributes:
        method: The HTTP method of the request.
        address: The path of the request with its query, after redirects; for a file store, the URL without its query.
        status: The HTTP status.
        headers: The response headers.
        body: The whole body; empty for an open event stream and for a file store.
        attempt: The number of the attempt, from 1.
        elapsed: The seconds that the attempt took; for a file store, until its response began.
        drift: The places where the response deviates from the documented form.
        is_transfer: Whether it comes from a file store, as a response to an upload or a download.
    """

    method: str
    address: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    attempt: int
    elapsed: float
    drift: tuple[Drift, ...] = ()
    is_transfer: bool = False

    def __repr__(self) -> str:
        return f"Response({self.method} {self.path} → {self.status}, {len(self.body)} bytes)"

    @property
    def path(self) -> str:
        """The path of the request, without its query."""
        return self.address.partition("?")[0]

    @property
    def request_id(self) -> str | None:
        """HeyGen's id of the request, for its support; None when the response has none."""
        return next((self.headers[name] for name in _REQUEST_ID_HEADERS if name in self.headers), None)

    def json(self) -> JSONValue:
        """Decode the body, with all fields that the API sent, including unknown ones.

        Raises:
            msgspec.DecodeError: The body is not JSON.
        """
        try:
            return cast("JSONValue", msgspec.json.decode(self.body))
        except (msgspec.DecodeError, UnicodeError):
            from .lenient_decoding import parse_json  # noqa: PLC0415  well-formed JSON does not need it

            try:
                return cast("JSONValue", parse_json(self.body))
            except ValueError as problem:
                raise msgspec.DecodeError(str(problem)) from None
