"""Prompts that a person selects."""

from __future__ import annotations

import pytest
from mcp import Client, MCPError, types

from heygen_async import AsyncHeyGen
from heygen_async.mcp import create_server

pytestmark = pytest.mark.slow


async def test_prompts_name_the_tools_to_call(client: AsyncHeyGen, protocol_mode: str) -> None:
    async with Client(create_server(client, toolset="all"), mode=protocol_mode) as connected:
        names = {tool.name for tool in (await connected.list_tools()).tools}
        prompts = {prompt.name: prompt for prompt in (await connected.list_prompts()).prompts}
        assert prompts.keys() == {"video_from_document", "translate_video"}
        for name, arguments, tools in (
            ("video_from_document", {"document": "Tides.", "voice": "Ada"}, ("create_video_agent", "wait_for_video")),
            (
                "translate_video",
                {"video": "https://example.com/a.mp4", "language": "French"},
                ("create_video_translation", "wait_for_translation"),
            ),
        ):
            (message,) = (await connected.get_prompt(name, arguments)).messages
            assert isinstance(message.content, types.TextContent)
            assert [tool for tool in tools if tool in message.content.text] == list(tools)
            assert names.issuperset(tools)
            assert all(value in message.content.text for value in arguments.values())
        for name, arguments, words in (
            ("make_tea", {}, "no prompt 'make_tea'"),
            ("translate_video", {"video": "https://example.com/a.mp4"}, "needs the argument language"),
        ):
            with pytest.raises(MCPError, match=words):
                await connected.get_prompt(name, arguments)


@pytest.mark.parametrize(
    ("toolset", "offered"),
    [
        ("video", ["video_from_document"]),
        ("translation", ["translate_video"]),
        ("search", ["video_from_document", "translate_video"]),
        ("admin", []),
    ],
)
async def test_offers_the_prompts_whose_tools_are_served(client: AsyncHeyGen, toolset: str, offered: list[str]) -> None:
    async with Client(create_server(client, toolset=toolset)) as connected:
        assert [prompt.name for prompt in (await connected.list_prompts()).prompts] == offered
        for name in {"video_from_document", "translate_video"}.difference(offered):
            with pytest.raises(MCPError, match=f"no prompt '{name}'"):
                await connected.get_prompt(name, {})
