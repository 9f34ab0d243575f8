"""A tool: its description, its definitions, its responses and waits."""

from __future__ import annotations

import inspect
import re
from typing import Any, get_type_hints

import pytest
from agent_support import SPOKEN, tool
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from heygen_async import (
    AsyncHeyGen,
    Tool,
    tools,
)
from heygen_async.testing import HeyGenEmulator


def test_a_tool_has_the_attributes_of_a_function(client: AsyncHeyGen) -> None:
    one = tool(client, "create_video_agent")
    assert callable(one)
    assert inspect.iscoroutinefunction(one.__call__)
    assert (one.__name__, one.__doc__) == (one.name, one.description)
    assert get_type_hints(one)["return"] == get_type_hints(one.__call__)["return"] == dict[str, Any]
    inspect.signature(one).bind(prompt="A tour")
    assert repr(one) == "Tool('create_video_agent')"


@pytest.mark.slow
def test_creates_never_wait(client: AsyncHeyGen) -> None:
    for one in tools(client):
        properties: Any = one.input_schema["properties"]
        assert not {"wait", "timeout"} & properties.keys()
        assert one.output_schema == one.operation.output_schema
        Draft202012Validator.check_schema(one.input_schema)


@pytest.mark.xdist_group("frameworks")
def test_definitions_have_the_formats_of_openai_and_anthropic(client: AsyncHeyGen) -> None:
    from anthropic.types import ToolParam
    from openai.types.chat import ChatCompletionFunctionToolParam
    from openai.types.responses import FunctionToolParam

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


async def test_a_list_returns_one_page_and_the_next_token(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    voices = tool(client, "list_voices")
    first: Any = await voices(limit=100)
    second: Any = await voices(limit=100, token=first["next_token"])
    assert [len(page["data"]) for page in (first, second)] == [100, 100]
    assert first["data"] != second["data"]
    assert len(api.requests) == 2
    whole: Any = await voices(limit=3.0)  # as JSON Schema has it, an integer
    assert len(whole["data"]) == 3
