"""`upload`, `video download` and `api`."""

from __future__ import annotations

import json
from pathlib import Path

from cli_support import Shell
from support import PNG


def test_download_requires_a_finished_video(shell: Shell) -> None:
    video = shell("video create --avatar-id avatar_1 --script x").response["data"]["video_id"]
    result = shell(f"video download {video}")
    assert (result.code, result.error["code"]) == (1, "resource_not_ready")
    assert result.error["hint"] == f"heygen-async video get {video} --wait"
    shell(f"video get {video} --wait")
    Path("there").mkdir()
    assert shell(f"video download {video} -o there").response["path"] == f"there/{video}.mp4"
    assert shell(f"video download {video} --asset captioned").response["path"] == f"{video}-captioned.mp4"


def test_download_replaces_no_file_without_force(shell: Shell, tmp_path: Path) -> None:
    video = shell("video-agent create --prompt x --wait").response["data"]["id"]
    target = tmp_path / f"{video}.mp4"
    result = shell(f"video download {video}")
    assert result.response == {"asset": "video", "message": f"Downloaded video to {target.name}", "path": target.name}
    assert target.read_bytes()[4:8] == b"ftyp"
    refused = shell(f"video download {video}")
    assert refused.code == 2
    assert "--force" in refused.error["message"]
    assert shell(f"video download {video} --force").code == 0
    assert shell(f"video download {video} --asset thumbnail").response["path"].startswith(video)


def test_upload_prints_a_line_for_each_file(shell: Shell, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(PNG)
    assert shell("upload a.png").response.keys() == {"path", "asset_id"}
    lines = [json.loads(line) for line in shell("upload a.png b.png").out.splitlines()]
    assert [line["path"] for line in lines] == ["a.png", "b.png"]
    (tmp_path / "c.txt").write_text("no picture")
    result = shell("upload a.png c.txt")
    assert result.code == 1
    assert "1 of 2 files were not uploaded: c.txt" in result.error["message"]
    assert "Nothing was sent" not in result.error["message"]
    assert json.loads(result.out)["path"] == "a.png"


def test_api_reaches_any_endpoint(shell: Shell) -> None:
    assert shell("api GET /v3/users/me").response["data"]["last_name"] is None
    body = json.dumps({"prompt": "x"})
    assert shell(f"api post /v3/video-agents -d '{body}'").response["data"]["session_id"]
