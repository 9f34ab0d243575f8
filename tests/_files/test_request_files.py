"""Local files inside a request body."""

from __future__ import annotations

import sys
from pathlib import Path, PurePath
from types import FrameType

import pytest
from support import PNG

from heygen_async import (
    AsyncHeyGen,
    BytesFile,
    InvalidInputError,
)
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo, ImageVideo


async def test_equal_paths_in_a_body_are_uploaded_once(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    files = [path, Path(str(path)), "https://example.com/b.png", BytesFile(content=PNG, media_type="image/png")]
    await client.video_agents.create(prompt="A tour", files=files)
    sent = api.requests_for("VideoAgentCreate")[0].json["files"]
    assert [file["type"] for file in sent] == ["asset_id", "asset_id", "url", "asset_id"]  # type: ignore[attr-defined]
    assert sent[0] == sent[1]  # type: ignore[index]
    assert len(api.requests_for("AssetCreate")) == 2


async def test_finds_files_in_nested_structs_and_mappings(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    scene = {"type": "image", "source": path, "duration": 4}
    await client.videos.create({"type": "studio", "scenes": [scene]})
    await client.videos.create(ImageVideo(image=path, script="Hello there.", voice_id="voice_0001"))
    studio, image = (request.json for request in api.requests_for("VideoCreate"))
    assert studio["scenes"][0]["source"]["type"] == image["image"]["type"] == "asset_id"  # type: ignore[index]


async def test_bad_file_stops_the_request(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    with pytest.raises(InvalidInputError, match="no file exists there"):
        await client.video_agents.create(prompt="A tour", files=[path, tmp_path / "none.pdf"])
    assert api.requests_for("VideoAgentCreate") == []


async def test_body_without_files_is_searched_once(client: AsyncHeyGen) -> None:
    calls: list[str] = []

    def trace(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and "heygen_async" in frame.f_code.co_filename:
            calls.append("/".join(PurePath(frame.f_code.co_filename).parts[-2:]))

    request = AvatarVideo(
        avatar_id="avatar_1", script="Hello there.", title="A tour", resolution="1080p", callback_id="c"
    )
    await client.videos.create(request)
    sys.setprofile(trace)
    try:
        await client.videos.create(request)
    finally:
        sys.setprofile(None)
    assert [call for call in calls if call.startswith("_files/")] == []
    assert calls.count("types/file_fields.py") <= 4  # whatever the number of fields
