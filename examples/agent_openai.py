"""An agent with the OpenAI Agents SDK creates a video and returns its URL, and asks you before anything is charged.

python examples/agent_openai.py "A short video of how tides work" --model gpt-5

Without a model in `--model` or `AGENT_MODEL`, a script replaces it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from agents import Agent, RunConfig, Runner
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from local import agents_arguments, open_heygen, run

from heygen_async import tools
from heygen_async.agents.adapters import openai_agents_tools

if TYPE_CHECKING:
    from agents import Model
    from agents.testing import ModelCall

    from heygen_async.agents import Confirm

TOOL_NAMES = ["create_video_agent", "wait_for_video"]
INSTRUCTIONS = "Create the requested video with HeyGen. Wait until it is finished, then return its exact URL."


def script(task: str) -> ScriptedModel:
    """Create the video, wait for it, then return its URL, or the error of a result."""

    def follow(call: ModelCall) -> ModelStep:
        result = msgspec.json.decode(call.input[-1]["output"])
        if "session_id" in result.get("data", {}):
            arguments = {"video_id": result["data"]["session_id"]}
            return ModelStep([function_call("wait_for_video", arguments, call_id="2")])
        return ModelStep([assistant_message(result.get("error") or f"Here it is: {result['data']['video_url']}")])

    call = function_call("create_video_agent", {"prompt": task}, call_id="1")
    return ScriptedModel([ModelStep([call]), ModelStep.respond(follow), ModelStep.respond(follow)])


async def main(task: str, model: Model | str | None, confirm: Confirm | None) -> None:
    async with open_heygen() as heygen:
        heygen_tools = tools(heygen, include=TOOL_NAMES, spending="confirm" if confirm else "allow", confirm=confirm)
        agent = Agent(
            name="Producer",
            instructions=INSTRUCTIONS,
            model=model or script(task),
            tools=[*openai_agents_tools(heygen_tools)],
        )
        config = RunConfig(tracing_disabled=True)  # traces would contain the URLs of videos
        print((await Runner.run(agent, task, run_config=config)).final_output)


if __name__ == "__main__":
    run(main(*agents_arguments(__doc__)))
