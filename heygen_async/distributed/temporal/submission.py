"""`submit`: a batch whose rows are workflows, with the journal, the budget and the outcomes of a run."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from os import PathLike
from typing import Any, Unpack

from temporalio.client import Client

from ..._http.argument_checks import check_keywords
from ..._http.signatures import NoKeywords, show_parameters
from ...batch.row_source import CheckedSource
from ...batch.rows import Item, Row
from ...batch.runner import Run
from ...client import AsyncHeyGen
from ...errors import ConfigurationError, InvalidInputError
from ...types.tracebacks import strips_frames_of_methods
from .converter import converts_structs
from .workflow_executor import WorkflowExecutor, WorkflowOptions

TASK_QUEUE = "heygen"
#: Seconds for one job. Waiting costs nothing, but a job that takes longer will hardly end.
JOB_TIMEOUT = 86_400.0


@strips_frames_of_methods
class Submission(Run):
    """A batch on Temporal. Iterate over it once: `async for outcome in submit(client, sheet, batch="welcome")`.

    Each row is one workflow, which workers with the `HeyGenPlugin` execute. An outcome arrives when its workflow ends.
    Workflows are started while fewer than `ahead` rows are without an outcome, so memory stays flat. A caller who takes
    no outcomes starts no more workflows. When the iteration ends early, submitted rows go on. The same call with the
    same journal follows them, and starts the others.

    Args:
        client: A Temporal client with the `HeyGenPlugin`.
        requests: Items, or pairs of a key and a request of this `kind`; a `Sheet` too. An item's `path` must be None.
        batch: The batch's name, from which the ids of workflows and the idempotency keys are derived; by default the
            journal's file name.
        journal: The file with the outcome of each row. It remembers rows longer than Temporal does.
        task_queue: The task queue of the workers.
        ahead: The maximum number of rows that are submitted and have no outcome yet; 1 or more.
        heartbeat_timeout: The seconds after which the steps of a dead worker start again on another one; at least 1.
        kind: The kind of pairs, as in `run`, without `voices`.
        heygen: The client that reads HeyGen's clock and the balance, and uploads local files; by default one is created
            from the environment, and closed at the end.
        budget: The maximum cost in USD, as in `run`.
        dry_run: Start nothing; the outcomes have the state `planned` and an estimate.
        retry_failed: Create new jobs for rows that failed in an earlier run.
        again: Create new jobs for rows that were answered by jobs created earlier, and for rows that are not in the
            journal.
        recover: Continue with a journal that is damaged, incomplete or lost. Jobs of missing rows are searched for
            before any is created.
        timeout: The seconds for one job; None for no limit. A later run goes on with a job that takes longer.
        files: The folder of local files, as in `run`. They are uploaded here, so that workers need none.

    Raises:
        InvalidInputError: An argument is out of its range.
        ConfigurationError: The client lacks the plugin, neither `batch` nor `journal` is passed, or there is no API
            key. While iterating: Temporal cannot be reached, or rejects the credentials.
        JournalError: While iterating: the journal is damaged, incomplete, in use, or cannot be read or written.
    """

    @show_parameters
    def __init__(
        self,
        client: Client,
        requests: Iterable[Item | tuple[str, Any]] | AsyncIterable[Item | tuple[str, Any]] | CheckedSource,
        *,
        batch: str | None = None,
        journal: str | PathLike[str] | None = None,
        task_queue: str = TASK_QUEUE,
        ahead: int = 1000,
        heartbeat_timeout: float = 30.0,
        kind: str = "videos",
        heygen: AsyncHeyGen | None = None,
        budget: float | None = None,
        dry_run: bool = False,
        retry_failed: bool = False,
        again: bool = False,
        recover: bool = False,
        timeout: float | None = JOB_TIMEOUT,
        files: str | PathLike[str] | None = None,
        **unknown: Unpack[NoKeywords],
    ) -> None:
        if unknown:
            check_keywords(Submission.__init__, unknown)
        if not converts_structs(client.data_converter):
            raise ConfigurationError(
                "The Temporal client lacks HeyGenPlugin: Client.connect(…, plugins=[HeyGenPlugin()])."
            )
        if batch is None and journal is None:
            raise ConfigurationError("Pass batch or journal: rows are recognised by the batch's name.")
        if ahead < 1:
            raise InvalidInputError("ahead", ahead, "an integer, 1 or more")
        if not heartbeat_timeout >= 1:
            raise InvalidInputError("heartbeat_timeout", heartbeat_timeout, "a number of seconds, 1 or more")
        super().__init__(
            requests, heygen=heygen, kind=kind, journal=journal, name=batch, budget=budget, dry_run=dry_run,
            retry_failed=retry_failed, again=again, recover=recover, timeout=timeout, files=files,
        )  # fmt: skip
        options = WorkflowOptions(
            client=client, task_queue=task_queue, ahead=ahead, heartbeat_timeout=heartbeat_timeout
        )
        self._executor = WorkflowExecutor(self._state, options)

    async def _start(self, row: Row) -> None:
        await self._executor.start(row)


submit = Submission  # reads best as a call: `async for outcome in submit(client, rows, batch="welcome")`
