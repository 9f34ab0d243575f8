"""A render of five minutes whose create answers after 30 s, by a model that follows the notes of the responses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_support import AVATAR, text_of

from heygen_async import AsyncHeyGen
from heygen_async.mcp import create_server
from heygen_async.testing import Fault, HeyGenEmulator

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("host_timeout", "max_wait"), [(5, 3), (60, 20)])
async def test_costs_one_charge_and_ends_with_a_file(
    host_timeout: float, max_wait: float, protocol_mode: str, tmp_path: Path
) -> None:
    async with (
        HeyGenEmulator(render_seconds=300, autojump=True) as api,
        AsyncHeyGen(api.key, base_url=api.url, max_retries=0) as client,
        Client(
            create_server(client, spending="allow", max_wait=max_wait, output_dir=tmp_path),
            mode=protocol_mode,
            read_timeout_seconds=host_timeout,
        ) as connected,
    ):
        api.inject(Fault("delay", operation="VideoCreate", seconds=30, count=1))

        async def call(name: str, **arguments: str) -> dict[str, Any]:
            result = await connected.call_tool(name, arguments)
            assert not result.is_error, text_of(result)
            return dict(result.structured_content)

        response = await call("create_video_from_avatar", **AVATAR)
        while "video_url" not in response["data"]:
            if (id := response["data"].get("video_id")) and "note" not in response:
                response = await call("wait_for_video", video_id=id)
                continue
            (name, key, value) = re.findall(r"[Cc]all (\w+) with (\w+)=\"?(\w+)", response["note"])[0]
            response = await call(name, **{key: value})
        assert len(api.ledger) == len(api.requests_for("VideoCreate")) == 1
        saved = await call("download_video", video_id=response["data"]["id"])
    assert Path(saved["data"]["path"]).stat().st_size > 0
