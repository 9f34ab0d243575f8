"""Bringing a row to its end: its job is asked for once, waited for, its file fetched, its outcome given out."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from .._files import request_files
from ..errors import (
    AmbiguousRequestError,
    APIConnectionError,
    APIError,
    AuthenticationError,
    ConfigurationError,
    HeyGenError,
    InsufficientCreditError,
    InsufficientScopeError,
    JobFailedError,
    QuotaExceededError,
    RateLimitError,
    RequestInProgressError,
    ResourceNotReadyError,
    ServerError,
)
from ..pricing import Estimate, estimate
from .budget import Money
from .capacity import Room
from .items import Outcome, State, error_as_facts
from .journal import Journal
from .outage import Outage
from .recovery import Unclear, found
from .result_downloads import Fetching
from .row import Row

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from ..types.files import AssetFile

_AHEAD = 64  # rows that have ended and wait to be taken
_LOOKS_FOR_LOST = (5.0, 15.0, 40.0)  # seconds before each look for a job whose answer was lost
_FILES_KNOWN = 1000  # uploads that later rows of the same run may use too
REFUSED_KEY = (AuthenticationError, InsufficientScopeError)
FATAL = (*REFUSED_KEY, ConfigurationError)
_REFUSED = (RateLimitError, InsufficientCreditError, *FATAL)  # nothing was done
_MAY_BE_MADE = (AmbiguousRequestError, APIConnectionError, ServerError, RequestInProgressError)


class Making:
    """What rows are made with, and how; any number of them at the same time."""

    def __init__(
        self,
        heygen: AsyncHeyGen,
        journal: Journal,
        money: Money,
        room: Room,
        fetching: Fetching,
        *,
        dry_run: bool,
        retry_failed: bool,
        timeout: float | None,
    ) -> None:
        self.heygen = heygen
        self.once: AsyncHeyGen = heygen._view(waits_out_429=False)  # noqa: SLF001  asks once where it meets a 429
        self.journal = journal
        self.money = money
        self.dry_run = dry_run
        self.retry_failed = retry_failed
        self.timeout = timeout
        self.outcomes: asyncio.Queue[Outcome | BaseException | None] = asyncio.Queue(_AHEAD)
        self.tasks: set[asyncio.Task[None]] = set()
        self.held: int = 0  # rows that the budget did not cover
        self.begun: bool = False  # whether a job was made, or may have been, or was taken up
        self.unanswered: int = 0  # requests for jobs that are under way
        self._room = room
        self._fetching = fetching
        self._files: dict[object, asyncio.Future[AssetFile]] = {}

    def begin(self, work: Callable[..., Coroutine[Any, Any, None]], *of: Any) -> None:
        """Do this beside the rest, until the run ends."""
        task: asyncio.Task[None] = asyncio.ensure_future(self._guarded(work, *of))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _guarded(self, work: Callable[..., Coroutine[Any, Any, None]], *of: Any) -> None:
        """What is no row's own affair ends the run."""
        try:
            await work(*of)
        except Exception as error:  # noqa: BLE001  raised again where the outcomes are taken
            await self.outcomes.put(error)

    async def stop(self) -> None:
        """Leave nothing behind; jobs that are under way go on at HeyGen, and the journal knows them."""
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def asking(self, *rows: Row) -> AsyncGenerator[None]:
        """What is inside asks for jobs: that is on the disk before it does, and again when nothing was done."""
        for row in rows:
            if row.entry.state != "asked":
                row.entry.state, row.entry.asked = "asked", time.time()
        await self.journal.put(*[row.entry for row in rows])
        try:
            self.unanswered += 1
            try:
                yield
            finally:
                self.unanswered -= 1
        except _REFUSED:
            for row in rows:
                row.entry.state = "planned"
            await self.journal.put(*[row.entry for row in rows])
            raise
        except _MAY_BE_MADE:
            self.begun = True
            raise
        else:
            self.begun = True

    async def give(
        self,
        row: Row,
        state: State,
        *,
        results: Sequence[Any] = (),
        paths: Sequence[Path] = (),
        error: Exception | None = None,
        estimated: Estimate | None = None,
    ) -> None:
        """Put an outcome where it is taken; waits while too many wait there."""
        await self.outcomes.put(
            Outcome(
                key=row.item.key, kind=row.item.kind, state=state, ids=list(row.entry.ids or ()), results=list(results),
                paths=list(paths), error=error, resumed=row.resumed, changed=row.changed, estimate=estimated,
            )
        )  # fmt: skip

    async def may_begin(self, row: Row) -> bool:
        """Whether a new job may be made for it: not in a dry run, past the budget, or for a name that is taken."""
        if (problem := await self._fetching.taken(row)) is not None:
            await self.give(row, "failed", error=problem)
            return False
        cost = estimate(row.item.kind, row.item.request)
        if self.dry_run:
            await self.give(row, "planned", estimated=cost)
            return False
        if self.held or not await self.money.allows(cost):
            self.held += 1
            return False
        row.entry.usd = cost.usd
        return True

    async def start(self, row: Row) -> None:
        """Begin with a row as soon as there is room for it."""
        if row.entry.state == "planned":
            if not await self.may_begin(row):
                return
            row.entry.idempotency_key, row.entry.batch, row.entry.place = str(uuid.uuid4()), None, None
        while len(self.tasks) > self._room.running + self._room.asking + _AHEAD:
            others = self.tasks - {asyncio.current_task()}
            await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        if row.entry.state in {"planned", "asked"}:
            await self.money.is_open()
            await self._room.enter()
            row.holds = True
        self.begin(self.one, row)

    async def one(self, row: Row) -> None:
        """Bring one row to its end."""
        entry, created = row.entry, None
        try:
            if entry.state == "running":
                self.begun = True
                self._room.resumed(len(entry.ids or ()))
            elif entry.state != "completed":
                created = await self._made(row)
            if entry.state == "running":
                ids = entry.ids or []
                try:
                    ends = await row.work.wait(self.heygen, created, ids, self.timeout)
                finally:
                    self._room.ended(len(ids))
                await self._ended(row, ends)
            else:
                await self.finished(row)
        except FATAL:
            raise
        except (HeyGenError, OSError) as error:  # one of the system is its files'
            await self.failed(row, error)
        finally:
            if row.holds:
                self._room.leave()

    async def _made(self, row: Row) -> Any:
        """Ask for its job until there is one; what `create` returned, or None when it was there already."""
        entry = row.entry
        outage = Outage()
        while True:
            if entry.state == "asked" and not row.key_lives and await self._was_made(row):
                return None
            while len(self._files) > _FILES_KNOWN:
                del self._files[next(iter(self._files))]
            body = await request_files.upload_files_in_body(self.heygen._transport, row.request, self._files)  # noqa: SLF001
            try:
                async with self.asking(row):
                    created = await row.work.begin(self.once, body, entry.idempotency_key)
            except (QuotaExceededError, *FATAL):
                raise
            except (RateLimitError, InsufficientCreditError) as refused:
                row.holds = False
                if isinstance(refused, RateLimitError):
                    self._room.refused(refused.retry_after or 1.0)
                else:
                    self._room.leave()
                    await self.money.wait_for_credit(refused)
                await self._room.enter(first=True)
                row.holds = True
                outage = Outage()
            except AmbiguousRequestError as lost:
                if await self._was_made(row, lost):
                    return None
            except (APIConnectionError, ServerError, RequestInProgressError) as error:
                await outage.pause(error)
            else:
                await self._known(row, row.work.ids_of(created), created)
                return created

    async def _was_made(self, row: Row, lost: AmbiguousRequestError | None = None) -> bool:
        """Look for the job of a request whose answer was `lost`, a moment ago or by an earlier run.

        Raises:
            AmbiguousRequestError: Nothing tells whether there is one.
        """
        for pause in (0.0,) if lost is None else _LOOKS_FOR_LOST:
            await asyncio.sleep(pause)
            try:
                ids = await found(self.heygen, self.journal, row)
            except Unclear:
                if lost is None and self.retry_failed:
                    break
                raise lost or AmbiguousRequestError(
                    f"An earlier run asked for {row.item.key!r} and had no answer, and HeyGen's list does not tell "
                    "whether there is a job. Look there; retry_failed makes it again."
                ) from None
            if ids:
                await self._known(row, ids)
                return True
        row.entry.idempotency_key, row.entry.state = str(uuid.uuid4()), "planned"
        return False

    async def _known(self, row: Row, ids: list[str], created: Any = None) -> None:
        """Its jobs are under way; or it was `created` whole, when it is made at once."""
        row.entry.state, row.entry.ids = "running", ids
        row.holds = False
        self._room.accepted(len(ids))
        if row.work.kind is None:
            row.entry.state, row.entry.results = "completed", msgspec.json.encode([created])
            self._room.ended(len(ids))
        await self.journal.put(row.entry)

    async def _ended(self, row: Row, ends: Sequence[Any]) -> None:
        """Its jobs have ended: in finished structs, or in errors."""
        results: list[Any] = []
        errors: list[HeyGenError] = []
        for end in ends:
            if isinstance(end, HeyGenError) and not isinstance(end, FATAL):
                errors.append(end)
            elif isinstance(end, BaseException):
                raise end
            else:
                results.append(end)
        if errors:
            await self.failed(row, errors[0], results)
            return
        row.entry.state, row.entry.results = "completed", msgspec.json.encode(results)
        await self.journal.put(row.entry)
        await self.finished(row)

    async def failed(self, row: Row, error: Exception, results: Sequence[Any] = ()) -> None:
        """It did not end well; whether it is over, or may be taken up by a later run, depends on the error."""
        if _is_over(error):
            row.entry.state, row.entry.error = "failed", error_as_facts(error)
            if not row.entry.ids:  # refused, so it costs nothing
                self.money.spent -= row.entry.usd
                row.entry.usd = 0.0
            await self.journal.put(row.entry)
        await self.give(row, "failed", results=results, error=error)

    async def finished(self, row: Row) -> None:
        """It is completed: fetch what is not there yet, and give it out."""
        results = row.work.read(row.entry.results or b"[]")
        paths, problem = await self._fetching.fetched(row, results)
        await self.give(row, "completed" if problem is None else "failed", results=results, paths=paths, error=problem)


def _is_over(error: Exception) -> bool:
    """Whether a later run need not go on with it: the job has failed, or HeyGen will refuse it again."""
    if isinstance(error, ServerError | RateLimitError | RequestInProgressError | ResourceNotReadyError):
        return False
    return isinstance(error, JobFailedError | APIError)
