"""One run of a batch: rows in, jobs begun where there is room, outcomes out as they end."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from logging import getLogger
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import msgspec

from .. import uploads
from ..errors import (
    AmbiguousRequestError,
    APIConnectionError,
    APIError,
    AuthenticationError,
    BudgetError,
    ConfigurationError,
    HeyGenError,
    InsufficientCreditError,
    InsufficientScopeError,
    InvalidInputError,
    JobFailedError,
    QuotaExceededError,
    RateLimitError,
    RequestInProgressError,
    ResourceNotReadyError,
    ServerError,
    WaitTimeoutError,
)
from ..prices import estimate
from ..threads import finished
from .fetching import OUTAGE, Fetching
from .items import Item, Outcome, State, error_as_facts
from .journal import Entry, Journal
from .kinds import Unclear, found, work_named
from .money import Money
from .room import Room
from .source import Row, Source

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from ..models.files import AssetFile
    from .api_batches import ApiBatches

_log = getLogger("heygen_async")

Engine: TypeAlias = Literal["jobs", "api"]
_AHEAD = 64  # rows that have ended and wait to be taken
_PATIENCE = 1800.0  # seconds that one row rides out an outage
_LOOKS_FOR_LOST = (5.0, 15.0, 40.0)  # seconds before each look for a job whose answer was lost
_FILES_KNOWN = 1000  # uploads that later rows of the same run may use too
FATAL = (AuthenticationError, InsufficientScopeError, ConfigurationError)


class Run:
    """A batch under way; iterate over it once for its outcomes.

    `counts` are the outcomes so far by state, `running` the jobs that are unfinished at HeyGen, `ceiling` how many the
    plan was found to allow at once (None while it was not reached), `spent` what was begun in USD, by estimates.
    """

    heygen: AsyncHeyGen
    once: AsyncHeyGen  # which asks once where it meets a 429
    journal: Journal

    def __init__(
        self,
        requests: Iterable[object] | AsyncIterable[object],
        heygen: AsyncHeyGen | None,
        *,
        of: str,
        journal: str | PathLike[str] | None,
        concurrency: int | None,
        download_to: str | PathLike[str] | None,
        downloads: int,
        engine: Engine,
        budget: float | None,
        dry_run: bool,
        retry_failed: bool,
        timeout: float | None,
        on_pause: Callable[[InsufficientCreditError], Awaitable[object] | object] | None,
    ) -> None:
        for name, value in (("concurrency", concurrency), ("downloads", downloads)):
            if value is not None and value < 1:
                raise InvalidInputError(name, value, "a whole number, 1 or more")
        if budget is not None and budget < 0:
            raise InvalidInputError("budget", budget, "USD, 0 or more")
        if engine not in {"jobs", "api"}:
            raise InvalidInputError("engine", engine, "jobs or api")
        self.counts: dict[State, int] = {"completed": 0, "failed": 0, "planned": 0}
        self.engine: Engine = engine
        self.dry_run: bool = dry_run
        self.retries_failed: bool = retry_failed
        self.timeout: float | None = timeout
        self._requests = requests
        self._given = heygen
        self._of = work_named(of).of
        self._journal = Journal(journal)
        self._room = Room(concurrency)
        self._most = concurrency
        self._folder = None if download_to is None else Path(download_to)
        self._downloads = downloads
        self._budget = budget
        self._on_pause = on_pause
        self._money: Money | None = None
        self._files: dict[object, asyncio.Future[AssetFile]] = {}
        self._outcomes: asyncio.Queue[Outcome | BaseException | None] = asyncio.Queue(_AHEAD)
        self._tasks: set[asyncio.Task[None]] = set()
        self._held = 0

    @property
    def running(self) -> int:
        """Jobs that are unfinished at HeyGen."""
        return self._room.running

    @property
    def ceiling(self) -> int | None:
        """How many jobs the plan was found to allow at once."""
        return self._room.ceiling

    @property
    def spent(self) -> float:
        """What was begun, in USD, by estimates; with a budget, at least what the balance lost."""
        return self._money.spent if self._money is not None else 0.0

    @property
    def money(self) -> Money:
        """What it may spend."""
        return cast("Money", self._money)

    # -- outcomes

    async def __aiter__(self) -> AsyncGenerator[Outcome]:
        """The outcomes, as they come."""
        if self._money is not None:
            raise ConfigurationError("This run was iterated over already; make another one with the same journal.")
        async with AsyncExitStack() as stack:
            if self._given is not None:
                self.heygen = self._given
            else:
                from ..client import AsyncHeyGen  # noqa: PLC0415  stands above this room

                self.heygen = await stack.enter_async_context(AsyncHeyGen())
            self.once = self.heygen._view(waits_out_429=False)  # noqa: SLF001
            if self._folder is not None and not await finished(self._folder.is_dir):
                await finished(partial(self._folder.mkdir, parents=True, exist_ok=True))
            self.journal = await stack.enter_async_context(self._journal)
            self._fetching = Fetching(self.heygen, self._folder, self._downloads)
            spent = await self.journal.spent()
            self._money = Money(self.heygen, self._budget, spent=spent, on_pause=self._on_pause)
            stack.push_async_callback(self._stop)
            self.begin(self._produce)
            while (outcome := await self._outcomes.get()) is not None:
                if isinstance(outcome, BaseException):
                    raise outcome
                self.counts[outcome.state] += 1
                yield outcome

    async def _stop(self) -> None:
        """Leave nothing behind; jobs that are under way go on at HeyGen, and the journal knows them."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def begin(self, work: Callable[..., Coroutine[Any, Any, None]], *of: Any) -> None:
        """Do this beside the rest, until the run ends."""
        task: asyncio.Task[None] = asyncio.ensure_future(self._guarded(partial(work, *of)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """What is no row's own affair ends the run."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001  raised again where the outcomes are taken
            await self._outcomes.put(error)

    # -- rows

    async def _produce(self) -> None:
        batches: ApiBatches | None = None
        async for row in Source(self, self._requests, self._of).rows():
            batched = row.entry.batch is not None and row.entry.state in {"asked", "submitted"}
            if not batched and (self.engine == "jobs" or row.entry.state != "planned"):
                await self.start(row)
                continue
            if batches is None:
                from .api_batches import ApiBatches  # noqa: PLC0415  most runs need it not

                batches = ApiBatches(self, self._most)
            await batches.take(row)
        if batches is not None:
            await batches.flush()
        while others := self._tasks - {asyncio.current_task()}:
            await asyncio.wait(others)
        if self._held:
            raise BudgetError(
                f"The budget of {self._budget:g} USD does not cover {self._held} more rows; what was begun comes to "
                f"{self.spent:.2f} USD. Run it again with a larger budget and the same journal.",
                budget=self._budget, spent=self.spent, held=self._held,
            )  # fmt: skip
        await self._outcomes.put(None)

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
        await self._outcomes.put(
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
        if self._held or not await self.money.allows(cost):
            self._held += 1
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
        while len(self._tasks) > self._room.running + self._room.asking + _AHEAD:
            await self._one_ends()
        if row.entry.state in {"planned", "asked"}:
            await self.money.is_open()
            await self._room.enter()
            row.holds = True
        self.begin(self.one, row)

    async def _one_ends(self) -> None:
        others = [task for task in self._tasks if task is not asyncio.current_task()]
        await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)

    # -- one row

    async def one(self, row: Row) -> None:
        """Bring one row to its end."""
        created = None
        if row.entry.state == "running":
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
