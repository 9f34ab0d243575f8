"""Creates that outlast their call, and are paid for once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcp import Client
from mcp_support import AVATAR, RawClient, serve_here, text_of

from heygen_async import AsyncHeyGen
from heygen_async.mcp import create_server
from heygen_async.testing import Fault, HeyGenEmulator

pytestmark = pytest.mark.slow
CREATE = "create_video_from_avatar"


@pytest.fixture
def connecting(client: AsyncHeyGen, protocol_mode: str) -> Client:
    return Client(create_server(client, spending="allow"), mode=protocol_mode)


def be_slow(api: HeyGenEmulator, seconds: float = 30) -> None:
    """Let the next create answer later than any host waits."""
    api.inject(Fault("delay", operation="VideoCreate", seconds=seconds, count=1))


def data_of(result: Any) -> dict[str, Any]:
    assert not result.is_error, text_of(result)
    data: dict[str, Any] = result.structured_content["data"]
    return data


async def cancelled(connected: Client, arguments: dict[str, Any]) -> None:
    """Call a create as a host does that gives up after a second."""
    call = asyncio.create_task(connected.call_tool(CREATE, arguments))
    await asyncio.sleep(1)
    call.cancel()
    await asyncio.wait([call])


async def test_a_slow_create_is_accepted_and_its_result_is_fetched(connecting: Client, api: HeyGenEmulator) -> None:
    async with connecting as connected:
        be_slow(api)
        start = asyncio.get_running_loop().time()
        accepted = await connected.call_tool(CREATE, AVATAR)
        assert asyncio.get_running_loop().time() - start < 3.2
        id = data_of(accepted)["request_id"]
        assert f"call get_request with request_id={id}" in accepted.structured_content["note"]
        assert data_of(await connected.call_tool("get_request", {"request_id": id}))["status"] == "accepted"
        created = data_of(await connected.call_tool("get_request", {"request_id": id}))
        assert [job.id for job in api.state.jobs_of_kind("video")] == [created["video_id"]]
        assert len(api.ledger) == 1


async def test_a_repeated_create_joins_one_that_was_not_delivered(connecting: Client, api: HeyGenEmulator) -> None:
    async with connecting as connected:
        be_slow(api)
        await cancelled(connected, AVATAR)
        await asyncio.sleep(60)
        joined = await connected.call_tool(CREATE, dict(reversed(AVATAR.items())))
        assert "was not delivered; nothing was created again" in joined.structured_content["note"]
        assert [job.id for job in api.state.jobs_of_kind("video")] == [data_of(joined)["video_id"]]
        assert len(api.ledger) == 1


async def test_an_equal_create_after_a_delivered_result_creates_again(connecting: Client, api: HeyGenEmulator) -> None:
    async with connecting as connected:
        ids = {data_of(await connected.call_tool(CREATE, AVATAR))["video_id"] for _ in range(2)}
        assert (len(ids), len(api.ledger)) == (2, 2)


@pytest.mark.parametrize("other", [{"new": True}, {"script": "Another."}])
async def test_another_create_is_not_joined(connecting: Client, api: HeyGenEmulator, other: dict[str, Any]) -> None:
    async with connecting as connected:
        be_slow(api)
        await cancelled(connected, AVATAR)
        assert "note" not in (await connected.call_tool(CREATE, {**AVATAR, **other})).structured_content
        await asyncio.sleep(60)
        assert len(api.ledger) == 2


async def test_a_repeat_with_new_joins_the_one_that_was_lost(connecting: Client, api: HeyGenEmulator) -> None:
    another = {**AVATAR, "new": True}
    async with connecting as connected:
        be_slow(api)
        await cancelled(connected, another)
        await asyncio.sleep(60)
        joined = await connected.call_tool(CREATE, another)
        assert "was not delivered; nothing was created again" in joined.structured_content["note"]
        assert len(api.ledger) == 1
        be_slow(api)
        await asyncio.gather(*(connected.call_tool(CREATE, another) for _ in range(2)))
        await connected.call_tool(CREATE, another)
        await asyncio.sleep(60)
        assert len(api.ledger) == 4


async def test_a_repeat_after_a_lost_connection_joins_the_create(api: HeyGenEmulator, protocol_mode: str) -> None:
    heygen = AsyncHeyGen(api.key, base_url=api.url)
    async with serve_here(create_server(heygen, spending="allow")) as url:
        host = RawClient(url, protocol_mode)
        for seconds, pause in ((30, 0), (30, 60), (2, 60)):  # It joins while the create runs, and after its end.
            be_slow(api, seconds)
            count = len(api.ledger)
            assert await host.call_tool(CREATE, AVATAR, drop_after=1) is None
            await asyncio.sleep(pause)
            response = (await host.call_tool(CREATE, AVATAR))["structuredContent"]
            while "request_id" in response["data"]:
                answer = await host.call_tool("get_request", {"request_id": response["data"]["request_id"]})
                response = answer["structuredContent"]
            assert response["data"]["video_id"] == api.ledger[-1].id
            assert len(api.ledger) == len(api.requests_for("VideoCreate")) == count + 1


async def test_joins_for_ten_minutes(connecting: Client, api: HeyGenEmulator) -> None:
    async with connecting as connected:
        be_slow(api)
        await cancelled(connected, AVATAR)
        await asyncio.sleep(700)
        assert "note" not in (await connected.call_tool(CREATE, AVATAR)).structured_content
        assert len(api.ledger) == 2


async def test_an_error_of_a_create_is_delivered_once(connecting: Client, api: HeyGenEmulator) -> None:
    async with connecting as connected:
        api.inject(Fault("status", status=402, code="insufficient_credit", operation="VideoCreate", count=1))
        assert (await connected.call_tool(CREATE, AVATAR)).is_error
        assert data_of(await connected.call_tool(CREATE, AVATAR))["video_id"]
        assert len(api.ledger) == 1


async def test_get_request_names_an_unknown_request(connecting: Client) -> None:
    async with connecting as connected:
        result = await connected.call_tool("get_request", {"request_id": "r"})
        assert result.is_error
        assert "request_id is 'r'; expected the request_id of a create in the last 10 minutes" in text_of(result)


async def test_a_wait_returns_within_its_limit(connecting: Client, api: HeyGenEmulator) -> None:
    async with connecting as connected:
        id = data_of(await connected.call_tool(CREATE, AVATAR))["video_id"]
        start = asyncio.get_running_loop().time()
        reports: list[Any] = []

        async def progress(*report: Any) -> None:
            reports.append(report)

        result = await connected.call_tool("wait_for_video", {"video_id": id}, progress_callback=progress)
        assert data_of(result)["id"] == id
        assert asyncio.get_running_loop().time() - start < 20.2
        assert "Call wait_for_video with" in result.structured_content["note"]
        assert len(reports) >= 4


async def test_get_request_is_offered_with_creates(client: AsyncHeyGen) -> None:
    for include, offered in ((["list_videos"], False), ([CREATE], True)):
        async with Client(create_server(client, include=include)) as connected:
            names = [tool.name for tool in (await connected.list_tools()).tools]
        assert ("get_request" in names) == offered
