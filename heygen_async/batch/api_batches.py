"""The other engine: HeyGen's own batches, up to a hundred rows a request.

HeyGen queues what they ask for, so there is no room to be found out; what is kept apart is a batch's number (`batch` of
a row's entry: the request's idempotency key while nobody knows whether it was taken, then HeyGen's own id) and a row's
place in it. A job's id is known when HeyGen has begun it.
"""

from __future__ import annotations

import asyncio
import math
import uuid
from collections import defaultdict
from typing import TYPE_CHECKING

from .._files import request_files
from .._jobs.poller import PASSING
from ..errors import (
    AmbiguousRequestError,
    APIConnectionError,
    BadRequestError,
    HeyGenError,
    InsufficientCreditError,
    InvalidInputError,
    JobFailedError,
    QuotaExceededError,
    RateLimitError,
    RequestInProgressError,
    ServerError,
    UploadError,
    WaitTimeoutError,
)
from ..types.batches import MAX_IDS, BatchItem, ItemStatus
from .kinds import SHARED_POLL
from .outage import Outage
from .recovery import Listed, Unclear, found
from .row_executor import FATAL

if TYPE_CHECKING:
    from .row import Row
    from .row_executor import Making

_AT_ONCE = 10  # batches
_CONFIRMED = frozenset({"video_translations", "lipsyncs"})  # whose batches honour an idempotency key


