"""One run of a batch: rows in, one job for each, outcomes out.

The problem: thousands of jobs take hours. The plan allows a few of them in parallel, each costs money, and the process
may be killed at any moment. Neither memory nor the number of tasks may grow with the number of rows.

How it works: one task reads rows from the source and compares each with the journal. It waits for free capacity, then
starts a task that executes the row. The rows' tasks put outcomes into a bounded queue, from which the caller takes
them. A slow caller or a full plan therefore stops the reading of the source.

Rejected ways:

- A fixed pool of workers: the plan's limit is unknown and changes; see `capacity.py`.
- A task for each row from the start: a million tasks, and a source that is read before its first row is done.
- Results as one list at the end: an interrupted run would lose them, and memory would grow.

Invariants:

- The journal records a step before the step has an effect at HeyGen; see `journal.py`.
- A row's error is its own outcome. Only an error that would affect every row ends the run: an invalid API key, or a
  journal that cannot be written.
- When the caller stops, all tasks have ended before the iteration returns. Jobs continue at HeyGen, and the next run
  resumes them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, aclosing
from logging import getLogger
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias, Unpack

from .._http.argument_checks import check_keywords
from .._http.signatures import NoKeywords, show_parameters
from .._http.worker_threads import run_in_thread
from .._jobs.wait_options import check_timeout
from ..client import AsyncHeyGen
from ..errors import ConfigurationError, InsufficientCreditError, InvalidInputError
from ..pricing import Estimate, rates
from ..types.tracebacks import strips_frames_of_methods
from .api_batches import ApiBatches
from .api_clock import APIClock
from .background_tasks import BackgroundTasks
from .budget import Budget
from .capacity import JobCapacity
from .idempotency_keys import batch_name
from .journal import Journal
from .kinds import kind_named
from .outcomes import Outcome, OutcomeQueue, RunReport, State
from .output_files import OutputFiles
from .row_executor import RowExecutor
from .row_source import CheckedSource, read_rows
from .rows import Item, Row
from .run_state import RunState

_log = getLogger("heygen_async.batch")
#: The engine of a batch: single jobs, or the batch endpoints of the API.
Engine: TypeAlias = Literal["jobs", "api"]


@strips_frames_of_methods
class Run:
    """A run of a batch. Iterate over it once: `async for outcome in run(...)` yields each row's outcome as it ends.

    A failed row is a failed outcome. An invalid API key or an unusable journal ends the run. With a `journal`, the next
    run continues. Finished rows create no new job and are yielded again with `resumed=True`. Running jobs are awaited.
    A request without a response is repeated under its idempotency key, or its job is searched for.

    Args:
        requests: Items, or pairs of a key and a request of this `kind`. They are read as the capacity allows.
        heygen: The client; by default one is created from the environment, and closed at the end.
        kind: `videos`, `video_agents`, `video_translations`, `lipsyncs`, `hyperframes`, `background_removals`,
            `ai_clipping`, `templates`, `avatars`, `workflow_runs`, `video_quality`, or `voices` (speech).
        journal: The file that makes the run resumable. One run at a time can use it. During a run and after a kill, the
            files `JOURNAL` and `JOURNAL-wal` belong together: copy and move both. After the end of a run, the journal
            is one file.
        name: The batch's name, from which the idempotency keys of its rows are derived; by default the journal's file
            name. Without the journal, a second run under the same name gets the same jobs for 24 hours.
        concurrency: The maximum number of unfinished jobs; by default the plan's limit, which the run detects.
        output_dir: The folder for the results, which are named by the rows' keys. A file that this batch did not write
            is never overwritten; its row fails, if possible before its job is created.
        download_concurrency: The maximum number of parallel downloads.
        engine: `jobs` sends a request for each row. `api` sends up to a hundred rows in one of HeyGen's own batches:
            videos except studio videos, translations into one language, lipsyncs, and comparisons.
        budget: The maximum cost in USD, by estimates (see `heygen_async.pricing`) and by the account's balance. Rows
            beyond it create no job, and `BudgetExceededError` is raised when all other rows have ended.
        dry_run: Create nothing; the outcomes have the state `planned` and an estimate: exact, likely or unknown.
        retry_failed: Create new jobs for rows that failed in an earlier run.
        again: Create new jobs for rows that were answered by jobs created earlier, and for rows that are not in the
            journal, whatever an earlier run created for them.
        recover: Continue with a journal that is damaged, incomplete or lost. A damaged file is rebuilt from the rows
            that can be read, and kept as `JOURNAL.damaged`. Jobs of missing rows are searched for before any is
            created. Without a `journal` it has no effect.
        timeout: The time for one job in seconds; None for the client's. The next run resumes a job that takes longer.
        files: The folder of local files. With it, a string in a file field that is no URL and no asset id names a file
            below the folder; without it such a row fails. A `Path` may be any.
        on_pause: Called with the error when the account has no credit; may be async. The batch pauses until the
            balance rises.

    Attributes:
        counts: The number of outcomes by state.
        report: The numbers of rows that were answered by earlier jobs, or may have been charged without a result. The
            log has them at the end of the run.
        engine: The engine.

    Raises:
        JournalError: While iterating: the journal is damaged, incomplete, in use, or cannot be read or written.
        InvalidInputError: An argument is out of its range.
        ConfigurationError: No client is passed, and the environment has no API key.
    """

    @show_parameters
    def __init__(
        self,
        requests: Iterable[Item | tuple[str, Any]] | AsyncIterable[Item | tuple[str, Any]] | CheckedSource,
        *,
        heygen: AsyncHeyGen | None = None,
        kind: str = "videos",
        journal: str | PathLike[str] | None = None,
        name: str | None = None,
        concurrency: int | None = None,
        output_dir: str | PathLike[str] | None = None,
        download_concurrency: int = 4,
        engine: Engine = "jobs",
        budget: float | None = None,
        dry_run: bool = False,
        retry_failed: bool = False,
        again: bool = False,
        recover: bool = False,
        timeout: float | None = 7200.0,
        files: str | PathLike[str] | None = None,
        on_pause: Callable[[InsufficientCreditError], Awaitable[object] | object] | None = None,
        **unknown: Unpack[NoKeywords],
    ) -> None:
        if unknown:
            check_keywords(Run.__init__, unknown)
        _check_arguments(concurrency, download_concurrency, budget, engine)
        check_timeout(timeout)
        kind_named(kind)
        self.counts: dict[State, int] = {"completed": 0, "failed": 0, "planned": 0}
        self.report: RunReport = RunReport()
        self.engine: Engine = engine
        self._requests = requests
        self._kind = kind
        self._owns_client = heygen is None
        self._is_started = False
        clock = APIClock(heygen or AsyncHeyGen())
        client, outcomes = clock.heygen, OutcomeQueue()
        database = Journal(journal, recover=recover, limits=client._transport.options.limits)  # noqa: SLF001
        self._state = RunState(
            heygen=client, clock=clock, batch_name=batch_name(name, journal), journal=database,
            capacity=JobCapacity(concurrency), budget=Budget(client, budget, on_pause),
            output_files=OutputFiles(client, database, output_dir, download_concurrency), outcomes=outcomes,
            tasks=BackgroundTasks(outcomes.put), dry_run=dry_run, retry_failed=retry_failed,
            again=again, timeout=timeout, files=None if files is None else Path(files),
        )  # fmt: skip
        self._executor = RowExecutor(self._state)
        self._batches = ApiBatches(self._state, self._executor, concurrency)

    @property
    def running_jobs(self) -> int:
        """The number of unfinished jobs at HeyGen."""
        return self._state.capacity.running_jobs

    @property
    def plan_limit(self) -> int | None:
        """The number of parallel jobs that the plan allows; None while the run has not reached it."""
        return self._state.capacity.ceiling

    @property
    def spent(self) -> float:
        """The known part of `cost` in USD, earlier runs included; with a budget, at least the balance's decrease."""
        return self._state.budget.spent

    @property
    def cost(self) -> Estimate:
        """The estimated cost of all jobs of the journal, and the number of this run's jobs of unknown price."""
        return self._state.budget.cost

    @property
    def has_started_jobs(self) -> bool:
        """Whether this run created a job, may have created one, or resumed one."""
        return self._executor.submitter.has_started

    async def __aiter__(self) -> AsyncGenerator[Outcome]:
        """Yield the outcomes as the rows end.

        Raises:
            HeyGenError: The run cannot continue.
        """
        if self._is_started:
            raise ConfigurationError("This run was iterated over before. Create another one with the same journal.")
        self._is_started = True
        state = self._state
        async with AsyncExitStack() as stack:
            if self._owns_client:
                await stack.enter_async_context(state.heygen)
            if not state.dry_run:
                await run_in_thread(state.output_files.create_folder)
            await stack.enter_async_context(state.journal)
            await run_in_thread(rates)
            state.budget.start_from(await state.journal.spent())
            stack.push_async_callback(state.tasks.cancel)
            state.tasks.start(self._execute_rows)
            try:
                while (outcome := await state.outcomes.next()) is not None:
                    self.counts[outcome.state] += 1
                    self.report.add(outcome)
                    yield outcome
                if not self.counts["failed"]:  # every row is in the journal
                    await state.journal.end_recovery()
            except Exception as error:
                self._executor.submitter.run_failed(error)
                raise
            finally:
                for warning in self.report.warnings():
                    _log.warning(warning)

    async def _execute_rows(self) -> None:
        state = self._state
        async with aclosing(read_rows(self._requests, self._kind, state)) as rows:
            async for row in rows:
                if state.dry_run and row.resumed:
                    await state.outcomes.report(row, "completed" if row.entry.state == "completed" else "planned")
                else:
                    await self._start(row)
        await self._batches.flush()
        await state.tasks.wait_for_all()
        if held := self._executor.submitter.held_rows:
            raise state.budget.exceeded(held)
        await state.outcomes.put(None)

    async def _start(self, row: Row) -> None:
        """Start a row as soon as the capacity allows it."""
        if row.entry.state == "planned" and self.engine == "api" and not row.is_sought:
            await self._batches.add(row)
        elif row.entry.state in {"submitting", "queued"} and row.entry.batch is not None:
            self._batches.resume(row)
        else:
            await self._executor.start(row)


def _check_arguments(concurrency: int | None, download_concurrency: int, budget: float | None, engine: str) -> None:
    for name, value in (("concurrency", concurrency), ("download_concurrency", download_concurrency)):
        if value is not None and value < 1:
            raise InvalidInputError(name, value, "an integer, 1 or more")
    if budget is not None and not budget >= 0:
        raise InvalidInputError("budget", budget, "USD, 0 or more")
    if engine not in {"jobs", "api"}:
        raise InvalidInputError("engine", engine, "jobs or api")


run = Run  # reads best as a call: `async for outcome in run(rows)`
