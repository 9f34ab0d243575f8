"""A tool: its description, its definitions, its responses and waits."""

from __future__ import annotations

import asyncio
import inspect
import re
from typing import Any, get_type_hints

import pytest
from agent_support import SPOKEN, error_of, tool
from anthropic.types import ToolParam
from jsonschema import Draft202012Validator
from openai.types.chat import ChatCompletionFunctionToolParam
from openai.types.responses import FunctionToolParam
from pydantic import TypeAdapter

from heygen_async import (
    AsyncHeyGen,
    Tool,
    tools,
)
from heygen_async.operations.catalog import operations
from heygen_async.testing import Fault, HeyGenEmulator


def test_a_tool_has_the_attributes_of_a_function(client: AsyncHeyGen) -> None:
    one = tool(client, "create_video_agent")
    assert callable(one)
    assert inspect.iscoroutinefunction(one.__call__)
    assert (one.__name__, one.__doc__) == (one.name, one.description)
    assert get_type_hints(one)["return"] == get_type_hints(one.__call__)["return"] == dict[str, Any]
    inspect.signature(one).bind(prompt="A tour", wait=True)
    assert repr(one) == "Tool('create_video_agent')"


def test_descriptions_mark_billable_destructive_and_long_running_tools(client: AsyncHeyGen) -> None:
    messages = {one.name: one.description for one in tools(client)}
    assert messages["delete_video"].endswith("It cannot be undone.")
    assert "with `wait` the finished result" in messages["create_video_agent"]
    for name, operation in operations().items():
        assert messages[name].count("charged for") == operation.billable, messages[name]
        assert ("undone" in messages[name]) == operation.destructive


def test_descriptions_use_tool_names_in_place_of_method_names(client: AsyncHeyGen) -> None:
    methods = {operation.path for operation in operations().values()}
    for one in tools(client):
        assert not [path for path in methods if path in one.description], one.description
    messages = {one.name: one.description + str(one.input_schema) for one in tools(client)}
    assert "create_asset_direct_upload also accepts larger files" in messages["create_asset"]
    assert "Send the file there by PUT, then call complete_asset." in messages["create_asset_direct_upload"]
    assert "get_lipsync_batch returns the state of each" in messages["create_lipsync_batch"]
    assert "of a finished clone is `complete`" in messages["get_voice"]  # which has no such method beside it
    for unknown in ("NotFoundError", "Roles()", "AsyncHeyGen", "TtsStream", "`get_batch`", "`upload`"):
        assert not [name for name, text in messages.items() if unknown in text], unknown


@pytest.mark.slow
def test_long_running_tools_take_wait_and_timeout(client: AsyncHeyGen) -> None:
    for one in tools(client):
        properties: Any = one.input_schema["properties"]
        assert ({"wait", "timeout"} <= properties.keys()) == (one.operation.wait is not None)
        assert one.output_schema == one.operation.output_schema
        Draft202012Validator.check_schema(one.input_schema)
    takes = Draft202012Validator(tool(client, "get_video").input_schema)
    assert takes.is_valid({"video_id": "v", "wait": True, "timeout": 60})
    assert not takes.is_valid({"video_id": "v", "wait": "yes"})
    assert "wait" not in operations()["get_video"].input_schema["properties"]  # type: ignore[operator]


def test_definitions_have_the_formats_of_openai_and_anthropic(client: AsyncHeyGen) -> None:
    formats: list[tuple[Any, Any]] = [
        (FunctionToolParam, lambda one: one.to_openai()),
        (ChatCompletionFunctionToolParam, lambda one: one.to_openai(chat=True)),
        (ToolParam, lambda one: one.to_anthropic()),
    ]
    for kind, created in formats:
        adapter = TypeAdapter(kind)  # which leaves out what it does not know
        for one in tools(client):
            assert adapter.validate_python(created(one)) == created(one)
            assert re.fullmatch("[a-zA-Z0-9_-]{1,64}", one.name)
    one = tool(client, "get_video")
    assert one.to_openai() == {"type": "function", "strict": False, **definition(one, "parameters")}
    assert one.to_openai(chat=True) == {
        "type": "function",
        "function": {"strict": False, **definition(one, "parameters")},
    }
    assert one.to_anthropic() == definition(one, "input_schema")


