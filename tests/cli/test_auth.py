"""`heygen-async auth`: a stored key, and where the credentials come from."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cli_support import Shell


@pytest.fixture(autouse=True)
def no_key(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell has no key in its environment."""
    monkeypatch.delenv("HEYGEN_API_KEY")


def test_a_stored_key_is_used_until_the_sign_out(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "config" / "api_key"
    assert shell("video list").code == 3
    login = shell("auth login", stdin=f"{shell.api.key}\n")
    assert (login.code, login.response["data"]["source"]) == (0, str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert shell("video list").code == 0
    status = shell("auth status").response["data"]
    assert (status["source"], status["credential"]) == (str(path), f"…{shell.api.key[-4:]}")
    assert shell.api.key not in login.out + login.err
    assert shell("auth logout").response["data"]["removed"] == [str(path)]
    assert shell("video list").code == 3
    assert shell("auth logout").response["data"]["removed"] == []


@pytest.mark.parametrize(("key", "code"), [("sk_wrong", 3), ("", 2), ("two words", 2)])
def test_a_key_that_is_not_accepted_is_not_stored(key: str, code: int, shell: Shell, tmp_path: Path) -> None:
    assert shell("auth login", stdin=key).code == code
    assert not (tmp_path / "config" / "api_key").exists()


def test_the_environment_comes_before_the_stored_key(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell("auth login", stdin=shell.api.key)
    monkeypatch.setenv("HEYGEN_API_KEY", "sk_wrong")
    assert shell("auth status").code == 3
    monkeypatch.delenv("HEYGEN_API_KEY")
    (tmp_path / "config" / "api_key").write_text("two words", encoding="utf-8")
    result = shell("auth status")
    assert (result.code, "cannot be a HeyGen API key" in result.error["message"]) == (2, True)
