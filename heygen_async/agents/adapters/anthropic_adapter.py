"""Tools for the tool runner of Anthropic's client."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import msgspec
from anthropic import beta_async_tool
from anthropic.lib.tools import BetaAsyncFunctionTool, ToolError

from ..tool import Tool


def anthropic_tools(tools: Iterable[Tool]) -> list[BetaAsyncFunctionTool[Any]]:
    """Return the tools for the tool runner of `AsyncAnthropic`: `client.beta.messages.tool_runner(tools=…)`.

    Args:
        tools: The tools, from `heygen_async.tools`.
    """
    return [_runnable_tool(tool) for tool in tools]


def _runnable_tool(tool: Tool) -> BetaAsyncFunctionTool[Any]:
    async def run(**arguments: Any) -> str:
        response = await tool(**arguments)
        if isinstance(error := response.get("error"), str):
            raise ToolError(error)  # The runner marks the result as an error.
        return msgspec.json.encode(response).decode()

    schema = cast("dict[str, object]", tool.input_schema)
    return beta_async_tool(name=tool.name, description=tool.description, input_schema=schema)(run)
