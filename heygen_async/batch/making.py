"""Bringing a row to its end: its job is asked for once, waited for, its file fetched, its outcome given out."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from .. import uploads
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
    WaitTimeoutError,
)
from ..prices import estimate
from .fetching import OUTAGE, Fetching
from .items import Item, Outcome, State, error_as_facts
from .journal import Entry, Journal
from .kinds import Unclear, found
from .money import Money
from .room import Room
from .row import Row

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from ..models.files import AssetFile

_AHEAD = 64  # rows that have ended and wait to be taken
_PATIENCE = 1800.0  # seconds that one row rides out an outage
_LOOKS_FOR_LOST = (5.0, 15.0, 40.0)  # seconds before each look for a job whose answer was lost
_FILES_KNOWN = 1000  # uploads that later rows of the same run may use too
_MAY_BE_MADE = (AmbiguousRequestError, APIConnectionError, ServerError, RequestInProgressError)
REFUSED_KEY = (AuthenticationError, InsufficientScopeError)
FATAL = (*REFUSED_KEY, ConfigurationError)


class Making:
    """What rows are made with, and how; any number of them at the same time."""

    heygen: AsyncHeyGen
    once: AsyncHeyGen  # which asks once where it meets a 429
    journal: Journal
    money: Money

    def __init__(self, room: Room, *, dry_run: bool, retries_failed: bool, timeout: float | None) -> None:
        self.dry_run: bool = dry_run
        self.retries_failed: bool = retries_failed
        self.timeout: float | None = timeout
        self.outcomes: asyncio.Queue[Outcome | BaseException | None] = asyncio.Queue(_AHEAD)
        self.tasks: set[asyncio.Task[None]] = set()
        self.held: int = 0  # rows that the budget did not cover
        self.begun: bool = False  # whether a job was made, or may have been, or was taken up
        self.unanswered: int = 0  # requests for jobs that are under way
        self._room = room
        self._files: dict[object, asyncio.Future[AssetFile]] = {}

    def use(self, heygen: AsyncHeyGen, journal: Journal, money: Money, fetching: Fetching) -> None:
        """What is open while it runs."""
        self.heygen, self.journal, self.money = heygen, journal, money
        self.once = heygen._view(waits_out_429=False)  # noqa: SLF001
        self._fetching = fetching

    def begin(self, work: Callable[..., Coroutine[Any, Any, None]], *of: Any) -> None:
        """Do this beside the rest, until the run ends."""
        task: asyncio.Task[None] = asyncio.ensure_future(self._guarded(partial(work, *of)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """What is no row's own affair ends the run."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001  raised again where the outcomes are taken
            await self.outcomes.put(error)

    @contextmanager
    def asking(self) -> Generator[None]:
        """What is inside asks for jobs."""
        self.unanswered += 1
        try:
            yield
        except HeyGenError as error:
            self.begun = self.begun or isinstance(error, _MAY_BE_MADE)
            raise
        else:
            self.begun = True
        finally:
            self.unanswered -= 1

    async def give(
        self,
        item: Item,
        state: State,
        *,
        entry: Entry | None = None,
        results: Sequence[Any] = (),
        paths: Sequence[Path] = (),
        error: Exception | None = None,
        resumed: bool = False,
        changed: bool = False,
        estimated: Any = None,
    ) -> None:
        """Put an outcome where it is taken; waits while too many wait there."""
        await self.outcomes.put(
            Outcome(
                key=item.key, of=item.of, state=state, ids=list(entry.ids or ()) if entry else [],
                results=list(results), paths=list(paths), error=error, resumed=resumed, changed=changed,
                estimate=estimated,
            )
        )  # fmt: skip

    async def may_begin(self, row: Row) -> bool:
        """Whether a new job may be made for it: not in a dry run, and not past the budget."""
        cost = estimate(row.work.of, row.item.request)
        if self.dry_run:
            await self.give(row.item, "planned", changed=row.changed, estimated=cost)
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
        if self.dry_run:
            state: State = "completed" if row.entry.state == "completed" else "planned"
            await self.give(row.item, state, entry=row.entry, resumed=True)
            return
        while len(self.tasks) > self._room.running + self._room.asking + _AHEAD:
            await self._one_ends()
        if row.entry.state in {"planned", "asked"}:
            await self.money.is_open()
            await self._room.enter()
            row.holds = True
        self.begin(self.one, row)

    async def _one_ends(self) -> None:
        others = [task for task in self.tasks if task is not asyncio.current_task()]
        await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)

    async def one(self, row: Row) -> None:
        """Bring one row to its end."""
        created = None
        if row.entry.state == "running":
            self.begun = True
            self._room.resumed(len(row.entry.ids or ()))
        try:
            if row.entry.state in {"planned", "asked"}:
                created = await self._made(row)
            if row.entry.state == "running":
                ids = row.entry.ids or []
                try:
                    ends = await row.work.wait(self.heygen, created, ids, self.timeout)
                finally:
                    self._room.ended(len(ids))
                await self.ended(row, ends)
            else:
                await self.finished(row)
        except FATAL:
            raise
        except HeyGenError as error:
            await self.failed(row, error)
        finally:
            if row.holds:
                self._room.leave()

    async def _made(self, row: Row) -> Any:
        """Ask for its job until there is one; what `create` returned, or None when it was there already."""
        entry, work = row.entry, row.work
        began = asyncio.get_running_loop().time()
        failures = 0
        while True:
            if entry.state == "asked" and not row.key_lives and await self._was_made(row):
                return None
            body = work.marked(row.item.request, row.mark)
            while len(self._files) > _FILES_KNOWN:
                del self._files[next(iter(self._files))]
            body = await uploads.with_files_uploaded(self.heygen._transport, body, self._files)  # noqa: SLF001
            await self.asked(row)
            try:
                with self.asking():
                    created = await work.begin(self.once, body, entry.idempotency_key)
            except (RateLimitError, InsufficientCreditError, *FATAL) as refused:
                entry.state = "planned"  # nothing was done
                await self.journal.put(entry)
                if isinstance(refused, InsufficientCreditError):
                    self._leave(row)
                    await self.money.wait_for_credit(refused)
                elif isinstance(refused, RateLimitError) and not isinstance(refused, QuotaExceededError):
                    row.holds = False
                    self._room.refused(refused.retry_after or 1.0)
                else:
                    raise
                await self._room.enter(first=True)
                row.holds = True
            except AmbiguousRequestError as lost:
                if await self._was_made(row, lost):
                    return None
            except (APIConnectionError, ServerError, RequestInProgressError):
                if asyncio.get_running_loop().time() - began > _PATIENCE:
                    raise
                await asyncio.sleep(OUTAGE.delay(failures))
                failures += 1
            else:
                await self._known(row, work.ids_of(created), None if work.kind else [created])
                return created

    async def _was_made(self, row: Row, lost: AmbiguousRequestError | None = None) -> bool:
        """Look for the job of a request whose answer was `lost`, a moment ago or by an earlier run.

        :raises AmbiguousRequestError: nothing tells whether there is one
        """
        entry = row.entry
        for pause in (0.0,) if lost is None else _LOOKS_FOR_LOST:
            await asyncio.sleep(pause)
            try:
                ids = await self.found(row)
            except Unclear:
                if lost is None and self.retries_failed:
                    break
                raise lost or AmbiguousRequestError(
                    f"An earlier run asked for {row.item.key!r} and had no answer, and HeyGen's list does not tell "
                    "whether there is a job. Look there; retry_failed makes it again."
                ) from None
            if ids:
                await self._known(row, ids)
                return True
        entry.idempotency_key, entry.state = str(uuid.uuid4()), "planned"
        return False

    async def found(self, row: Row) -> list[str]:
        """The jobs that its request made, by HeyGen's list; an outage is ridden out.

        :raises Unclear: there are jobs from then, and nothing tells whose they are
        """
        began, failures = asyncio.get_running_loop().time(), 0
        request = row.work.marked(row.item.request, row.mark)
        while True:
            try:
                since, claimed = row.entry.asked or 0.0, self.journal.claimed
                return await found(self.heygen, row.work, request, mark=row.mark, since=since, claimed=claimed)
            except (APIConnectionError, ServerError, RateLimitError):
                if asyncio.get_running_loop().time() - began > _PATIENCE:
                    raise
            await asyncio.sleep(OUTAGE.delay(failures))
            failures += 1

    async def asked(self, *rows: Row) -> None:
        """Write down that they are about to be asked for."""
        for row in rows:
            if row.entry.state != "asked":
                row.entry.state, row.entry.asked = "asked", time.time()
        await self.journal.put(*[row.entry for row in rows])

    async def _known(self, row: Row, ids: list[str], results: Sequence[Any] | None = None) -> None:
        """Its jobs are under way; or there are `results` already, of what is made at once."""
        row.entry.state, row.entry.ids = "running", ids
        row.holds = False
        self._room.accepted(len(ids))
        if results is not None:
            row.entry.state, row.entry.results = "completed", msgspec.json.encode(results)
            self._room.ended(len(ids))
        await self.journal.put(row.entry)

    def _leave(self, row: Row) -> None:
        row.holds = False
        self._room.leave()

    async def ended(self, row: Row, ends: Sequence[Any]) -> None:
        """Its jobs have ended: in finished structs, or in errors."""
        results = [end for end in ends if not isinstance(end, BaseException)]
        for error in ends:
            if isinstance(error, BaseException) and (not isinstance(error, HeyGenError) or isinstance(error, FATAL)):
                raise error
        wrong = [end for end in ends if isinstance(end, HeyGenError)]
        if wrong:
            await self.failed(row, wrong[0], results)
            return
        row.entry.state, row.entry.results = "completed", msgspec.json.encode(results)
        await self.journal.put(row.entry)
        await self.finished(row)

    async def failed(self, row: Row, error: HeyGenError, results: Sequence[Any] = ()) -> None:
        """It did not end well; whether it is over, or may be taken up by a later run, depends on the error."""
        if _is_over(error):
            row.entry.state, row.entry.error = "failed", error_as_facts(error)
            if not row.entry.ids:  # refused, so it costs nothing
                self.money.spent -= row.entry.usd
                row.entry.usd = 0.0
            await self.journal.put(row.entry)
        await self.give(
            row.item, "failed", entry=row.entry, results=results, error=error, resumed=row.resumed, changed=row.changed
        )

    async def late(self, row: Row) -> None:
        """It was not finished in time; a later run takes it up."""
        await self.failed(
            row,
            WaitTimeoutError(
                f"{row.item.key!r} was not finished in time. It goes on at HeyGen; run the batch again to go on.",
                kind=row.work.of, id=", ".join(row.entry.ids or ()), job=None, state="not seen", elapsed=self.timeout,
                looks=0,
            ),
        )  # fmt: skip

    async def finished(self, row: Row) -> None:
        """It is completed: fetch what is not there yet, and give it out."""
        entry = row.entry
        results = row.work.read(entry.results or b"[]")
        paths, problem = await self._fetching.fetched(row, results)
        if paths and [str(path) for path in paths] != entry.paths:
            entry.paths = [str(path) for path in paths]
            await self.journal.put(entry)
        await self.give(
            row.item,
            "completed" if problem is None else "failed",
            entry=entry,
            results=results,
            paths=paths,
            error=problem,
            resumed=row.resumed,
            changed=row.changed,
        )


def _is_over(error: HeyGenError) -> bool:
    """Whether a later run need not go on with it: the job has failed, or HeyGen will refuse it again."""
    if isinstance(error, ServerError | RateLimitError | RequestInProgressError | ResourceNotReadyError):
        return False
    return isinstance(error, JobFailedError | APIError)
