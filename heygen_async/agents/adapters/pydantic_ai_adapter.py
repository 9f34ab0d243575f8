"""Tools for Pydantic AI."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic_ai import FunctionToolset, Tool as PydanticAITool

from ..tool import Tool


def pydantic_ai_toolset(tools: Iterable[Tool]) -> FunctionToolset[Any]:
    """Return the tools as a toolset of Pydantic AI: `Agent(…, toolsets=[pydantic_ai_toolset(tools)])`.

    Args:
        tools: The tools, from `heygen_async.tools`.
    """
    return FunctionToolset(
        [PydanticAITool.from_schema(tool.function, tool.name, tool.description, tool.input_schema) for tool in tools]
    )
