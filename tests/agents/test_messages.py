"""Errors in words that a model can act on."""

from __future__ import annotations

import pytest
from agent_support import SPOKEN, error_of, tool

from heygen_async import (
    AsyncHeyGen,
    InvalidInputError,
    NotFoundError,
    tools,
)
from heygen_async.testing import Fault, HeyGenEmulator


async def test_names_an_invalid_argument(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "create_video_from_avatar", spending="allow")
    assert error_of(await one(**SPOKEN, resolution="8k")).startswith("resolution is '8k'; expected one of '1080p', ")
    assert error_of(await one(**SPOKEN, title=[1])).startswith("title is [1]; expected text or null.")
    assert error_of(await tool(client, "list_voices")(limit=2.5)).startswith("limit is 2.5; expected an integer")
    assert error_of(await one(avatar_id="avatar_1")).startswith(
        "script is missing; expected exactly one of script, audio_url"
    )
    assert error_of(await tool(client, "list_voices")(wait=True)).startswith("wait is True; expected one of engine, ")
    assert error_of(await tool(client, "list_voices")(self=1)).startswith("self is 1; expected one of engine, ")
    assert error_of(await tool(client, "get_current_user")(id="me")).startswith("id is 'me'; expected no argument")
    assert api.ledger == []


async def test_passes_on_the_message_of_the_api(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    words = error_of(await tool(client, "get_video")(video_id="none"))
    assert "404" in words
    assert "Check the id" in words
    api.inject(Fault("status", status=402, code="insufficient_credit"))
    words = error_of(await tools(client, include=["list_videos", "get_current_user"])[0]())
    assert "get_current_user shows the balance" in words
    assert "users.me" not in words


async def test_shortens_long_arguments_in_errors(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    data = "data:image/png;base64," + "A" * 1_000_000
    refused = error_of(await tool(client, "create_photo_avatar", spending="allow")(name="Ada", file=data))
    assert refused.startswith("create_photo_avatar was not run: 'data:image/png;base64,AAAA")
    assert "… (1000024 characters) is a local file" in refused
    missing = error_of(await tool(client, "get_video")(video_id="v" * 3000))
    assert len(api.requests) == 1
    assert missing.startswith("GET /v3/videos/vvvv")
    assert "characters)" in missing
    for words in (refused, missing):
        assert len(words) < 1000


async def test_a_lost_response_names_the_tool_that_checks(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="VideoAgentCreate"))
    one, *_ = tools(client, include=["create_video_agent", "list_video_agent_sessions"], spending="allow")
    words = error_of(await one(prompt="A tour"))
    assert "list_video_agent_sessions" in words
    assert len(api.requests_for("VideoAgentCreate")) == 1


async def test_an_error_names_only_tools_that_are_offered(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="VideoAgentCreate"))
    words = error_of(await tool(client, "create_video_agent", spending="allow")(prompt="A tour"))
    assert words.endswith("because it may have been done. Start it again only if it was not.")
    api.inject(Fault("status", status=402, code="insufficient_credit"))
    assert error_of(await tool(client, "list_videos")()).endswith("Add credit or change the plan.")


async def test_an_unknown_argument_gets_the_nearest_one(client: AsyncHeyGen) -> None:
    words = error_of(await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN, voice="v"))
    assert "did you mean 'voice_id'?" in words


async def test_run_raises_errors(client: AsyncHeyGen) -> None:
    with pytest.raises(NotFoundError):
        await tool(client, "get_video").run({"video_id": "none"})
    with pytest.raises(InvalidInputError):
        await tool(client, "get_video").run({})


async def test_other_exceptions_are_raised(client: AsyncHeyGen) -> None:
    def crash(*_: object) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await tool(client, "delete_video", spending="confirm", confirm=crash)(video_id="v")
