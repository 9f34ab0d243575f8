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

    async with Client(create_server(client, spending="allow"), mode=protocol_mode) as connected:
        for tool, arguments in (("create_video_agent", {"prompt": "A tour"}), ("create_video_from_avatar", AVATAR)):
            reports.clear()
            ended = await connected.call_tool(tool, {**arguments, "wait": True}, progress_callback=progress)
            polls = [one for one in api.requests if one.operation in {"VideoAgentGet", "VideoGet"}]
            api.requests.clear()
            assert len(reports) - 1 == len(polls) > 2
            numbers = [number for number, _, _ in reports]
            assert numbers == sorted(set(numbers))
            assert {total for _, total, _ in reports} == ({100, None} if tool == "create_video_agent" else {None})
            video = ended.structured_content["data"]
            assert reports[-1][2] == f"video {video['id']}: completed"
            (of_create,) = [job.id for job in api.state.jobs_of_kind("session")] if "agent" in tool else [video["id"]]
            assert of_create in str(reports[0][2])
            assert str(reports[0][2]).startswith("created: ")


async def test_reports_created_ids_before_the_first_poll(
    api: HeyGenEmulator, client: AsyncHeyGen, protocol_mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    reports: list[tuple[str | None, int]] = []
    created_event = asyncio.Event()

    async def progress(_: float, __: float | None, text: str | None) -> None:
        reports.append((text, len(api.requests_for("VideoGet"))))
        created_event.set()

    async with Client(create_server(client, spending="allow"), mode=protocol_mode) as connected:
        arguments = {**AVATAR, "wait": True}
        call = asyncio.create_task(
            connected.call_tool("create_video_from_avatar", arguments, progress_callback=progress)
        )
        await created_event.wait()
        call.cancel()
        await asyncio.wait([call])
        await connected.call_tool("get_current_user", {})  # by then the server has heard of it
    (video,) = api.state.jobs_of_kind("video")
    assert reports == [(f"created: video_id={video.id}", 0)]
    assert f"create_video_from_avatar created video_id={video.id}, which continues" in caplog.text


async def test_cancelling_ends_only_the_wait(api: HeyGenEmulator, client: AsyncHeyGen, protocol_mode: str) -> None:
    polled = asyncio.Event()

    async def progress(*_: Any) -> None:
        polled.set()

    async with Client(create_server(client, spending="allow"), mode=protocol_mode) as connected:
        arguments = {"prompt": "A tour", "wait": True}
        call = asyncio.create_task(connected.call_tool("create_video_agent", arguments, progress_callback=progress))
        await polled.wait()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        await connected.call_tool("get_current_user", {})  # by then the server has heard of it
        before = len(api.requests)
        await asyncio.sleep(3600)  # of the clock that jumps
        assert len(api.requests) == before
        assert api.requests_for("VideoAgentStop") == []
