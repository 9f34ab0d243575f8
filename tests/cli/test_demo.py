"""`heygen-async demo`: a video without an account."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heygen_async.cli.exit_codes import WRONG_USE
from heygen_async.cli.program import run


def test_a_video_is_created_without_a_key(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEYGEN_")}
    command = [sys.executable, "-W", "error", "-m", "heygen_async", "demo"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "demo.mp4").read_bytes()[4:8] == b"ftyp"
    first, *_, last = done.stdout.splitlines()
    assert "charges nothing" in first
    assert last.strip().startswith("heygen-async video-agent create")


def test_a_file_of_the_user_is_not_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("demo.mp4").write_text("mine", encoding="utf-8")
    assert run(["demo"]) == WRONG_USE
    assert "--force" in capfd.readouterr().err
    assert Path("demo.mp4").read_text(encoding="utf-8") == "mine"
