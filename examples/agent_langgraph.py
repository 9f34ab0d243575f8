"""An agent with LangGraph creates a video and returns its URL, and asks you before anything is charged.

python examples/agent_langgraph.py "A short video of how tides work" --model openai:gpt-5

Without a model in `--model` or `AGENT_MODEL`, a script replaces it.
"""

from __future__ import annotations

# create_agent leaves the type of its context open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
import json
from typing import TYPE_CHECKING, Any, Self

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from local import agents_arguments, open_heygen, run

from heygen_async import tools
from heygen_async.agents.adapters import langchain_tools

if TYPE_CHECKING:
    from heygen_async.agents import Confirm

TOOL_NAMES = ["create_video_agent", "wait_for_video"]
INSTRUCTIONS = "Create the requested video with HeyGen. Wait until it is finished, then return its exact URL."


class Script(BaseChatModel):
    """Create the video, wait for it, then return its URL, or the error of a result."""

    task: str

    @property
    def _llm_type(self) -> str:
        return "script"

    def bind_tools(self, *_: Any, **__: Any) -> Self:
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        if isinstance(messages[-1], ToolMessage):
            result: dict[str, Any] = json.loads(messages[-1].text)
            if "session_id" in result.get("data", {}):
                wait = {"name": "wait_for_video", "args": {"video_id": result["data"]["session_id"]}, "id": "2"}
                message = AIMessage("", tool_calls=[wait])
            else:
                message = AIMessage(result.get("error") or f"Here it is: {result['data']['video_url']}")
        else:
            call = {"name": "create_video_agent", "args": {"prompt": self.task}, "id": "1"}
            message = AIMessage("", tool_calls=[call])
        return ChatResult(generations=[ChatGeneration(message=message)])


async def main(task: str, model: BaseChatModel | str | None, confirm: Confirm | None) -> None:
    async with open_heygen() as heygen:
        heygen_tools = tools(heygen, include=TOOL_NAMES, spending="confirm" if confirm else "allow", confirm=confirm)
        agent = create_agent(model or Script(task=task), langchain_tools(heygen_tools), system_prompt=INSTRUCTIONS)
        result = await agent.ainvoke({"messages": [HumanMessage(task)]})
        print(result["messages"][-1].text)


if __name__ == "__main__":
    run(main(*agents_arguments(__doc__)))
