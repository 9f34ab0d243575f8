"""Questions to the person before billable and destructive calls."""

from __future__ import annotations

import re
from typing import Any

import pytest
from mcp import Client, MCPError, types
from mcp_support import (
    AVATAR,
    YES,
    answering,
    text_of,
)

from heygen_async import AsyncHeyGen
from heygen_async.mcp import create_server
from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("response", "runs"),
    [
        (YES, True),
        (types.ElicitResult(action="accept", content={"confirm": False}), False),
        (types.ElicitResult(action="accept", content={}), True),
        (types.ElicitResult(action="accept"), True),
        (types.ElicitResult(action="decline"), False),
        (types.ElicitResult(action="decline", content={"confirm": True}), False),
        (types.ElicitResult(action="cancel"), False),
    ],
)
async def test_a_billable_tool_runs_if_the_person_agrees(
    api: HeyGenEmulator, client: AsyncHeyGen, protocol_mode: str, response: types.ElicitResult, runs: bool
) -> None:
    questions: list[types.ElicitRequestFormParams] = []
    async with Client(
        create_server(client, toolset="all"), mode=protocol_mode, elicitation_callback=answering(response, questions)
    ) as connected:
        result = await connected.call_tool("create_video_from_avatar", AVATAR)
        assert (result.is_error, len(api.ledger), len(api.requests_for("VideoCreate"))) == (not runs, runs, runs)
        assert runs or "not confirmed; nothing was sent" in text_of(result)
        (question,) = questions
        assert question.message.startswith("create_video_from_avatar costs about $0.0267 of $100.00. Run it? ")
        assert 'script="Hello."' in question.message
        assert question.requested_schema["properties"]["confirm"]["type"] == "boolean"
        await connected.call_tool("delete_video", {"video_id": "video_1"})
        assert "cannot be undone" in questions[1].message
        await connected.call_tool("list_videos", {})
        assert len(questions) == 2


async def test_a_question_shortens_values_and_names_every_argument(client: AsyncHeyGen) -> None:
    questions: list[types.ElicitRequestFormParams] = []
    no = types.ElicitResult(action="decline")
    async with Client(create_server(client), elicitation_callback=answering(no, questions)) as connected:
        await connected.call_tool("create_video_from_avatar", AVATAR | {"script": "a" * 5000, "resolution": "4k"})
    assert len(questions[0].message) < 500
    assert "aaa… (5002 characters), " in questions[0].message
    assert questions[0].message.endswith('resolution="4k"')


async def test_asks_no_question_about_invalid_arguments(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    questions: list[types.ElicitRequestFormParams] = []
    async with Client(create_server(client), elicitation_callback=answering(YES, questions)) as connected:
        result = await connected.call_tool("create_video_from_avatar", {"avatar_id": 7})
    assert (result.is_error, questions, api.requests) == (True, [], [])
    assert text_of(result) == "avatar_id is 7; expected text."


async def test_an_answer_counts_only_for_its_arguments(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    questions: list[types.ElicitRequestFormParams] = []
    async with Client(create_server(client), elicitation_callback=answering(YES, questions)) as connected:
        call = connected.session.call_tool
        first = await call("create_video_from_avatar", AVATAR, allow_input_required=True)
        assert isinstance(first, types.InputRequiredResult)
        answered: Any = {"input_responses": {"confirm": YES}, "allow_input_required": True}
        for other in ({**AVATAR, "script": "Another."}, {}):
            with pytest.raises(MCPError, match="requestState"):
                await call("create_video_from_avatar", other, request_state=first.request_state, **answered)
        again = await call("create_video_from_avatar", AVATAR, **answered)  # nobody was asked
        assert isinstance(again, types.InputRequiredResult)
        assert api.ledger == []
        done = await call("create_video_from_avatar", AVATAR, request_state=first.request_state, **answered)
    assert isinstance(done, types.CallToolResult)
    assert (done.is_error, len(api.ledger)) == (False, 1)


async def test_the_person_is_asked_once_a_session(api: HeyGenEmulator, client: AsyncHeyGen, protocol_mode: str) -> None:
    questions: list[types.ElicitRequestFormParams] = []
    always = types.ElicitResult(action="accept", content={"confirm": True, "do_not_ask_again": True})
    async with Client(
        create_server(client, toolset="all"), mode=protocol_mode, elicitation_callback=answering(always, questions)
    ) as connected:
        for _ in range(3):
            assert not (await connected.call_tool("create_video_from_avatar", AVATAR | {"title": str(_)})).is_error
        assert len(questions) == 1
        await connected.call_tool("delete_video", {"video_id": api.ledger[0].id})
        assert len(questions) == 2  # What cannot be undone is asked every time.
    assert len(api.ledger) == 3


async def test_without_elicitation_the_same_call_runs_once_with_its_token(
    api: HeyGenEmulator, client: AsyncHeyGen, protocol_mode: str
) -> None:
    async with Client(create_server(client), mode=protocol_mode) as connected:

        async def call(script: str = "Hello.", **token: str) -> types.CallToolResult:
            return await connected.call_tool("create_video_from_avatar", AVATAR | {"script": script} | token)

        refused = text_of(await call())
        assert "costs about $0.0267 of $100.00, and this client cannot ask the person first" in refused
        assert "Ask the person first, with the price." in refused
        (token,) = re.findall("confirmation_token='([^']+)'", refused)
        for wrong in ({"script": "Another.", "confirmation_token": token}, {"confirmation_token": "guessed"}):
            assert "was not confirmed" in text_of(await call(**wrong))
        assert api.ledger == []
        assert not (await call(confirmation_token=token)).is_error
        assert "was used" in text_of(await call(confirmation_token=token))
    assert len(api.ledger) == 1


async def test_a_budget_holds_for_all_tools_of_a_server(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    served = create_server(client, spending="allow", budget=0.04)
    async with Client(served) as connected:
        assert not (await connected.call_tool("create_video_from_avatar", AVATAR)).is_error
        result = await connected.call_tool("create_video_from_avatar", AVATAR | {"title": "Another"})
    assert "$0.0133 of the budget of $0.0400 is left" in text_of(result)
    assert len(api.ledger) == 1


async def test_a_budget_and_a_question_hold_for_tools_behind_call_tool(
    api: HeyGenEmulator, client: AsyncHeyGen, protocol_mode: str
) -> None:
    questions: list[types.ElicitRequestFormParams] = []
    served = create_server(client, toolset="search", budget=0.04)
    async with Client(served, mode=protocol_mode, elicitation_callback=answering(YES, questions)) as connected:

        async def create(title: str) -> types.CallToolResult:
            call = {"name": "create_video_from_avatar", "arguments": AVATAR | {"title": title}}
            return await connected.call_tool("call_tool", call)

        assert not (await create("One")).is_error
        refused = text_of(await create("Another"))
    assert "$0.0133 of the budget of $0.0400 is left" in refused
    assert [one.message.partition(" of ")[0] for one in questions] == ["create_video_from_avatar costs about $0.0267"]
    assert len(api.ledger) == 1


async def test_deny_refuses_billable_tools(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    questions: list[types.ElicitRequestFormParams] = []
    served = create_server(client, spending="deny")
    async with Client(served, elicitation_callback=answering(YES, questions)) as connected:
        result = await connected.call_tool("create_video_from_avatar", AVATAR)
        assert not (await connected.call_tool("list_videos", {})).is_error
    assert (result.is_error, questions, api.ledger) == (True, [], [])
    assert "spending='deny'" in text_of(result)
