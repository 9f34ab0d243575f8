"""Tools for smolagents, whose agents run in a thread beside the event loop."""

# smolagents has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUntypedBaseClass=false
from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from smolagents import Tool as SmolagentsTool  # type: ignore[import-untyped]  # It has no types.

from ...errors import ConfigurationError
from ..signatures import inline
from ..tool import Tool


def smolagents_tools(tools: Iterable[Tool]) -> list[SmolagentsTool]:
    """Return the tools as tools of smolagents: `ToolCallingAgent(smolagents_tools(tools), model)`.

    Call this in the event loop of the client, and the agent in a thread: `await asyncio.to_thread(agent.run, task)`.

    Args:
        tools: The tools, from `heygen_async.tools`.
    """
    loop = asyncio.get_running_loop()
    return [_HeyGenTool(tool, loop) for tool in tools]


class _HeyGenTool(SmolagentsTool):  # type: ignore[misc]  # The base class has no types.
    skip_forward_signature_validation = True
    output_type = "object"

    def __init__(self, tool: Tool, loop: asyncio.AbstractEventLoop) -> None:
        self.name = tool.name
        self.description = tool.description
        self.inputs = _inputs(tool.input_schema)
        self._tool = tool
        self._loop = loop
        super().__init__()

    def forward(self, **arguments: Any) -> dict[str, Any]:
        """Run the tool in the client's event loop, and wait for its result."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run_coroutine_threadsafe(self._tool(**arguments), self._loop).result()
        raise ConfigurationError("smolagents blocks the event loop: run the agent with asyncio.to_thread(agent.run, …)")


def _inputs(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters as smolagents describes them, each with a type, a description and `nullable`."""
    required, definitions = schema.get("required", ()), schema.get("$defs", {})
    inputs: dict[str, Any] = {}
    for name, property_schema in schema["properties"].items():
        described = {"description": name, **inline(property_schema, definitions)}
        types = list(dict.fromkeys(_types(described)))
        described.pop("anyOf", None)  # smolagents has no alternatives, only a list of types.
        inputs[name] = {**described, "type": types if len(types) > 1 else types[0]}
        if name not in required:
            inputs[name]["nullable"] = True
    return inputs


def _types(schema: dict[str, Any]) -> list[str]:
    if "anyOf" in schema:
        return [kind for alternative in schema["anyOf"] for kind in _types(alternative)]
    kinds = schema.get("type", "string" if "enum" in schema else "any")
    return [kinds] if isinstance(kinds, str) else kinds
