"""The MCP server, as a host meets it: through the official client, over memory, stdio and streamable HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from contract_samples import OPERATIONS, resolved, some_ids, valid, variants
from jsonschema import Draft202012Validator
from mcp import Client, MCPError, StdioServerParameters, stdio_client, types
from support import PNG

from heygen_async import AsyncHeyGen
from heygen_async.mcp import create_server
from heygen_async.operations.catalog import Operation, operations
from heygen_async.testing import HeyGenEmulator

ERAS = ["auto", "legacy"]  # a request each, or a session that a handshake begins
HEEDED = ("Invalid ", "The wait was cancelled: ")  # those kept out, and what goes on without who asked for it
YES = types.ElicitResult(action="accept", content={"confirm": True})
AVATAR = {"avatar_id": "avatar_1", "script": "Hello.", "voice_id": "voice_1"}


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(autouse=True)
def quiet_client(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG the official client logs all that it gets, presigned URLs too."""
    caplog.set_level("INFO", "mcp.client")


def environment(api: HeyGenEmulator) -> dict[str, str]:
    return {"HEYGEN_API_KEY": api.key, "HEYGEN_API_URL": api.url, "PYTHONASYNCIODEBUG": ""}  # which tells of imports


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "heygen_async.mcp", *arguments]


def stdio(api: HeyGenEmulator) -> Any:
    first, *rest = command()
    return stdio_client(StdioServerParameters(command=first, args=rest, env=dict(os.environ) | environment(api)))


