"""What the local HeyGen remembers for a test to read: every request, and every charge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import msgspec

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy

__all__ = ["Charge", "RecordedRequest"]


class RecordedRequest:
    """A request as it arrived. `origin` tells the API from its storage; `time` is by the clock; `status` is None
    when no answer was sent.
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
        """The body as JSON."""
        return cast("dict[str, object]", msgspec.json.decode(self.body))


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """What was charged: for which operation, for which job, under which idempotency key."""

    operation: str
    id: str
    amount_usd: float
    key: str | None
    time: float
