"""Idempotency keys: no failure charges a request twice."""

from __future__ import annotations

import asyncio

import pytest
from support import QUICK

from heygen_async import (
    APIConnectionError,
    AsyncHeyGen,
    DecodeError,
    RateLimitError,
)
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")


async def test_error_carries_the_key_after_an_unknown_and_a_rejected_attempt(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(api.key, base_url=api.url, max_retries=1, retry=QUICK) as client:
        api.inject(Fault("lost_response"))
        api.inject(Fault("status", status=429, code="rate_limit_exceeded"))
        with pytest.raises(RateLimitError, match="It may have been done") as caught:
            await client.videos.create(SCRIPT)
        await client.videos.create(SCRIPT, idempotency_key=caught.value.idempotency_key)
    assert len(api.ledger) == 1


async def test_error_after_lost_responses_carries_the_key_for_repeating(
    api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    fault = api.inject(Fault("lost_response", count=None))
    with pytest.raises(APIConnectionError, match="to repeat it safely") as caught:
        await client.videos.create(SCRIPT)
    fault.count = 0
    assert caught.value.idempotency_key
    await client.videos.create(SCRIPT, idempotency_key=caught.value.idempotency_key)
    assert len(api.ledger) == 1


@pytest.mark.slow
async def test_random_resets_charge_nothing_twice(api: HeyGenEmulator) -> None:
    """Random socket faults at every stage: each video that the caller knows of was charged once, and no other."""
    api.state.concurrency_limit, api.state.balance = 10_000, 1e6
    for number, kind in enumerate(["reset_before", "lost_response", "reset_mid_body", "truncate", "corrupt"]):
        api.inject(Fault(kind, count=None, probability=0.015, seed=number))
    async with AsyncHeyGen(api.key, base_url=api.url, retry=QUICK) as client:
        known, lost = set(), set()

        async def one(number: int) -> None:
            key = f"row-{number}"
            try:
                known.add((key, (await client.videos.create(SCRIPT, idempotency_key=key)).video_id))
            except APIConnectionError as error:
                assert error.idempotency_key == key
                lost.add(key)
            except DecodeError:
                lost.add(key)

        for start in range(0, 1000, 50):
            await asyncio.gather(*(one(number) for number in range(start, start + 50)))
    charged = [charge.key for charge in api.ledger]
    assert len(charged) == len(set(charged))
    assert {key for key, _ in known} <= set(charged) <= {key for key, _ in known} | lost
    assert len(known) > 950
