"""Waits whose client is closed: each ends at once, without a further poll, and names its job."""

from __future__ import annotations

import asyncio

import pytest
from forged_api import forged_api
from support import QUICK, tasks

from heygen_async import AsyncHeyGen, ConfigurationError, WaitInterruptedError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")


async def create(client: AsyncHeyGen, count: int) -> list[str]:
    created = await asyncio.gather(*(client.videos.create(SCRIPT) for _ in range(count)))
    return [video.video_id for video in created]


async def ends_of(waits: list[asyncio.Task[object]]) -> list[WaitInterruptedError]:
    ends = await asyncio.gather(*waits, return_exceptions=True)
    assert {type(end) for end in ends} == {WaitInterruptedError}
    return ends  # type: ignore[return-value]  # asserted above


@pytest.mark.parametrize("is_polled", [False, True])
async def test_closing_the_client_ends_a_hundred_waits_with_their_ids(is_polled: bool) -> None:
    ids = [f"v_{number}" for number in range(100)]
    sent: list[object] = []
    async with forged_api(on_request=sent.append) as (api, client):
        api.bodies = {f"/v3/videos/{id}": [{"data": {"id": id, "status": "processing"}}] for id in ids}
        api.give({"data": [{"video_id": id, "status": "processing"} for id in ids]})
        before = tasks()
        waits = [asyncio.ensure_future(client.wait_for_video(id, poll=QUICK)) for id in ids]
        await asyncio.sleep(0)
        while is_polled and len(sent) < 5:
            await asyncio.sleep(0)
        count = len(sent)
        await client.aclose()
        ends = await ends_of(waits)
        assert [task for task in tasks() - before if "heygen_async" in repr(task)] == []
        assert len(sent) == count
    assert [end.id for end in ends] == ids
    for end in ends:
        assert end.kind == "video"
        assert end.id in str(end)
        assert "closed" in str(end)
        assert isinstance(end, ConfigurationError)


async def test_waits_behind_a_closed_rate_limit_gate_end_too(api: HeyGenEmulator) -> None:
    client = AsyncHeyGen(api.key, base_url=api.url)
    ids = await create(client, 5)
    api.inject(Fault("status", status=429, retry_after=60, count=None))
    waits = [asyncio.ensure_future(client.wait_for_video(id)) for id in ids]
    while client._transport.shared_state.rate_limit_gate.closed_until == 0:
        await asyncio.sleep(0.1)
    count = len(api.requests)
    started = asyncio.get_running_loop().time()
    await client.aclose()
    ends = await ends_of(waits)
    assert asyncio.get_running_loop().time() - started < 1
    assert [end.id for end in ends] == ids
    assert len(api.requests) == count


async def test_a_wait_whose_hook_closes_the_client_ends_before_its_next_poll(api: HeyGenEmulator) -> None:
    client = AsyncHeyGen(api.key, base_url=api.url)
    (id,) = await create(client, 1)

    async def close(_: object) -> None:
        await client.aclose()

    with pytest.raises(WaitInterruptedError) as caught:
        await client.wait_for_video(id, on_update=close)
    assert caught.value.id == id
    assert caught.value.poll_count == 1


async def test_a_wait_goes_on_with_a_client_that_was_entered_again(api: HeyGenEmulator) -> None:
    client = AsyncHeyGen(api.key, base_url=api.url)
    (id,) = await create(client, 1)
    wait = asyncio.ensure_future(client.wait_for_video(id))
    await asyncio.sleep(0)
    async with client:
        pass
    (end,) = await ends_of([wait])
    async with client:
        assert (await client.wait_for_video(end.id)).id == id


async def test_leaving_a_block_ends_the_waits_for_every_kind(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(api.key, base_url=api.url) as client:
        session = await client.video_agents.create(prompt="A tour")
        everything = asyncio.ensure_future(client.wait_for_all([session, *await create(client, 2)]))
        one = asyncio.ensure_future(client.wait_for_session(session))
        await asyncio.sleep(0)
    ends = await ends_of([everything, one])
    assert ends[1].id == session.session_id


async def test_a_wait_that_starts_on_a_closed_client_names_its_job(api: HeyGenEmulator) -> None:
    client = AsyncHeyGen(api.key, base_url=api.url)
    await client.aclose()
    waits = [client.wait_for_video("v_1"), client.wait_for_session("v_1"), client.wait_for_lipsync("v_1")]
    ends = await ends_of([asyncio.ensure_future(wait) for wait in waits])
    assert [end.id for end in ends] == ["v_1"] * 3
    assert api.requests == []


async def test_waits_that_ended_are_forgotten(client: AsyncHeyGen) -> None:
    await client.videos.create_and_wait(SCRIPT)
    async for _ in client.watch_video(await client.videos.create(SCRIPT)):
        pass
    assert client._transport.shared_state.waits == set()
