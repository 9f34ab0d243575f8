"""Tools for LangChain and LangGraph."""

from __future__ import annotations

from collections.abc import Iterable

from langchain_core.tools import BaseTool, StructuredTool

from ..tool import Tool


def langchain_tools(tools: Iterable[Tool]) -> list[BaseTool]:
    """Return the tools for `create_agent` of LangChain, and for a `ToolNode` of LangGraph. They run with `ainvoke`.

    Args:
        tools: The tools, from `heygen_async.tools`.
    """
    return [
        StructuredTool(
            name=tool.name, description=tool.description, args_schema=tool.input_schema, coroutine=tool.function
        )
        for tool in tools
    ]