@asynccontextmanager
async def http(api: HeyGenEmulator, *arguments: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A server in a process of its own, and where it is; it is ended as a person ends it."""
    process = await asyncio.create_subprocess_exec(
        *command("--transport", "http", "--port", "0", *arguments),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | environment(api),
    )  # fmt: skip
    assert process.stderr is not None
    try:
        said = ""
        while (found := re.search(r"http://\S+/mcp", said)) is None:
            line = await process.stderr.readline()
            assert line, said
            said += line.decode()
        yield found[0], process
    finally:
        if process.returncode is None:
            process.terminate()
        out, error = await process.communicate()
    unheeded = [line for line in error.decode().splitlines() if not line.startswith(HEEDED)]
    assert (process.returncode, out, unheeded) == (0, b"", [])


async def run(*arguments: str, **extra: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | extra,
    )  # fmt: skip
    out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


def asking(answer: types.ElicitResult, asked: list[types.ElicitRequestFormParams]) -> Any:
    """What a client asks a person with."""

    async def ask(context: object, params: types.ElicitRequestFormParams) -> types.ElicitResult:
        asked.append(params)
        return answer

    return ask


def text_of(result: types.CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, types.TextContent)
    return content.text


async def whole_session(connected: Client, api: HeyGenEmulator) -> None:
    """What is true over every transport."""
    assert connected.server_info is not None
    assert connected.server_info.name == "heygen"
    assert [tool.name for tool in (await connected.list_tools()).tools] == list(operations())
    made = await connected.call_tool("create_video_from_avatar", AVATAR)
    assert not made.is_error
    id = made.structured_content["data"]["video_id"]
    assert json.loads(text_of(made)) == made.structured_content

    looks: list[tuple[float, float | None, str | None]] = []
    looked = asyncio.Event()

    async def progress(*told: Any) -> None:
        looks.append(told)
        looked.set()

    waiting = asyncio.create_task(
        connected.call_tool("get_video", {"video_id": id, "wait": True}, progress_callback=progress)
    )
    await looked.wait()
    assert looks[0][2] == f"video {id}: pending"
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()

    api.finish(id)
    ended = await connected.call_tool("get_video", {"video_id": id, "wait": True})
    assert ended.structured_content["data"]["status"] == "completed"
    wrong = await connected.call_tool("get_video", {"video_id": "none"})
    assert (wrong.is_error, "404" in text_of(wrong)) == (True, True)
    (resource,) = (await connected.list_resources()).resources
    assert resource.uri == f"heygen://videos/{id}"
    (content,) = (await connected.read_resource(resource.uri)).contents
    assert isinstance(content, types.TextResourceContents)
    assert json.loads(content.text)["video_url"].startswith(api.storage_url)


async def test_a_session_over_stdio(era: str) -> None:
    async with (
        HeyGenEmulator(render_seconds=3600) as api,
        Client(stdio(api), mode=era, elicitation_callback=asking(YES, [])) as connected,
    ):
        await whole_session(connected, api)


async def test_a_session_over_http(era: str) -> None:
    async with (
        HeyGenEmulator(render_seconds=3600) as api,
        http(api) as (url, _),
        Client(url, mode=era, elicitation_callback=asking(YES, [])) as connected,
    ):
        await whole_session(connected, api)


async def test_tools_are_the_operations_with_their_hints(client: AsyncHeyGen, era: str) -> None:
    async with Client(create_server(client), mode=era) as connected:
        listed = {tool.name: tool for tool in (await connected.list_tools()).tools}
    assert list(listed) == list(operations())
    for name, operation in operations().items():
        tool = listed[name]
        assert tool.description
        for schema in (tool.input_schema, tool.output_schema):
            assert schema is not None
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
        hints = tool.annotations
        assert hints is not None
        assert hints.title
        assert hints.read_only_hint == (operation.route.method == "GET")
        assert hints.destructive_hint == (operation.route.method == "DELETE")
        assert hints.open_world_hint is True
    repeatable = {name for name, tool in listed.items() if tool.annotations and tool.annotations.idempotent_hint}
    assert {"get_video", "delete_video", "update_lipsync", "complete_asset"} <= repeatable
    assert not {"create_video_agent", "create_video_from_avatar", "create_asset", "clone_voice"} & repeatable


async def test_only_what_is_wanted(client: AsyncHeyGen) -> None:
    async with Client(create_server(client, include=["get_video", "list_voices"])) as connected:
        assert [tool.name for tool in (await connected.list_tools()).tools] == ["get_video", "list_voices"]
        with pytest.raises(MCPError, match="no tool 'delete_video'"):
            await connected.call_tool("delete_video", {"video_id": "a"})


@pytest.mark.parametrize("name", list(operations()))
async def test_every_operation_is_callable(name: str, api: HeyGenEmulator, client: AsyncHeyGen, tmp_path: Path) -> None:
    operation = operations()[name]
    (tmp_path / "a.png").write_bytes(PNG)
    async with aiohttp.ClientSession() as session:
        of_contract = CONTRACT[shape(operation)]
        ids = await some_ids(api, session, of_contract["operation"])
    arguments = arguments_for(operation, ids, tmp_path / "a.png")
    before = len(api.requests)
    async with Client(create_server(client, spending="allow", files=tmp_path)) as connected:
        result = await connected.call_tool(name, arguments)  # which holds the answer against its schema
    last = api.requests[before:][-1]
    assert last.operation == of_contract["operation"], (result, last)
    assert last.status in ({404, 409} if result.is_error else {200, 201, 202}), (arguments, text_of(result))


def shape(operation: Operation) -> tuple[str, str]:
    return operation.route.method, re.sub(r"\{\w+\}", "{}", operation.route.path)


CONTRACT = {(one["method"], re.sub(r"\{\w+\}", "{}", one["path"])): one for one in OPERATIONS.values()}


def arguments_for(operation: Operation, ids: dict[str, str], file: Path) -> dict[str, Any]:
    """What the contract asks for: the ids of the path, the query's and the body's required fields."""
    of_contract = CONTRACT[shape(operation)]
    arguments: dict[str, Any] = {name: ids.get(name, "x") for name in operation.input.ids}
    for entry in of_contract["query"]:
        if entry.get("required"):
            arguments[entry["name"]] = ["x"] if entry["name"].endswith("_ids") else entry.get("enum", ["x"])[0]
    if of_contract["body"] == "json":
        schema = resolved(of_contract["request"])
        if operation.kind is not None:
            tag = schema["discriminator"]
            schema = next(one for one in variants(schema) if one["properties"][tag]["const"] == operation.kind)
        body = valid(schema)
        arguments |= body | {name: ids[name] for name in body.keys() & ids.keys()}
    elif of_contract["body"] is not None:
        arguments["file"] = str(file)
    return arguments


@pytest.mark.parametrize("name", [name for name, operation in operations().items() if operation.long_running])
async def test_what_is_waited_for_fits_its_schema(
    name: str, api: HeyGenEmulator, client: AsyncHeyGen, tmp_path: Path
) -> None:
    operation = operations()[name]
    (tmp_path / "a.png").write_bytes(PNG)
    async with aiohttp.ClientSession() as session:
        ids = await some_ids(api, session, CONTRACT[shape(operation)]["operation"])
    arguments = arguments_for(operation, ids, tmp_path / "a.png")
    async with Client(create_server(client, spending="allow", files=tmp_path)) as connected:
        result = await connected.call_tool(name, {**arguments, "wait": True})
    ends_badly = {"complete_asset_batch": "failed"}  # nothing was uploaded
    assert ends_badly.get(name, "") in text_of(result)
    assert result.is_error == (name in ends_badly), text_of(result)


async def test_several_jobs_are_waited_for_together(client: AsyncHeyGen) -> None:
    arguments = {"video": {"type": "url", "url": "https://example.com/a.mp4"}, "output_languages": ["French", "German"]}
    async with Client(create_server(client, spending="allow")) as connected:
        result = await connected.call_tool("create_video_translation", {**arguments, "wait": True})
    assert [one["status"] for one in result.structured_content["data"]] == ["completed", "completed"]


async def test_progress_is_told_at_every_look(api: HeyGenEmulator, client: AsyncHeyGen, era: str) -> None:
    told: list[tuple[float, float | None, str | None]] = []

    async def progress(*said: Any) -> None:
        told.append(said)

    async with Client(create_server(client, spending="allow"), mode=era) as connected:
        for tool, arguments in (("create_video_agent", {"prompt": "A tour"}), ("create_video_from_avatar", AVATAR)):
            told.clear()
            ended = await connected.call_tool(tool, {**arguments, "wait": True}, progress_callback=progress)
            looks = [one for one in api.requests if one.operation in {"VideoAgentGet", "VideoGet"}]
            api.requests.clear()
            assert len(told) - 1 == len(looks) > 2
            numbers = [number for number, _, _ in told]
            assert numbers == sorted(set(numbers))
            assert {total for _, total, _ in told} == ({100, None} if tool == "create_video_agent" else {None})
            video = ended.structured_content["data"]
            assert told[-1][2] == f"video {video['id']}: completed"
            (of_create,) = [job.id for job in api.state.jobs_of_kind("session")] if "agent" in tool else [video["id"]]
            assert of_create in str(told[0][2])
            assert str(told[0][2]).startswith("created: ")


async def test_what_was_begun_is_told_before_the_first_look(
    api: HeyGenEmulator, client: AsyncHeyGen, era: str, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[str | None, int]] = []
    begun = asyncio.Event()

    async def progress(_: float, __: float | None, said: str | None) -> None:
        told.append((said, len(api.requests_for("VideoGet"))))
        begun.set()

    async with Client(create_server(client, spending="allow"), mode=era) as connected:
        arguments = {**AVATAR, "wait": True}
        call = asyncio.create_task(
            connected.call_tool("create_video_from_avatar", arguments, progress_callback=progress)
        )
        await begun.wait()
        call.cancel()
        await asyncio.wait([call])
        await connected.call_tool("get_current_user", {})  # by then the server has heard of it
    (video,) = api.state.jobs_of_kind("video")
    assert told == [(f"created: video_id={video.id}", 0)]
    assert f"create_video_from_avatar created video_id={video.id}, which continues" in caplog.text


async def test_cancelling_ends_the_wait_and_nothing_at_heygen(
    api: HeyGenEmulator, client: AsyncHeyGen, era: str
) -> None:
    looked = asyncio.Event()

    async def progress(*_: Any) -> None:
        looked.set()

    async with Client(create_server(client, spending="allow"), mode=era) as connected:
        arguments = {"prompt": "A tour", "wait": True}
        call = asyncio.create_task(connected.call_tool("create_video_agent", arguments, progress_callback=progress))
        await looked.wait()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        await connected.call_tool("get_current_user", {})  # by then the server has heard of it
        before = len(api.requests)
        await asyncio.sleep(3600)  # of the clock that jumps
        assert len(api.requests) == before
        assert api.requests_for("VideoAgentStop") == []


@pytest.mark.parametrize(
    ("answer", "runs"),
    [
        (YES, True),
        (types.ElicitResult(action="accept", content={"confirm": False}), False),
        (types.ElicitResult(action="accept", content={}), False),
        (types.ElicitResult(action="decline"), False),
        (types.ElicitResult(action="decline", content={"confirm": True}), False),
        (types.ElicitResult(action="cancel"), False),
    ],
)
async def test_what_spends_runs_when_the_person_agrees(
    api: HeyGenEmulator, client: AsyncHeyGen, era: str, answer: types.ElicitResult, runs: bool
) -> None:
    asked: list[types.ElicitRequestFormParams] = []
    async with Client(create_server(client), mode=era, elicitation_callback=asking(answer, asked)) as connected:
        result = await connected.call_tool("create_video_from_avatar", AVATAR)
        assert (result.is_error, len(api.ledger), len(api.requests)) == (not runs, runs, runs)
        assert runs or "not confirmed; nothing was sent" in text_of(result)
        (question,) = asked
        assert question.message.startswith("create_video_from_avatar is charged for.")
        assert 'script="Hello."' in question.message
        assert question.requested_schema["properties"]["confirm"]["type"] == "boolean"
        await connected.call_tool("delete_video", {"video_id": "video_1"})
        assert "cannot be undone" in asked[1].message
        await connected.call_tool("list_videos", {})
        assert len(asked) == 2


async def test_a_question_is_short_and_leaves_no_argument_out(client: AsyncHeyGen) -> None:
    asked: list[types.ElicitRequestFormParams] = []
    no = types.ElicitResult(action="decline")
    async with Client(create_server(client), elicitation_callback=asking(no, asked)) as connected:
        await connected.call_tool("create_video_from_avatar", AVATAR | {"script": "a" * 5000, "resolution": "4k"})
    assert len(asked[0].message) < 500
    assert "aaa… (5002 characters), " in asked[0].message
    assert asked[0].message.endswith('resolution="4k"')


async def test_nobody_is_asked_about_what_is_wrong(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    asked: list[types.ElicitRequestFormParams] = []
    async with Client(create_server(client), elicitation_callback=asking(YES, asked)) as connected:
        result = await connected.call_tool("create_video_from_avatar", {"avatar_id": 7})
    assert (result.is_error, asked, api.requests) == (True, [], [])
    assert text_of(result) == "avatar_id is 7; expected text."


async def test_a_yes_is_for_what_was_asked(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    asked: list[types.ElicitRequestFormParams] = []
    async with Client(create_server(client), elicitation_callback=asking(YES, asked)) as connected:
        call = connected.session.call_tool
        first = await call("create_video_from_avatar", AVATAR, allow_input_required=True)
        assert isinstance(first, types.InputRequiredResult)
        answered: Any = {"input_responses": {"confirm": YES}, "allow_input_required": True}
        for other in ({**AVATAR, "script": "Another."}, {}):
            with pytest.raises(MCPError, match="requestState"):
                await call("create_video_from_avatar", other, request_state=first.request_state, **answered)
        again = await call("create_video_from_avatar", AVATAR, **answered)  # nobody was asked
        assert isinstance(again, types.InputRequiredResult)
        assert api.ledger == []
        done = await call("create_video_from_avatar", AVATAR, request_state=first.request_state, **answered)
    assert isinstance(done, types.CallToolResult)
    assert (done.is_error, len(api.ledger)) == (False, 1)


async def test_a_client_that_cannot_ask_is_told_how_to_allow_it(
    api: HeyGenEmulator, client: AsyncHeyGen, era: str
) -> None:
    async with Client(create_server(client), mode=era) as connected:
        result = await connected.call_tool("create_video_from_avatar", AVATAR)
    assert (result.is_error, api.requests) == (True, [])
    assert "--spending allow" in text_of(result)


async def test_what_spends_can_be_refused(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    asked: list[types.ElicitRequestFormParams] = []
    served = create_server(client, spending="deny")
    async with Client(served, elicitation_callback=asking(YES, asked)) as connected:
        result = await connected.call_tool("create_video_from_avatar", AVATAR)
        assert not (await connected.call_tool("list_videos", {})).is_error
    assert (result.is_error, asked, api.ledger) == (True, [], [])
    assert "spending='deny'" in text_of(result)


async def test_files_are_of_one_folder(api: HeyGenEmulator, client: AsyncHeyGen, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.png").write_bytes(PNG)
    for files, name, taken in (
        (None, "in/b.png", False), (tmp_path / "in", "a.png", False), (tmp_path / "in", "in/../a.png", False),
        (tmp_path / "in", "in/b.png", True),
    ):  # fmt: skip
        async with Client(create_server(client, files=files)) as connected:
            result = await connected.call_tool("create_asset", {"file": str(tmp_path / name)})
        assert result.is_error == (not taken), text_of(result)
        assert taken or "lets a model read" in text_of(result)
    assert len(api.requests) == 1


async def test_errors_speak_of_tools(client: AsyncHeyGen) -> None:
    async with Client(create_server(client, spending="allow")) as connected:
        stopped = await connected.call_tool(
            "create_digital_twin",
            {"name": "Ada", "file": {"type": "url", "url": "https://example.com/a.mp4"}, "wait": True},
        )
        assert "create_avatar_consent" in stopped.structured_content["note"]
        unknown = await connected.call_tool("get_video", {"video_id": "a", "colour": "red"})
        assert text_of(unknown).startswith("colour is 'red'; expected one of ")
        with pytest.raises(MCPError, match="no tool 'make_tea'") as refused:
            await connected.call_tool("make_tea", {})
        assert refused.value.code == types.INVALID_PARAMS


async def test_finished_videos_are_resources(api: HeyGenEmulator, client: AsyncHeyGen, era: str) -> None:
    async with Client(create_server(client, spending="allow"), mode=era) as connected:
        for number in range(12):
            title = {"title": f"Tour {number}"} if number else {}
            made = await connected.call_tool("create_video_from_avatar", {**AVATAR, **title})
            id = made.structured_content["data"]["video_id"]
            if number < 11:
                api.finish(id)
            api.clock.advance(1)
        unfinished = f"heygen://videos/{id}"
        found: list[types.Resource] = []
        cursor, pages = None, 0
        while pages == 0 or cursor is not None:
            page = await connected.list_resources(cursor=cursor)
            found += page.resources
            cursor, pages = page.next_cursor, pages + 1
        assert (len(found), pages) == (11, 2)
        assert unfinished not in {one.uri for one in found}
        assert {one.mime_type for one in found} == {"application/json"}
        assert {one.name for one in found} >= {f"Tour {number}" for number in range(1, 11)}
        (untitled,) = (one for one in found if not one.name.startswith("Tour"))
        assert untitled.uri == f"heygen://videos/{untitled.name}"

        (template,) = (await connected.list_resource_templates()).resource_templates
        assert template.uri_template == "heygen://videos/{video_id}"
        (content,) = (await connected.read_resource(untitled.uri)).contents
        assert isinstance(content, types.TextResourceContents)
        assert content.mime_type == "application/json"
        async with aiohttp.ClientSession() as session, session.get(json.loads(content.text)["video_url"]) as answer:
            assert answer.status == 200
        for uri, words in (
            ("heygen://videos/none", "No video was found with id 'none'"),
            ("heygen://voices/a", "no resource 'heygen://voices/a'"),
            ("heygen://videos/..", "another path"),
        ):
            with pytest.raises(MCPError, match=words) as refused:
                await connected.read_resource(uri)
            assert refused.value.code == types.INVALID_PARAMS
        with pytest.raises(MCPError, match="400") as refused:
            await connected.list_resources(cursor="no such cursor")


async def test_the_client_is_closed_at_the_end(api: HeyGenEmulator) -> None:
    client = AsyncHeyGen(api.key, base_url=api.url)
    async with Client(create_server(client)) as connected:
        await connected.call_tool("get_current_user", {})
    with pytest.raises(Exception, match="closed"):
        await client.users.me()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
async def test_other_sites_are_kept_out(host: str) -> None:
    async with HeyGenEmulator() as api, http(api, "--host", host) as (url, _), aiohttp.ClientSession() as session:
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
            ) as answer:
                assert answer.status == status, headers


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_http(number: signal.Signals, era: str) -> None:
    """While a client is connected and waits."""
    async with HeyGenEmulator(render_seconds=3600) as api, http(api, "--spending", "allow") as (url, process):
        looked = asyncio.Event()

        async def progress(*_: Any) -> None:
            looked.set()

        async with Client(url, mode=era) as connected:
            arguments = {**AVATAR, "wait": True}
            waiting = asyncio.create_task(
                connected.call_tool("create_video_from_avatar", arguments, progress_callback=progress)
            )
            await looked.wait()
            process.send_signal(number)
            (video,) = api.state.jobs_of_kind("video")
            with pytest.raises(
                MCPError, match=rf"its lists show them. .* created video_id={video.id}, which continues"
            ):
                await waiting
        await process.wait()


async def test_who_is_slow_to_ask_does_not_hold_up_the_end() -> None:
    async with HeyGenEmulator() as api, http(api) as (url, process):
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


async def test_a_signal_before_it_serves_ends_it_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)", encoding="utf-8")
    where = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    assert await run(PYTHONPATH=where, HEYGEN_API_KEY="k") == (-signal.SIGINT, "", "")


async def test_the_end_of_stdin_is_the_end() -> None:
    code, out, error = await run(HEYGEN_API_KEY="k")
    assert (code, out, error) == (0, "", "")


async def test_without_a_key_it_says_so() -> None:
    for extra in ({}, {"HEYGEN_API_KEY": ""}):
        code, out, error = await run(**extra)
        assert (code, out) == (3, "")
        assert error.startswith("Error: There is no API key: HEYGEN_API_KEY is not set.")
        assert error.count("\n") == 1


async def test_without_the_package_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("", encoding="utf-8")  # one that has nothing of it, as version 1
    where = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    code, out, error = await run(PYTHONPATH=where)
    assert (code, out) == (2, "")
    assert "pip install 'heygen-async[mcp]'" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--include", "create_vide"], "no tool 'create_vide'; did you mean"),
        (["--files", "nowhere"], "'nowhere' does not exist"),
        (["--transport", "http", "--host", "192.0.2.1"], "Cannot listen at 192.0.2.1:8000"),
        (["--transport", "http", "--port", "99999"], "99999 is not in the range"),
        (["--api-key", "k"], "No such option"),
    ],
)
async def test_wrong_use_is_told_in_a_sentence(arguments: list[str], words: str) -> None:
    code, out, error = await run(*arguments, HEYGEN_API_KEY="k")
    assert (code, out) == (2, "")
    assert words in error
    assert "Traceback" not in error


async def test_a_port_for_everybody_is_warned_of() -> None:
    async with HeyGenEmulator() as api:
        process = await asyncio.create_subprocess_exec(
            *command("--transport", "http", "--host", "0.0.0.0", "--port", "0"),
            stderr=subprocess.PIPE, env=os.environ | environment(api),
        )  # fmt: skip
        assert process.stderr is not None
        first, second = [(await process.stderr.readline()).decode() for _ in range(2)]
        port = int(re.findall(r":(\d+)/mcp", second)[0])
        async with Client(f"http://127.0.0.1:{port}/mcp") as connected:
            assert not (await connected.call_tool("get_current_user", {})).is_error
        process.terminate()
        await process.communicate()
    assert "spends from your HeyGen account" in first


def test_importing_the_package_imports_none_of_it() -> None:
    code = (
        "import sys, heygen_async; heygen_async.AsyncHeyGen('k').videos; heygen_async.tools; "
        "print([name for name in sys.modules if name.partition('.')[0] in {'mcp', 'pydantic', 'uvicorn'}], "
        "'heygen_async.mcp' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[] False"


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
        assert [tool["name"] for tool in (await inspected("tools/list"))["tools"]] == list(operations())
        called = await inspected("tools/call", "--tool-name", "get_current_user")
        assert called["structuredContent"]["data"]["username"] == "local"
        refused = await inspected("tools/call", "--tool-name", "create_video_agent", "--tool-arg", "prompt=A tour")
        assert refused["isError"] is True
        assert (await inspected("resources/templates/list"))["resourceTemplates"][0]["name"] == "video"
