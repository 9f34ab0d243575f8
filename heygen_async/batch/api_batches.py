"""The other engine: HeyGen's own batches, up to a hundred rows a request.

HeyGen queues what they ask for, so there is no room to be found out; what is kept apart is a batch's number (`batch` of
a row's entry: the request's idempotency key while nobody knows whether it was taken, then HeyGen's own id) and a row's
place in it. A job's id is known when HeyGen has begun it.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

from .. import uploads
from ..errors import (
    AmbiguousRequestError,
    APIConnectionError,
    BadRequestError,
    HeyGenError,
    InsufficientCreditError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    QuotaExceededError,
    RateLimitError,
    RequestInProgressError,
    ServerError,
)
from ..models.batches import MOST_IDS, BatchItem, ItemStatus
from .fetching import OUTAGE
from .kinds import Unclear
from .making import FATAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .making import Making
    from .row import Row

_LOOK_EVERY = 5.0  # seconds
_AT_ONCE = 10  # batches
_CONFIRMED = frozenset({"video_translations", "lipsyncs"})  # whose batches honour an idempotency key


class ApiBatches:
    """One run's batches."""

    def __init__(self, making: Making, most: int | None) -> None:
        self._making = making
        self._size = min(MOST_IDS, most or MOST_IDS)
        self._slots = asyncio.Semaphore(max(1, most // MOST_IDS) if most else _AT_ONCE)
        self._new: dict[str, list[Row]] = {}
        self._submitted: dict[str, list[Row]] = {}
        self._lost: dict[str, list[Row]] = {}

    async def take(self, row: Row) -> None:
        """A new row, which is sent with others; or one that an earlier run sent."""
        entry, making = row.entry, self._making
        if entry.batch is not None and making.dry_run:
            await making.give(row.item, "planned", entry=entry, resumed=True)
        elif entry.batch is not None:
            (self._submitted if entry.state == "submitted" else self._lost).setdefault(entry.batch, []).append(row)
        elif await self._fits(row) and await making.may_begin(row):
            rows = self._new.setdefault(row.work.of, [])
            rows.append(row)
            if len(rows) == self._size:
                await self._begin(self._new.pop(row.work.of))

    async def flush(self) -> None:
        """There are no more rows: send the last ones, and take up the batches of earlier runs, now complete."""
        for rows in self._new.values():
            await self._begin(rows)
        for batch, rows in self._submitted.items():
            self._making.begin(self._taken_up, batch, rows)
        for batch, rows in self._lost.items():
            self._making.begin(self._recovered, batch, rows)

    async def _fits(self, row: Row) -> bool:
        """Whether HeyGen takes it in a batch; if not, that is its outcome."""
        problem: InvalidInputError | None = None
        if row.work.batches is None:
            problem = InvalidInputError("engine", "api", f"jobs: HeyGen has no batches of {row.work.of}")
        elif row.work.of == "video_translations" and len(row.item.request["output_languages"]) != 1:
            problem = InvalidInputError(
                "output_languages", row.item.request["output_languages"], "one language a row with engine='api'"
            )
        if problem is not None:
            await self._making.give(row.item, "failed", error=problem)
        return problem is None

    async def _begin(self, rows: list[Row]) -> None:
        await self._slots.acquire()
        self._making.begin(self._sent, rows, str(uuid.uuid4()))

    async def _sent(self, rows: list[Row], key: str) -> None:
        """Send a batch that was not sent before, and follow it.

        When it is refused as a whole, for one row's sake, its halves are sent, until that row stands alone.
        """
        for place, row in enumerate(rows):
            row.entry.batch, row.entry.place = key, place
        try:
            await self._followed(await self._made(rows, key), rows)
        except BadRequestError as refused:
            middle = len(rows) // 2
            if not middle:
                await self._making.failed(rows[0], refused)
                return
            for row in rows:
                row.entry.state = "planned"  # nothing was done
            self._making.begin(self._begin, rows[:middle])
            self._making.begin(self._begin, rows[middle:])
        except FATAL:
            raise
        except HeyGenError as error:
            for row in rows:
                await self._making.failed(row, error)
        finally:
            self._slots.release()

    async def _made(self, rows: list[Row], key: str) -> str:
        """Ask for a batch until there is one: its id."""
        making, work = self._making, rows[0].work
        bodies = [work.marked(row.item.request, row.mark) for row in rows]
        bodies = await uploads.with_files_uploaded(making.heygen._transport, bodies)  # noqa: SLF001
        create = getattr(making.once, work.of).create_batch
        failures = 0
        while True:
            await making.asked(*rows)
            try:
                with making.asking():
                    created = await create(**{str(work.batches): bodies}, idempotency_key=key)
            except (RateLimitError, InsufficientCreditError, *FATAL) as refused:
                for row in rows:
                    row.entry.state = "planned"  # nothing was done
                await making.journal.put(*[row.entry for row in rows])
                if isinstance(refused, InsufficientCreditError):
                    await making.money.wait_for_credit(refused)
                elif isinstance(refused, RateLimitError) and not isinstance(refused, QuotaExceededError):
                    await asyncio.sleep(refused.retry_after or 1.0)
                else:
                    raise
            except AmbiguousRequestError:
                raise
            except (APIConnectionError, ServerError, RequestInProgressError):
                if not rows[0].key_lives:
                    raise
                await asyncio.sleep(OUTAGE.delay(failures))
                failures += 1
            else:
                for row in rows:
                    row.entry.batch, row.entry.state = created.batch_id, "submitted"
                await making.journal.put(*[row.entry for row in rows])
                return str(created.batch_id)

    async def _taken_up(self, batch: str, rows: list[Row]) -> None:
        """Go on with a batch that an earlier run made."""
        try:
            await self._followed(batch, rows)
        except FATAL:
            raise
        except HeyGenError as error:
            for row in rows:
                await self._making.failed(row, error)

    async def _recovered(self, key: str, rows: list[Row]) -> None:
        """An earlier run had no answer: ask again under the same key where HeyGen knows it, else look for the jobs."""
        making, work = self._making, rows[0].work
        is_whole = len(rows) == await making.journal.sent_in(key)
        rows.sort(key=lambda row: row.entry.place or 0)
        await self._slots.acquire()
        if work.of in _CONFIRMED and rows[0].key_lives and is_whole:
            await self._sent(rows, key)
            return
        again: list[Row] = []
        try:
            for row in rows:
                if await self._found(row):
                    making.begin(making.one, row)
                elif making.retries_failed:
                    again.append(row)
                else:
                    lost = AmbiguousRequestError(
                        f"An earlier run asked for {row.item.key!r} in a batch and had no answer, and no job of it is "
                        "in HeyGen's list: it may be queued. Look there; retry_failed makes it again."
                    )
                    await making.failed(row, lost)
        finally:
            if not again:
                self._slots.release()
        if again:
            await self._sent(again, str(uuid.uuid4()))

    async def _found(self, row: Row) -> bool:
        making = self._making
        try:
            ids = await making.found(row)
        except Unclear:
            return False
        row.entry.batch, row.entry.place = None, None
        if ids:
            row.entry.state, row.entry.ids = "running", ids
            await making.journal.put(row.entry)
        else:
            row.entry.state = "planned"
        return bool(ids)

    async def _followed(self, batch: str, rows: list[Row]) -> None:
        """Look at a batch until each of its rows has ended."""
        making, work = self._making, rows[0].work
        making.begun = True
        look = getattr(making.heygen, work.of).get_batch
        left = {row.entry.place: row for row in rows}
        loop = asyncio.get_running_loop()
        end = None if making.timeout is None else loop.time() + making.timeout * max(1, len(rows))
        failures = 0
        while left:
            await asyncio.sleep(_LOOK_EVERY if making.heygen._transport.options.poll is None else 0.1)  # noqa: SLF001
            try:
                items = await self._items(look, batch)
            except (APIConnectionError, ServerError, RateLimitError):
                await asyncio.sleep(OUTAGE.delay(failures))
                failures += 1
                continue
            except NotFoundError as gone:  # its jobs may be there still
                for unfinished in left.values():
                    if unfinished.entry.ids:
                        unfinished.entry.state = "running"
                        making.begin(making.one, unfinished)
                    else:
                        await making.failed(unfinished, gone)
                return
            failures = 0
            news = [row for item in items if (row := left.get(item.item_index)) and item.video_id and not row.entry.ids]
            for item in items:
                row = left.get(item.item_index)
                if row is not None and item.video_id is not None:
                    row.entry.ids = [item.video_id]
            if news:
                await making.journal.put(*[row.entry for row in news])
            for item in items:
                if item.status in {ItemStatus.COMPLETED, ItemStatus.FAILED} and item.item_index in left:
                    making.begin(self._ended, left.pop(item.item_index), item)
            if end is not None and loop.time() > end:
                break
        for unfinished in left.values():
            await making.late(unfinished)

    async def _items(self, look: Any, batch: str) -> Sequence[BatchItem]:
        items: list[BatchItem] = []
        token: str | None = None
        while True:
            page = await look(batch, token=token)
            items += page.items
            token = page.next_token
            if not page.has_more or token is None:
                return items

    async def _ended(self, row: Row, item: BatchItem) -> None:
        """One row of a batch has ended; the job itself says how."""
        making = self._making
        if item.video_id is not None:
            row.entry.state = "running"
            await making.journal.put(row.entry)
            await making.one(row)
            return
        error = item.error or {}
        code, message = (None if error.get(name) is None else str(error[name]) for name in ("code", "message"))
        failed = JobFailedError(
            f"The row {row.item.key!r} failed in HeyGen's batch {row.entry.batch}: {message or code or 'no reason'}.",
            kind=row.work.of, id="", job=item, state="failed", elapsed=0.0, looks=0,
            failure_code=code, failure_message=message,
        )  # fmt: skip
        await making.failed(row, failed)
