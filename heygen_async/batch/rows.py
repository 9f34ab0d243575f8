"""One row of a batch in progress: its item, its journal entry, and the state of this run."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from ..pricing import Estimate
from .items import Item
from .journal_entries import Entry
from .kinds import BatchKind, kind_named

_KEY_LIFETIME = 23.5 * 3600  # seconds; HeyGen keeps idempotency keys for 24 hours


class Row(msgspec.Struct, kw_only=True):
    """One item in progress.

    Attributes:
        resumed: Whether an earlier run started the row.
        changed: Whether its content differs from the earlier run's.
        holds_place: Whether the row holds a place among the parallel submissions.
        cost: The estimate for its job; None when no new job is needed.
    """

    item: Item
    entry: Entry
    resumed: bool = False
    changed: bool = False
    holds_place: bool = False
    cost: Estimate | None = None

    @property
    def kind(self) -> BatchKind:
        """The kind of its jobs."""
        return kind_named(self.item.kind)

    @property
    def key_is_valid(self) -> bool:
        """Whether HeyGen still knows the idempotency key, so that a repeated request creates no second job."""
        return self.kind.honours_key and time.time() - (self.entry.submitted_at or 0.0) < _KEY_LIFETIME

    @property
    def marker(self) -> str:
        """The `callback_id` and title by which its job is found again: the key, and the start of the digest."""
        return f"{self.item.key} {self.entry.digest.hex()[:8]}"

    @property
    def request(self) -> Any:
        """The item's request with its marker."""
        return self.kind.with_marker(self.item.request, self.marker)
