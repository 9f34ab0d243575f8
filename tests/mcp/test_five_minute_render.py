"""A render of five minutes whose create answers after 30 s, by a model that follows the notes of the responses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_support import AVATAR, check_render, serve_here, slow_heygen, text_of

pytestmark = pytest.mark.slow


def next_call(response: dict[str, Any] | None) -> tuple[str, dict[str, Any]] | None:
    """Return the tool that a model calls after a response, and its arguments; None at the end."""
    if response is None:
        return "create_video_from_avatar", AVATAR
    data = response["data"]
    if note := response.get("note"):
        (name, key, value) = re.findall(r"[Cc]all (\w+) with (\w+)=\"?(\w+)", note)[0]
        return name, {key: value}
    if "video_url" in data:
        return "download_video", {"video_id": data["id"]}
    return None if "path" in data else ("wait_for_video", {"video_id": data["video_id"]})


@pytest.mark.parametrize(("host_timeout", "max_wait"), [(5, 3), (60, 20)])
async def test_costs_one_charge_and_ends_with_a_file(
    host_timeout: float, max_wait: float, protocol_mode: str, tmp_path: Path
) -> None:
    async with (
        slow_heygen(max_wait, tmp_path) as (api, server),
        Client(server, mode=protocol_mode, read_timeout_seconds=host_timeout) as connected,
    ):
        response: dict[str, Any] | None = None
        while call := next_call(response):
            result = await connected.call_tool(*call)
            assert not result.is_error, text_of(result)
            response = dict(result.structured_content)
        assert response is not None
        check_render(api, response)


async def test_an_agent_of_openai_ends_with_a_file_in_calls_of_five_seconds(tmp_path: Path) -> None:
    """Its own time limit of a call is 5 s."""
    from agents import Agent, RunConfig, Runner
    from agents.mcp import MCPServerStreamableHttp
    from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call

    responses: list[dict[str, Any]] = []

    def turn(call: ModelCall) -> Any:
        last: Any = call.input[-1]
        if last.get("type") == "function_call_output":
            responses.append(json.loads(last["output"][0]["text"]))
        if following := next_call(responses[-1] if responses else None):
            name, arguments = following
            return [function_call(name, arguments, call_id=str(len(responses)))]
        return [assistant_message("Done.")]

    model = ScriptedModel([ModelStep.respond(turn)] * 200)
    async with (
        slow_heygen(3, tmp_path) as (api, server),
        serve_here(server) as url,
        MCPServerStreamableHttp({"url": url}, cache_tools_list=True) as tools,
    ):
        assert tools.client_session_timeout_seconds == 5
        agent = Agent(name="Producer", model=model, mcp_servers=[tools])
        await Runner.run(agent, "A video", max_turns=200, run_config=RunConfig(tracing_disabled=True))
        check_render(api, responses[-1])
    assert len([one for one in responses if "request_id" in one["data"]]) > 1
    assert len([one for one in responses if "still rendering" in one.get("note", "")]) > 20
