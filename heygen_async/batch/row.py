"""One row of a batch, on its way."""

from __future__ import annotations

import time

import msgspec

from .items import Item
from .journal import Entry
from .kinds import Work

_KEY_LIVES = 23.5 * 3600  # seconds; HeyGen keeps idempotency keys for 24 hours


class Row(msgspec.Struct, kw_only=True):
    """One item on its way."""

    item: Item
    work: Work
    entry: Entry
    resumed: bool
    changed: bool
    holds: bool = False  # a place among the requests under way

    @property
    def key_lives(self) -> bool:
        """Whether the same idempotency key still stands for the same job at HeyGen."""
        return self.work.keyed and time.time() - (self.entry.asked or 0.0) < _KEY_LIVES

    @property
    def mark(self) -> str:
        """The `callback_id` by which its job is found again: the key, and what tells its content from another."""
        return f"{self.item.key} {self.entry.digest.hex()[:8]}"