class ApiBatches:
    """One run's batches."""

    def __init__(self, making: Making, most: int | None) -> None:
        self._making = making
        self._size = min(MAX_IDS, most or MAX_IDS)
        self._slots = asyncio.Semaphore(max(1, most // MAX_IDS) if most else _AT_ONCE)
        self._new: defaultdict[str, list[Row]] = defaultdict(list)  # by resource
        self._earlier: defaultdict[str, list[Row]] = defaultdict(list)  # by batch
        self._listed: dict[str, Listed] = {}  # by resource

    async def add(self, row: Row) -> None:
        """A new row, which is sent with others; one that fits in no batch has failed."""
        work, request = row.work, row.item.request
        problem: InvalidInputError | None = None
        if not work.batched:
            problem = InvalidInputError("engine", "api", f"jobs: HeyGen has no batches of {work.resource}")
        elif work.resource == "video_translations" and len(request["output_languages"]) != 1:
            expected = "one language a row with engine='api'"
            problem = InvalidInputError("output_languages", request["output_languages"], expected)
        if problem is not None:
            await self._making.give(row, "failed", error=problem)
        elif await self._making.may_begin(row):
            self._new[work.resource].append(row)
            if len(self._new[work.resource]) == self._size:
                await self._begin(self._new.pop(work.resource))

    def take_up(self, row: Row) -> None:
        """A row that an earlier run sent."""
        self._earlier[str(row.entry.batch)].append(row)

    async def flush(self) -> None:
        """There are no more rows: send the last ones, and take up the batches of earlier runs, now complete."""
        for rows in self._new.values():
            await self._begin(rows)
        lost: defaultdict[str, list[Row]] = defaultdict(list)  # by resource
        for rows in self._earlier.values():
            if rows[0].entry.state == "asked":
                lost[rows[0].item.kind] += rows
        self._listed = {of: Listed(rows) for of, rows in lost.items()}
        for batch, rows in self._earlier.items():
            was_taken = rows[0].entry.state == "submitted"
            self._making.begin(self._followed if was_taken else self._recovered, batch, rows)

    async def _begin(self, rows: list[Row]) -> None:
        """Send rows that were not sent before, as soon as there is a slot."""
        await self._slots.acquire()
        self._making.begin(self._in_slot, rows)

    async def _in_slot(self, rows: list[Row]) -> None:
        try:
            await self._sent(str(uuid.uuid4()), rows)
        finally:
            self._slots.release()

    async def _sent(self, key: str, rows: list[Row]) -> None:
        """Send a batch, and follow it.

        When it is refused as a whole, or cannot be sent, for one row's sake, its halves are sent, until that row stands
        alone.
        """
        for place, row in enumerate(rows):
            row.entry.batch, row.entry.place = key, place
        try:
            batch = await self._made(key, rows)
        except FATAL:
            raise
        except (HeyGenError, OSError) as error:
            if _is_one_rows(error) and len(rows) > 1:
                for row in rows:
                    row.entry.state = "planned"  # nothing was done
                middle = len(rows) // 2
                self._making.begin(self._begin, rows[:middle])
                self._making.begin(self._begin, rows[middle:])
                return
            for row in rows:
                await self._making.failed(row, error)
        else:
            await self._followed(batch, rows)

    async def _made(self, key: str, rows: list[Row]) -> str:
        """Ask for a batch until there is one: its id."""
        making, of = self._making, rows[0].item.kind
        requests = [row.request for row in rows]
        bodies = await request_files.upload_files_in_body(making.heygen._transport, requests)  # noqa: SLF001
        create = getattr(making.once, of).create_batch
        outage = Outage(math.inf)
        while True:
            try:
                async with making.asking(*rows):
                    created = await create(**{of: bodies}, idempotency_key=key)
            except (QuotaExceededError, AmbiguousRequestError, *FATAL):
                raise
            except RateLimitError as full:
                await asyncio.sleep(full.retry_after or 1.0)
            except InsufficientCreditError as refused:
                await making.money.wait_for_credit(refused)
            except (APIConnectionError, ServerError, RequestInProgressError) as error:
                if not rows[0].key_lives:
                    raise
                await outage.pause(error)
            else:
                for row in rows:
                    row.entry.batch, row.entry.state = created.batch_id, "submitted"
                await making.journal.put(*[row.entry for row in rows])
                return str(created.batch_id)

    async def _recovered(self, key: str, rows: list[Row]) -> None:
        """An earlier run had no answer: ask again under the same key where HeyGen knows it, else look for the jobs."""
        making = self._making
        rows.sort(key=lambda row: row.entry.place or 0)
        async with self._slots:
            is_whole = len(rows) == await making.journal.sent_in(key)
            if is_whole and rows[0].item.kind in _CONFIRMED and rows[0].key_lives:
                await self._sent(key, rows)
                return
            again: list[Row] = []
            for row in rows:
                try:
                    ids = await found(making.heygen, making.journal, row, self._listed[row.item.kind])
                except Unclear:
                    ids = []
                if ids:
                    making.begin(self._alone, row, ids)
                elif making.retry_failed:
                    row.entry.state = "planned"
                    again.append(row)
                else:
                    lost = AmbiguousRequestError(
                        f"An earlier run asked for {row.item.key!r} in a batch and had no answer, and no job of it is "
                        "in HeyGen's list: it may be queued. Look there; retry_failed makes it again."
                    )
                    await making.failed(row, lost)
            if again:
                await self._sent(str(uuid.uuid4()), again)

    async def _alone(self, row: Row, ids: list[str]) -> None:
        """Go on with one row, whose job is known."""
        row.entry.state, row.entry.ids = "running", ids
        await self._making.journal.put(row.entry)
        await self._making.one(row)

    async def _followed(self, batch: str, rows: list[Row]) -> None:
        """Look at a batch until each of its rows has ended."""
        making = self._making
        making.begun = True
        poll = making.heygen._transport.options.poll or SHARED_POLL  # noqa: SLF001
        left = {row.entry.place: row for row in rows}
        loop = asyncio.get_running_loop()
        end = math.inf if making.timeout is None else loop.time() + making.timeout * len(rows)
        outage, looks = Outage(math.inf), 0
        while left and loop.time() < end:
            await asyncio.sleep(poll.delay(looks))
            looks += 1
            try:
                items = await self._items(rows[0].item.kind, batch)
            except PASSING as error:
                await outage.pause(error)
                continue
            except FATAL:
                raise
            except HeyGenError as error:  # the jobs that are known may be there still
                for row in left.values():
                    if row.entry.ids:
                        making.begin(self._alone, row, row.entry.ids)
                    else:
                        await making.failed(row, error)
                return
            outage = Outage(math.inf)
            begun: list[Row] = []
            for item in items:
                if item.item_index not in left:
                    continue
                row = left[item.item_index]
                if item.video_id and not row.entry.ids:
                    row.entry.ids = [item.video_id]
                    begun.append(row)
                if item.status in {ItemStatus.COMPLETED, ItemStatus.FAILED}:
                    del left[item.item_index]
                    making.begin(self._ended, row, item)
            if begun:
                await making.journal.put(*[row.entry for row in begun])
        for row in left.values():
            late = WaitTimeoutError(
                f"{row.item.key!r} was not finished in time. It goes on at HeyGen; run the batch again to go on.",
                kind=row.work.resource, id=", ".join(row.entry.ids or ()), job=None, state="not seen",
                elapsed=making.timeout, poll_count=0,
            )  # fmt: skip
            await making.failed(row, late)

    async def _items(self, of: str, batch: str) -> list[BatchItem]:
        look = getattr(self._making.heygen, of).get_batch
        page = await look(batch)
        items: list[BatchItem] = page.items
        while page.has_more and page.next_token is not None:
            page = await look(batch, token=page.next_token)
            items += page.items
        return items

    async def _ended(self, row: Row, item: BatchItem) -> None:
        """One row of a batch has ended; the job itself says how, if there is one."""
        if item.video_id is not None:
            await self._alone(row, [item.video_id])
            return
        error = item.error or {}
        code, message = (None if error.get(name) is None else str(error[name]) for name in ("code", "message"))
        failed = JobFailedError(
            f"The row {row.item.key!r} failed in HeyGen's batch {row.entry.batch}: {message or code or 'no reason'}.",
            kind=row.work.resource, id="", job=item, state="failed", elapsed=0.0, poll_count=0,
            failure_code=code, failure_message=message,
        )  # fmt: skip
        await self._making.failed(row, failed)


def _is_one_rows(error: Exception) -> bool:
    """Whether nothing was done for the sake of one row: HeyGen refused it, or its files cannot be sent."""
    return isinstance(error, BadRequestError | InvalidInputError | UploadError) or not isinstance(error, HeyGenError)
