"""The requests that the emulator received, for a test to read: the newest ones, in a bounded log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import msgspec

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy

__all__ = ["RecordedRequest", "RequestLog"]

_MAX_KEPT_BYTES = 64 << 20  # of recorded bodies


class RecordedRequest:
    """A request as it arrived.

    Args:
        method: The HTTP method.
        path: The decoded path, without the query.
        raw_path: The path as it was sent.
        query: The query parameters.
        headers: The headers; their names ignore case.
        origin: The port that received it: the API or its storage.
        time: Unix time in seconds, by the emulator's clock.

    Three attributes are set later. `body` is the bytes received. `operation` is its name in the API's contract, or
    None. `status` is the status code sent, or None when no response was sent.
    """

    __slots__ = ("body", "headers", "method", "operation", "origin", "path", "query", "raw_path", "status", "time")

    def __init__(
        self,
        *,
        method: str,
        path: str,
        raw_path: str,
        query: dict[str, str],
        headers: CIMultiDictProxy[str],
        origin: Literal["api", "storage"],
        time: float,
    ) -> None:
        self.method: str = method
        self.path: str = path
        self.raw_path: str = raw_path
        self.query: dict[str, str] = query
        self.headers: CIMultiDictProxy[str] = headers
        self.origin: Literal["api", "storage"] = origin
        self.time: float = time
        self.body: bytes = b""
        self.operation: str | None = None
        self.status: int | None = None

    def __repr__(self) -> str:
        return f"RecordedRequest({self.origin}: {self.method} {self.path} → {self.status})"

    @property
    def json(self) -> dict[str, object]:
        """The body, decoded from JSON."""
        return cast("dict[str, object]", msgspec.json.decode(self.body))


class RequestLog:
    """The newest requests, with bodies of at most 64 MiB together, so that a server that runs for weeks keeps its size.

    Args:
        max_requests: The number of requests to keep; None keeps all of them, with bodies of any size.
    """

    def __init__(self, max_requests: int | None) -> None:
        self.requests: list[RecordedRequest] = []
        self._max_requests = max_requests
        self._size = 0  # of the bodies in bytes; too large after a program has removed requests

    def add(self, request: RecordedRequest) -> None:
        """Add a request, and remove the oldest one if there are too many."""
        if self._max_requests == 0:
            return
        if self._max_requests is not None and len(self.requests) >= self._max_requests:
            self._size -= len(self.requests.pop(0).body)
        self.requests.append(request)

    def set_body(self, request: RecordedRequest, body: bytes) -> None:
        """Set the body of a request, and remove the older half of all bodies if they are too large."""
        request.body = body
        self._size += len(body)
        if self._max_requests is None or self._size <= _MAX_KEPT_BYTES:
            return
        self._size = sum(len(each.body) for each in self.requests)
        while self._size > _MAX_KEPT_BYTES // 2:
            self._size -= len(self.requests.pop(0).body)
