"""Limiters: places for unfinished jobs that workers share, and that a dead worker's row gives back by time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from batch_support import hello
from support import redis_server

from heygen_async import (
    AsyncHeyGen,
    Backoff,
    ConcurrencyLimitError,
    ConfigurationError,
    InvalidInputError,
    RateLimitError,
)
from heygen_async.distributed import Limiter, LocalLimiter, RedisLimiter, Steps, errors
from heygen_async.testing import Fault, HeyGenEmulator, Plan

ROWS = int(os.environ.get("HEYGEN_ASYNC_FLEET_ROWS", "16"))
#: Creates a limiter; those of one test share their leases.
NewLimiter = Callable[..., Limiter]


@asynccontextmanager
async def limiters(store: str) -> AsyncIterator[NewLimiter]:
    if store == "local":
        shared: dict[tuple[object, ...], LocalLimiter] = {}

        def local(*arguments: Any, **options: Any) -> Limiter:
            return shared.setdefault((), LocalLimiter(*arguments, **options))

        yield local
        return
    from redis.asyncio import Redis

    async with redis_server() as port, Redis(port=port) as client, Redis(port=port, decode_responses=True) as other:
        clients = iter([client, other] * 10)  # workers differ in their options
        yield lambda *arguments, **options: RedisLimiter(next(clients), *arguments, **options)


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.slow)])
async def new_limiter(request: pytest.FixtureRequest) -> AsyncIterator[NewLimiter]:
    async with limiters(request.param) as new:
        yield new


async def test_workers_share_the_places(new_limiter: NewLimiter) -> None:
    one, other = new_limiter(2, retry_after=4.0), new_limiter(2, retry_after=4.0)
    assert await one.acquire("row-1") == 0
    assert await other.acquire("row-2") == 0
    assert 2.0 <= await one.acquire("row-3") <= 4.0
    assert await other.acquire("row-1") == 0  # another worker continues the row
    await other.release("row-1")
    await one.release("row-1")
    assert await one.acquire("row-3") == 0
    assert await one.acquire("row-4") > 0


async def test_place_of_a_dead_worker_comes_back(new_limiter: NewLimiter) -> None:
    limiter = new_limiter(1, lifetime=0.2)
    assert await limiter.acquire("row-1") == 0
    waits = 0
    while await limiter.acquire("row-2") > 0:
        await asyncio.sleep(0.02)
        waits += 1
    assert waits


async def test_lease_that_is_renewed_stays(new_limiter: NewLimiter) -> None:
    limiter = new_limiter(1, lifetime=0.3)
    assert await limiter.acquire("row-1") == 0
    for _ in range(8):
        await limiter.renew("row-1")
        assert await limiter.acquire("row-2") > 0
        await asyncio.sleep(0.05)
    await limiter.release("row-1")
    await limiter.renew("row-3")  # its lease had expired, and its job is unfinished
    assert await limiter.acquire("row-2") > 0


async def test_pause_holds_new_leases_of_all_workers(new_limiter: NewLimiter) -> None:
    one, other = new_limiter(5), new_limiter(5)
    assert await one.acquire("row-1") == 0
    await other.pause(60.0)
    await other.pause(1.0)  # a shorter pause does not end the longer one
    assert 50 < await one.acquire("row-2") <= 60
    assert await one.acquire("row-1") == 0


async def test_redis_keeps_nothing_after_the_last_lease() -> None:
    from redis.asyncio import Redis

    async with redis_server() as port, Redis(port=port) as client:
        limiter = RedisLimiter(client, 2, name="plan", lifetime=100.0)
        await limiter.acquire("row-1")
        await limiter.pause(10.0)
        assert 90 < await client.ttl("plan") <= 101
        await limiter.release("row-1")
        assert await client.zrange("plan", 0, -1) == [b""]


async def test_redis_that_does_not_respond_sends_nothing(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    from redis.asyncio import Redis

    async with Redis(port=1) as nowhere:
        steps = Steps(client, limiter=RedisLimiter(nowhere, 2))
        handle = await steps.prepare(hello(1)[0], batch="tours")
        with pytest.raises(ConfigurationError, match="does not respond") as caught:
            await steps.create(hello(1)[0], handle)
        assert not errors.is_final(caught.value)
        await steps.release(handle)  # only logs
    assert not api.ledger


async def test_place_lasts_from_the_create_to_the_end_of_the_job(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    steps = Steps(client, limiter=LocalLimiter(1, retry_after=3.0))
    first, second = hello(2)
    handles = [await steps.prepare(row, batch="tours") for row in (first, second)]
    created = await steps.create(first, handles[0])
    with pytest.raises(ConcurrencyLimitError, match="'row-1' was not sent") as caught:
        await steps.create(second, handles[1])
    assert 0 < (errors.retry_after(caught.value) or 0) <= 3
    assert not errors.is_final(caught.value)
    await steps.poll(created)
    with pytest.raises(ConcurrencyLimitError):
        await steps.create(second, handles[1])
    await steps.wait(created)
    assert (await steps.create(second, handles[1])).ids
    assert len(api.ledger) == 2


@pytest.mark.parametrize("end", ["poll", "failure", "release", "rejection"])
async def test_place_is_given_back(end: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    limiter = LocalLimiter(1)
    steps = Steps(client, limiter=limiter)
    row = hello(1)[0]
    handle = await steps.prepare(row, batch="tours")
    if end == "rejection":
        api.inject(Fault("status", operation="VideoCreate", status=400))
        with pytest.raises(Exception, match="400"):
            await steps.create(row, handle)
    else:
        api.plan(Plan(fail_code="bad" if end == "failure" else None))
        handle = await steps.create(row, handle)
        assert await limiter.acquire("another") > 0
        if end == "release":
            await steps.release(handle)
        else:
            api.clock.advance(600)
            with pytest.raises(Exception, match="bad") if end == "failure" else pytest.MonkeyPatch.context():
                await steps.poll(handle)
    assert await limiter.acquire("another") == 0


async def test_429_in_spite_of_the_limiter_pauses_all(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    steps = Steps(client, limiter=LocalLimiter(5))
    first, second = hello(2)
    api.inject(Fault("status", operation="VideoCreate", status=429, retry_after=30.0))
    with pytest.raises(RateLimitError):
        await steps.create(first, await steps.prepare(first, batch="tours"))
    handle = await steps.prepare(second, batch="tours")
    with pytest.raises(ConcurrencyLimitError) as caught:
        await steps.create(second, handle)
    assert 25 < (caught.value.retry_after or 0) <= 30
    await asyncio.sleep(30)
    assert (await steps.create(second, handle)).ids
    assert len(api.requests_for("VideoCreate")) == 2


async def test_lost_response_keeps_the_place(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    limiter = LocalLimiter(1)
    steps = Steps(client, limiter=limiter)
    row = hello(1)[0]
    handle = await steps.prepare(row, batch="tours")
    api.inject(Fault("lost_response", operation="VideoCreate", count=4))
    with pytest.raises(Exception, match="idempotency_key") as caught:
        await steps.create(row, handle)
    assert not errors.is_final(caught.value)
    assert await limiter.acquire("another") > 0  # the job may be running
    assert (await steps.create(row, handle)).ids == (api.ledger[0].id,)


@pytest.mark.slow
async def test_workers_with_a_limiter_are_hardly_refused() -> None:
    """`HEYGEN_ASYNC_FLEET_ROWS` sets the number of rows; a tenth of them run in parallel."""
    from redis.asyncio import Redis

    plan = max(ROWS // 10, 4)
    rows = iter(hello(ROWS))

    async def work(port: int, api: HeyGenEmulator) -> None:
        async with Redis(port=port) as redis, AsyncHeyGen(api.key, base_url=api.url) as heygen:
            steps = Steps(heygen, limiter=RedisLimiter(redis, plan, retry_after=0.1))
            await asyncio.gather(*[make_rows(steps) for _ in range(plan)])

    async def make_rows(steps: Steps) -> None:
        for row in rows:
            handle = await steps.prepare(row, batch="tours")
            while not handle.ids:
                try:
                    handle = await steps.create(row, handle)
                except (ConcurrencyLimitError, RateLimitError) as full:
                    await asyncio.sleep(full.retry_after or 0.1)
            await steps.wait(handle, poll=Backoff(initial=0.05, maximum=0.05))

    async with redis_server() as port, HeyGenEmulator(render_seconds=0.4, concurrency_limit=plan, balance=1e5) as api:
        started = api.clock.time()
        await asyncio.gather(*[work(port, api) for _ in range(3)])
        refused = len(api.requests_for("VideoCreate")) - ROWS
        print(f"{ROWS} rows, 3 workers, a plan of {plan}: {refused} refusals, {api.clock.time() - started:.1f} s")
        assert len(api.ledger) == ROWS
        assert refused < 5


@pytest.mark.parametrize("arguments", [{"limit": 0}, {"limit": 1, "lifetime": 0.0}, {"limit": 1, "retry_after": -1.0}])
def test_invalid_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match=" is "):
        LocalLimiter(**arguments)
