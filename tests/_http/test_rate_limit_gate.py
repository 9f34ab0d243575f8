"""The rate-limit gate: one 429 pauses the whole client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp.web
import pytest
from forged_api import forged_api, served

from heygen_async import (
    APITimeoutError,
    AsyncHeyGen,
    RateLimitError,
)
from heygen_async.testing import Clock, Fault, HeyGenEmulator


async def test_raises_at_once_when_the_pause_would_exceed_the_deadline(
    api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    api.inject(Fault("status", status=429, code="rate_limit_exceeded", retry_after=60, count=None))
    with pytest.raises(RateLimitError) as caught:
        await client.users.me()
    assert caught.value.retry_after == 60
    with pytest.raises(APITimeoutError, match="requested a pause"):
        await client.users.me()
    assert len(api.requests) == 1


@pytest.mark.slow
async def test_one_429_pauses_a_thousand_tasks(api: HeyGenEmulator) -> None:
    fault = api.inject(Fault("status", status=429, code="rate_limit_exceeded", retry_after=1, count=None))
    async with AsyncHeyGen(api.key, base_url=api.url, max_connections=20) as client:
        tasks = [asyncio.create_task(client.users.me()) for _ in range(1000)]
        while len(api.requests) < 20:
            await asyncio.sleep(0)
        fault.count = fault.hits
        await asyncio.gather(*tasks)
        paused = [request for request in api.requests if request.status == 429]
        over = min(request.time for request in paused) + 1
        assert len(paused) <= 20
        assert not [request for request in api.requests if request.status == 200 and request.time < over - 0.05]


async def test_503_with_retry_after_pauses_all_tasks(api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=503, retry_after=20))
    is_received = asyncio.Event()
    async with AsyncHeyGen(api.key, base_url=api.url, on_response=lambda _: is_received.set()) as client:
        first = asyncio.create_task(client.users.me())
        await is_received.wait()
        await asyncio.gather(first, *(client.voices.list() for _ in range(20)))
    assert min(request.time for request in api.requests[1:]) - api.requests[0].time >= 20


async def test_a_busy_program_goes_at_its_own_speed_a_second_after_a_pause(api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=503, retry_after=2))
    async with AsyncHeyGen(api.key, base_url=api.url) as client:

        async def ask() -> None:
            for _ in range(50):
                await client.users.me()

        await asyncio.gather(*(ask() for _ in range(20)))
    times = [request.time for request in api.requests]
    assert len(times) == 1001
    assert max(times) - min(times) < 2 + 1.5


class Bucket:
    """An API that allows `rate` requests a second, and `burst` at once; it counts what it accepts and refuses."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst, self.tokens, self.time = rate, burst, burst, 0.0
        self.accepted = self.refused = 0

    async def respond(self, _: aiohttp.web.Request) -> aiohttp.web.Response:
        now = asyncio.get_running_loop().time()
        self.tokens, self.time = min(self.burst, self.tokens + (now - self.time) * self.rate), now
        if self.tokens < 1:
            self.refused += 1
            body = {"error": {"code": "rate_limit_exceeded", "message": "Too many requests."}}
            return aiohttp.web.json_response(body, status=429, headers={"Retry-After": "1"})
        self.tokens -= 1
        self.accepted += 1
        await asyncio.sleep(0.02)
        return aiohttp.web.json_response({"data": {"id": "v_1", "status": "processing"}})


@asynccontextmanager
async def limited(rate: float, burst: float) -> AsyncIterator[tuple[Bucket, AsyncHeyGen]]:
    bucket = Bucket(rate, burst)
    with Clock().autojump():
        async with (
            served(bucket.respond) as url,
            AsyncHeyGen("key", base_url=url, max_retries=8, max_connections=20) as client,
        ):
            yield bucket, client


async def test_learns_the_rate_that_the_api_allows() -> None:
    """At full speed, each pause of a second would be followed by 20 requests and the next refusals."""
    async with limited(100, 20) as (bucket, client):
        started = asyncio.get_running_loop().time()
        await asyncio.gather(*(client.with_options(timeout=60).videos.get("v_1") for _ in range(1500)))
        assert bucket.accepted == 1500
        assert bucket.refused <= 60
        assert asyncio.get_running_loop().time() - started <= 1500 / 100 * 1.3 + 2


async def test_no_call_waits_for_its_turn_longer_than_its_timeout() -> None:
    async with limited(50, 10) as (bucket, client):
        await asyncio.gather(*(client.with_options(timeout=60).videos.get("v_1") for _ in range(300)))
        started = asyncio.get_running_loop().time()
        calls = [asyncio.ensure_future(client.with_options(timeout=2).videos.get("v_1")) for _ in range(1000)]
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert asyncio.get_running_loop().time() - started <= 2.1
        late = [end for end in ends if isinstance(end, Exception)]
        assert late
        assert all(isinstance(end, APITimeoutError | RateLimitError) for end in late)
        assert any("a second" in str(end) and "nothing was sent" not in str(end) for end in late)
        assert bucket.accepted <= 300 + 2 * 50 + 20


@pytest.mark.parametrize("headers", [{"RateLimit-Remaining": "0", "RateLimit-Reset": "7"}])
async def test_pauses_when_the_api_states_that_no_request_is_left(headers: dict[str, str]) -> None:
    with Clock().autojump():
        async with forged_api() as (api, client):
            api.give({"data": {"id": "v_1", "status": "processing"}}, **headers)
            await client.videos.get("v_1")
            started = asyncio.get_running_loop().time()
            await client.videos.get("v_1")
            assert asyncio.get_running_loop().time() - started >= 7


@pytest.mark.parametrize(
    "limits", [{"RateLimit-Policy": "10;w=1"}, {"RateLimit-Limit": "10, 10;w=1"}, {"RateLimit-Limit": "600;w=60"}]
)
async def test_uses_the_rate_that_the_api_states(limits: dict[str, str]) -> None:
    with Clock().autojump():
        async with forged_api() as (api, client):
            api.give({"data": {"id": "v_1", "status": "processing"}}, **limits, **{"RateLimit-Remaining": "1"})
            await client.videos.get("v_1")
            started = asyncio.get_running_loop().time()
            await asyncio.gather(*(client.videos.get("v_1") for _ in range(31)))
            assert asyncio.get_running_loop().time() - started >= 2.9
