"""Tools of the MCP server, through the official client."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from contract_samples import create_ids
from jsonschema import Draft202012Validator
from mcp import Client, MCPError, types
from mcp_support import (
    CONTRACT,
    arguments_for,
    route_of,
    text_of,
)
from support import PNG

from heygen_async import AsyncHeyGen, ConfigurationError, tools
from heygen_async.agents.wait_tools import wait_actions
from heygen_async.mcp import create_server
from heygen_async.operations.catalog import operations
from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow


async def test_lists_operations_as_tools_with_hints(client: AsyncHeyGen, protocol_mode: str) -> None:
    async with Client(create_server(client, toolset="all"), mode=protocol_mode) as connected:
        tools_by_name = {tool.name: tool for tool in (await connected.list_tools()).tools}
    assert list(tools_by_name) == [*(tool.name for tool in tools(client)), "get_request"]
    for name, operation in operations().items():
        if (tool := tools_by_name.get(name)) is None:
            continue
        assert tool.description
        for schema in (tool.input_schema, tool.output_schema):
            assert schema is not None
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
        hints = tool.annotations
        assert hints is not None
        assert hints.title
        assert hints.read_only_hint == (operation.endpoint.method == "GET")
        assert hints.destructive_hint == operation.destructive
        assert hints.open_world_hint is True
    idempotent = {name for name, tool in tools_by_name.items() if tool.annotations and tool.annotations.idempotent_hint}
    assert {"get_video", "delete_video", "update_lipsync"} <= idempotent
    assert not {"create_video_agent", "create_video_from_avatar", "create_asset", "clone_voice"} & idempotent


async def test_include_selects_tools(client: AsyncHeyGen) -> None:
    async with Client(create_server(client, include=["get_video", "list_voices"])) as connected:
        assert [tool.name for tool in (await connected.list_tools()).tools] == ["get_video", "list_voices"]
        with pytest.raises(MCPError, match="no tool 'delete_video'"):
            await connected.call_tool("delete_video", {"video_id": "a"})


@pytest.mark.parametrize("name", list(operations()))
async def test_every_operation_is_callable(name: str, api: HeyGenEmulator, client: AsyncHeyGen, tmp_path: Path) -> None:
    operation = operations()[name]
    (tmp_path / "a.png").write_bytes(PNG)
    async with aiohttp.ClientSession() as session:
        entry = CONTRACT[route_of(operation)]
        ids = await create_ids(api, session, entry["operation"])
    arguments = arguments_for(operation, ids, tmp_path / "a.png")
    before = len(api.requests)
    async with Client(create_server(client, include=[name], spending="allow", files=tmp_path)) as connected:
        result = await connected.call_tool(name, arguments)  # which holds the answer against its schema
    last = api.requests[before:][-1]
    assert last.operation == entry["operation"], (result, last)
    assert last.status in ({404, 409} if result.is_error else {200, 201, 202}), (arguments, text_of(result))


@pytest.mark.parametrize("name", [name for name, operation in operations().items() if operation.long_running])
async def test_results_of_waits_fit_their_schema(
    name: str, api: HeyGenEmulator, client: AsyncHeyGen, tmp_path: Path
) -> None:
    operation = operations()[name]
    (tmp_path / "a.png").write_bytes(PNG)
    async with aiohttp.ClientSession() as session:
        ids = await create_ids(api, session, CONTRACT[route_of(operation)]["operation"])
    arguments = arguments_for(operation, ids, tmp_path / "a.png")
    tool = wait_actions()[str(operation.wait)]
    async with Client(
        create_server(client, include=[name, tool.name], spending="allow", files=tmp_path, max_wait=1200)
    ) as connected:
        created = await connected.call_tool(name, arguments)
        (job, *_) = find_jobs(created.structured_content["data"])
        first, *rest = tool.input_schema["properties"]
        batch = {"kind": operation.path.partition(".")[0]} if rest else {}
        result = await connected.call_tool(tool.name, {first: job, **batch})
    ends_badly = {"complete_asset_batch": "failed"}  # nothing was uploaded
    assert ends_badly.get(name, "") in text_of(result)
    assert result.is_error == (name in ends_badly), text_of(result)


def find_jobs(data: dict[str, Any]) -> list[str]:
    """The ids of what was created: a model reads them in the response."""
    nested = data.get("avatar_item") or (data.get("looks") or [{}])[0]
    several = next((value for name, value in data.items() if name.endswith("_ids")), [])
    return (
        [str(nested["id"])]
        if nested
        else several or [data["id"] if "id" in data else next(v for k, v in data.items() if k.endswith("_id"))]
    )


async def test_reads_files_of_one_folder(api: HeyGenEmulator, client: AsyncHeyGen, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.png").write_bytes(PNG)
    for files, name, taken in (
        (None, "in/b.png", False), (tmp_path / "in", "a.png", False), (tmp_path / "in", "in/../a.png", False),
        (tmp_path / "in", "in/b.png", True),
    ):  # fmt: skip
        async with Client(create_server(client, include=["create_asset"], files=files)) as connected:
            result = await connected.call_tool("create_asset", {"file": str(tmp_path / name)})
        assert result.is_error == (not taken), text_of(result)
        assert taken or "lets a model read" in text_of(result)
    assert len(api.requests) == 1


async def test_errors_use_tool_names(client: AsyncHeyGen) -> None:
    async with Client(create_server(client, toolset="all", spending="allow", max_wait=1200)) as connected:
        created = await connected.call_tool(
            "create_digital_twin", {"name": "Ada", "file": {"type": "url", "url": "https://example.com/a.mp4"}}
        )
        look = created.structured_content["data"]["avatar_item"]["id"]
        stopped = await connected.call_tool("wait_for_avatar", {"look_id": look})
        assert "create_avatar_consent" in stopped.structured_content["note"]
        unknown = await connected.call_tool("get_video", {"video_id": "a", "colour": "red"})
        assert text_of(unknown).startswith("colour is 'red'; expected one of ")
        with pytest.raises(MCPError, match="no tool 'make_tea'") as refused:
            await connected.call_tool("make_tea", {})
        assert refused.value.code == types.INVALID_PARAMS


async def test_closes_the_client_at_the_end(api: HeyGenEmulator) -> None:
    client = AsyncHeyGen(api.key, base_url=api.url)
    async with Client(create_server(client)) as connected:
        await connected.call_tool("get_current_user", {})
    with pytest.raises(Exception, match="closed"):
        await client.users.me()


def test_importing_the_sdk_imports_no_server() -> None:
    code = (
        "import sys, heygen_async; heygen_async.AsyncHeyGen('k').videos; heygen_async.tools; "
        "print([name for name in sys.modules if name.partition('.')[0] in {'mcp', 'pydantic', 'uvicorn'}], "
        "'heygen_async.mcp' in sys.modules)"
    )
    text = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert text.strip() == "[] False"


def test_a_list_imports_no_connection_and_no_other_resource() -> None:
    script = (
        "import asyncio, sys\n"
        "from mcp import Client\n"
        "from heygen_async import AsyncHeyGen\n"
        "from heygen_async.mcp import create_server\n"
        "async def main():\n"
        "    async with Client(create_server(AsyncHeyGen('key'))) as client:\n"
        "        await client.list_tools()\n"
        "    names = {name.rpartition('.')[2] for name in sys.modules if name.startswith('heygen_async.resources.')}\n"
        "    print('aiohttp' in sys.modules, *sorted(names - {'base', 'validation'}))\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False assets avatars folders users video_agents videos voices\n"  # texts name folders


async def test_a_missing_bundle_of_certificates_prevents_the_start(tmp_path: Path) -> None:
    server = create_server(AsyncHeyGen("key", ca_bundle=tmp_path / "missing.pem"))
    with pytest.raises(ConfigurationError, match="ca_bundle"):
        async with server.lifespan(server):
            pass
