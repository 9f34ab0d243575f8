"""Webhooks wake the workflows of their jobs, and nothing else does."""

from __future__ import annotations

import asyncio
import json

import pytest
from temporal_support import Cluster, hello
from temporalio.api.enums.v1 import EventType
from webhook_support import signed_headers

from heygen_async.testing import Plan

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


async def test_only_a_verified_event_of_its_job_wakes_a_row(cluster: Cluster) -> None:
    cluster.api.plan(Plan(seconds=3600, count=1))
    running = asyncio.ensure_future(cluster.outcomes(hello(1)))
    while not cluster.api.ledger:
        await asyncio.sleep(0.01)
    workflow = await cluster.workflow("row-0")
    mark = workflow.id.removeprefix("heygen:")
    assert await deliver(cluster, mark, secret="whsec_of_another_account") == 401
    assert await deliver(cluster, f"{mark}x") == 200
    assert await deliver(cluster, None) == 200
    assert await deliver(cluster, "\0") == 200
    assert await signals(cluster) == 0
    assert await deliver(cluster, mark) == 200
    assert await signals(cluster) == 1
    assert not running.done(), "an event is not trusted: the job is unfinished"
    cluster.api.clock.advance(3600)
    assert (await running)["row-0"].succeeded


async def test_a_row_without_webhooks_is_polled(cluster: Cluster) -> None:
    for endpoint in list(cluster.api.state.endpoints):
        await cluster.heygen.webhooks.endpoints.delete(endpoint)
    assert (await cluster.outcomes(hello(1)))["row-0"].succeeded
    assert await signals(cluster) == 0


async def deliver(cluster: Cluster, mark: str | None, *, secret: str | None = None) -> int:
    body = json.dumps({
        "event_type": "avatar_video.success", "event_data": {"video_id": "video_1", "callback_id": mark}
    }).encode()  # fmt: skip
    secret = secret or next(iter(cluster.api.state.endpoints.values()))["secret"]
    headers = signed_headers(body, secret, time=cluster.api.clock.time(), id=f"evt_of_{mark}"[:40])
    return await cluster.receiver.receive(body, headers)


async def signals(cluster: Cluster) -> int:
    """The number of signals that the workflow of row-0 has received."""
    history = await (await cluster.workflow("row-0")).fetch_history()
    return sum(one.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED for one in history.events)
