"""An agent of the OpenAI Agents SDK makes a video and tells where it is; what is charged for, only when you say so.

python examples/agent_openai.py "A short video of how tides work" --model gpt-5

Without a model, in `--model` or `AGENT_MODEL`, a script plays its part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from agents import Agent, FunctionTool, RunConfig, Runner
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from local import agents_arguments, open_heygen, run

from heygen_async import Tool, tools

if TYPE_CHECKING:
    from agents import Model
    from agents.testing import ModelCall
    from agents.tool_context import ToolContext

    from heygen_async.agents import Confirm

TOOL_NAMES = ["create_video_agent", "get_video_agent_session", "get_video"]
HOW = "Make what is asked for with HeyGen. Wait until it is finished, and tell its URL letter for letter."


def script(task: str) -> ScriptedModel:
    """Call the tool, then tell what came of it."""

    def tell(call: ModelCall) -> ModelStep:
        answer = msgspec.json.decode(call.input[-1]["output"])
        said = answer.get("error") or f"Here it is: {answer['data']['video_url']}"
        return ModelStep([assistant_message(said)])

    asked = function_call("create_video_agent", {"prompt": task, "wait": True}, call_id="1")
    return ScriptedModel([ModelStep([asked]), ModelStep.respond(tell)])


def function(tool: Tool) -> FunctionTool:
    async def invoke(_: ToolContext[Any], arguments: str) -> str:
        return msgspec.json.encode(await tool(**msgspec.json.decode(arguments))).decode()

    return FunctionTool(tool.name, tool.description, tool.input_schema, invoke, strict_json_schema=False)


async def main(task: str, model: Model | str | None, confirm: Confirm | None) -> None:
    async with open_heygen() as heygen:
        made = tools(heygen, include=TOOL_NAMES, spending="confirm" if confirm else "allow", confirm=confirm)
        agent = Agent(
            name="Producer", instructions=HOW, model=model or script(task), tools=[function(one) for one in made]
        )
        unseen = RunConfig(tracing_disabled=True)  # traces would hold the URLs of videos
        print((await Runner.run(agent, task, run_config=unseen)).final_output)


if __name__ == "__main__":
    run(main(*agents_arguments(__doc__)))
