"""One run of a batch: rows in, one job for each, outcomes out.

The problem: thousands of jobs take hours. The plan allows a few of them in parallel, each costs money, and the process
may be killed at any moment. Neither memory nor the number of tasks may grow with the number of rows.

How it works: one task reads rows from the source and compares each with the journal. It waits for a place of the
capacity, then starts a task that executes the row. The rows' tasks put outcomes into a bounded queue, from which the
caller takes them. A slow caller or a full plan therefore stops the reading of the source.

Rejected ways:

- A fixed pool of workers: the plan's limit is unknown and changes; see `capacity.py`.
- A task for each row at once: a million tasks, and a source that is read before its first row is done.
- Results as one list at the end: an interrupted run would lose them, and memory would grow.

Invariants:

- The journal records a step before the step has an effect at HeyGen; see `journal.py`.
- A row's error is its own outcome. Only an error that every row would meet ends the run: an invalid API key, or a
  journal that cannot be written.
- When the caller stops, all tasks have ended before the iteration returns. Jobs continue at HeyGen, and the next run
  resumes them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .._http.worker_threads import run_in_thread
from .._jobs.wait_options import check_timeout
from ..errors import BudgetExceededError, ConfigurationError, InsufficientCreditError, InvalidInputError
from .admission import Admission
from .api_batches import ApiBatches
from .background_tasks import BackgroundTasks
from .budget import Budget
from .capacity import JobCapacity
from .items import Item
from .journal import Journal
from .kinds import kind_named
from .outcomes import Outcome, OutcomeQueue, State
from .output_files import OutputFiles
from .resuming import Resumption
from .row_executor import RowExecutor
from .row_source import CheckedSource, RowSource
from .run_state import RunState
from .submissions import Submissions

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from .rows import Row

Engine: TypeAlias = Literal["jobs", "api"]


class Run:
    """A run of a batch. Iterate over it once: `async for outcome in run(...)` yields each row's outcome as it ends.

    A failed row is a failed outcome. An invalid API key or an unusable journal ends the run. With a `journal`, the next
    run continues: finished rows create no new job, running jobs are awaited, and a request without a response is
    repeated under its idempotency key, or its job is searched for.

    Args:
        requests: Items, or pairs of a key and a request of this `kind`. They are read as the capacity allows.
        heygen: The client; by default one is created from the environment, and closed at the end.
        kind: `videos`, `video_agents`, `video_translations`, `lipsyncs`, `hyperframes`, `background_removals`,
            `ai_clipping`, `templates`, `avatars`, or `voices` (speech).
        journal: The file that makes the run resumable. One run at a time can use it.
        concurrency: The maximum number of unfinished jobs; by default the plan's limit, which the run finds out.
        output_dir: The folder for the results, which are named by the rows' keys. A file that this batch did not write
            is never overwritten; its row fails, if possible before its job is created.
        download_concurrency: The maximum number of parallel downloads.
        engine: `jobs` sends a request for each row. `api` sends up to a hundred rows in one of HeyGen's own batches:
            videos except studio videos, translations into one language, and lipsyncs.
        budget: The maximum cost in USD, by estimates and by the account's balance. Rows beyond it create no job, and
            `BudgetExceededError` is raised when all other rows have ended.
        dry_run: Create nothing; the outcomes have the state `planned` and an estimate.
        retry_failed: Create new jobs for rows that failed in an earlier run.
        timeout: The time for one job in seconds; None for the client's. The next run resumes a job that takes longer.
        on_pause: Called with the error when the account has no credit; may be async. The batch pauses until the
            balance rises.

    Attributes:
        counts: The number of outcomes by state.
        engine: The engine.

    Raises:
        InvalidInputError: An argument is out of its range.
    """

    def __init__(
        self,
        requests: Iterable[Item | tuple[str, Any]] | AsyncIterable[Item | tuple[str, Any]] | CheckedSource,
        *,
        heygen: AsyncHeyGen | None = None,
        kind: str = "videos",
        journal: str | PathLike[str] | None = None,
        concurrency: int | None = None,
        output_dir: str | PathLike[str] | None = None,
        download_concurrency: int = 4,
        engine: Engine = "jobs",
        budget: float | None = None,
        dry_run: bool = False,
        retry_failed: bool = False,
        timeout: float | None = 7200.0,
        on_pause: Callable[[InsufficientCreditError], Awaitable[object] | object] | None = None,
    ) -> None:
        _check_arguments(concurrency, download_concurrency, budget, engine)
        check_timeout(timeout)
        kind_named(kind)
        self.counts: dict[State, int] = {"completed": 0, "failed": 0, "planned": 0}
        self.engine: Engine = engine
        self._requests = requests
        self._heygen = heygen
        self._kind = kind
        self._journal = Journal(journal)
        self._concurrency = concurrency
        self._output_dir = None if output_dir is None else Path(output_dir)
        self._download_concurrency = download_concurrency
        self._budget_usd = budget
        self._dry_run = dry_run
        self._retry_failed = retry_failed
        self._timeout = timeout
        self._on_pause = on_pause
        self._capacity = JobCapacity(concurrency)
        self._state: RunState | None = None  # until the iteration begins

    @property
    def running_jobs(self) -> int:
        """The number of unfinished jobs at HeyGen."""
        return self._capacity.running_jobs

    @property
    def plan_limit(self) -> int | None:
        """The number of parallel jobs that the plan allows; None while the run has not reached it."""
        return self._capacity.ceiling

    @property
    def spent(self) -> float:
        """The estimated cost of all jobs in USD; with a budget, at least the amount that the balance lost."""
        return self._state.budget.spent if self._state is not None else 0.0

    @property
    def has_started_jobs(self) -> bool:
        """Whether this run created a job, may have created one, or resumed one."""
        return self._state is not None and self._state.submissions.started

    async def __aiter__(self) -> AsyncGenerator[Outcome]:
        """Yield the outcomes as the rows end.

        Raises:
            HeyGenError: The run cannot continue.
        """
        if self._state is not None:
            raise ConfigurationError("This run was iterated over before. Create another one with the same journal.")
        async with AsyncExitStack() as stack:
            self._state = state = await self._build_state(stack)
            state.tasks.start(self._execute_rows, state)
            try:
                while (outcome := await state.outcomes.next()) is not None:
                    self.counts[outcome.state] += 1
                    yield outcome
            except Exception as error:
                state.submissions.run_failed(error)
                raise

    async def _build_state(self, stack: AsyncExitStack) -> RunState:
        heygen = self._heygen
        if heygen is None:
            from ..client import AsyncHeyGen  # noqa: PLC0415  only for a client of our own

            heygen = await stack.enter_async_context(AsyncHeyGen())
        if self._output_dir is not None and not self._dry_run:
            await run_in_thread(_create_folder, self._output_dir)
        journal = await stack.enter_async_context(self._journal)
        budget = Budget(heygen, self._budget_usd, spent=await journal.spent(), on_pause=self._on_pause)
        outcomes = OutcomeQueue()
        output_files = OutputFiles(heygen, journal, self._output_dir, self._download_concurrency)
        tasks = BackgroundTasks(outcomes.abort)
        stack.push_async_callback(tasks.cancel)
        return RunState(
            heygen=heygen,
            journal=journal,
            capacity=self._capacity,
            budget=budget,
            admission=Admission(budget, output_files, outcomes, dry_run=self._dry_run),
            submissions=Submissions(journal),
            output_files=output_files,
            outcomes=outcomes,
            tasks=tasks,
            retry_failed=self._retry_failed,
            timeout=self._timeout,
        )

    async def _execute_rows(self, state: RunState) -> None:
        resumption = Resumption(
            state.journal,
            state.outcomes,
            are_checked=isinstance(self._requests, CheckedSource),
            retry_failed=self._retry_failed,
            dry_run=self._dry_run,
        )
        executor = RowExecutor(state)
        batches = ApiBatches(state, executor, self._concurrency)
        async for row in RowSource(self._requests, self._kind, resumption, state.outcomes).rows():
            await self._execute(row, state, executor, batches)
        await batches.flush()
        await state.tasks.wait_for_all()
        if state.admission.held_rows:
            raise self._budget_exceeded(state)
        await state.outcomes.close()

    async def _execute(self, row: Row, state: RunState, executor: RowExecutor, batches: ApiBatches) -> None:
        if self._dry_run and row.resumed:
            await state.outcomes.report(row, "completed" if row.entry.state == "completed" else "planned")
        elif row.entry.state == "planned" and self.engine == "api":
            await batches.add(row)
        elif row.entry.state in {"submitting", "queued"} and row.entry.batch is not None:
            batches.resume(row)
        else:
            await executor.start(row)

    def _budget_exceeded(self, state: RunState) -> BudgetExceededError:
        held = state.admission.held_rows
        return BudgetExceededError(
            f"The budget of {self._budget_usd:g} USD does not cover {held} more row{'s' if held > 1 else ''}: the jobs "
            f"so far cost {self.spent:.2f} USD. Run the batch again with a larger budget and the same journal.",
            budget=self._budget_usd, spent=self.spent, held=held,
        )  # fmt: skip


def _check_arguments(concurrency: int | None, download_concurrency: int, budget: float | None, engine: str) -> None:
    for name, value in (("concurrency", concurrency), ("download_concurrency", download_concurrency)):
        if value is not None and value < 1:
            raise InvalidInputError(name, value, "an integer, 1 or more")
    if budget is not None and not budget >= 0:
        raise InvalidInputError("budget", budget, "USD, 0 or more")
    if engine not in {"jobs", "api"}:
        raise InvalidInputError("engine", engine, "jobs or api")


def _create_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {folder} for downloads cannot be created ({error.strerror or error}). Name another one."
        ) from None


run = Run  # reads best as a call: `async for outcome in run(rows)`
