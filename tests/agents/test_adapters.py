"""The adapters: each offers tools to a scripted model of its framework, which calls one and returns its result."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

import pytest
from agent_support import tool
from aiohttp import web

from heygen_async import AsyncHeyGen, ConfigurationError, Tool, tools
from heygen_async.agents import adapters
from heygen_async.testing import HeyGenEmulator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("frameworks"),  # One worker imports them, which takes seconds, and only when a test runs.
    pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning"),  # of google-genai
]

NAME = "create_video_agent"
#: Offers the tools, lets the model call the first with these arguments, and returns what the model was offered and got.
Run = Callable[[list[Tool], dict[str, Any]], Awaitable[tuple[Any, Any]]]


async def with_pydantic_ai(offered: list[Tool], arguments: dict[str, Any]) -> tuple[Any, Any]:
    from pydantic_ai import Agent
    from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
    from pydantic_ai.models.function import AgentInfo, FunctionModel

    offers: dict[str, Any] = {}

    def turn(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        offers.update({one.name: (one.description, one.parameters_json_schema) for one in info.function_tools})
        last = messages[-1].parts[-1]
        if isinstance(last, ToolReturnPart):
            return ModelResponse([TextPart(json.dumps(last.content))])
        return ModelResponse([ToolCallPart(NAME, arguments)])

    agent = Agent(FunctionModel(turn), toolsets=[adapters.pydantic_ai_toolset(offered)])
    return offers, json.loads((await agent.run("A video")).output)


async def with_langchain(offered: list[Tool], arguments: dict[str, Any]) -> tuple[Any, Any]:
    from langchain.agents import create_agent
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
    from langchain_core.outputs import ChatGeneration, ChatResult

    offers: dict[str, Any] = {}

    class Model(BaseChatModel):
        @property
        def _llm_type(self) -> str:
            return "script"

        def bind_tools(self, tools: Any, **_: Any) -> Any:
            offers.update({one.name: (one.description, one.args_schema) for one in tools})
            return self

        def _generate(self, messages: Any, *_: Any, **__: Any) -> ChatResult:
            if isinstance(messages[-1], ToolMessage):
                message = AIMessage(messages[-1].text)
            else:
                message = AIMessage("", tool_calls=[{"name": NAME, "args": arguments, "id": "1"}])
            return ChatResult(generations=[ChatGeneration(message=message)])

    result = await create_agent(Model(), adapters.langchain_tools(offered)).ainvoke(
        {"messages": [HumanMessage("A video")]}
    )
    return offers, json.loads(result["messages"][-1].text)


async def with_openai_agents(offered: list[Tool], arguments: dict[str, Any]) -> tuple[Any, Any]:
    from agents import Agent, RunConfig, Runner
    from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call

    converted = adapters.openai_agents_tools(offered)
    call = ModelStep([function_call(NAME, arguments, call_id="1")])
    report = ModelStep.respond(lambda turn: ModelStep([assistant_message(turn.input[-1]["output"])]))
    agent = Agent(name="Producer", model=ScriptedModel([call, report]), tools=list(converted))
    result = await Runner.run(agent, "A video", run_config=RunConfig(tracing_disabled=True))
    offers = {one.name: (one.description, one.params_json_schema) for one in converted}
    return offers, json.loads(result.final_output)


async def with_anthropic(offered: list[Tool], arguments: dict[str, Any]) -> tuple[Any, Any]:
    from anthropic import AsyncAnthropic

    offers: dict[str, Any] = {}
    results: list[Any] = []

    async def respond(body: Any) -> dict[str, Any]:
        offers.update({one["name"]: (one["description"], one["input_schema"]) for one in body.get("tools", ())})
        last = body["messages"][-1]["content"][0] if results else None
        results.append(last)
        content = {"type": "tool_use", "id": "toolu_1", "name": NAME, "input": arguments}
        if last is not None:
            content = {"type": "text", "text": "Done."}
        return {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "script", "content": [content],
            "stop_reason": "tool_use" if last is None else "end_turn", "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
        }  # fmt: skip

    async with Serving(respond) as url, AsyncAnthropic(api_key="k", base_url=url) as anthropic:
        runner = anthropic.beta.messages.tool_runner(
            model="script", max_tokens=100, tools=adapters.anthropic_tools(offered),
            messages=[{"role": "user", "content": "A video"}],
        )  # fmt: skip
        await runner.until_done()
    result = results[-1]
    text = result["content"] if isinstance(result["content"], str) else result["content"][0]["text"]
    return offers, {"error": text} if result.get("is_error") else json.loads(text)


async def with_genai(offered: list[Tool], arguments: dict[str, Any]) -> tuple[Any, Any]:
    from google import genai
    from google.genai import types as genai_types

    offers: dict[str, Any] = {}
    requests: list[Any] = []

    async def respond(body: Any) -> dict[str, Any]:
        requests.append(body)
        (one,) = body["tools"]
        for each in one["functionDeclarations"]:
            offers[each["name"]] = (each["description"], each["parameters"])
        part: dict[str, Any] = {"functionCall": {"id": "1", "name": NAME, "args": arguments}}
        if len(body["contents"]) > 1:
            part = {"text": "Done."}
        return {"candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}]}

    async with Serving(respond) as url:
        google = genai.Client(api_key="k", http_options=genai_types.HttpOptions(base_url=url))
        config = genai_types.GenerateContentConfig(tools=[adapters.genai_tool(offered)])
        contents: list[Any] = [genai_types.Content(role="user", parts=[genai_types.Part(text="A video")])]
        while True:
            response = await google.aio.models.generate_content(model="script", contents=contents, config=config)
            results = await adapters.run_genai_calls(offered, response)
            if results is None:
                break
            contents += [response.candidates[0].content, results]  # type: ignore[index]
        await google.aio.aclose()
    return offers, requests[-1]["contents"][-1]["parts"][0]["functionResponse"]["response"]


class Serving:
    """A server in the place of a provider's API."""

    def __init__(self, respond: Callable[[Any], Awaitable[dict[str, Any]]]) -> None:
        async def handle(request: web.Request) -> web.Response:
            return web.json_response(await respond(await request.json()))

        app = web.Application()
        app.router.add_post("/{path:.*}", handle)
        self._runner = web.AppRunner(app)

    async def __aenter__(self) -> str:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


