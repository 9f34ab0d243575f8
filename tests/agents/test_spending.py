"""Permission for billable and destructive tools."""

from __future__ import annotations

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
from heygen_async.testing import HeyGenEmulator


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
