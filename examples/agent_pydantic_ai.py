"""An agent with Pydantic AI creates a video and returns its URL, and asks you before anything is charged.

python examples/agent_pydantic_ai.py "A short video of how tides work" --model openai:gpt-5

Without a model in `--model` or `AGENT_MODEL`, a script replaces it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from local import agents_arguments, open_heygen, run
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from heygen_async import tools
from heygen_async.agents.adapters import pydantic_ai_toolset

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from heygen_async.agents import Confirm

TOOL_NAMES = ["create_video_agent", "wait_for_video"]
INSTRUCTIONS = "Create the requested video with HeyGen. Wait until it is finished, then return its exact URL."


def script(task: str, messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
    """Create the video, wait for it, then return its URL, or the error of a result."""
    last = messages[-1].parts[-1]
    if isinstance(last, ToolReturnPart):
        result = cast("dict[str, Any]", last.content)
        if "session_id" in result.get("data", {}):
            return ModelResponse([ToolCallPart("wait_for_video", {"video_id": result["data"]["session_id"]})])
        return ModelResponse([TextPart(result.get("error") or f"Here it is: {result['data']['video_url']}")])
    return ModelResponse([ToolCallPart("create_video_agent", {"prompt": task})])


async def main(task: str, model: Model | str | None, confirm: Confirm | None) -> None:
    async with open_heygen() as heygen:
        heygen_tools = tools(heygen, include=TOOL_NAMES, spending="confirm" if confirm else "allow", confirm=confirm)
        agent = Agent(
            model or FunctionModel(partial(script, task)),
            instructions=INSTRUCTIONS,
            toolsets=[pydantic_ai_toolset(heygen_tools)],
        )
        print((await agent.run(task)).output)


if __name__ == "__main__":
    run(main(*agents_arguments(__doc__)))
