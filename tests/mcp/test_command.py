"""The command line of the MCP server."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_support import AVATAR, connect_stdio, environment, run_command, text_of

from heygen_async import AsyncHeyGen, tools
from heygen_async.mcp import command
from heygen_async.mcp.command import run
from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow


async def test_a_signal_during_the_imports_ends_it_silently(tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)", encoding="utf-8")
    where = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    assert await run_command(PYTHONPATH=where, HEYGEN_API_KEY="k") == (130, "", "")


async def test_the_end_of_stdin_ends_it() -> None:
    code, out, error = await run_command(HEYGEN_API_KEY="k")
    assert (code, out, error) == (0, "", "")


async def test_reports_a_missing_key() -> None:
    for extra in ({}, {"HEYGEN_API_KEY": ""}):
        code, out, error = await run_command(**extra)
        assert (code, out) == (3, "")
        assert error.startswith("Error: There is no API key: HEYGEN_API_KEY and HEYGEN_ACCESS_TOKEN are not set, ")
        assert error.count("\n") == 1


async def test_reports_a_missing_package(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("", encoding="utf-8")  # one that has nothing of it, as version 1
    where = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    code, out, error = await run_command(PYTHONPATH=where)
    assert (code, out) == (2, "")
    assert "pip install 'heygen-async[mcp]'" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--include", "create_vide"], "no tool 'create_vide'; did you mean"),
        (["--exclude", "create_vide"], "no tool 'create_vide'; did you mean"),
        (["--toolset", "films"], "no toolset 'films'; there are video, translation,"),
        (["--include", "download_video"], "downloads need a folder: output_dir=, or --output-dir"),
        (["--output-dir", "nowhere"], "'nowhere' does not exist"),
        (["--budget", "-1"], "-1.0 is not in the range"),
        (["--allow-unpriced"], "--allow-unpriced needs --budget USD"),
        (["--files", "nowhere"], "'nowhere' does not exist"),
        (["--http", "--host", "0.0.0.0"], "Other machines can reach 0.0.0.0, and every call is charged"),
        (["--http", "--tokens", "nowhere"], "'nowhere' does not exist"),
        (["--max-wait", "0"], "0 is not in the range"),
        (["--http", "--port", "99999"], "99999 is not in the range"),
        (["--api-key", "k"], "No such option"),
    ],
)
def test_reports_wrong_use_in_a_sentence(
    arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "k")
    code = run(arguments)
    out, error = capfd.readouterr()
    assert (code, out) == (2, "")
    assert words in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("arguments", "added", "left_out"),
    [
        ([], {"create_video_agent", "wait_for_video", "get_request"}, {"download_video", "delete_video", "call_tool"}),
        (["--toolset", "search,admin"], {"search_tools", "call_tool", "list_webhook_endpoints"}, {"list_videos"}),
        (["--include", "list_voices"], {"list_voices"}, {"list_videos"}),
        (["--toolset", "video", "--include", "delete_video"], {"delete_video", "list_videos"}, {"call_tool"}),
        (["--exclude", "list_videos,get_video"], {"list_voices"}, {"list_videos", "get_video"}),
        (["--read-only"], {"list_videos", "wait_for_video"}, {"create_video_agent", "get_request"}),
        (["--output-dir", "."], {"download_video"}, {"create_asset"}),
        (["--files", "."], {"create_asset"}, {"download_video"}),
    ],
)
async def test_options_select_the_tools(
    arguments: list[str], added: set[str], left_out: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    servers: list[Any] = []

    async def serve(server: Any) -> None:
        servers.append(server)

    monkeypatch.setattr(command, "serve_stdio", serve)
    monkeypatch.setenv("HEYGEN_API_KEY", "k")
    assert await asyncio.to_thread(run, arguments) == 0
    async with Client(servers[0]) as connected:
        offered = {tool.name for tool in (await connected.list_tools()).tools}
    assert added <= offered
    assert not left_out & offered


async def test_a_budget_limits_what_the_tools_spend() -> None:
    arguments = ["--spending", "allow", "--budget", "0.03", "--toolset", "video,workflows"]
    unpriced_call = {"video": {"type": "url", "url": "https://example.com/talk.mp4"}}
    for allowed in (False, True):
        unpriced = ["--allow-unpriced"] if allowed else []
        async with HeyGenEmulator() as api, Client(connect_stdio(api, *arguments, *unpriced)) as connected:
            assert not (await connected.call_tool("create_video_from_avatar", AVATAR)).is_error
            assert "of the budget of $0.0300 is left" in text_of(
                await connected.call_tool("create_video_from_avatar", AVATAR | {"title": "Another"})
            )
            unknown = await connected.call_tool("create_background_removal", unpriced_call)
            assert unknown.is_error != allowed
            assert len(api.ledger) == 1 + allowed


@pytest.mark.skipif("HEYGEN_ASYNC_INSPECTOR" not in os.environ, reason="HEYGEN_ASYNC_INSPECTOR names no inspector")
async def test_the_inspector_lists_and_calls() -> None:
    """With `npx --yes @modelcontextprotocol/inspector`, for one."""

    async def inspected(*arguments: str) -> Any:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(os.environ["HEYGEN_ASYNC_INSPECTOR"]), "--cli", sys.executable, "-m", "heygen_async.mcp",
            "--method", *arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | environment(api),
        )  # fmt: skip
        out, error = await process.communicate()
        assert process.returncode == 0, error.decode()
        return json.loads(out)

    async with HeyGenEmulator() as api:
        offered = [tool["name"] for tool in (await inspected("tools/list"))["tools"]]
        assert offered == [*(tool.name for tool in tools(AsyncHeyGen("k"), toolset="video")), "get_request"]
        called = await inspected("tools/call", "--tool-name", "get_current_user")
        assert called["structuredContent"]["data"]["username"] == "local"
        refused = await inspected("tools/call", "--tool-name", "create_video_agent", "--tool-arg", "prompt=A tour")
        assert refused["isError"] is True
        assert (await inspected("resources/templates/list"))["resourceTemplates"][0]["name"] == "video"
