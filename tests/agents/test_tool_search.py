"""`search_tools` and `call_tool`: every tool in the context of two."""

from __future__ import annotations

from typing import Any

import pytest
from agent_support import SPOKEN, error_of

from heygen_async import AsyncHeyGen, tools
from heygen_async.agents import BoundedCalls
from heygen_async.testing import HeyGenEmulator


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("translate a video into Spanish", "create_video_translation"),
        ("find German voices", "list_voices"),
        ("clone my voice", "clone_voice"),
        ("make an avatar from a photo", "create_photo_avatar"),
        ("delete a video", "delete_video"),
        ("run a workflow", "create_workflow_run"),
        ("wait for translation", "wait_for_translation"),
    ],
)
async def test_finds_the_tools_for_a_task(query: str, name: str, client: AsyncHeyGen) -> None:
    search, _ = tools(client, toolset="search")
    response: Any = await search(query=query)
    found = {one["name"]: one for one in response["data"]}
    assert name in found
    assert found[name]["input_schema"]["type"] == "object"
    assert len(found) <= 5


async def test_a_search_without_a_result_suggests_other_words(client: AsyncHeyGen) -> None:
    search, _ = tools(client, toolset="search")
    response: Any = await search(query="zzz")
    assert response["data"] == []
    assert "Try other words" in response["note"]


async def test_a_called_tool_runs_as_if_it_was_offered(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    _, call = tools(client, toolset="search", spending="allow")
    response: Any = await call(name="create_video_from_avatar", arguments=SPOKEN)
    assert response["data"]["video_id"]
    response = await call(name="create_video_from_avatar", arguments_json='{"avatar_id": "avatar_1", "script": "Hi."}')
    assert response["data"]["video_id"]
    assert len(api.ledger) == 2
    assert "did you mean 'list_voices'?" in error_of(await call(name="list_voice"))


async def test_a_called_tool_keeps_the_program_s_limits(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    _, call = tools(client, toolset="search")
    assert "this program does not allow that" in error_of(await call(name="create_video_from_avatar", arguments=SPOKEN))
    _, call = tools(client, toolset="search", spending="allow", read_only=True, exclude=["list_videos"])
    assert "expected a name from search_tools" in error_of(await call(name="delete_video", arguments={"video_id": "v"}))
    assert "expected a name from search_tools" in error_of(await call(name="list_videos"))
    assert api.requests == []


async def test_a_called_tool_has_bounds_of_its_own(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    async with BoundedCalls(max_wait=20) as bounded:
        offered = {one.name: one for one in tools(client, toolset="search", bounded=bounded, spending="allow")}
        assert "new" not in offered["call_tool"].input_schema["properties"]
        created: Any = await offered["call_tool"](name="create_video_from_avatar", arguments=SPOKEN)
        waited: Any = await offered["call_tool"](
            name="wait_for_video", arguments={"video_id": created["data"]["video_id"]}
        )
        assert waited["data"]["status"] in {"processing", "pending", "completed"}
        assert "request_id" not in waited["data"]
    assert len(api.ledger) == 1
