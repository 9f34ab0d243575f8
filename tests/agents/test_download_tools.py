"""`download_video` and its like: the file of a finished job, in the folder that the program named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent_support import SPOKEN, error_of

from heygen_async import AsyncHeyGen, tools
from heygen_async.testing import HeyGenEmulator


async def test_saves_a_finished_video_once(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    offered = {one.name: one for one in tools(client, toolset="video", output_dir=tmp_path, spending="allow")}
    created: Any = await offered["create_video_from_avatar"](**SPOKEN)
    id = created["data"]["video_id"]
    early = error_of(await offered["download_video"](video_id=id))
    assert "Call wait_for_video until it is completed, then call download_video again." in early
    await offered["wait_for_video"](video_id=id)
    first: Any = await offered["download_video"](video_id=id)
    file = Path(first["data"]["path"])
    assert (file.parent, file.suffix) == (tmp_path, ".mp4")
    assert first["data"]["bytes"] == file.stat().st_size > 0
    count = len(api.requests)
    assert await offered["download_video"](video_id=id) == first
    assert len(api.requests) == count + 1  # The status; the file is there.


async def test_needs_an_existing_folder(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    (one,) = tools(client, include=["download_video"], output_dir=tmp_path / "none")
    assert "which is not a folder" in error_of(await one(video_id="v"))
    assert api.requests == []


async def test_an_unknown_id_is_an_error(client: AsyncHeyGen, tmp_path: Path) -> None:
    (one,) = tools(client, include=["download_video"], output_dir=tmp_path)
    assert "404" in error_of(await one(video_id="none"))
    assert list(tmp_path.iterdir()) == []
