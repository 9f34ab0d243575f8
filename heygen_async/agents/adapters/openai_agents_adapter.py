"""Tools for the OpenAI Agents SDK."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from agents import FunctionTool
from agents.tool_context import ToolContext

from ..schema_dialects import strict_schema
from ..tool import Tool


def openai_agents_tools(tools: Iterable[Tool]) -> list[FunctionTool]:
    """Return the tools as function tools of the OpenAI Agents SDK: `Agent(…, tools=openai_agents_tools(tools))`.

    They are strict: OpenAI guarantees that the model's arguments fit the schema.

    Args:
        tools: The tools, from `heygen_async.tools`.
    """
    return [_function_tool(tool) for tool in tools]


def _function_tool(tool: Tool) -> FunctionTool:
    async def invoke(_: ToolContext[Any], arguments: str) -> str:
        return msgspec.json.encode(await tool(**msgspec.json.decode(arguments or "{}"))).decode()

    return FunctionTool(tool.name, tool.description, strict_schema(tool.input_schema), invoke)
