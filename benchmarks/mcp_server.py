"""Measure the MCP server over stdio, start with first list and calls, against a bare server of the same library.

The bare server has the same tools as constants, and its call returns a constant. The other one calls the method of the
SDK, without checks and texts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from rows import Row, pin
from server import serving

STARTS = 7
CALLS = 100
ROUNDS = 20
BODY = msgspec.json.encode({"data": {"id": "video_1", "video_id": "video_1", "status": "pending"}})
BARE = """
import asyncio, json, sys
from mcp import stdio_server, types
from mcp.server.lowlevel.server import Server

with open(sys.argv[1]) as file:
    TOOLS = json.load(file)
CONSTANT = {"data": {"id": "video_1", "status": "pending"}}
heygen = None

async def list_tools(*_):
    return types.ListToolsResult(tools=[types.Tool.model_validate(tool) for tool in TOOLS])

async def call_tool(_, params):
    data = CONSTANT
    if heygen is not None:
        data = {"data": (await heygen.videos.get(params.arguments["video_id"])).to_dict()}
    content = [types.TextContent(text=json.dumps(data))]
    return types.CallToolResult(content=content, structured_content=data)

async def main():
    server = Server("bare", on_list_tools=list_tools, on_call_tool=call_tool)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())

if sys.argv[2:]:
    from heygen_async import AsyncHeyGen
    heygen = AsyncHeyGen()
asyncio.run(main())
"""
OURS = [sys.executable, "-m", "heygen_async", "mcp"]


class Host:
    """The client of one server process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._clock = (~process.pid << 3) | 2  # Linux's CPU clock of another process
        client = {"name": "benchmark", "version": "1"}
        self.ask("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)
        self._send({"method": "notifications/initialized"})

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """Send a request and return its result."""
        self._send({"id": 1, "method": method, "params": params})
        assert self._process.stdout is not None
        response: dict[str, Any] = json.loads(self._process.stdout.readline())
        return response["result"]

    def call(self) -> None:
        """Call a tool."""
        result = self.ask("tools/call", name="get_video", arguments={"video_id": "video_1"})
        assert not result.get("isError"), result

    def cpu_time(self) -> float:
        """Return the CPU seconds of the server until now."""
        return time.clock_gettime(self._clock)

    def _send(self, message: dict[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self._process.stdin.flush()


@contextmanager
def hosting(command: list[str], url: str) -> Generator[Host]:
    """Start a server and yield its client."""
    environment = {**os.environ, "HEYGEN_API_KEY": "key", "HEYGEN_BASE_URL": url}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        yield Host(process)
        assert process.stdin is not None
        process.stdin.close()


def start(command: list[str], url: str) -> tuple[float, Any]:
    """Return the CPU milliseconds of a start and the first list, and the tools."""
    with hosting(command, url) as host:
        tools = host.ask("tools/list")["tools"]
        return host.cpu_time() * 1e3, tools


def calls(host: Host) -> float:
    """Return the CPU microseconds of a call."""
    before = host.cpu_time()
    for _ in range(CALLS):
        host.call()
    return (host.cpu_time() - before) / CALLS * 1e6


def measure() -> list[Row]:
    """Return a row for the start and a row for a call."""
    pin(1)
    with tempfile.TemporaryDirectory() as folder, serving(BODY) as url:
        file = Path(folder) / "tools.json"
        file.write_text(json.dumps(start(OURS, url)[1]))
        bare = [sys.executable, "-c", BARE, str(file)]
        starts: dict[str, list[float]] = {"floor": [], "ours": []}
        for number in range(STARTS + 1):
            times = {"floor": start(bare, url)[0], "ours": start(OURS, url)[0]}
            if number:  # the first round compiles the packages
                for name, milliseconds in times.items():
                    starts[name].append(milliseconds)
        called: dict[str, list[float]] = {"floor": [], "ours": [], "the method alone": []}
        with hosting(bare, url) as floor, hosting(OURS, url) as ours, hosting([*bare, "calls"], url) as method:
            for number in range(ROUNDS + 1):
                times = {"floor": calls(floor), "ours": calls(ours), "the method alone": calls(method)}
                if number:  # the first round imports aiohttp
                    for name, microseconds in times.items():
                        called[name].append(microseconds)
    return [
        Row.of_rounds("MCP: start and first list", "ms CPU", starts, 1.1),
        Row.of_rounds("MCP: a call", "µs CPU", called, 1.6),
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
