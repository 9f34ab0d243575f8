"""The examples of agents, each with its framework's own scripted model: a video is made once, and only with a yes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from test_examples import environment, here, run

from heygen_async import AsyncHeyGen, Tool, tools
from heygen_async.testing import HeyGenEmulator

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("frameworks")]

__all__ = ["here"]
PROMPT = {"prompt": "How tides work"}


class Script:
    """What a model calls, one after the other, and a wait for what a call created; it ends by saying the last answer.

    `offered` are the tools that it was told of, as name and schema, `answers` what its calls were answered.
    """

    def __init__(self, *calls: dict[str, Any]) -> None:
        self.calls = list(calls)
        self.offered: dict[str, Any] = {}
        self.answers: list[dict[str, Any]] = []

    def next_call(self) -> tuple[str, dict[str, Any]] | None:
        if self.answers and (id := self.answers[-1].get("data", {}).get("session_id")):
            return "wait_for_video", {"video_id": id}
        return ("create_video_agent", self.calls.pop(0)) if self.calls else None

    def for_pydantic_ai(self) -> Any:
        from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
        from pydantic_ai.models.function import AgentInfo, FunctionModel

        def turn(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            self.offered = {tool.name: tool.parameters_json_schema for tool in info.function_tools}
            self.answers += [part.content for part in messages[-1].parts if part.part_kind == "tool-return"]
            if call := self.next_call():
                return ModelResponse([ToolCallPart(*call)])
            return ModelResponse([TextPart(json.dumps(self.answers[-1]))])

        return FunctionModel(turn)

    def for_langgraph(self) -> Any:
        from langchain_core.language_models import BaseChatModel
        from langchain_core.messages import AIMessage, BaseMessage
        from langchain_core.outputs import ChatGeneration, ChatResult

        script = self

        class Model(BaseChatModel):
            @property
            def _llm_type(self) -> str:
                return "script"

            def bind_tools(self, tools: Any, **_: Any) -> Any:
                script.offered = {tool.name: tool.args_schema for tool in tools}
                return self

            def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
                if messages[-1].type == "tool":
                    script.answers.append(json.loads(messages[-1].text))
                if call := script.next_call():
                    name, arguments = call
                    said = AIMessage("", tool_calls=[{"name": name, "id": str(len(messages)), "args": arguments}])
                else:
                    said = AIMessage(json.dumps(script.answers[-1]))
                return ChatResult(generations=[ChatGeneration(message=said)])

        return Model()

    def for_openai(self) -> Any:
        from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call

        def turn(call: ModelCall) -> Any:
            self.offered = {tool.name: tool.params_json_schema for tool in call.tools}  # type: ignore[union-attr]
            if call.input[-1].get("type") == "function_call_output":
                self.answers.append(json.loads(call.input[-1]["output"]))
            if following := self.next_call():
                return [function_call(*following, call_id=str(len(call.input)))]
            return [assistant_message(json.dumps(self.answers[-1]))]

        return ScriptedModel([ModelStep.respond(turn)] * (len(self.calls) + 2))

    def model(self, framework: str) -> Any:
        return getattr(self, f"for_{framework}")()


@pytest.fixture(params=["pydantic_ai", "langgraph", "openai"])
def framework(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_model_creates_one_video_and_returns_its_url(
    framework: str,
    here: Callable[[str], ModuleType],
    client: AsyncHeyGen,
    api: HeyGenEmulator,
    capsys: pytest.CaptureFixture[str],
) -> None:
    example = here(f"agent_{framework}")
    script = Script(PROMPT)
    await example.main("How tides work", script.model(framework), None)
    (request,) = api.requests_for("VideoAgentCreate")
    assert request.json == {"prompt": "How tides work"}
    assert len(api.ledger) == 1
    (video,) = api.state.jobs_of_kind("video")
    url = json.loads(capsys.readouterr().out)["data"]["video_url"]
    assert f"/videos/{video.id}/video.mp4?" in url
    await client.download(url, "tides.mp4")
    own = {tool.name: tool for tool in tools(client, include=example.TOOL_NAMES)}
    strict = framework == "openai"  # Its adapter offers the tools in the strict mode.
    assert script.offered == {
        name: tool.to_openai(strict=True)["parameters"] if strict else tool.input_schema for name, tool in own.items()
    }


async def test_model_corrects_its_call_after_an_error(
    framework: str, here: Callable[[str], ModuleType], api: HeyGenEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Script({"promt": "How tides work"}, PROMPT | {"files": ["/etc/hostname"]}, PROMPT)
    await here(f"agent_{framework}").main("How tides work", script.model(framework), None)
    misspelt, a_file, _, done = script.answers
    assert misspelt["error"].startswith("promt is 'How tides work'; expected one of avatar_id, ")
    assert "is a local file" in a_file["error"]
    assert done["data"]["status"] == "completed"
    assert len(api.requests_for("VideoAgentCreate")) == 1
    assert json.loads(capsys.readouterr().out) == done


@pytest.mark.parametrize("says", [True, False])
async def test_asks_for_confirmation_before_anything_is_charged(
    says: bool,
    framework: str,
    here: Callable[[str], ModuleType],
    api: HeyGenEmulator,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[Mapping[str, Any]] = []

    async def confirm(tool: Tool, arguments: Mapping[str, Any]) -> bool:
        asked.append(arguments)
        return says

    script = Script(PROMPT)
    await here(f"agent_{framework}").main("How tides work", script.model(framework), confirm)
    assert asked == [{"prompt": "How tides work"}]
    assert len(api.ledger) == len(api.requests_for("VideoAgentCreate")) == says
    assert ("not confirmed" in capsys.readouterr().out) != says


async def test_runs_by_one_command(framework: str, tmp_path: Path) -> None:
    said = await run(f"agent_{framework}.py", tmp_path, "How tides work", said="y\n")
    assert said.startswith("Here it is: http")


@pytest.mark.parametrize(("arguments", "reply", "sessions"), [((), "n\n", 0), ((), "", 0), (("--yes",), "", 1)])
async def test_runs_billable_tool_only_after_yes(
    arguments: tuple[str, ...], reply: str, sessions: int, tmp_path: Path
) -> None:
    async with HeyGenEmulator(render_seconds=0) as api:
        out = await run("agent_pydantic_ai.py", tmp_path, *arguments, said=reply, **environment(api))
        assert len(api.requests_for("VideoAgentCreate")) == sessions
    assert out.startswith("Here it is: " if sessions else "create_video_agent was not confirmed; nothing was sent")
