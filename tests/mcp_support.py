"""Servers in memory and in processes, answers to questions, and arguments for every operation."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TextIO

import aiohttp
import uvicorn
from contract_samples import OPERATIONS, VALUES, resolve, union_members, valid_value
from mcp import StdioServerParameters, stdio_client, types
from mcp.server.auth.settings import AuthSettings
from pydantic import AnyHttpUrl

from heygen_async import AsyncHeyGen
from heygen_async.cli.running import open_listener
from heygen_async.mcp import create_server
from heygen_async.mcp.bearer_tokens import BearerTokens, User
from heygen_async.operations.operation import Operation
from heygen_async.testing import Fault, HeyGenEmulator

PROTOCOL_MODES = ["auto", "legacy"]  # a request each, or a session that a handshake begins
EXPECTED_LOG_LINES = (
    "Invalid ",
    "The wait was cancelled: ",
)  # those kept out, and what goes on without who asked for it
YES = types.ElicitResult(action="accept", content={"confirm": True})
CLIENT = {"name": "a", "version": "1"}
AVATAR = {"avatar_id": "avatar_1", "script": "Hello.", "voice_id": "voice_0001"}


def environment(api: HeyGenEmulator) -> dict[str, str]:
    return {"HEYGEN_API_KEY": api.key, "HEYGEN_BASE_URL": api.url, "PYTHONASYNCIODEBUG": ""}  # which tells of imports


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "heygen_async.mcp", *arguments]


def connect_stdio(api: HeyGenEmulator, *arguments: str, log: TextIO = sys.stderr, **extra: str) -> Any:
    first, *rest = command(*arguments)
    server = StdioServerParameters(command=first, args=rest, env=dict(os.environ) | environment(api) | extra)
    return stdio_client(server, log)


@asynccontextmanager
async def serve_http(
    api: HeyGenEmulator, *arguments: str, **extra: str
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A server in a process of its own, and where it is; it is ended as a person ends it."""
    process = await asyncio.create_subprocess_exec(
        *command("--http", "--port", "0", *arguments),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | environment(api) | extra,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        text = ""
        while (found := re.search(r"http://\S+/mcp", text)) is None:
            line = await process.stderr.readline()
            assert line, text
            text += line.decode()
        yield found[0], process
    finally:
        if process.returncode is None:
            process.terminate()
        out, error = await process.communicate()
    unexpected = [line for line in error.decode().splitlines() if not line.startswith(EXPECTED_LOG_LINES)]
    assert (process.returncode, out, unexpected) == (0, b"", [])


async def run_command(*arguments: str, **extra: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONASYNCIODEBUG": ""} | extra,
    )  # fmt: skip
    out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


def answering(response: types.ElicitResult, questions: list[types.ElicitRequestFormParams]) -> Any:
    """What a client asks a person with."""

    async def answer_form(context: object, params: types.ElicitRequestFormParams) -> types.ElicitResult:
        questions.append(params)
        return response

    return answer_form


def text_of(result: types.CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, types.TextContent)
    return content.text


def route_of(operation: Operation) -> tuple[str, str]:
    return operation.endpoint.method, re.sub(r"\{\w+\}", "{}", operation.endpoint.path)


CONTRACT = {(one["method"], re.sub(r"\{\w+\}", "{}", one["path"])): one for one in OPERATIONS.values()}


def arguments_for(operation: Operation, ids: dict[str, str], file: Path) -> dict[str, Any]:
    """What the contract asks for: the ids of the path, the query's and the body's required fields."""
    entry = CONTRACT[route_of(operation)]
    arguments: dict[str, Any] = {name: ids.get(name, VALUES.get(name, "x")) for name in operation.input.ids}
    for parameter in entry["query"]:
        if parameter.get("required"):
            name = parameter["name"]
            arguments[name] = ["x"] if name.endswith("_ids") else parameter.get("enum", ["x"])[0]
    if entry["body"] == "json":
        schema = resolve(entry["request"])
        if operation.tag is not None:
            tag = schema["discriminator"]
            schema = next(one for one in union_members(schema) if one["properties"][tag]["const"] == operation.tag)
        body = valid_value(schema, full=entry["operation"] == "WebhookEndpointsUpdate")  # it needs a change
        arguments |= body | {name: ids[name] for name in body.keys() & ids.keys()}
        if entry["operation"] == "AvatarLooksCreate":
            arguments |= {"reference_look_id": ids["look_id"], "template_id": f"{operation.tag}_0"}
    elif entry["body"] is not None:
        arguments["file"] = str(file)
    return arguments


@asynccontextmanager
async def serve_here(server: Any, users: Sequence[User] = ()) -> AsyncIterator[str]:
    """A server over HTTP in the loop of the test, so that it has the emulator's clock, and its address."""
    listener = open_listener("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    auth = {
        "auth": AuthSettings(issuer_url=AnyHttpUrl(url), resource_server_url=None),
        "token_verifier": BearerTokens(users),
    }
    app = server.streamable_http_app(**auth if users else {})
    options: dict[str, Any] = {"timeout_keep_alive": 3600, "timeout_graceful_shutdown": 1}
    http = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None, **options))
    serving = asyncio.create_task(http.serve(sockets=[listener]))
    try:
        yield f"{url}/mcp"
    finally:
        http.should_exit = True
        await serving


