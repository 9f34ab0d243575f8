"""Polling HeyGen's own batches."""

from __future__ import annotations

import asyncio
from pathlib import Path

from batch_support import hello, outcomes_by_key

from heygen_async import AsyncHeyGen, Backoff, WaitTimeoutError
from heygen_async.batch import run
from heygen_async.testing import Fault, HeyGenEmulator, Plan


async def test_a_failed_poll_sends_no_second_batch(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.plan(Plan(seconds=20, count=1))
    api.plan(Plan(seconds=600))
    api.inject(Fault("status", status=400, operation="VideoBatchesGet", after=8))
    outcomes = await outcomes_by_key(run(hello(3), heygen=client, engine="api", journal=tmp_path / "j"))
    assert all(outcome.succeeded for outcome in outcomes.values()), [outcome.error for outcome in outcomes.values()]
    assert len(api.ledger) == 3
    assert len(api.requests_for("VideoBatchesCreate")) == 1


async def test_polls_with_the_delays_of_the_client(api: HeyGenEmulator) -> None:
    api.plan(Plan(seconds=600))
    async with AsyncHeyGen(api.key, base_url=api.url, poll=Backoff(initial=50.0, maximum=50.0, jitter=0.0)) as client:
        assert len(await outcomes_by_key(run(hello(3), heygen=client, engine="api"))) == 3
    assert len(api.requests_for("VideoBatchesGet")) <= 600 / 50 + 1


async def test_an_outage_does_not_exceed_the_timeout(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=503, operation="VideoBatchesGet", count=None))
    began = asyncio.get_running_loop().time()
    outcomes = await outcomes_by_key(run(hello(2), heygen=client, engine="api", timeout=300))
    assert {type(outcome.error) for outcome in outcomes.values()} == {WaitTimeoutError}
    assert asyncio.get_running_loop().time() - began < 2 * 300 + 120


async def test_awaits_the_jobs_of_a_batch_that_disappeared(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.plan(Plan(seconds=600))
    running = asyncio.ensure_future(outcomes_by_key(run(hello(3), heygen=client, engine="api", journal=tmp_path / "j")))
    await asyncio.sleep(60)
    api.state.batches.clear()
    outcomes = await running
    assert all(outcome.succeeded for outcome in outcomes.values())
    assert len(api.ledger) == 3
