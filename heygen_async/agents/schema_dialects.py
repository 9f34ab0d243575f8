"""Tool definitions in the formats of model providers. All share one JSON Schema; only the envelope differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..types.base import JSONValue


def openai_tool(
    name: str, description: str, input_schema: dict[str, JSONValue], *, chat: bool = False
) -> dict[str, JSONValue]:
    """Return the definition for OpenAI's Responses API, or with `chat` for its Chat Completions API."""
    function: dict[str, JSONValue] = {
        "name": name,
        "description": description,
        "parameters": input_schema,
        "strict": False,
    }
    return {"type": "function", "function": function} if chat else {"type": "function", **function}


def anthropic_tool(name: str, description: str, input_schema: dict[str, JSONValue]) -> dict[str, JSONValue]:
    """Return the definition for Anthropic's Messages API."""
    return {"name": name, "description": description, "input_schema": input_schema}
