"""`download_video` and its like: the file of a finished job, in the folder that the program named."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from agent_support import SPOKEN, error_of

from heygen_async import AsyncHeyGen, tools
from heygen_async.agents import BoundedCalls
from heygen_async.testing import Fault, HeyGenEmulator


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
    assert first["data"]["status"] == "completed"
    assert first["data"]["bytes"] == file.stat().st_size > 0
    count = len(api.requests)
    assert await offered["download_video"](video_id=id) == first
    assert len(api.requests) == count + 1  # The status; the file is there.


async def test_a_slow_download_goes_on_when_its_call_ends(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    async with BoundedCalls(max_wait=3) as bounded:
        options: Any = {"toolset": "video", "output_dir": tmp_path, "spending": "allow", "bounded": bounded}
        offered = {one.name: one for one in tools(client, **options)}
        created: Any = await offered["create_video_from_avatar"](**SPOKEN)
        id = created["data"]["video_id"]
        await client.wait_for_video(id)
        api.inject(Fault("delay", origin="storage", seconds=30))
        calls = [offered["download_video"](video_id=id) for _ in range(2)]
        for response in await asyncio.gather(*calls):
            assert response["data"] == {"path": str(tmp_path / f"{id}.mp4"), "status": "downloading"}
            assert (
                response["note"] == f"The file is still being downloaded. Call download_video with video_id={id} again."
            )
        api.clock.advance(40)
        saved: Any = await offered["download_video"](video_id=id)
        assert saved["data"]["bytes"] == (tmp_path / f"{id}.mp4").stat().st_size
    assert len([one for one in api.requests if one.origin == "storage"]) == 1


async def test_needs_an_existing_folder(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    (one,) = tools(client, include=["download_video"], output_dir=tmp_path / "none")
    assert "which is not a folder" in error_of(await one(video_id="v"))
    assert api.requests == []


async def test_an_unknown_id_is_an_error(client: AsyncHeyGen, tmp_path: Path) -> None:
    (one,) = tools(client, include=["download_video"], output_dir=tmp_path)
    assert "404" in error_of(await one(video_id="none"))
    assert list(tmp_path.iterdir()) == []
