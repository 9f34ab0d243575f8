"""What the creates of one client cost by the published rates: `heygen.spent`.

A create is booked once, when its first successful response arrives, by the body that was sent.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from .worker_threads import run_in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..pricing import Estimate, Spent
    from .streamed_body import Body


@cache
def _estimate() -> Callable[[str, object], Estimate]:
    """Return the function that estimates; it is imported once, since even a repeated import costs microseconds."""
    from ..pricing import estimate  # noqa: PLC0415  a client that creates nothing needs no prices

    return estimate


class Spending:
    """The sum of a client's creates."""

    def __init__(self) -> None:
        self._usd = 0.0
        self._creates = self._unknown_creates = 0
        self.is_prepared: bool = False  # whether the rates are in memory

    async def prepare(self) -> None:
        """Read the rates in a thread, before the first create is sent."""
        from ..pricing import rates  # noqa: PLC0415  as above

        await run_in_thread(rates)
        self.is_prepared = True

    def book(self, path: str, body: bytes | Body | None) -> None:
        """Add a create to the sum.

        Args:
            path: The endpoint's path, with its ids in braces.
            body: The body that was sent.
        """
        self._creates += 1
        try:
            cost = _estimate()(path, msgspec.json.decode(body) if isinstance(body, bytes) else None)
        except (AttributeError, TypeError, ValueError):  # HeyGen accepted a form that this version does not know
            self._unknown_creates += 1
            return
        self._usd += cost.usd or 0.0
        self._unknown_creates += cost.unknown_jobs > 0

    def total(self) -> Spent:
        """Return the sum."""
        from ..pricing import Spent  # noqa: PLC0415

        return Spent(usd=round(self._usd, 6), creates=self._creates, unknown_creates=self._unknown_creates)
