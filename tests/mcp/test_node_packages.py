"""Packages of Node.js: the client of the TypeScript SDK as a host, and Ajv on the schema of every tool.

`nox -s agents` installs them and names their folder in HEYGEN_ASYNC_NODE_MODULES. All other runs skip these tests.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest
from mcp_support import AVATAR, check_render, serve_here, slow_heygen

from heygen_async import AsyncHeyGen, tools
from heygen_async.agents.schema_dialects import strict_schema

NODE, MODULES = shutil.which("node"), os.environ.get("HEYGEN_ASYNC_NODE_MODULES")
PROGRAMS = Path(__file__).parent / "node"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not NODE, reason="node is not installed"),
    pytest.mark.skipif(not MODULES, reason="HEYGEN_ASYNC_NODE_MODULES is not set; nox -s agents sets it"),
]


async def run_node(program: str, *arguments: str, text: str = "") -> str:
    process = await asyncio.create_subprocess_exec(
        str(NODE), str(PROGRAMS / program), *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, error = await process.communicate(text.encode())
    assert (process.returncode, error) == (0, b"")
    return out.decode()


async def test_a_typescript_host_ends_with_one_charge_and_a_file(tmp_path: Path) -> None:
    """Its time limit of a call is 60 s, and the server has the default limit of its waits."""
    async with slow_heygen(20, tmp_path) as (api, server), serve_here(server) as url:

        async def turn_clock() -> None:
            while True:  # The clock does not jump while a process works.
                await asyncio.sleep(0.02)
                api.clock.advance(1)

        turning = asyncio.create_task(turn_clock())
        lines = (await run_node("host.cjs", url, json.dumps(AVATAR))).splitlines()
        turning.cancel()
        responses: list[dict[str, Any]] = [json.loads(line) for line in lines]
        check_render(api, responses[-1])
    assert "request_id" in responses[0]["data"]
    assert len([one for one in responses if "still rendering" in one.get("note", "")]) > 5


async def test_ajv_compiles_every_schema_in_its_strict_mode(tmp_path: Path) -> None:
    client = AsyncHeyGen("k")
    offered = [*tools(client, files=tmp_path, output_dir=tmp_path), *tools(client, toolset="search")]
    schemas: dict[str, Any] = {}
    for one in offered:
        schemas[f"{one.name}: arguments"] = one.input_schema
        schemas[f"{one.name}: strict arguments"] = strict_schema(one.input_schema)
        schemas[f"{one.name}: response"] = one.output_schema
    print(f"{len(schemas)} schemas of {len(offered)} tools")
    wrong = {"wrong": {"type": "text"}}
    assert json.loads(await run_node("compile_schemas.cjs", text=json.dumps(wrong))).keys() == wrong.keys()
    assert json.loads(await run_node("compile_schemas.cjs", text=json.dumps(schemas))) == {}
