"""stdio and HTTP in processes of their own: sessions, signals, security."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
from typing import Any

import aiohttp
import pytest
from mcp import Client, MCPError, types
from mcp_support import (
    AVATAR,
    YES,
    answering,
    command,
    connect_stdio,
    environment,
    serve_http,
    text_of,
)

from heygen_async import AsyncHeyGen, tools
from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow


async def exercise_session(connected: Client, api: HeyGenEmulator) -> None:
    """What is true over every transport."""
    assert connected.server_info is not None
    assert connected.server_info.name == "heygen"
    offered = [tool.name for tool in (await connected.list_tools()).tools]
    assert offered == [*(tool.name for tool in tools(AsyncHeyGen("k"), toolset="video")), "get_request"]
    created = await connected.call_tool("create_video_from_avatar", AVATAR)
    assert not created.is_error
    id = created.structured_content["data"]["video_id"]
    assert json.loads(text_of(created)) == created.structured_content

    polls: list[tuple[float, float | None, str | None]] = []
    polled = asyncio.Event()

    async def progress(*reports: Any) -> None:
        polls.append(reports)
        polled.set()

    waiting = asyncio.create_task(connected.call_tool("wait_for_video", {"video_id": id}, progress_callback=progress))
    await polled.wait()
    assert polls[0][2] == f"video {id}: pending"
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()

    api.finish(id)
    ended = await connected.call_tool("wait_for_video", {"video_id": id})
    assert ended.structured_content["data"]["status"] == "completed"
    wrong = await connected.call_tool("get_video", {"video_id": "none"})
    assert (wrong.is_error, "404" in text_of(wrong)) == (True, True)
    (resource,) = (await connected.list_resources()).resources
    assert resource.uri == f"heygen://videos/{id}"
    (content,) = (await connected.read_resource(resource.uri)).contents
    assert isinstance(content, types.TextResourceContents)
    assert json.loads(content.text)["video_url"].startswith(api.storage_url)


async def test_serves_over_stdio(protocol_mode: str) -> None:
    async with (
        HeyGenEmulator(render_seconds=3600) as api,
        Client(connect_stdio(api), mode=protocol_mode, elicitation_callback=answering(YES, [])) as connected,
    ):
        await exercise_session(connected, api)


async def test_serves_over_http(protocol_mode: str) -> None:
    async with (
        HeyGenEmulator(render_seconds=3600) as api,
        serve_http(api) as (url, _),
        Client(url, mode=protocol_mode, elicitation_callback=answering(YES, [])) as connected,
    ):
        await exercise_session(connected, api)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
async def test_rejects_other_hosts_and_origins(host: str) -> None:
    async with HeyGenEmulator() as api, serve_http(api, "--host", host) as (url, _), aiohttp.ClientSession() as session:
        async with Client(url) as connected:
            assert not (await connected.call_tool("get_current_user", {})).is_error
        body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        for headers, status in (
            ({"Host": "evil.example"}, 421),
            ({"Host": "evil.example:80", "MCP-Protocol-Version": "2026-07-28"}, 421),
            ({"Origin": "https://evil.example"}, 403),
        ):
            async with session.post(
                url, json=body, headers={"Accept": "application/json, text/event-stream", **headers}
            ) as response:
                assert response.status == status, headers


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_http_with_a_response(number: signal.Signals, protocol_mode: str) -> None:
    """While a client is connected and waits."""
    async with HeyGenEmulator(render_seconds=3600) as api, serve_http(api, "--spending", "allow") as (url, process):
        polled = asyncio.Event()

        async def progress(*_: Any) -> None:
            polled.set()

        async with Client(url, mode=protocol_mode) as connected:
            await connected.call_tool("create_video_from_avatar", AVATAR)
            (video,) = api.state.jobs_of_kind("video")
            waiting = asyncio.create_task(
                connected.call_tool("wait_for_video", {"video_id": video.id}, progress_callback=progress)
            )
            await polled.wait()
            process.send_signal(number)
            with pytest.raises(MCPError, match="its lists show them"):
                await waiting
        await process.wait()


async def test_a_slow_request_does_not_delay_the_end() -> None:
    async with HeyGenEmulator() as api, serve_http(api) as (url, process):
        port = int(re.findall(r":(\d+)/", url)[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 10\r\nExpect: 100-continue\r\n\r\n"
        )
        assert b"100" in await reader.readline()
        process.terminate()
        await process.wait()
        writer.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_stdio(number: signal.Signals) -> None:
    async with HeyGenEmulator() as api:
        process = await asyncio.create_subprocess_exec(
            *command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | environment(api),
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}
        request = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
        process.stdin.write(json.dumps(request).encode() + b"\n")
        assert b'"heygen"' in await process.stdout.readline()
        process.send_signal(number)
        assert await process.wait() == 0
        out, error = await process.communicate()
    assert (out, error) == (b"", b"")
