"""The requests that the emulator received, for a test to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import msgspec

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy

__all__ = ["RecordedRequest"]


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

    Three attributes are set later: `body`, the bytes received; `operation`, its name in the API's contract, or None;
    and `status`, the status code sent, or None when no response was sent.

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
