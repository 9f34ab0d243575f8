"""Errors in words that a model can act on."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from agent_support import SPOKEN, error_of, tool
from support import THINKING

from heygen_async import (
    AsyncHeyGen,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
)
from heygen_async.testing import Fault, HeyGenEmulator, Plan


async def test_names_an_invalid_argument(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "create_video_from_avatar", spending="allow")
    assert error_of(await one(**SPOKEN, resolution="8k")).startswith("resolution is '8k'; expected one of '1080p', ")
    assert error_of(await one(**SPOKEN, title=[1])).startswith("title is [1]; expected text or null.")
    assert error_of(await tool(client, "list_voices")(limit=2.5)).startswith("limit is 2.5; expected an integer")
    assert error_of(await one(avatar_id="avatar_1")).startswith(
        "script is missing; expected exactly one of script, audio_url"
    )
    assert error_of(await one(**SPOKEN, wait="yes")).startswith("wait is 'yes'; expected true or false")
    assert error_of(await one(**SPOKEN, timeout=True)).startswith("timeout is True; expected a number of seconds")
    assert error_of(await one(**SPOKEN, wait=True, timeout=0)).startswith("timeout is 0; expected")
    assert error_of(await tool(client, "list_voices")(wait=True)).startswith("wait is True; expected one of engine, ")
    assert error_of(await tool(client, "list_voices")(self=1)).startswith("self is 1; expected one of engine, ")
    assert api.ledger == []


async def test_passes_on_the_message_of_the_api(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    words = error_of(await tool(client, "get_video")(video_id="none"))
    assert "404" in words
    assert "Check the id" in words
    api.inject(Fault("status", status=402, code="insufficient_credit"))
    words = error_of(await tool(client, "list_videos")())
    assert "get_current_user shows the balance" in words
    assert "users.me" not in words


async def test_a_timeout_names_the_tool_and_the_id_that_continue(client: AsyncHeyGen) -> None:
    words = error_of(await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN, wait=True, timeout=5))
    (id,) = set(re.findall(r"video_\w{20}", words))
    assert f"call get_video with video_id='{id}' and wait=true" in words
    assert (
        "It is still running at HeyGen; wait again with the same id. To create it again would start another job"
        in words
    )
    assert "wait_for_" not in words
    response: Any = await tool(client, "get_video")(video_id=id, wait=True)
    assert response["data"]["status"] == "completed"


async def test_a_timeout_of_a_session_leads_to_its_video(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(THINKING)
    api.inject(Fault("silent", operation="VideoAgentGet", count=1))
    words = error_of(await tool(client, "create_video_agent", spending="allow")(prompt="A", wait=True, timeout=3))
    (id,) = {job.id for job in api.state.jobs_of_kind("session")}
    assert f"call get_video with video_id='{id}' and wait=true" in words
    response: Any = await tool(client, "get_video")(video_id=id, wait=True)
    assert response["data"]["video_url"]


async def test_a_wait_by_session_id_keeps_its_timeout(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created: Any = await tool(client, "create_video_agent", spending="allow")(prompt="A")
    status_tool, id = tool(client, "get_video"), created["data"]["session_id"]
    api.inject(Fault("silent", operation="VideoAgentGet", count=1))
    start = asyncio.get_running_loop().time()
    assert "for 3 s" in error_of(await status_tool(video_id=id, wait=True, timeout=3))
    assert asyncio.get_running_loop().time() - start < 3.2
    api.inject(Fault("status", status=503, operation="VideoAgentGet", count=8))
    response: Any = await status_tool(video_id=id, wait=True)
    assert response["data"]["status"] == "completed"
    assert "GET /v3/videos/none returned 404" in error_of(await status_tool(video_id="none", wait=True))


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


async def test_a_failure_of_one_job_names_the_others(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="translation", fail_message="No voice.", count=1))
    arguments = {
        "video": "https://example.com/a.mp4",
        "output_languages": ["Spanish", "German", "French"],
        "wait": True,
    }
    words = error_of(await tool(client, "create_video_translation", spending="allow")(**arguments))
    assert words.startswith("The video translation translation_")
    assert {job.id for job in api.state.jobs_of_kind("translation")} <= set(re.findall(r"translation_\w{20}", words))


async def test_a_session_that_needs_input_names_the_tool_that_answers(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="session", question="Which voice?"))
    one = tool(client, "create_video_agent", spending="allow")
    response: Any = await one(prompt="A tour", mode="chat", wait=True)
    assert response["data"]["status"] == "waiting_for_input"
    assert "Which voice?" in str(response["data"]["messages"])
    assert "send_video_agent_message" in response["note"]


async def test_a_lost_response_names_the_tool_that_checks(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="VideoAgentCreate"))
    words = error_of(await tool(client, "create_video_agent", spending="allow")(prompt="A tour"))
    assert "list_video_agent_sessions" in words
    assert len(api.requests_for("VideoAgentCreate")) == 1


async def test_run_raises_errors(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(NotFoundError):
        await tool(client, "get_video").run({"video_id": "none"})
    with pytest.raises(InvalidInputError):
        await tool(client, "get_video").run({})
    api.plan(Plan(fail_message="Not allowed."))
    with pytest.raises(JobFailedError):
        await tool(client, "create_video_from_avatar", spending="allow").run({**SPOKEN, "wait": True})


async def test_other_exceptions_are_raised(client: AsyncHeyGen) -> None:
    def crash(*_: object) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await tool(client, "delete_video", spending="confirm", confirm=crash)(video_id="v")
