"""API keys: what the key of a client may do, and until when."""

from __future__ import annotations

from datetime import datetime

from .base import OpenEnum, ResponseStruct, as_datetime


class ScopeMode(OpenEnum):
    """What a key may do: everything, everything that only reads, or its `scopes` alone."""

    FULL = "full"
    READ_ONLY = "read_only"
    CUSTOM = "custom"


class APIKey(ResponseStruct):
    """The key that a client sends. Times are in RFC 3339; `expires_in_seconds` counts from the response.

    `scopes` are pairs such as `videos:write`; `*:*` is every scope, `*:read` every scope that only reads. `expires_at`
    and `expires_in_seconds` are None for a key that does not expire.
    """

    key_id: str | None = None
    key_name: str | None = None
    status: str | None = None
    scope_mode: ScopeMode | None = None
    scopes: list[str] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    expires_at: str | None = None
    expires_in_seconds: int | None = None

    @property
    def expires(self) -> datetime | None:
        """`expires_at` as an aware datetime."""
        return as_datetime(self.expires_at)
