"""The plan's limit: found, followed, and never exceeded twice in a row."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from batch_support import ROWS, hello, outcomes_by_key
from hypothesis import given, strategies as st
from support import examples

from heygen_async import AsyncHeyGen
from heygen_async.batch import run
from heygen_async.batch.capacity import JobCapacity
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo


@pytest.mark.slow
async def test_finds_the_plan_limit_without_two_rejections_in_a_row(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    batch = run(hello(ROWS), heygen=client)
    assert len(await outcomes_by_key(batch)) == ROWS
    statuses = [request.status for request in api.requests_for("VideoCreate")]
    assert statuses.count(429) <= 8
    assert not [pair for pair in pairwise(statuses) if pair == (429, 429)]
    assert loop.time() - started_at < 1.1 * ROWS / 10 * 60
    assert batch.plan_limit == 10


@pytest.mark.slow
async def test_uses_a_plan_limit_that_grows(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    batch = run(hello(ROWS), heygen=client)
    count = 0
    async for _ in batch:
        count += 1
        if count == 40:
            api.state.concurrency_limit = 25
    assert batch.plan_limit is not None
    assert batch.plan_limit > 20


async def test_waits_for_jobs_of_other_programs(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for _ in range(10):
        await client.videos.create(AvatarVideo(avatar_id="avatar_1", script="Mine."))
    assert len(await outcomes_by_key(run(hello(12), heygen=client))) == 12
    assert len(api.ledger) == 22


@pytest.mark.slow
@given(st.integers(1, 12), st.lists(st.integers(0, 3), min_size=1, max_size=200))
@examples(60)
def test_submits_once_into_a_full_plan(limit: int, turns: list[int]) -> None:
    """In any order of responses and ends: after a rejection, none follows until a job has ended."""

    async def simulate() -> None:
        capacity, running, is_full = JobCapacity(), 0, False
        entering: set[asyncio.Task[None]] = set()
        for turn in turns:
            if turn < 2:
                task = asyncio.ensure_future(capacity.acquire())
                entering.add(task)
                await asyncio.sleep(0)
            for task in [task for task in entering if task.done()]:
                entering.discard(task)
                if running < limit:
                    running += 1
                    is_full = False
                    capacity.accepted(1)
                else:
                    assert not is_full, "submitted twice into a full plan"
                    is_full = True
                    capacity.rejected(1000.0)
            if turn == 2 and running:
                running -= 1
                is_full = False
                capacity.ended(1)
            await asyncio.sleep(0)
        for task in entering:
            task.cancel()
        await asyncio.gather(*entering, return_exceptions=True)
        assert capacity.running_jobs == running <= limit

    asyncio.run(simulate())
