"""Tools for Google's Gen AI SDK."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Iterable

from google.genai import types

from ..tool import Tool


def genai_tool(tools: Iterable[Tool]) -> types.Tool:
    """Return the tools as one tool with function declarations: `GenerateContentConfig(tools=[genai_tool(tools)])`.

    The program runs the model's calls with `run_genai_calls`.

    Args:
        tools: The tools, from `heygen_async.tools`.
    """
    declarations = [types.FunctionDeclaration.model_validate(tool.to_gemini()) for tool in tools]
    return types.Tool(function_declarations=declarations)


async def run_genai_calls(tools: Iterable[Tool], response: types.GenerateContentResponse) -> types.Content | None:
    """Run the function calls of a model's response, and return their results for the next request.

    Append to the contents of that request the response's own content, then this result. The calls run concurrently.

    Args:
        tools: The tools that were passed to `genai_tool`.
        response: The response of `generate_content`.

    Returns:
        The results as one content; None if the model called no function.
    """
    tools_by_name = {tool.name: tool for tool in tools}

    async def run(call: types.FunctionCall) -> types.Part:
        tool = tools_by_name.get(call.name or "")
        if tool is None:
            result: dict[str, object] = {"error": f"There is no tool {call.name!r}; the tools are {[*tools_by_name]}."}
        else:
            result = dict(await tool(**(call.args or {})))
        return types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response=result))

    calls = response.function_calls
    return types.Content(role="user", parts=await gather(*map(run, calls))) if calls else None
