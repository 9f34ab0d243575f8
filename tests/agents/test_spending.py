"""Permission for billable and destructive tools."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from agent_support import SPOKEN, error_of, tool

from heygen_async import (
    AsyncHeyGen,
    Tool,
    ToolRefusedError,
    tools,
)
from heygen_async.testing import Fault, HeyGenEmulator


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("create_video_from_avatar", SPOKEN, "is charged for"),
        ("create_speech", {"text": "Hi.", "voice_id": "voice_0001"}, "is charged for"),
        ("send_video_agent_message", {"session_id": "s", "message": "Hi."}, "is charged for"),
        ("delete_video", {"video_id": "v"}, "cannot be undone"),
    ],
)
async def test_denies_billable_and_destructive_tools_by_default(
    name: str, arguments: dict[str, Any], why: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    assert f"{name} {why}, and this program does not allow that" in error_of(await tool(client, name)(**arguments))
    with pytest.raises(ToolRefusedError, match="nothing was sent") as refused:
        await tool(client, name).run(arguments)
    assert refused.value.tool == name
    assert refused.value.reason.startswith(why)
    assert api.requests == []


async def test_no_argument_bypasses_the_denial(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    """Of all tools, with everything that a model could say to get by."""
    for one in tools(client):
        if not (one.operation.billable or one.operation.destructive):
            continue
        schema: Any = one.input_schema
        arguments = {name: example_of(schema, schema["properties"][name]) for name in schema["required"]}
        with pytest.raises(ToolRefusedError):
            await one.run(arguments)
        for bypass in ({"spending": "allow"}, {"confirm": True}, {"idempotency_key": "k"}, {"wait": True}):
            error_of(await one(**arguments, **bypass))
    assert api.requests == []


def example_of(whole: Any, schema: Any) -> Any:
    """Something that a schema takes."""
    if "$ref" in schema:
        return example_of(whole, whole["$defs"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return example_of(whole, schema["anyOf"][0])
    if schema.get("type") == "array":
        return [example_of(whole, schema["items"])]
    if schema.get("type") == "object":
        return {name: example_of(whole, schema["properties"][name]) for name in schema.get("required", ())}
    return schema.get("const") or schema.get("enum", ["https://example.com/a"])[0]


async def test_free_tools_run_without_permission(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    assert "data" in await tool(client, "list_videos")()
    assert "data" in await tool(client, "design_voice")(prompt="A calm narrator")
    assert "data" in await tool(client, "create_webhook_endpoint")(url="https://example.com/hook")
    assert len(api.requests) == 3


async def test_an_allowed_tool_runs_once(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created: Any = await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN)
    assert len(api.ledger) == 1
    await tool(client, "delete_video", spending="allow")(video_id=created["data"]["video_id"])
    assert len(api.requests_for("VideoDelete")) == 1


@pytest.mark.parametrize("asynchronous", [True, False])
@pytest.mark.parametrize("agrees", [True, False])
async def test_confirm_decides_before_any_request(
    asynchronous: bool, agrees: bool, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    questions: list[tuple[str, Mapping[str, Any]]] = []

    def confirm(one: Tool, arguments: Mapping[str, Any]) -> bool:
        assert api.requests == []
        questions.append((one.name, arguments))
        return agrees

    async def confirm_later(one: Tool, arguments: Mapping[str, Any]) -> bool:
        return confirm(one, arguments)

    asking = confirm_later if asynchronous else confirm
    one = tool(client, "create_video_from_avatar", spending="confirm", confirm=asking)
    response: Any = await one(**SPOKEN)
    assert questions == [("create_video_from_avatar", SPOKEN)]
    assert len(api.ledger) == agrees
    if agrees:
        assert response["data"]["video_id"]
    else:
        assert error_of(response).startswith("create_video_from_avatar was not confirmed; nothing was sent.")
        assert api.requests == []


async def test_confirm_is_not_called_for_invalid_or_free_calls(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    def confirm(*_: object) -> bool:
        raise AssertionError

    for name, wrong in (
        ("create_video_from_avatar", {"avatar_id": 7}),
        ("create_video_from_avatar", {**SPOKEN, "wait": True}),
        ("create_photo_avatar", {"name": "Ada", "file": "/etc/hostname"}),
        ("delete_video", {}),
    ):
        error_of(await tool(client, name, spending="confirm", confirm=confirm)(**wrong))
    assert api.requests == []
    assert "data" in await tool(client, "list_videos", spending="confirm", confirm=confirm)()


SHORT = {**SPOKEN, "voice_id": "voice_0001"}  # two words, which cost about 5 cents
UNPRICED = {"video": {"type": "url", "url": "https://example.com/talk.mp4"}}


async def test_tools_share_a_budget(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    speech, video = tools(client, include=["create_speech", "create_video_from_avatar"], spending="allow", budget=0.1)
    assert "data" in await video(**SHORT)
    assert "data" in await speech(text="Hi there.", voice_id="voice_0001")
    refused = error_of(await video(**SHORT))
    assert "create_video_from_avatar costs about $0.0534, and $0.0" in refused
    assert "of the budget of $0.10 is left; nothing was sent." in refused
    assert len(api.requests_for("VideoCreate")) == 1


async def test_concurrent_calls_share_a_budget(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "create_video_from_avatar", spending="allow", budget=0.12)
    responses = await asyncio.gather(*(one(**SHORT) for _ in range(10)))
    assert len([response for response in responses if "data" in response]) == len(api.ledger) == 2


async def test_an_unknown_price_counts_as_over_the_budget(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    refused = error_of(await tool(client, "create_background_removal", spending="allow", budget=1000)(**UNPRICED))
    assert "has an unknown price (HeyGen publishes no price), and $1000.00 of the budget" in refused
    assert api.requests == []
    allowed = tool(client, "create_background_removal", spending="allow", budget=0, allow_unpriced=True)
    assert "data" in await allowed(**UNPRICED)


async def test_an_unknown_length_counts_as_a_minute(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "create_video_agent", spending="allow", budget=3)  # a minute costs 2 USD
    assert "data" in await one(prompt="A tour")
    refused = error_of(await one(prompt="Another tour"))
    assert "costs $2.00 if it takes a minute (the length is not known; a second costs 0.0333 USD), and $1.00" in refused
    assert len(api.ledger) == 1


async def test_a_budget_permits_nothing(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for name, arguments in (("create_video_agent", {"prompt": "A tour"}), ("create_background_removal", UNPRICED)):
        assert "(spending='deny')" in error_of(await tool(client, name, budget=0.01)(**arguments))
    assert api.requests == []


async def test_a_failed_create_gives_its_price_back_and_an_unknown_outcome_keeps_it(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    one = tool(client, "create_speech", spending="allow", budget=0.0015)
    words = {"text": "one two three four", "voice_id": "voice_0001"}
    api.inject(Fault("status", status=400, operation="VoiceSpeechCreate"))
    error_of(await one(**words))
    api.inject(Fault("lost_response", operation="VoiceSpeechCreate"))
    assert "budget" not in error_of(await one(**words))
    assert "is left" in error_of(await one(**words))


async def test_a_call_over_the_budget_is_not_asked_about(client: AsyncHeyGen) -> None:
    def confirm(*_: object) -> bool:
        raise AssertionError

    one = tool(client, "create_video_from_avatar", spending="confirm", confirm=confirm, budget=0.01)
    assert "is left" in error_of(await one(**SHORT))


async def test_a_price_names_the_balance(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "create_video_from_avatar")
    assert await one.describe_price(SHORT) == "about $0.0534 of $100.00"
    assert (await tool(client, "create_video_agent").describe_price({"prompt": "A tour"})).startswith(
        "an unknown price"
    )
    assert await tool(client, "delete_video").describe_price({"video_id": "v"}) == "$0.00 of $100.00"
    api.inject(Fault("status", status=403, operation="UserMeGet", count=1))
    assert await one.describe_price(SHORT) == "about $0.0534"


async def test_a_price_waits_two_seconds_for_the_balance(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("silent", operation="UserMeGet", count=None))
    start = asyncio.get_running_loop().time()
    assert await tool(client, "create_video_from_avatar").describe_price(SHORT) == "about $0.0534"
    assert 2 <= asyncio.get_running_loop().time() - start < 2.5
