"""Polling HeyGen's own batches until each of their rows has ended."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .._jobs.poller import PASSING
from ..errors import HeyGenError, JobFailedError, WaitTimeoutError
from ..types.batches import BatchItem, ItemStatus
from .failures import FATAL, outage_attempts
from .kinds import SHARED_POLL

if TYPE_CHECKING:
    from .row_executor import RowExecutor
    from .rows import Row
    from .run_state import RunState


class BatchPoller:
    """Polls the batches of one run."""

    def __init__(self, state: RunState, executor: RowExecutor) -> None:
        self._state = state
        self._executor = executor

    async def poll(self, batch: str, rows: list[Row]) -> None:
        """Poll a batch until each of its rows has ended, or the time for all of them has passed.

        A row ends with its job: the job itself is then awaited, because it has the result.
        """
        self._state.submissions.started = True
        unfinished = {row.entry.position: row for row in rows}
        loop, timeout = asyncio.get_running_loop(), self._state.timeout
        deadline = math.inf if timeout is None else loop.time() + timeout * len(rows)
        delays = self._state.heygen._transport.options.poll or SHARED_POLL  # noqa: SLF001
        attempts, poll_count = outage_attempts(max_retries=None), 0
        async for _ in attempts:
            if not unfinished or loop.time() >= deadline:
                break
            await asyncio.sleep(delays.delay(poll_count))
            poll_count += 1
            try:
                items = await self._items(rows[0].item.kind, batch)
            except PASSING as error:
                attempts.failed(error)
            except FATAL:
                raise
            except HeyGenError as error:
                await self._give_up(unfinished.values(), error)
                return
            else:
                await self._apply(items, unfinished)
                attempts.progressed()
                attempts.repeat()
        for row in unfinished.values():
            await self._executor.fail(row, self._late(row, poll_count))

    async def _items(self, kind: str, batch: str) -> list[BatchItem]:
        get_batch = getattr(self._state.heygen, kind).get_batch
        page = await get_batch(batch)
        items: list[BatchItem] = page.items
        while page.has_more and page.next_token is not None:
            page = await get_batch(batch, token=page.next_token)
            items += page.items
        return items

    async def _apply(self, items: Iterable[BatchItem], unfinished: dict[int | None, Row]) -> None:
        """Store the ids of new jobs, and continue with the rows that have ended."""
        started: list[Row] = []
        for item in items:
            row = unfinished.get(item.item_index)
            if row is None:
                continue
            if item.video_id and not row.entry.ids:
                row.entry.ids = [item.video_id]
                started.append(row)
            if item.status in {ItemStatus.COMPLETED, ItemStatus.FAILED}:
                del unfinished[item.item_index]
                self._state.tasks.start(self._finish, row, item)
        if started:
            await self._state.journal.put(*[row.entry for row in started])

    async def _finish(self, row: Row, item: BatchItem) -> None:
        if item.video_id is not None:
            await self._executor.start_running(row, [item.video_id])
        else:
            await self._executor.fail(row, _job_failed(row, item))

    async def _give_up(self, rows: Iterable[Row], error: HeyGenError) -> None:
        """Continue without the batch: await the jobs that are known, fail the other rows."""
        for row in rows:
            if row.entry.ids:
                await self._executor.start_running(row, row.entry.ids)
            else:
                await self._executor.fail(row, error)

    def _late(self, row: Row, poll_count: int) -> WaitTimeoutError:
        return WaitTimeoutError(
            f"{row.item.key!r} did not finish in time. Its job continues at HeyGen; run the batch again to resume it.",
            kind=row.kind.name, id=", ".join(row.entry.ids or ()), job=None, state="not seen",
            elapsed=self._state.timeout, poll_count=poll_count,
        )  # fmt: skip


def _job_failed(row: Row, item: BatchItem) -> JobFailedError:
    error = item.error or {}
    code, message = (None if error.get(name) is None else str(error[name]) for name in ("code", "message"))
    return JobFailedError(
        f"The row {row.item.key!r} failed in HeyGen's batch {row.entry.batch}: {message or code or 'no reason given'}.",
        kind=row.kind.name, id="", job=item, state="failed", elapsed=0.0, poll_count=0,
        failure_code=code, failure_message=message,
    )  # fmt: skip
