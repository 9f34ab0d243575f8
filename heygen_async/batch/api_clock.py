"""HeyGen's clock, as the `Date` headers of its responses show it.

The problem: a batch compares the creation times of jobs, which are HeyGen's, with the time at which it sent a request.
By this machine's clock, ten minutes ahead, the job of a lost response would look older than its request, and would be
created and paid for again. That clock may also jump between two runs.

So the journal has HeyGen's times only. Between two responses the event loop's clock continues them; it never jumps. A
`Date` is in whole seconds and was true before it arrived, so `now` is never ahead of HeyGen's clock.

The event loop's clock stands while the machine sleeps. So `synchronise` asks again when this machine's clock shows that
the last response is an hour old.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import HeyGenError
from .failures import OUTAGE, OUTAGE_RETRIES, outage_attempts

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from .._http.response import Response
    from ..client import AsyncHeyGen

_MAX_AGE = 3600.0  # seconds since a response, by this machine's clock


def creation_time(job: object) -> int | None:
    """Return the creation time of a job in whole Unix seconds, by HeyGen's clock; None if the job does not show it."""
    time = getattr(job, "created_at", None)
    return int(time) if isinstance(time, int | float) else None


@lru_cache(maxsize=1)  # responses of one second have the same text
def _timestamp(date: str) -> float:
    return parsedate_to_datetime(date).timestamp()


class APIClock:
    """HeyGen's clock for one client. It stands on this machine's clock while no response had a `Date`.

    Args:
        heygen: The client.

    Attributes:
        heygen: A view of the client. Its responses set the clock.
    """

    def __init__(self, heygen: AsyncHeyGen) -> None:
        self._hook = heygen._transport.options.on_response  # noqa: SLF001
        self._date: float | None = None
        self._read_at = 0.0  # the event loop's time
        self._responded_at: float | None = None  # by this machine's clock
        self._synchronising = asyncio.Lock()
        self.heygen: AsyncHeyGen = heygen._view(on_response=self._observe)  # noqa: SLF001
        self._without_retries = self.heygen.with_options(max_retries=0)

    def _observe(self, response: Response) -> Awaitable[None] | None:
        if not response.is_transfer:  # a file store has a clock of its own
            self._read_date(response)
        return None if self._hook is None else self._hook(response)

    def _read_date(self, response: Response) -> None:
        self._responded_at = time.time()
        with suppress(ValueError, KeyError):
            self._date = _timestamp(response.headers["Date"])
            self._read_at = asyncio.get_running_loop().time()

    def now(self) -> float:
        """Return the time in Unix seconds."""
        if self._date is None:
            return time.time()
        return self._date + asyncio.get_running_loop().time() - self._read_at

    @property
    def _is_set(self) -> bool:
        return self._responded_at is not None and abs(time.time() - self._responded_at) < _MAX_AGE

    async def synchronise(self, max_retries: int | None = OUTAGE_RETRIES) -> None:
        """Send a request unless a response of the last hour has set the clock. Retries during an outage.

        Args:
            max_retries: The number of retries.

        Raises:
            HeyGenError: The outage lasts too long.
        """
        if self._is_set:
            return
        async with self._synchronising:
            attempts = outage_attempts(max_retries)
            async for _ in attempts:
                if self._is_set:
                    return
                try:
                    await self._without_retries.users.me()
                except HeyGenError as error:
                    if self._is_set:
                        return  # an error has a `Date`, too; the next request will find its reason
                    if not isinstance(error, OUTAGE):
                        raise
                    attempts.failed(error)
                else:
                    return
            raise attempts.error
