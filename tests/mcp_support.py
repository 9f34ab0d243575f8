"""Servers in memory and in processes, answers to questions, and arguments for every operation."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TextIO

from contract_samples import OPERATIONS, VALUES, resolve, union_members, valid_value
from mcp import StdioServerParameters, stdio_client, types

from heygen_async.operations.operation import Operation
from heygen_async.testing import HeyGenEmulator

PROTOCOL_MODES = ["auto", "legacy"]  # a request each, or a session that a handshake begins
EXPECTED_LOG_LINES = (
    "Invalid ",
    "The wait was cancelled: ",
)  # those kept out, and what goes on without who asked for it
YES = types.ElicitResult(action="accept", content={"confirm": True})
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