FRAMEWORKS = {
    "pydantic_ai": with_pydantic_ai,
    "langchain": with_langchain,
    "openai_agents": with_openai_agents,
    "anthropic": with_anthropic,
    "genai": with_genai,
}


@pytest.fixture(params=FRAMEWORKS)
def run(request: pytest.FixtureRequest) -> Run:
    return FRAMEWORKS[request.param]


def seen_schema(run: Run, one: Tool) -> Any:
    """The schema of a tool in the dialect that its framework's models take."""
    if run is with_openai_agents:
        return one.to_openai(strict=True)["parameters"]
    return as_google_sends(one.to_gemini()["parameters"]) if run is with_genai else one.input_schema


def as_google_sends(schema: Any) -> Any:
    """The schema in the spelling of Google's client."""
    if isinstance(schema, list):
        return [as_google_sends(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kind = {"type": schema["type"].upper()} if isinstance(schema.get("type"), str) else {}
    return {"any_of" if name == "anyOf" else name: as_google_sends(one) for name, one in schema.items()} | kind


async def test_a_model_sees_the_tools_and_runs_one(run: Run, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    offered = tools(client, include=[NAME, "list_voices", "create_video_from_avatar"], spending="allow")
    offers, result = await run(offered, {"prompt": "How tides work", "voice_id": None})
    assert offers == {one.name: (one.description, seen_schema(run, one)) for one in offered}
    (request,) = api.requests_for("VideoAgentCreate")
    assert request.json == {"prompt": "How tides work"}
    assert result["data"]["session_id"] == api.ledger[0].id


async def test_a_model_reads_the_error_of_a_tool(run: Run, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    _, result = await run(tools(client, include=[NAME]), {"prompt": "How tides work"})
    assert "is charged for" in result["error"]
    _, result = await run(tools(client, include=[NAME], spending="allow"), {"promt": "How tides work"})
    assert "promt" in result["error"]
    assert api.requests == []


async def test_smolagents_runs_a_tool_in_the_loop_of_the_client(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    import smolagents
    from smolagents.models import ChatMessage, ChatMessageToolCall, ChatMessageToolCallFunction, MessageRole

    results: list[str] = []
    offers: dict[str, Any] = {}

    class Model(smolagents.Model):  # type: ignore[misc, name-defined]
        def generate(self, messages: Any, tools_to_call_from: Any = None, **_: Any) -> ChatMessage:
            for one in tools_to_call_from:
                offers[one.name] = smolagents.models.get_tool_json_schema(one)["function"]
            results.append(str(messages[-1].content))
            name, arguments = NAME, {"prompt": "How tides work"}
            if len(results) > 1:
                name, arguments = "final_answer", {"answer": "Done."}
            call = ChatMessageToolCallFunction(name=name, arguments=arguments)
            message = ChatMessageToolCall(id="1", type="function", function=call)
            return ChatMessage(role=MessageRole.ASSISTANT, content="", tool_calls=[message])

    offered = tools(client, include=[NAME, "create_video_from_avatar", "list_voices"], spending="allow")
    converted = adapters.smolagents_tools(offered)
    agent = await asyncio.to_thread(smolagents.ToolCallingAgent, converted, Model(), verbosity_level=0)
    assert await asyncio.to_thread(agent.run, "A video") == "Done."
    assert api.ledger[0].id in results[-1]
    for one in offered:
        properties: Any = one.input_schema["properties"]
        assert offers[one.name]["parameters"]["properties"].keys() == properties.keys()
        assert offers[one.name]["parameters"]["required"] == one.input_schema["required"]
    with pytest.raises(ConfigurationError, match="to_thread"):  # which would wait for itself
        converted[0](prompt="How tides work")


async def test_genai_learns_that_there_is_no_such_tool(client: AsyncHeyGen) -> None:
    genai_types = import_module("google.genai.types")
    call = genai_types.Part(function_call=genai_types.FunctionCall(name="create_film", args={}))
    candidate = genai_types.Candidate(content=genai_types.Content(role="model", parts=[call]))
    response = genai_types.GenerateContentResponse(candidates=[candidate])
    results = await adapters.run_genai_calls([tool(client, "list_voices")], response)
    assert results is not None
    assert "the tools are ['list_voices']" in str(results.parts)


def test_tools_import_no_framework() -> None:
    program = (
        "import sys, heygen_async.agents.adapters as adapters\n"
        "from heygen_async import AsyncHeyGen, tools\n"
        "assert tools(AsyncHeyGen('k'))[0].function.__signature__\n"
        "print([name for name in ('agents', 'anthropic', 'google', 'langchain_core', 'mcp', 'pydantic', 'pydantic_ai', "
        "'smolagents') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
