"""Finished videos as resources."""

from __future__ import annotations

import json

import aiohttp
import pytest
from mcp import Client, MCPError, types
from mcp_support import (
    AVATAR,
)

from heygen_async import AsyncHeyGen
from heygen_async.mcp import create_server
from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow


async def test_finished_videos_are_resources(api: HeyGenEmulator, client: AsyncHeyGen, protocol_mode: str) -> None:
    async with Client(create_server(client, spending="allow"), mode=protocol_mode) as connected:
        for number in range(12):
            title = {"title": f"Tour {number}"} if number else {}
            created = await connected.call_tool("create_video_from_avatar", {**AVATAR, **title})
            id = created.structured_content["data"]["video_id"]
            if number < 11:
                api.finish(id)
            api.clock.advance(1)
        unfinished = f"heygen://videos/{id}"
        found: list[types.Resource] = []
        cursor, pages = None, 0
        while pages == 0 or cursor is not None:
            page = await connected.list_resources(cursor=cursor)
            found += page.resources
            cursor, pages = page.next_cursor, pages + 1
        assert (len(found), pages) == (11, 2)
        assert unfinished not in {one.uri for one in found}
        assert {one.mime_type for one in found} == {"application/json"}
        assert {one.name for one in found} >= {f"Tour {number}" for number in range(1, 11)}
        (untitled,) = (one for one in found if not one.name.startswith("Tour"))
        assert untitled.uri == f"heygen://videos/{untitled.name}"

        (template,) = (await connected.list_resource_templates()).resource_templates
        assert template.uri_template == "heygen://videos/{video_id}"
        (content,) = (await connected.read_resource(untitled.uri)).contents
        assert isinstance(content, types.TextResourceContents)
        assert content.mime_type == "application/json"
        async with aiohttp.ClientSession() as session, session.get(json.loads(content.text)["video_url"]) as response:
            assert response.status == 200
        for uri, words in (
            ("heygen://videos/none", "No video was found with id 'none'"),
            ("heygen://voices/a", "no resource 'heygen://voices/a'"),
            ("heygen://videos/..", "another path"),
        ):
            with pytest.raises(MCPError, match=words) as refused:
                await connected.read_resource(uri)
            assert refused.value.code == types.INVALID_PARAMS
        with pytest.raises(MCPError, match="400") as refused:
            await connected.list_resources(cursor="no such cursor")
