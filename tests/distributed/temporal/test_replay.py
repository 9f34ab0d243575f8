"""Running workflows survive a new version: recorded histories are replayed with the code of today."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from heygen_async.distributed.temporal import HeyGenPlugin
from heygen_async.distributed.temporal.converter import with_structs
from heygen_async.distributed.temporal.messages import JobState, RowResult, RowTask
from heygen_async.distributed.temporal.workflow import WORKFLOW_TYPE

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))
pytestmark = pytest.mark.slow


async def history_of(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, await asyncio.to_thread(path.read_text))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_running_workflow_survives_a_new_version(path: Path) -> None:
    await Replayer(workflows=[], plugins=[HeyGenPlugin()]).replay_workflow(await history_of(path))


@workflow.defn(name=WORKFLOW_TYPE, sandboxed=False)
class PollsFirst:
    """The workflow after a change that breaks running ones: it fetches without a wait."""

    @workflow.run
    async def run(self, task: RowTask) -> RowResult:
        options: dict[str, Any] = {"start_to_close_timeout": timedelta(days=1)}
        job = await workflow.execute_activity("heygen_create", task, result_type=JobState, **options)
        return await workflow.execute_activity("heygen_fetch", job.handle, result_type=RowResult, **options)

    @workflow.signal(name="heygen_job_event")
    def receive_event(self) -> None:
        """Ignore it."""


async def test_a_change_that_breaks_running_workflows_is_found() -> None:
    polled = next(path for path in HISTORIES if path.stem == "polled")
    replayer = Replayer(workflows=[PollsFirst], data_converter=with_structs(None))
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(await history_of(polled))
