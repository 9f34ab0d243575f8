"""Progress callbacks of uploads and downloads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from .._http.hooks import call_hook

#: Called with the bytes transferred and the total bytes (None when the total is unknown); may be async.
OnProgress: TypeAlias = Callable[[int, int | None], Awaitable[object] | object]


async def report_progress(on_progress: OnProgress | None, done: int, total: int | None) -> None:
    """Call the callback, if there is one."""
    if on_progress is not None:
        await call_hook(on_progress, done, total)


class CombinedProgress:
    """One callback for many transfers: it gets the sums over all transfers that have started."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self._transfers: list[tuple[int, int]] = []  # bytes done, total bytes

    def add_transfer(self) -> OnProgress | None:
        """Return the callback for one more transfer."""
        if self._on_progress is None:
            return None
        index = len(self._transfers)
        self._transfers.append((0, 0))

        async def update(done: int, total: int | None) -> None:
            self._transfers[index] = done, total or done
            done_in_all, total_in_all = map(sum, zip(*self._transfers, strict=True))
            await report_progress(self._on_progress, done_in_all, total_in_all)

        return update
