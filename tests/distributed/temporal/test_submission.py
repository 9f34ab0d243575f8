"""Batches on a real Temporal server, with a worker in this process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support import PNG
from temporal_support import Cluster, check_charges, exists, hello, new_name
from temporalio.client import Client
from temporalio.worker import Worker

from heygen_async import (
    AsyncHeyGen,
    AuthenticationError,
    BadRequestError,
    BudgetExceededError,
    ConfigurationError,
    InvalidInputError,
    JobFailedError,
)
from heygen_async.batch import Item, Outcome
from heygen_async.distributed.temporal import HeyGenPlugin, submit
from heygen_async.testing import Fault, Plan

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


async def test_each_row_is_one_job_and_one_file(cluster: Cluster) -> None:
    outcomes = await cluster.outcomes(hello(5))
    check_charges(cluster.api, [*outcomes.values()], cluster.files, 5)
    assert outcomes["row-3"].path == cluster.files / "row-3.mp4"
    assert outcomes["row-3"].result.status == "completed"


async def test_a_row_is_not_made_again_when_temporal_has_forgotten_it(cluster: Cluster) -> None:
    first = await cluster.outcomes(hello(2))
    cluster.api.clock.advance(100 * 86_400)
    again = await cluster.outcomes(hello(2), forgotten=True)
    assert ids_by_key(again) == ids_by_key(first)
    assert all(outcome.resumed and outcome.path for outcome in again.values())
    assert len(cluster.api.ledger) == 2


async def test_a_submitter_that_died_before_the_end_makes_no_row_again(cluster: Cluster) -> None:
    first = await abandon(cluster, 2)
    cluster.api.clock.advance(100 * 86_400)
    await cluster.outcomes(hello(3)[2:], batch="other", journal="other.journal", forgotten=True)  # shows the clock
    again = await cluster.outcomes(hello(2), forgotten=True)
    assert sorted(outcome.id or "" for outcome in again.values()) == first
    assert len(cluster.api.ledger) == 3


async def test_a_lost_journal_makes_no_row_again(cluster: Cluster) -> None:
    first = await cluster.outcomes(hello(2))
    again = await cluster.outcomes(hello(2), journal="another.journal")
    assert ids_by_key(again) == ids_by_key(first)
    cluster.api.clock.advance(100 * 86_400)
    recovered = await cluster.outcomes(hello(2), journal="third.journal", recover=True, forgotten=True)
    assert ids_by_key(recovered) == ids_by_key(first)
    assert len(cluster.api.ledger) == 2


async def test_a_failed_job_is_a_failed_outcome_until_it_is_retried(cluster: Cluster) -> None:
    cluster.api.plan(Plan(fail_code="internal_error", count=1))
    failed = (await cluster.outcomes(hello(1)))["row-0"]
    assert isinstance(failed.error, JobFailedError)
    assert isinstance((await cluster.outcomes(hello(1)))["row-0"].error, JobFailedError)
    assert [charge.id for charge in cluster.api.ledger] == failed.ids
    retried = (await cluster.outcomes(hello(1), retry_failed=True))["row-0"]
    assert retried.succeeded
    assert retried.ids != failed.ids


async def test_a_rejected_row_fails_at_once_with_the_error_of_the_api(cluster: Cluster) -> None:
    cluster.api.inject(Fault("status", operation="VideoCreate", status=400, message="The script is empty."))
    rejected = (await cluster.outcomes(hello(1)))["row-0"]
    assert isinstance(rejected.error, BadRequestError)
    assert "The script is empty." in str(rejected.error)
    assert len(cluster.api.requests_for("VideoCreate")) == 1


async def test_a_full_plan_delays_rows_by_the_time_that_heygen_requests(cluster: Cluster) -> None:
    cluster.api.inject(Fault("status", operation="VideoCreate", status=429, retry_after=0.2, count=2))
    assert (await cluster.outcomes(hello(1)))["row-0"].succeeded
    first, second, third = [request.time for request in cluster.api.requests_for("VideoCreate")]
    assert second - first >= 0.2
    assert third - second >= 0.2


async def test_a_cancelled_row_goes_on_in_the_next_run(cluster: Cluster) -> None:
    cluster.api.plan(Plan(seconds=3600, count=1))
    running = asyncio.ensure_future(cluster.outcomes(hello(1)))
    while not cluster.api.ledger:
        await asyncio.sleep(0.01)
    await (await cluster.workflow("row-0")).cancel()
    assert "was cancelled" in str((await running)["row-0"].error)
    cluster.api.clock.advance(3600)
    again = (await cluster.outcomes(hello(1)))["row-0"]
    assert again.ids == [charge.id for charge in cluster.api.ledger]
    assert again.succeeded


async def test_a_job_that_takes_too_long_goes_on_in_the_next_run(cluster: Cluster) -> None:
    cluster.api.plan(Plan(seconds=3600, count=1))
    late = (await cluster.outcomes(hello(1), timeout=0.1))["row-0"]
    assert isinstance(late.error, TimeoutError)
    assert late.ids
    cluster.api.clock.advance(3600)
    assert (await cluster.outcomes(hello(1)))["row-0"].ids == late.ids
    assert len(cluster.api.ledger) == 1


async def test_local_files_are_uploaded_by_the_submitter(cluster: Cluster, tmp_path: Path) -> None:
    picture = tmp_path / "face.png"
    await asyncio.to_thread(picture.write_bytes, PNG)
    request = {"type": "image", "image": picture, "script": "Hello.", "voice_id": "voice_0000"}
    outcome = (await cluster.outcomes([("row-0", request)]))["row-0"]
    assert outcome.succeeded, outcome.error
    await asyncio.to_thread(picture.unlink)
    assert (await cluster.outcomes([("row-0", request)]))["row-0"].ids == outcome.ids


async def test_a_budget_holds_rows_back(cluster: Cluster) -> None:
    with pytest.raises(BudgetExceededError) as error:
        await cluster.outcomes(hello(3), budget=0.0)
    assert error.value.held == 3
    assert not cluster.api.ledger


async def test_a_dry_run_starts_nothing(cluster: Cluster) -> None:
    planned = await cluster.outcomes(hello(2), dry_run=True)
    assert {outcome.state for outcome in planned.values()} == {"planned"}
    assert not cluster.api.requests_for("VideoCreate")


async def test_an_item_with_a_path_is_refused(cluster: Cluster) -> None:
    outcome = (await cluster.outcomes([Item("row-0", hello(1)[0][1], path="a.mp4")]))["row-0"]
    assert isinstance(outcome.error, InvalidInputError)
    assert not cluster.api.ledger


async def test_speech_is_refused(cluster: Cluster) -> None:
    request = {"text": "Hello.", "voice_id": "voice_0000"}
    outcome = (await cluster.outcomes([("row-0", request)], kind="voices"))["row-0"]
    assert isinstance(outcome.error, InvalidInputError)
    assert not cluster.api.ledger


async def test_a_worker_with_an_invalid_key_does_not_start(cluster: Cluster) -> None:
    async with AsyncHeyGen("wrong", base_url=cluster.api.url) as heygen:
        client = await Client.connect(cluster.address, plugins=[HeyGenPlugin(heygen)])
        with pytest.raises(AuthenticationError):
            await Worker(client, task_queue=new_name()).run()


async def test_no_more_rows_are_submitted_than_ahead_allows(cluster: Cluster) -> None:
    queue, read = new_name(), 0

    async def rows() -> object:
        nonlocal read
        for row in hello(5):
            read += 1
            yield row

    submission = aiter(cluster.submit(rows(), task_queue=queue, ahead=2))
    following = asyncio.ensure_future(anext(submission))
    while not await exists_all(cluster, "row-0", "row-1"):
        await asyncio.sleep(0.01)
    assert read <= 4
    async with cluster.worker(cluster.client, queue):
        outcomes = [await following] + [outcome async for outcome in submission]
    assert len(outcomes) == 5


async def test_a_client_without_the_plugin_is_refused(cluster: Cluster) -> None:
    plain = await Client.connect(cluster.address)
    with pytest.raises(ConfigurationError, match="HeyGenPlugin"):
        submit(plain, hello(1), batch="b")
    with pytest.raises(ConfigurationError, match="batch or journal"):
        submit(cluster.client, hello(1))
    for options in ({"ahead": 0}, {"heartbeat_timeout": 0.5}):
        with pytest.raises(InvalidInputError):
            submit(cluster.client, hello(1), batch="b", **options)
    with pytest.raises(TypeError, match="ahead"):
        submit(cluster.client, hello(1), batch="b", ahaed=3)


async def abandon(cluster: Cluster, count: int) -> list[str]:
    """A submitter that ends before any outcome arrives; return the ids of the jobs that are created."""
    cluster.api.plan(Plan(seconds=3600, count=count))
    running = asyncio.ensure_future(cluster.outcomes(hello(count)))
    while len(cluster.api.ledger) < count:
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    return sorted(charge.id for charge in cluster.api.ledger)


async def exists_all(cluster: Cluster, *keys: str) -> bool:
    return all([await exists(await cluster.workflow(key)) for key in keys])


def ids_by_key(outcomes: dict[str, Outcome]) -> dict[str, list[str]]:
    return {key: outcome.ids for key, outcome in outcomes.items()}
