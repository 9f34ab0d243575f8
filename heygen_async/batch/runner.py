"""One run of a batch: rows in, jobs begun where there is room, outcomes out as they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from ..errors import BudgetError, ConfigurationError, InsufficientCreditError, InvalidInputError
from ..threads import finished
from .fetching import Fetching
from .items import Outcome, State
from .journal import Journal
from .kinds import work_named
from .making import REFUSED_KEY, Making
from .money import Money
from .room import Room
from .source import Source

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from .api_batches import ApiBatches

Engine: TypeAlias = Literal["jobs", "api"]


class Run:
    """A batch under way; iterate over it once for its outcomes.

    `counts` are the outcomes so far by state, `running` the jobs that are unfinished at HeyGen, `ceiling` how many the
    plan was found to allow at once (None while it was not reached), `spent` what was begun in USD, by estimates.
    `begun` says, when an error has ended it, whether this run had made a job, or may have, or had taken one up.
    """

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
        self.begun: bool = False
        self.engine: Engine = engine
        self._requests = requests
        self._given = heygen
        self._of = work_named(of).of
        self._journal = Journal(journal)
        self._room = Room(concurrency)
        self._making = Making(self._room, dry_run=dry_run, retries_failed=retry_failed, timeout=timeout)
        self._most = concurrency
        self._folder = None if download_to is None else Path(download_to)
        self._downloads = downloads
        self._budget = budget
        self._on_pause = on_pause
        self._money: Money | None = None

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

    async def __aiter__(self) -> AsyncGenerator[Outcome]:
        """The outcomes, as they come."""
        if self._money is not None:
            raise ConfigurationError("This run was iterated over already; make another one with the same journal.")
        making = self._making
        async with AsyncExitStack() as stack:
            heygen = self._given
            if heygen is None:
                from ..client import AsyncHeyGen  # noqa: PLC0415  stands above this room

                heygen = await stack.enter_async_context(AsyncHeyGen())
            if self._folder is not None and not making.dry_run:
                await finished(_made, self._folder)
            journal = await stack.enter_async_context(self._journal)
            self._money = Money(heygen, self._budget, spent=await journal.spent(), on_pause=self._on_pause)
            making.use(heygen, journal, self._money, Fetching(heygen, self._folder, self._downloads))
            stack.push_async_callback(self._stop)
            making.begin(self._produce)
            while (outcome := await making.outcomes.get()) is not None:
                if isinstance(outcome, BaseException):
                    # a key that one request was refused for will be refused for those beside it
                    unclear = making.unanswered > 0 and not isinstance(outcome, REFUSED_KEY)
                    self.begun = making.begun or unclear
                    raise outcome
                self.counts[outcome.state] += 1
                yield outcome

    async def _stop(self) -> None:
        """Leave nothing behind; jobs that are under way go on at HeyGen, and the journal knows them."""
        tasks = list(self._making.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _produce(self) -> None:
        making = self._making
        batches: ApiBatches | None = None
        async for row in Source(making, self._requests, self._of).rows():
            batched = row.entry.batch is not None and row.entry.state in {"asked", "submitted"}
            if not batched and (self.engine == "jobs" or row.entry.state != "planned"):
                await making.start(row)
                continue
            if batches is None:
                from .api_batches import ApiBatches  # noqa: PLC0415  most runs need it not

                batches = ApiBatches(making, self._most)
            await batches.take(row)
        if batches is not None:
            await batches.flush()
        while others := making.tasks - {asyncio.current_task()}:
            await asyncio.wait(others)
        if making.held:
            rows = "1 more row" if making.held == 1 else f"{making.held} more rows"
            raise BudgetError(
                f"The budget of {self._budget:g} USD does not cover {rows}; what was begun comes to "
                f"{self.spent:.2f} USD. Run it again with a larger budget and the same journal.",
                budget=self._budget, spent=self.spent, held=making.held,
            )  # fmt: skip
        await making.outcomes.put(None)


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ConfigurationError(
            f"The folder {folder} for downloads cannot be made ({problem.strerror or problem})."
        ) from None
