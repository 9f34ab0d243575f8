"""One row of a batch, on its way."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from .items import Item
from .journal import Entry
from .kinds import WORKS, Work

_KEY_LIVES = 23.5 * 3600  # seconds; HeyGen keeps idempotency keys for 24 hours


class Row(msgspec.Struct, kw_only=True):
    """One item on its way."""

    item: Item
    entry: Entry
    resumed: bool = False
    changed: bool = False
    holds: bool = False  # a place among the requests under way

    @property
    def work(self) -> Work:
        """The resource that it is for."""
        return WORKS[self.item.kind]

    @property
    def key_lives(self) -> bool:
        """Whether the same idempotency key still stands for the same job at HeyGen."""
        return self.work.keyed and time.time() - (self.entry.asked or 0.0) < _KEY_LIVES

    @property
    def jobs(self) -> str:
        """Its jobs, by which a file's row knows whether the file is theirs."""
        return " ".join(self.entry.ids or ())

    @property
    def mark(self) -> str:
        """The `callback_id` by which its job is found again: the key, and what tells its content from another."""
        return f"{self.item.key} {self.entry.digest.hex()[:8]}"

    @property
    def request(self) -> Any:
        """What is sent: the item's request, marked."""
        return self.work.marked(self.item.request, self.mark)
