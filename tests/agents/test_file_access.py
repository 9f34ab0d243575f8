"""Local files that a model may name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from agent_support import error_of, tool
from support import PNG

from heygen_async import (
    AsyncHeyGen,
    ConfigurationError,
    Tool,
)
from heygen_async.testing import HeyGenEmulator


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a picture in it, a secret beside it, and a way out."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.png").write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "mine" / "way_out.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "mine_too").mkdir()
    (tmp_path / "mine_too" / "photo.png").write_bytes(PNG)
    return tmp_path / "mine"


@pytest.mark.parametrize("files", [None, "folder"])
@pytest.mark.parametrize(
    "path", ["../secret.png", "way_out.png", "../mine_too/photo.png", "none/../../secret.png", "/etc/hostname"]
)
@pytest.mark.parametrize(
    ("name", "field"), [("create_video_agent", "files"), ("create_photo_avatar", "file"), ("create_asset", "file")]
)
async def test_reads_no_file_outside_the_folder(
    name: str, field: str, path: str, files: str | None, folder: Path, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    one = tool(client, name, spending="allow", files=folder if files else None)
    arguments = {field: [str(folder / path)]} if field == "files" else {field: str(folder / path)}
    arguments |= {"prompt": "A tour"} if name == "create_video_agent" else {}
    arguments |= {"name": "Ada"} if name == "create_photo_avatar" else {}
    words = error_of(await one(**arguments))
    assert "is a local file" in words
    assert (str(folder) if files else "no local files") in words
    assert api.requests == []


async def test_uploads_a_file_in_the_folder(folder: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "create_photo_avatar", spending="allow", files=os.fspath(folder))
    for path in (folder / "photo.png", folder / "." / "nowhere" / ".." / "photo.png"):
        (folder / "nowhere").mkdir(exist_ok=True)
        assert "data" in await one(name="Ada", file=str(path))
    assert len(api.requests_for("AssetCreate")) == len(api.requests_for("AvatarCreate")) == 2


async def test_relative_paths_start_in_the_folder(
    folder: Path, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where there are other files of these names
    (tmp_path / "photo.png").write_bytes(PNG + b"another")
    questions: list[Mapping[str, Any]] = []

    def confirm(_: Tool, arguments: Mapping[str, Any]) -> bool:
        questions.append(arguments)
        return True

    agent = tool(client, "create_video_agent", spending="confirm", confirm=confirm, files="mine")
    arguments = {"prompt": "photo.png", "files": ["photo.png", "../mine/photo.png", "https://example.com/a.png"]}
    assert "data" in await agent(**arguments)
    assert questions == [arguments | {"files": ["mine/photo.png", "mine/photo.png", "https://example.com/a.png"]}]
    assert [PNG + b"\r\n" in request.body for request in api.requests_for("AssetCreate")] == [True]
    assert api.requests_for("VideoAgentCreate")[0].json["prompt"] == "photo.png"
    for path in ("secret.png", "../secret.png", "way_out.png", "../photo.png"):
        assert "data" not in await agent(prompt="A tour", files=[path])
    assert len(api.requests_for("AssetCreate")) == 1


async def test_reports_invalid_paths(folder: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    (folder / "round.png").symlink_to("round.png")
    one = tool(client, "create_asset", files=folder)
    for path in ("a\0b.png", "round.png", "", "\udcff.png", "x" * 5000, "none.png"):
        error_of(await one(file=path))
    assert api.requests == []


async def test_reads_no_file_without_a_folder(folder: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    words = error_of(await tool(client, "create_asset")(file=str(folder / "photo.png")))
    assert "lets a model read no local files" in words
    assert "An https URL needs no upload" in words
    words = error_of(await tool(client, "create_video_agent", spending="allow")(prompt="A", files=["photo.png"]))
    assert "Pass an https URL or an asset id." in words
    assert api.requests == []


@pytest.mark.parametrize("files", [None, "."])
async def test_a_url_is_not_a_local_file(
    files: str | None, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "https:").mkdir()  # which would make a path of it
    (tmp_path / "secret.png").write_bytes(PNG)
    one = tool(client, "create_asset", spending="allow", files=files)
    for url in ("https://../secret.png", "http://../secret.png", "https://example.com/a.png"):
        words = error_of(await one(file=url))
        assert "a URL needs no upload: pass the URL itself" in words
    assert "data" not in await one(file="HTTPS://../../secret.png")
    assert api.requests == []


async def test_reports_a_missing_folder_when_a_file_is_named(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(ConfigurationError, match="files is '/nope', which is not a folder"):
        await tool(client, "create_asset", files="/nope").run({"file": "a.png"})
    assert api.requests == []


async def test_a_query_parameter_is_not_a_file(client: AsyncHeyGen) -> None:
    created: Any = await tool(client, "create_video_agent", spending="allow")(prompt="A tour")
    found: Any = await tool(client, "list_video_agent_resources")(
        session_id=created["data"]["session_id"], source="generated"
    )
    assert {one["source_type"] for one in found["data"]} == {"generated"}


async def test_urls_and_assets_need_no_folder(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.add("asset", "a")
    one = tool(client, "create_photo_avatar", spending="allow")
    for file in ("https://example.com/a.png", {"type": "asset_id", "asset_id": "a"}):
        assert "data" in await one(name="Ada", file=file)
    assert [request.json["file"] for request in api.requests] == [
        {"type": "url", "url": "https://example.com/a.png"},
        {"type": "asset_id", "asset_id": "a"},
    ]
