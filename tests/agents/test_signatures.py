"""A tool as a Python function: its signature, and the frameworks that inspect functions."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle
from types import FunctionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import pytest
from agent_support import SPOKEN, error_of, tool

from heygen_async import AsyncHeyGen, Tool, tools
from heygen_async.testing import HeyGenEmulator

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("frameworks")]


def test_a_tool_and_its_function_have_a_signature_with_descriptions(client: AsyncHeyGen) -> None:
    one = tool(client, "create_video_from_avatar")
    for function in (one, one.function):
        assert inspect.iscoroutinefunction(function)
        assert (function.__name__, function.__doc__) == (one.name, one.description)
        parameters = inspect.signature(function).parameters
        assert list(parameters) == list(one.input_schema["properties"])  # type: ignore[call-overload]
        assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
        hints = get_type_hints(function, include_extras=True)
        assert hints.keys() - parameters.keys() == {"return"}
        kind, description = get_args(hints["avatar_id"])
        assert (get_origin(hints["avatar_id"]), kind) == (Annotated, str)
        assert "avatar look" in description
        assert get_type_hints(function)["caption"] == dict[str, Any] | None
    assert isinstance(one.function, FunctionType)


@pytest.mark.parametrize(
    ("name", "parameter", "kind"),
    [
        ("list_voices", "limit", int | None),
        ("get_video", "video_id", str),
        ("create_video_agent", "files", list[str] | None),
        ("create_video_agent", "incognito_mode", bool | None),
    ],
)
def test_parameters_have_python_types(name: str, parameter: str, kind: Any, client: AsyncHeyGen) -> None:
    assert get_type_hints(tool(client, name))[parameter] == kind


def test_an_enum_is_a_literal(client: AsyncHeyGen) -> None:
    hint = get_type_hints(tool(client, "create_video_agent"))["mode"]
    assert hint == Literal["chat", "generate"] | None


def test_a_required_parameter_has_no_default(client: AsyncHeyGen) -> None:
    parameters = inspect.signature(tool(client, "create_video_agent")).parameters
    assert parameters["prompt"].default is inspect.Parameter.empty
    assert parameters["avatar_id"].default is None


def test_a_description_is_copied_as_plain_text(client: AsyncHeyGen) -> None:
    (_, description) = get_args(get_type_hints(tool(client, "get_video"), include_extras=True)["video_id"])
    for copied in (copy.deepcopy(description), pickle.loads(pickle.dumps(description))):
        assert (type(copied), copied) == (str, description)


def of_langchain(one: Tool) -> Any:
    from langchain_core.tools import StructuredTool

    return StructuredTool.from_function(coroutine=one).args


def of_pydantic_ai(one: Tool) -> Any:
    from pydantic_ai import Tool as PydanticAITool

    return PydanticAITool(one, takes_ctx=False).function_schema.json_schema["properties"]


def of_openai_agents(one: Tool) -> Any:
    from agents import function_tool

    return function_tool(one.function, strict_mode=False).params_json_schema["properties"]


def of_anthropic(one: Tool) -> Any:
    from anthropic import beta_async_tool

    schema: Any = beta_async_tool(one.function).to_dict()["input_schema"]
    return schema["properties"]


@pytest.mark.parametrize("schema_of", [of_langchain, of_pydantic_ai, of_openai_agents, of_anthropic])
def test_a_framework_that_inspects_functions_finds_every_parameter(schema_of: Any, client: AsyncHeyGen) -> None:
    for one in tools(client)[::10]:
        found = schema_of(one)
        properties: Any = one.input_schema["properties"]
        assert found.keys() == properties.keys()
        for name, schema in properties.items():
            assert "description" not in schema or found[name]["description"] == schema["description"]
            assert "$ref" not in str(found[name])


async def test_a_function_runs_its_tool(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    function = tool(client, "create_video_from_avatar", spending="allow").function
    assert "data" in await function(**SPOKEN)
    assert len(api.ledger) == 1
    assert "avatar_id" in error_of(await function(avatar_id=7, script="Hi."))
    assert asyncio.iscoroutinefunction(function)
