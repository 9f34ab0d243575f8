"""Polling one of HeyGen's own batches until each of its rows has ended."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from .._http.code_advice import explain_failed_job
from .._jobs.poll_failures import NEW_JOB_TIME, FailureStreak
from .._jobs.states import is_end_word, state_word
from ..errors import HeyGenError, JobFailedError, WaitTimeoutError
from ..types.batches import Batch, BatchItem
from ..types.redaction import redact_value
from .failures import FATAL, outage_attempts
from .kinds import SHARED_POLL

if TYPE_CHECKING:
    from .row_executor import RowExecutor
    from .rows import Row
    from .run_state import RunState


async def poll_batch(state: RunState, executor: RowExecutor, batch: str, rows: list[Row]) -> None:
    """Poll a batch until each of its rows has ended, or the time for all of them has passed.

    When the batch reports the end of a row, the row's job is awaited, because only the job has the result.

    Args:
        state: The run's shared parts.
        executor: Continues with rows whose jobs are known.
        batch: The batch's id.
        rows: Its rows.
    """
    executor.submitter.has_started = True
    unfinished = {row.entry.position: row for row in rows}
    loop, get_batch = asyncio.get_running_loop(), getattr(state.heygen, rows[0].item.kind).get_batch
    deadline = math.inf if state.timeout is None else loop.time() + state.timeout * len(rows)
    delays = state.heygen._transport.options.poll or SHARED_POLL  # noqa: SLF001
    attempts, poll_count = outage_attempts(max_retries=None), 0
    streak, new_until = FailureStreak(), loop.time() + NEW_JOB_TIME
    async for _ in attempts:
        if not unfinished or loop.time() >= deadline:
            break
        await asyncio.sleep(delays.delay(poll_count))
        poll_count += 1
        try:
            items = await _items(get_batch, batch)
        except HeyGenError as error:
            if streak.survives(error, is_new_job=loop.time() < new_until):
                attempts.failed(error)
            elif isinstance(error, FATAL):
                raise
            else:
                await _give_up(executor, unfinished.values(), error)
                return
        else:
            await _apply(state, executor, items, unfinished)
            streak = FailureStreak()
            attempts.progressed()
            attempts.repeat()
    for row in unfinished.values():
        await executor.fail(row, _late(row, state.timeout, poll_count))


async def _items(get_batch: Callable[..., Awaitable[Batch]], batch: str) -> list[BatchItem]:
    page = await get_batch(batch)
    items = page.items or []
    while page.has_more and page.next_token is not None:
        page = await get_batch(batch, token=page.next_token)
        items += page.items or []
    return items


async def _apply(
    state: RunState, executor: RowExecutor, items: Iterable[BatchItem], unfinished: dict[int | None, Row]
) -> None:
    """Store the ids of new jobs, and continue with the rows that have ended."""
    started: list[Row] = []
    for item in items:
        row = unfinished.get(item.item_index)
        if row is None:
            continue
        if item.video_id and not row.entry.ids:
            row.entry.ids = [item.video_id]
            started.append(row)
        if is_end_word(state_word(item.status)):
            del unfinished[item.item_index]
            if item.video_id is not None:
                state.tasks.start(executor.start_running, row, [item.video_id])
            else:
                state.tasks.start(executor.fail, row, _job_failed(row, item))
    if started:
        await state.journal.put(*[row.entry for row in started], new_jobs=True)


async def _give_up(executor: RowExecutor, rows: Iterable[Row], error: HeyGenError) -> None:
    """Continue without the batch: await the jobs that are known, fail the other rows."""
    for row in rows:
        if row.entry.ids:
            await executor.start_running(row, row.entry.ids)
        else:
            await executor.fail(row, error)


def _late(row: Row, timeout: float | None, poll_count: int) -> WaitTimeoutError:
    return WaitTimeoutError(
        f"{row.item.key!r} did not finish in time. Its job continues at HeyGen; run the batch again to resume it.",
        kind=row.item.kind, id=row.entry.joined_ids, job=None, state="unknown",
        elapsed=timeout or 0.0, poll_count=poll_count,
    )  # fmt: skip


def _job_failed(row: Row, item: BatchItem) -> JobFailedError:
    reason = item.error if isinstance(item.error, dict) else {}
    code, message = (None if reason.get(name) is None else str(reason[name]) for name in ("code", "message"))
    text, action = explain_failed_job(code, message, code or "no reason given")
    error = JobFailedError(
        f"The row {row.item.key!r} failed in HeyGen's batch {row.entry.batch}: {text}. {action}",
        kind=row.item.kind, id="", job=item, state=state_word(item.status), elapsed=0.0, poll_count=0,
    )  # fmt: skip
    error.failure_code, error.failure_message, error.advice = redact_value(code), redact_value(message), action
    return error
