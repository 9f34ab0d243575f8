"""The default output of commands: `HEYGEN_OUTPUT` and `heygen-async config`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_support import Shell


def test_output_comes_from_the_flag_the_environment_or_the_file(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell("config get output").response["data"] == {"name": "output", "value": "json", "source": "default"}
    assert shell("user me get").out.startswith("{")
    path = tmp_path / "config" / "config.json"
    assert shell("config set output human").response["data"]["source"] == str(path)
    assert not shell("user me get").out.startswith("{")
    assert shell("user me get --human=false").out.startswith("{")
    monkeypatch.setenv("HEYGEN_OUTPUT", "json")
    assert shell("user me get").out.startswith("{")
    assert not shell("user me get --human").out.startswith("{")
    assert [one["source"] for one in shell("config list").response["data"]] == ["HEYGEN_OUTPUT", "default"]


def test_invalid_settings_are_wrong_use(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell("config set output yaml").code == 2
    assert shell("config set colour red").code == 2
    assert shell("config set analytics true").code == 2
    monkeypatch.setenv("HEYGEN_OUTPUT", "yaml")
    assert "HEYGEN_OUTPUT is 'yaml'; expected json or human" in shell("user me get").error["message"]
    monkeypatch.delenv("HEYGEN_OUTPUT")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.json").write_text("{", encoding="utf-8")
    assert "is not valid JSON" in shell("user me get").error["message"]
    assert shell.api.requests == []
