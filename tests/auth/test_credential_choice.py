"""The credentials: the order of their sources, and keys that are checked before any request."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from oauth_support import issue_tokens

from heygen_async import AsyncHeyGen, ConfigurationError, FileTokenStore, OAuthTokens
from heygen_async.auth.key_file import store_key
from heygen_async.testing import HeyGenEmulator


@pytest.mark.parametrize("key", [7, "", "two words", "line\nbreak", "key\r", "schlüssel", "\x7f"])
def test_rejects_a_value_that_is_not_a_key(key: Any) -> None:
    with pytest.raises(ConfigurationError, match="api_key"):
        AsyncHeyGen(key)


def test_error_without_a_key_names_the_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="set the environment variable HEYGEN_API_KEY"):
        AsyncHeyGen()
    monkeypatch.setenv("HEYGEN_API_KEY", " ")
    with pytest.raises(ConfigurationError, match="set the environment variable HEYGEN_API_KEY"):
        AsyncHeyGen()


SOURCES = ("api_key", "auth", "HEYGEN_API_KEY", "HEYGEN_ACCESS_TOKEN", "tokens.json", "api_key file")


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("unset", [None, "", " "])
async def test_the_first_source_in_the_table_is_used(
    name: str, unset: str | None, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every source after `name` is given as well, with credentials of its own; the variables before it are not."""
    tokens = {source: issue_tokens(api) for source in ("auth", "HEYGEN_ACCESS_TOKEN", "tokens.json")}
    path = tmp_path / "tokens.json"
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
    monkeypatch.setenv("HEYGEN_TOKEN_FILE", str(path))
    if name != "api_key file":
        await FileTokenStore().save(tokens["tokens.json"])
    stored_key = await asyncio.to_thread(store_key, api.key)
    for variable, value in (
        ("HEYGEN_API_KEY", api.key),
        ("HEYGEN_ACCESS_TOKEN", tokens["HEYGEN_ACCESS_TOKEN"].access_token),
    ):
        if SOURCES.index(variable) >= SOURCES.index(name):
            monkeypatch.setenv(variable, value)
        elif unset is not None:
            monkeypatch.setenv(variable, unset)
    arguments: dict[str, Any] = {"api_key": {"api_key": api.key}, "auth": {"auth": tokens["auth"]}}.get(name, {})
    async with AsyncHeyGen(**arguments) as heygen:
        await heygen.users.me()
    (request,) = api.requests
    used = request.headers.get("Authorization", "").removeprefix("Bearer ") or request.headers["X-Api-Key"]
    assert used == (tokens[name].access_token if name in tokens else api.key)
    source = {"tokens.json": str(path), "api_key file": str(stored_key)}.get(name, name)
    assert f"credentials='{source} …{used[-4:]}'" in repr(heygen)
    assert used not in repr(heygen)


async def test_a_stored_sign_in_that_cannot_be_read_ends_the_first_request(
    api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "tokens.json"
    monkeypatch.setenv("HEYGEN_TOKEN_FILE", str(path))
    path.write_text("{", encoding="utf-8")
    async with AsyncHeyGen(base_url=api.url) as heygen:
        with pytest.raises(ConfigurationError, match="does not hold tokens. Remove it and sign in again"):
            await heygen.users.me()
    assert str(path) in repr(heygen)
    assert api.requests == []


def test_the_stored_sign_in_lies_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HEYGEN_TOKEN_FILE")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # Windows
    assert FileTokenStore().path == tmp_path / ".config/heygen-async/tokens.json"
    with pytest.raises(ConfigurationError, match="No API key"):
        AsyncHeyGen()


def test_a_key_and_tokens_together_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="an api_key or auth, not both"):
        AsyncHeyGen("key", auth=OAuthTokens(access_token="token"))


def test_repr_shows_only_the_end_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "good")
    assert "good" not in repr(AsyncHeyGen())
    assert repr(AsyncHeyGen("sk_0123456789abcdef")) == (
        "AsyncHeyGen(base_url='https://api.heygen.com', credentials='api_key …cdef')"
    )
    assert "credentials='api_key'" in repr(AsyncHeyGen(lambda: "sk_0123456789abcdef"))  # no key yet
    assert "base_url=None" in repr(AsyncHeyGen.__new__(AsyncHeyGen))  # a traceback with locals shows such a client
