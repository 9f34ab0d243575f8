"""What goes wrong on demand: by route, by count, or by a seeded probability."""

from __future__ import annotations

import random
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Fault", "FaultKind"]

FaultKind: TypeAlias = Literal[
    "reset_before", "reset_mid_request", "reset_mid_body", "lost_response", "truncate", "corrupt", "delay", "silent",
    "stall", "status", "html", "redirect", "ignore_range", "new_etag", "short", "long", "wrong_digest",
]  # fmt: skip


class Fault:
    """One way in which requests go wrong, and which of them do.

    Kinds that do nothing of what was asked: `reset_before` (the connection is reset once the headers are read),
    `reset_mid_request` (when a share of the body was read), `silent` (no answer, ever), `status` (an error of the API: `status`,
    `code`, `retry_after`), `html` (a proxy's 502), `redirect` (to `headers["Location"]`).
    Kinds after which it is done: `lost_response` (then reset), `reset_mid_body` and `truncate` (a part of the answer
    comes, then a reset or the end), `stall` (a part comes, then nothing), `corrupt` (200, and no JSON), `delay`
    (`seconds`, then as ever). For downloads besides: `ignore_range`, `new_etag`, `short` and `long` (a body without a
    length, with less or more than it should have), `corrupt` (one bit of it is wrong), `wrong_digest`.

    Args:
        path: A glob on the decoded path, such as `/v3/videos/*`.
        operation: A name of the contract, such as `VideoGet`.
        count: How many requests it meets; None for all.
        after: How many it lets pass first.
        probability: Of each request that it could meet, drawn with `seed`.
        position: Where a cut comes, as a share of the body; of server-sent events, in events: 2.5 is amid the third.
        retry_after_date: Send `Retry-After` as a date instead of seconds.

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
        status: int = 500,
        code: str | None = None,
        message: str = "a fault was asked for",
        retry_after: float | None = None,
        retry_after_date: bool = False,
        seconds: float = 0.0,
        position: float = 0.5,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind: FaultKind = kind
        self.method: str | None = method
        self.operation: str | None = operation
        self.origin: Literal["api", "storage"] = origin
        self.count: int | None = count
        self.after: int = after
        self.probability: float = probability
        self.status: int = status
        self.code: str | None = code
        self.message: str = message
        self.retry_after: float | None = retry_after
        self.retry_after_date: bool = retry_after_date
        self.seconds: float = seconds
        self.position: float = position
        self.headers: dict[str, str] = dict(headers or {})
        self.hits: int = 0
        self._path = path
        self._random = random.Random(seed)  # noqa: S311  a test's dice

    def __repr__(self) -> str:
        return f"Fault({self.kind!r}, hits={self.hits})"

    def meets(self, origin: str, method: str, path: str, operation: str | None) -> bool:
        """Whether this request goes wrong; counts it if so."""
        if origin != self.origin or (self.count is not None and self.hits >= self.count):
            return False
        if self.method not in {None, method} or self.operation not in {None, operation}:
            return False
        if self._path is not None and not fnmatchcase(path, self._path) and not re.fullmatch(self._path, path):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.probability < 1.0 and self._random.random() >= self.probability:
            return False
        self.hits += 1
        return True
