"""How many jobs may be unfinished at once: what the plan allows, which nothing tells but a 429.

Up to what was seen to be borne, jobs are asked for side by side; beyond it one by one, so that the limit answers once
when it is reached, and not to each of many. Then the next job is asked for when one has ended. When as many have ended
as ran when it was reached, one more is tried: perhaps other programs have left, or the plan has grown. Each time that
was in vain, twice as many end before the next.
"""

from __future__ import annotations

import asyncio
from collections import deque

_MAX_PATIENCE = 16
_SIDE_BY_SIDE = 16  # requests that make jobs, under way at once


class Room:
    """The slots of one batch. `most` is what the caller allows; None leaves it to the plan."""

    def __init__(self, most: int | None = None) -> None:
        self.running: int = 0  # taken by the API, and unfinished
        self.asking: int = 0  # requests under way
        self.ceiling: int | None = None  # more than so many were refused
        self._most = most
        self._proved = 0  # so many ran at once
        self._ended = 0  # since the last refusal
        self._patience = 1  # turnovers until one more is tried
        self._full = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self, *, first: bool = False) -> None:
        """Wait until one more may be asked for; `first` before all who wait."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.appendleft(turn) if first else self._waiting.append(turn)
        self._call()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """What was asked for came to nothing."""
        self.asking -= 1
        self._call()

    def accepted(self, jobs: int = 1) -> None:
        """What was asked for was taken."""
        self.asking -= 1
        self.resumed(jobs)

    def resumed(self, jobs: int = 1) -> None:
        """Jobs that run already."""
        self.running += jobs
        self._proved = max(self._proved, self.running)
        if self.ceiling is not None and self.running > self.ceiling:
            self.ceiling = self.running  # and perhaps one more; if not, the answer says so
            self._patience = 1
        self._call()

    def refused(self, pause: float) -> None:
        """A 429: nothing more before one has ended; when none is ours, before `pause` seconds are over."""
        self.asking -= 1
        if self.ceiling is not None and self.running >= self.ceiling:
            self._patience = min(self._patience * 2, _MAX_PATIENCE)
        self.ceiling = max(self.running, 1)
        self._proved = min(self._proved, self.ceiling)
        self._ended = 0
        self._full = True
        if self.running == 0:
            asyncio.get_running_loop().call_later(pause, self.ended, 0)

    def ended(self, jobs: int = 1) -> None:
        """So many have ended."""
        self.running -= jobs
        self._ended += jobs
        self._full = False
        self._call()

    def _is_free(self) -> bool:
        taken = self.running + self.asking
        if self._full or (self._most is not None and taken >= self._most):
            return False
        if self.ceiling is not None and taken >= self.ceiling:
            return self.asking == 0 and self._ended >= self.ceiling * self._patience
        known = taken < self._proved or self.ceiling is not None
        return self.asking < (_SIDE_BY_SIDE if known else 1)

    def _call(self) -> None:
        while self._waiting and self._is_free():
            turn = self._waiting.popleft()
            if not turn.done():
                self.asking += 1
                turn.set_result(None)
