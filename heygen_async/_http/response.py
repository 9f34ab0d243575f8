"""What can be known of an exchange: what went out, what came back. For hooks, and for `client.last_response`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..types.base import JSONValue


class RequestInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is about to be sent. `attempt` counts from 1; the key is not here, nor a presigned query."""

    method: str
    url: str
    attempt: int
    idempotency_key: str | None


class Response(msgspec.Struct, frozen=True, eq=False):
    """An answer of the API, whole: `status`, `headers`, `body`, and how long the attempt took (`elapsed`, seconds)."""

    method: str
    address: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    attempt: int
    elapsed: float

    def __repr__(self) -> str:
        return f"Response({self.method} {self.path} → {self.status}, {len(self.body)} bytes)"

    @property
    def path(self) -> str:
        """The path that was asked for, without its query."""
        return self.address.partition("?")[0]

    @property
    def request_id(self) -> str | None:
        """The API's own id of the request, for its support; None when it gave none."""
        return self.headers.get("X-Request-Id")

    def json(self) -> JSONValue:
        """The body as it came, with every field, those included that this version does not know."""
        return cast("JSONValue", msgspec.json.decode(self.body))
