"""Riding out an outage: what a batch does while HeyGen cannot be reached."""

from __future__ import annotations

import asyncio

from .._http.backoff import Backoff
from ..errors import HeyGenError

_PAUSES = Backoff(initial=1.0, factor=2.0, maximum=60.0, jitter=0.5)


class Outage:
    """The failures of one request in a row.

    Args:
        patience: Seconds from the first of them until it is given up.
    """

    def __init__(self, patience: float = 1800.0) -> None:
        self._patience = patience
        self._began: float | None = None
        self._failures = 0

    async def pause(self, error: HeyGenError) -> None:
        """Wait before the next try, longer each time.

        Raises:
            HeyGenError: `error`, when patience has ended.
        """
        now = asyncio.get_running_loop().time()
        if self._began is None:
            self._began = now
        if now - self._began > self._patience:
            raise error
        await asyncio.sleep(_PAUSES.delay(self._failures))
        self._failures += 1
