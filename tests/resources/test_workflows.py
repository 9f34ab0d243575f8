"""Workflows and their runs, as a program uses them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from workflow_support import GRAPH, changed

from heygen_async import (  # fmt: skip
    AsyncHeyGen,
    ConflictError,
    HeyGenError,
    InvalidInputError,
    JobFailedError,
    JobUpdate,
    NotFoundError,
    ServerError,
)
from heygen_async.batch import run as run_batch
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.testing.storage import media
from heygen_async.types.workflow_runs import WorkflowRun
from heygen_async.types.workflows import Workflow

#: The number of runs that are started under faults.
RUNS = int(os.environ.get("HEYGEN_ASYNC_WORKFLOW_RUNS", "25"))
INPUTS = {"topic": "The sea"}


@pytest.fixture
async def workflow(client: AsyncHeyGen) -> Workflow:
    return await client.workflows.create(name="Tour", product_graph=GRAPH)


async def test_workflows_and_versions(client: AsyncHeyGen, workflow: Workflow) -> None:
    assert workflow.latest_version is not None
    assert workflow.latest_version.version_number == 1
    assert [one.id async for one in client.workflows.list()] == [workflow.id]
    version = await client.workflows.publish_version(workflow.id, product_graph=changed("outputs", value={}))
    assert (version.version_number, version.definition_id) == (2, workflow.id)
    assert [one.version_number async for one in client.workflows.list_versions(workflow.id, limit=1)] == [2, 1]
    first = await client.workflows.get_version(workflow.id, 1)
    assert [step.parents for step in first.plan_summary or ()][2] == ["script", "picture"]
    with pytest.raises(NotFoundError):
        await client.workflows.get_version(workflow.id, 3)
    with pytest.raises(InvalidInputError, match="version_number is 0"):
        await client.workflows.get_version(workflow.id, 0)
    with pytest.raises(ConflictError, match="revision 1, not 3"):
        await client.workflows.update(workflow.id, product_graph=GRAPH, expected_revision=3)


async def test_a_lost_response_creates_one_workflow(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="WorkflowCreate"))
    created = await client.workflows.create(name="Tour", product_graph=GRAPH)
    assert [one.id async for one in client.workflows.list()] == [created.id]
    api.inject(Fault("lost_response", operation="WorkflowVersionPublish"))
    version = await client.workflows.publish_version(created.id, product_graph=changed("outputs", value={}))
    assert version.version_number == 2
    assert len(await client.workflows.list_versions(created.id).collect()) == 2


async def test_a_run_succeeds(client: AsyncHeyGen, api: HeyGenEmulator, workflow: Workflow) -> None:
    updates: list[JobUpdate[WorkflowRun]] = []
    run = await client.workflow_runs.create_and_wait(
        workflow_id=workflow.id, version_number=1, inputs=INPUTS, on_update=updates.append
    )
    assert (run.status, run.failed_nodes) == ("succeeded", None)
    assert {output.name: output.delivery for output in run.outputs or ()} == {
        "spanish": "reference", "video": "reference", "summary": "inline",
    }  # fmt: skip
    assert [update.progress for update in updates] == sorted(update.progress or 0 for update in updates)
    assert updates[0].nodes == {"pending": 5}
    assert {"processing": 2, "pending": 3} in [update.nodes for update in updates]
    assert (updates[-1].nodes, updates[-1].progress) == ({"succeeded": 5}, 100)
    assert run.created is not None
    assert run.completed is not None
    assert (run.completed - run.created).total_seconds() == 60
    assert await client.wait_for_workflow_run(run) is run
    assert [one.id async for one in client.workflow_runs.list(workflow_id=workflow.id)] == [run.id]


async def test_a_partial_run_names_its_failed_nodes(
    client: AsyncHeyGen, api: HeyGenEmulator, workflow: Workflow
) -> None:
    api.plan(Plan(kind="workflow_run", failed_nodes=["spanish"]))
    created = await client.workflow_runs.create(workflow_id=workflow.id, inputs=INPUTS)
    updates = [update async for update in client.watch_workflow_run(created.id)]
    run = updates[-1].job
    assert run is not None
    assert run.status == "partial"
    assert [(node.node_id, node.error and node.error.code) for node in run.failed_nodes or ()] == [
        ("spanish", "node_failed")
    ]
    assert updates[-1].nodes == {"succeeded": 4, "failed": 1}
    assert updates[-1].progress == 100
    assert [update.job and update.job.failed_nodes for update in updates[:-1]] == [None] * (len(updates) - 1)
    nodes = await client.workflow_runs.list_nodes(run.id, limit=2).collect()
    assert {node.node_id: str(node.status) for node in nodes} == {
        "script": "succeeded", "picture": "succeeded", "video": "succeeded", "summary": "succeeded", "spanish": "failed",
    }  # fmt: skip


async def test_a_partial_run_is_returned_even_if_its_nodes_cannot_be_listed(
    client: AsyncHeyGen, api: HeyGenEmulator, workflow: Workflow
) -> None:
    api.plan(Plan(kind="workflow_run", failed_nodes=["spanish"]))
    api.inject(Fault("status", status=403, code="forbidden", operation="WorkflowRunNodesList"))
    run = await client.workflow_runs.create_and_wait(workflow_id=workflow.id, inputs=INPUTS)
    assert (run.status, run.failed_nodes) == ("partial", None)


async def test_a_failed_and_a_canceled_run_end_the_wait(
    client: AsyncHeyGen, api: HeyGenEmulator, workflow: Workflow
) -> None:
    api.plan(Plan(kind="workflow_run", failed_nodes=["script"], count=1))
    with pytest.raises(JobFailedError, match=r"node_failed: A node failed\. \(node script\)") as caught:
        await client.workflow_runs.create_and_wait(workflow_id=workflow.id, inputs=INPUTS)
    job: Any = caught.value.job
    assert [node.node_id for node in job.failed_nodes] == ["script"]
    created = await client.workflow_runs.create(workflow_id=workflow.id, inputs=INPUTS)
    waiting = asyncio.create_task(client.wait_for_workflow_run(created))
    await asyncio.sleep(20)
    canceled = await client.workflow_runs.cancel(created.id)
    assert canceled.status == "canceled"
    with pytest.raises(JobFailedError, match="state canceled"):
        await waiting


async def test_downloads_outputs_and_renews_their_urls(
    client: AsyncHeyGen, api: HeyGenEmulator, workflow: Workflow, tmp_path: Path
) -> None:
    run = await client.workflow_runs.create_and_wait(workflow_id=workflow.id, inputs=INPUTS)
    api.clock.advance(7200)
    for name, options in (("first", {}), ("named", {"url_field": "outputs.video.url"})):
        api.requests.clear()
        path = await client.download(run, tmp_path / name, **options)
        assert path.read_bytes() == media("video.mp4")
        renewed = [request.operation for request in api.requests if request.origin == "api"]
        assert renewed == ["WorkflowRunGet"]
    with pytest.raises(InvalidInputError, match=r"it has outputs\.spanish\.url, outputs\.video\.url\."):
        await client.download(run, tmp_path / "none", url_field="outputs.summary.url")


async def test_the_key_of_a_run_is_for_ever_and_for_one_body(
    client: AsyncHeyGen, api: HeyGenEmulator, workflow: Workflow
) -> None:
    first = await client.workflow_runs.create(workflow_id=workflow.id, inputs=INPUTS, idempotency_key="mine")
    api.clock.advance(400 * 86_400)
    again = await client.workflow_runs.create(workflow_id=workflow.id, inputs=INPUTS, idempotency_key="mine")
    assert (again.id, len(api.ledger)) == (first.id, 1)
    with pytest.raises(ConflictError, match="another body"):
        await client.workflow_runs.create(workflow_id=workflow.id, inputs={"topic": "b"}, idempotency_key="mine")


async def test_an_unconfirmed_run_is_repeated_under_its_key(
    client: AsyncHeyGen, api: HeyGenEmulator, workflow: Workflow
) -> None:
    api.inject(Fault("status", status=503, code="service_unavailable", operation="WorkflowRunCreate", count=2))
    await client.workflow_runs.create(workflow_id=workflow.id, inputs=INPUTS)
    requests = api.requests_for("WorkflowRunCreate")
    assert len(requests) == 3
    assert len({request.headers["Idempotency-Key"] for request in requests}) == 1
    api.inject(Fault("status", status=503, code="service_unavailable", operation="WorkflowRunCreate", count=None))
    with pytest.raises(ServerError) as caught:
        await client.workflow_runs.create(workflow_id=workflow.id, inputs=INPUTS)
    assert caught.value.idempotency_key == api.requests[-1].headers["Idempotency-Key"]
    assert len(api.ledger) == 1


async def test_starts_one_run_for_each_key_under_faults(workflow_faults: HeyGenEmulator) -> None:
    api = workflow_faults
    async with AsyncHeyGen(api.key, base_url=api.url) as client:
        workflow_id = next(job.id for job in api.state.jobs.values() if job.kind == "workflow")

        async def start(number: int) -> tuple[str, str]:
            key = f"run-{number}"
            while True:
                try:
                    run = await client.workflow_runs.create(
                        workflow_id=workflow_id, inputs={"topic": str(number)}, idempotency_key=key
                    )
                except HeyGenError as error:
                    assert getattr(error, "idempotency_key", key) in {key, None}
                    await asyncio.sleep(1)
                else:
                    return key, run.id

        started = dict(await asyncio.gather(*map(start, range(RUNS))))
    charges = {str(charge.key): charge.id for charge in api.ledger}
    assert len(api.ledger) == RUNS
    assert charges == started
    assert len(api.requests_for("WorkflowRunCreate")) > RUNS


@pytest.fixture
async def workflow_faults() -> Any:
    """An emulator with a workflow, in which four of ten requests for a run fail."""
    async with HeyGenEmulator(autojump=True, balance=1e9) as api:
        async with AsyncHeyGen(api.key, base_url=api.url) as client:
            await client.workflows.create(name="Tour", product_graph=GRAPH)
        for seed, kind in enumerate(("lost_response", "reset_before", "corrupt", "truncate", "status")):
            options: dict[str, Any] = {"status": 503, "code": "service_unavailable"} if kind == "status" else {}
            fault = Fault(
                kind,
                operation="WorkflowRunCreate",
                count=None,
                probability=0.1,
                seed=seed,
                **options,  # type: ignore[arg-type]
            )
            api.inject(fault)
        yield api


async def test_runs_are_rows_of_a_batch(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    graph = changed("inputs", "image", value={"type": "text"})  # a name that other requests use for a file
    workflow = await client.workflows.create(name="Tour", product_graph=graph)
    rows = [
        (f"row-{number}", {"workflow_id": workflow.id, "inputs": {"topic": str(number), "image": "a calm sea"}})
        for number in range(3)
    ]
    api.inject(Fault("lost_response", operation="WorkflowRunCreate"))
    options: dict[str, Any] = {"heygen": client, "kind": "workflow_runs", "journal": tmp_path / "j"}
    outcomes = [outcome async for outcome in run_batch(rows, output_dir=tmp_path / "files", **options)]
    assert all(outcome.succeeded for outcome in outcomes)
    assert len(api.ledger) == 3
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == ["row-0.mp4", "row-1.mp4", "row-2.mp4"]
