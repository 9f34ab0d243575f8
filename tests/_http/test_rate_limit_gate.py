"""The rate-limit gate: one 429 pauses the whole client."""

from __future__ import annotations

import asyncio

import pytest

from heygen_async import (
    APITimeoutError,
    AsyncHeyGen,
    RateLimitError,
)
from heygen_async.testing import Fault, HeyGenEmulator


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
