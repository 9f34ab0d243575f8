"""The tools `wait_for_…`: a finished job, one that still runs, one that waits for a person, one that failed."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from agent_support import SPOKEN, error_of, tool
from jsonschema import Draft202012Validator
from support import THINKING

from heygen_async import AsyncHeyGen, JobFailedError, tools
from heygen_async.agents.wait_tools import wait_actions
from heygen_async.operations.catalog import operations
from heygen_async.testing import Fault, HeyGenEmulator, Plan


async def video_id(client: AsyncHeyGen) -> str:
    created: Any = await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN)
    return str(created["data"]["video_id"])


def test_every_long_running_operation_has_a_wait_tool(client: AsyncHeyGen) -> None:
    assert {operation.wait for operation in operations().values() if operation.long_running} <= wait_actions().keys()
    for one in tools(client, include=wait_actions()):
        for schema in (one.input_schema, one.output_schema):
            Draft202012Validator.check_schema(schema)
        assert not one.operation.mutating


async def test_returns_the_finished_job(client: AsyncHeyGen) -> None:
    wait = tool(client, "wait_for_video")
    response: Any = await wait(video_id=await video_id(client))
    assert response["data"]["status"] == "completed"
    assert "Signature=" in response["data"]["video_url"]  # without which it opens nothing
    Draft202012Validator(wait.output_schema).validate(response)


async def test_a_session_id_leads_to_its_video(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(THINKING)
    created: Any = await tool(client, "create_video_agent", spending="allow")(prompt="A")
    id = created["data"]["session_id"]
    response: Any = await tool(client.with_options(wait_timeout=3), "wait_for_video")(video_id=id)
    assert re.fullmatch(
        rf'The video agent session is still rendering \(thinking, \d %\)\. Call wait_for_video with video_id="{id}" again; '
        r"do not create it again\.",
        response["note"],
    )
    assert response["data"]["session_id"] == id
    response = await tool(client, "wait_for_video")(video_id=id)
    assert response["data"]["video_url"]


async def test_a_job_that_still_runs_is_a_success(client: AsyncHeyGen) -> None:
    id = await video_id(client)
    wait = tool(client.with_options(wait_timeout=5), "wait_for_video")
    response: Any = await wait(video_id=id)
    assert (response["data"]["id"], response["data"]["status"]) == (id, "pending")
    assert f'Call wait_for_video with video_id="{id}" again; do not create it again.' in response["note"]
    Draft202012Validator(wait.output_schema).validate(response)


async def test_waits_for_a_batch_of_a_kind(client: AsyncHeyGen) -> None:
    created: Any = await tool(client, "create_video_batch", spending="allow")(
        videos=[{"type": "avatar", **SPOKEN, "title": "a"}]
    )
    response: Any = await tool(client, "wait_for_batch")(batch_id=created["data"]["batch_id"], kind="videos")
    assert response["data"]["status"] == "completed"
    assert error_of(await tool(client, "wait_for_batch")(batch_id="b")) == "kind is missing; expected a value."


async def test_a_session_that_needs_input_names_the_tool_that_answers(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="session", question="Which voice?"))
    names = ["create_video_agent", "send_video_agent_message", "wait_for_video"]
    offered = {one.name: one for one in tools(client, include=names, spending="allow")}
    created: Any = await offered["create_video_agent"](prompt="A tour", mode="chat")
    response: Any = await offered["wait_for_video"](video_id=created["data"]["session_id"])
    assert response["data"]["status"] == "waiting_for_input"
    assert "Which voice?" in str(response["data"]["messages"])
    assert "send_video_agent_message" in response["note"]


async def test_a_failed_job_is_an_error(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(fail_message="Not allowed."))
    with pytest.raises(JobFailedError, match="Not allowed"):
        await tool(client, "wait_for_video").run({"video_id": await video_id(client)})


async def test_reports_every_poll(client: AsyncHeyGen) -> None:
    updates: list[Any] = []
    id = await video_id(client)
    await tool(client, "wait_for_video").run({"video_id": id}, on_update=updates.append)
    assert [update.state for update in updates][-1] == "completed"


async def test_a_job_that_could_not_be_polled_is_an_error_with_the_next_call(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    """The wait keeps its time from the first request on: a short silence, an outage that passes."""
    id = await video_id(client)
    api.inject(Fault("silent", operation="VideoGet", count=1))
    start = asyncio.get_running_loop().time()
    words = error_of(await tool(client.with_options(wait_timeout=3), "wait_for_video")(video_id=id))
    assert "could not be polled for 3 s" in words
    assert words.endswith(f'To continue, call wait_for_video with video_id="{id}".')
    assert asyncio.get_running_loop().time() - start < 3.2
    api.inject(Fault("status", status=503, operation="VideoGet", count=8))
    response: Any = await tool(client, "wait_for_video")(video_id=id)
    assert response["data"]["status"] == "completed"


async def test_names_a_job_that_does_not_exist(client: AsyncHeyGen) -> None:
    assert "GET /v3/videos/none returned 404" in error_of(await tool(client, "wait_for_video")(video_id="none"))
    assert error_of(await tool(client, "wait_for_video")(id="v")) == "id is 'v'; expected one of video_id."
