"""Progress notifications, and cancelling a call that waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcp import Client
from mcp_support import (
    AVATAR,
)
from support import THINKING

from heygen_async import AsyncHeyGen
from heygen_async.mcp import create_server
from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow


async def test_reports_progress_after_every_poll(api: HeyGenEmulator, client: AsyncHeyGen, protocol_mode: str) -> None:
    api.plan(THINKING)
    reports: list[tuple[float, float | None, str | None]] = []

    async def progress(*text: Any) -> None:
        reports.append(text)

    async with Client(create_server(client, spending="allow", max_wait=1200), mode=protocol_mode) as connected:
        for tool, arguments in (("create_video_agent", {"prompt": "A tour"}), ("create_video_from_avatar", AVATAR)):
            created = (await connected.call_tool(tool, arguments)).structured_content["data"]
            reports.clear()
            api.requests.clear()
            id = created.get("session_id") or created["video_id"]
            ended = await connected.call_tool("wait_for_video", {"video_id": id}, progress_callback=progress)
            polls = [
                one for one in api.requests if one.operation in {"VideoAgentGet", "VideoGet"} and one.status == 200
            ]
            assert len(reports) >= len(polls) - 1 > 1
            numbers = [number for number, _, _ in reports]
            assert numbers == sorted(set(numbers))
            video = ended.structured_content["data"]
            assert reports[-1][2] == f"video {video['id']}: completed"


async def test_cancelling_ends_the_wait(api: HeyGenEmulator, client: AsyncHeyGen, protocol_mode: str) -> None:
    polled = asyncio.Event()

    async def progress(*_: Any) -> None:
        polled.set()

    async with Client(create_server(client, spending="allow"), mode=protocol_mode) as connected:
        created = (await connected.call_tool("create_video_agent", {"prompt": "A tour"})).structured_content["data"]
        call = asyncio.create_task(
            connected.call_tool("wait_for_video", {"video_id": created["session_id"]}, progress_callback=progress)
        )
        await polled.wait()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        await connected.call_tool("get_current_user", {})  # by then the server has heard of it
        before = len(api.requests)
        await asyncio.sleep(3600)  # of the clock that jumps
        assert len(api.requests) == before
        assert api.requests_for("VideoAgentStop") == []
