"""An agent of Pydantic AI makes a video and tells where it is; what is charged for, only when you say so.

python examples/agent_pydantic_ai.py "A short video of how tides work" --model openai:gpt-5

Without a model, in `--model` or `AGENT_MODEL`, a script plays its part.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from local import agents_arguments, open_heygen, run
from pydantic_ai import Agent, Tool
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from heygen_async import tools

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from heygen_async.agents import Confirm

TOOL_NAMES = ["create_video_agent", "get_video_agent_session", "get_video"]
HOW = "Make what is asked for with HeyGen. Wait until it is finished, and tell its URL letter for letter."


def script(task: str, messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
    """Call the tool, then tell what came of it."""
    last = messages[-1].parts[-1]
    if isinstance(last, ToolReturnPart):
        answer = cast("dict[str, Any]", last.content)
        return ModelResponse([TextPart(answer.get("error") or f"Here it is: {answer['data']['video_url']}")])
    return ModelResponse([ToolCallPart("create_video_agent", {"prompt": task, "wait": True})])


async def main(task: str, model: Model | str | None, confirm: Confirm | None) -> None:
    async with open_heygen() as heygen:
        made = tools(heygen, include=TOOL_NAMES, spending="confirm" if confirm else "allow", confirm=confirm)
        agent = Agent(
            model or FunctionModel(partial(script, task)),
            instructions=HOW,
            tools=[Tool.from_schema(one, one.name, one.description, one.input_schema) for one in made],
        )
        print((await agent.run(task)).output)


if __name__ == "__main__":
    run(main(*agents_arguments(__doc__)))