class RawClient:
    """Calls tools over HTTP in one of two protocols, and drops its connection instead of waiting for a response.

    Args:
        url: The address of the server.
        mode: `auto` for the protocol without sessions, `legacy` for a session that a handshake begins.
    """

    def __init__(self, url: str, mode: str) -> None:
        self._url = url
        version = "2025-11-25" if mode == "legacy" else "2026-07-28"
        self._headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": version}
        self._meta: dict[str, Any] = {}
        if mode == "legacy":
            return
        self._meta = {
            f"io.modelcontextprotocol/{name}": value
            for name, value in (("protocolVersion", version), ("clientInfo", CLIENT), ("clientCapabilities", {}))
        }

    async def call_tool(self, name: str, arguments: dict[str, Any], *, drop_after: float | None = None) -> Any:
        """Return the result of a call; return None if the connection was dropped after some seconds."""
        async with aiohttp.ClientSession() as session:
            if not self._meta and "Mcp-Session-Id" not in self._headers:
                hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT}
                async with self._post(session, "initialize", hello) as response:
                    await response.read()
                    self._headers["Mcp-Session-Id"] = response.headers["Mcp-Session-Id"]
            params = {"name": name, "arguments": arguments, **({"_meta": self._meta} if self._meta else {})}
            try:
                async with asyncio.timeout(drop_after), self._post(session, "tools/call", params) as response:
                    text = await response.text()
            except TimeoutError:
                return None
        data = next((line.removeprefix("data: ") for line in text.splitlines() if '"result"' in line), text)
        return json.loads(data)["result"]

    def _post(self, session: aiohttp.ClientSession, method: str, params: dict[str, Any]) -> Any:
        headers = self._headers | {"Mcp-Method": method} | ({"Mcp-Name": params["name"]} if "name" in params else {})
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return session.post(self._url, json=body, headers=headers)


@asynccontextmanager
async def slow_heygen(max_wait: float, folder: Path) -> AsyncIterator[tuple[HeyGenEmulator, Any]]:
    """The emulator, which renders for five minutes and whose first create answers after 30 s, and a server."""
    async with HeyGenEmulator(render_seconds=300, autojump=True) as api:
        api.inject(Fault("delay", operation="VideoCreate", seconds=30))
        client = AsyncHeyGen(api.key, base_url=api.url, max_retries=0)
        yield api, create_server(client, spending="allow", max_wait=max_wait, output_dir=folder)


def check_render(api: HeyGenEmulator, saved: dict[str, Any]) -> None:
    assert len(api.ledger) == len(api.requests_for("VideoCreate")) == 1
    assert Path(saved["data"]["path"]).stat().st_size == saved["data"]["bytes"] > 0
