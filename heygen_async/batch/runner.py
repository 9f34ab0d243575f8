"""One run of a batch: rows in, jobs begun where there is room, outcomes out as they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .._http.worker_threads import run_in_thread
from .._jobs.waiting import check_timeout
from ..errors import BudgetExceededError, ConfigurationError, InsufficientCreditError, InvalidInputError
from .api_batches import ApiBatches
from .budget import Money
from .capacity import Room
from .items import Item, Outcome, State
from .journal import Journal
from .kinds import work_named
from .result_downloads import Fetching
from .row_executor import REFUSED_KEY, Making
from .source import Source

if TYPE_CHECKING:
    from ..client import AsyncHeyGen

Engine: TypeAlias = Literal["jobs", "api"]


class Run:
    """Many things at once: the outcome of each is given as it ends, by `async for outcome in run(…)`, which goes once.

    Rows are read as there is room for them, so a source may be of any length. One that fails is one failed outcome; a
    refused key or a locked journal ends the run. With a `journal`, a second run goes on where the first one stopped:
    what is finished is not asked for again, what runs is waited for, and what was asked for without an answer is asked
    for under the same idempotency key, or searched for first where HeyGen takes none or 24 hours have passed.

    `counts` are the outcomes so far by state.

    Args:
        requests: `Item`s, or pairs of a key and a request for the resource `kind`.
        heygen: The client; by default one is made from the environment, and closed.
        kind: `videos`, `video_agents`, `video_translations`, `lipsyncs`, `hyperframes`, `background_removals`,
            `ai_clipping`, `templates`, `avatars` or `voices` (speech).
        journal: A file for what was done; one run at a time may use it.
        concurrency: At most so many unfinished jobs; by default what the plan allows, which is found out.
        output_dir: A folder for the results, named by their keys; a file there that is not of this batch stays as it
            is, and its row fails, before it is paid for where that is seen in time.
        downloads: At most so many downloads at once.
        engine: `jobs` asks for each row by itself, `api` for a hundred at a time by HeyGen's own batches (of videos but
            studio ones, translations of one language, and lipsyncs).
        budget: USD; rows that do not fit, by estimates or by the balance, are not begun, and `BudgetExceededError` says
            so when all others have ended.
        dry_run: Nothing is made: outcomes of state `planned` tell what would be, with an estimate.
        retry_failed: Rows that failed in an earlier run are made again.
        timeout: Seconds that the wait for one job may take; what goes on is taken up by the next run.
        on_pause: Called when the account's credit is used up: the batch pauses until the balance rises.
    """

    def __init__(
        self,
        requests: Iterable[Item | tuple[str, Any]] | AsyncIterable[Item | tuple[str, Any]],
        *,
        heygen: AsyncHeyGen | None = None,
        kind: str = "videos",
        journal: str | PathLike[str] | None = None,
        concurrency: int | None = None,
        output_dir: str | PathLike[str] | None = None,
        downloads: int = 4,
        engine: Engine = "jobs",
        budget: float | None = None,
        dry_run: bool = False,
        retry_failed: bool = False,
        timeout: float | None = 7200.0,
        on_pause: Callable[[InsufficientCreditError], Awaitable[object] | object] | None = None,
    ) -> None:
        for name, value in (("concurrency", concurrency), ("downloads", downloads)):
            if value is not None and value < 1:
                raise InvalidInputError(name, value, "a whole number, 1 or more")
        if budget is not None and not budget >= 0:
            raise InvalidInputError("budget", budget, "USD, 0 or more")
        if engine not in {"jobs", "api"}:
            raise InvalidInputError("engine", engine, "jobs or api")
        check_timeout(timeout)
        work_named(kind)
        self.counts: dict[State, int] = {"completed": 0, "failed": 0, "planned": 0}
        self.engine: Engine = engine
        self._requests = requests
        self._heygen = heygen
        self._kind = kind
        self._journal = Journal(journal)
        self._concurrency = concurrency
        self._room = Room(concurrency)
        self._folder = None if output_dir is None else Path(output_dir)
        self._downloads = downloads
        self._budget = budget
        self._dry_run = dry_run
        self._retry_failed = retry_failed
        self._timeout = timeout
        self._on_pause = on_pause
        self._making: Making | None = None  # once it is iterated over

    @property
    def running(self) -> int:
        """Jobs that are unfinished at HeyGen."""
        return self._room.running

    @property
    def ceiling(self) -> int | None:
        """How many jobs the plan was found to allow at once; None while that was not reached."""
        return self._room.ceiling

    @property
    def spent(self) -> float:
        """What was begun, in USD, by estimates; with a budget, at least what the balance lost."""
        return self._making.money.spent if self._making is not None else 0.0

    @property
    def begun(self) -> bool:
        """Whether this run has made a job, or may have when an error has ended it, or has taken one up."""
        return self._making is not None and self._making.begun

    async def __aiter__(self) -> AsyncGenerator[Outcome]:
        """The outcomes, as they come."""
        if self._making is not None:
            raise ConfigurationError("This run was iterated over already; make another one with the same journal.")
        async with AsyncExitStack() as stack:
            heygen = self._heygen
            if heygen is None:
                from ..client import AsyncHeyGen  # noqa: PLC0415  stands above this room

                heygen = await stack.enter_async_context(AsyncHeyGen())
            if self._folder is not None and not self._dry_run:
                await run_in_thread(_made, self._folder)
            journal = await stack.enter_async_context(self._journal)
            self._making = making = Making(
                heygen,
                journal,
                Money(heygen, self._budget, spent=await journal.spent(), on_pause=self._on_pause),
                self._room,
                Fetching(heygen, journal, self._folder, self._downloads),
                dry_run=self._dry_run,
                retry_failed=self._retry_failed,
                timeout=self._timeout,
            )
            stack.push_async_callback(making.stop)
            making.begin(self._produce, making)
            while (outcome := await making.outcomes.get()) is not None:
                if isinstance(outcome, BaseException):
                    # a key that one request was refused for will be refused for those beside it
                    if making.unanswered and not isinstance(outcome, REFUSED_KEY):
                        making.begun = True
                    raise outcome
                self.counts[outcome.state] += 1
                yield outcome

    async def _produce(self, making: Making) -> None:
        batches = ApiBatches(making, self._concurrency)
        async for row in Source(making, self._requests, self._kind).rows():
            state = row.entry.state
            if self._dry_run and row.resumed:
                await making.give(row, "completed" if state == "completed" else "planned")
            elif state == "planned" and self.engine == "api":
                await batches.add(row)
            elif state in {"asked", "submitted"} and row.entry.batch is not None:
                batches.take_up(row)
            else:
                await making.start(row)
        await batches.flush()
        while others := making.tasks - {asyncio.current_task()}:
            await asyncio.wait(others)
        if making.held:
            rows = "1 more row" if making.held == 1 else f"{making.held} more rows"
            raise BudgetExceededError(
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


run = Run  # as it reads best: `async for outcome in run(rows)`
