"""The handle of a row's jobs: what a program stores to find them again, on any machine."""

from __future__ import annotations

import msgspec


class JobHandle(msgspec.Struct, frozen=True, kw_only=True):
    """The jobs of one row of a batch.

    It is JSON-able: `msgspec.to_builtins(handle)` and `msgspec.convert(data, JobHandle)`. All but `ids` and
    `created_at` is known before the create is sent, so a program can store the handle first.

    Attributes:
        kind: The resource that creates the jobs, such as `videos`.
        key: The row's key.
        idempotency_key: The key of the create.
        mark: The `callback_id` and title of the jobs, where the kind has such fields.
        requested_at: The time before the first create in Unix seconds, by HeyGen's clock.
        ids: The ids of the jobs; empty until the create has responded. Of a session, its own id.
        created_at: The time after the create in Unix seconds, by HeyGen's clock.
    """

    kind: str
    key: str
    idempotency_key: str
    mark: str
    requested_at: float
    ids: tuple[str, ...] = ()
    created_at: float | None = None

    @property
    def id(self) -> str | None:
        """The only or first id; None before the create has responded."""
        return self.ids[0] if self.ids else None