def definition(one: Tool, schema: str) -> dict[str, Any]:
    return {"name": one.name, "description": one.description, schema: one.input_schema}


async def test_a_response_is_json_without_nulls(client: AsyncHeyGen) -> None:
    created: Any = await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN)
    video: Any = await tool(client, "get_video")(video_id=created["data"]["video_id"])
    assert video["data"]["status"] == "pending"
    assert "video_url" not in video["data"]
    assert None not in video["data"].values()


async def test_a_url_keeps_its_signature(client: AsyncHeyGen) -> None:
    created: Any = await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN, wait=True)
    assert "Signature=" in created["data"]["video_url"]  # without which it opens nothing


async def test_a_list_returns_one_page_and_the_next_token(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    voices = tool(client, "list_voices")
    first: Any = await voices(limit=100)
    second: Any = await voices(limit=100, token=first["next_token"])
    assert [len(page["data"]) for page in (first, second)] == [100, 100]
    assert first["data"] != second["data"]
    assert len(api.requests) == 2
    whole: Any = await voices(limit=3.0)  # as JSON Schema has it, an integer
    assert len(whole["data"]) == 3


async def test_wait_returns_the_finished_resource(client: AsyncHeyGen) -> None:
    response: Any = await tool(client, "create_video_agent", spending="allow")(prompt="A tour", wait=True)
    assert response["data"]["status"] == "completed"
    assert response["data"]["video_url"]


async def test_run_reports_every_poll(client: AsyncHeyGen) -> None:
    updates: list[Any] = []
    one = tool(client, "create_video_agent", spending="allow")
    await one.run({"prompt": "A tour", "wait": True}, on_update=updates.append)
    assert [update.state for update in updates][-1] == "completed"
    before = len(updates)
    await one.run({"prompt": "A tour"}, on_update=updates.append)
    assert len(updates) == before


async def test_on_created_is_called_before_the_first_poll(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    messages: list[Any] = []

    async def tell(response: Any) -> None:
        assert api.requests_for("VideoGet") == []
        messages.append(response["data"]["video_id"])

    one = tool(client, "create_video_from_avatar", spending="allow")
    created: Any = await one.run({**SPOKEN, "wait": True}, on_created=tell)
    await one.run(SPOKEN, on_created=tell)
    await tool(client, "get_video").run({"video_id": created["data"]["id"], "wait": True}, on_created=tell)
    assert messages == [created["data"]["id"]]


@pytest.mark.parametrize(
    ("name", "arguments", "id"),
    [
        ("create_video_from_avatar", SPOKEN, "video_id=video_"),
        ("create_photo_avatar", {"name": "Ada", "file": "https://example.com/a.png"}, "avatar_item.id="),
    ],
)
async def test_a_cancelled_call_logs_the_ids_of_its_job(
    name: str, arguments: dict[str, Any], id: str, client: AsyncHeyGen, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "heygen_async")
    call = asyncio.create_task(tool(client, name, spending="allow")(**arguments, wait=True))
    while not (any(" created " in message for message in caplog.messages) or call.done()):
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await call
    accepted, created, ended = caplog.messages
    assert "HeyGen accepted a billable request" in accepted
    assert f"{name} created {id}" in created
    assert ended == f"The wait was cancelled: {created}, which continues at HeyGen."
    assert cancelled.value.__notes__ == [f"{created}, which continues at HeyGen."]


async def test_a_status_tool_with_wait_keeps_its_timeout(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    """By its own rules from the first request on: a short silence, an outage that passes."""
    created: Any = await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN)
    status_tool = tool(client, "get_video")
    api.inject(Fault("silent", operation="VideoGet", count=1))
    start = asyncio.get_running_loop().time()
    words = error_of(await status_tool(video_id=created["data"]["video_id"], wait=True, timeout=3))
    assert "could not be polled for 3 s" in words
    assert asyncio.get_running_loop().time() - start < 3.2
    api.inject(Fault("status", status=503, operation="VideoGet", count=8))
    response: Any = await status_tool(video_id=created["data"]["video_id"], wait=True)
    assert response["data"]["status"] == "completed"
