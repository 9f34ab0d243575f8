"""Tool definitions in the formats of model providers. All share one JSON Schema; only the envelope differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..types.base import JSONValue
    from .tool import Tool


def openai_tool(tool: Tool, *, chat: bool = False) -> dict[str, JSONValue]:
    """Return the definition for OpenAI's Responses API, or with `chat` for its Chat Completions API."""
    function: dict[str, JSONValue] = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.input_schema,
        "strict": False,
    }
    return {"type": "function", "function": function} if chat else {"type": "function", **function}


def anthropic_tool(tool: Tool) -> dict[str, JSONValue]:
    """Return the definition for Anthropic's Messages API."""
    return {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
