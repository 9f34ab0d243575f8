"""The API key: from the argument or the environment, checked before any request."""

from __future__ import annotations

from typing import Any

import pytest

from heygen_async import AsyncHeyGen, ConfigurationError, OAuthTokens
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


async def test_the_key_of_the_environment_precedes_its_token(
    api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
    monkeypatch.setenv("HEYGEN_ACCESS_TOKEN", api.oauth.issue()["access_token"])
    monkeypatch.setenv("HEYGEN_API_KEY", "")
    async with AsyncHeyGen() as heygen:
        await heygen.users.me()
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    async with AsyncHeyGen() as heygen:
        await heygen.users.me()
    async with AsyncHeyGen(auth=OAuthTokens(access_token=api.oauth.issue()["access_token"])) as heygen:
        await heygen.users.me()
    signed = [("Authorization" in request.headers, "X-Api-Key" in request.headers) for request in api.requests]
    assert signed == [(True, False), (False, True), (True, False)]


def test_a_key_and_tokens_together_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="an api_key or auth, not both"):
        AsyncHeyGen("key", auth=OAuthTokens(access_token="token"))


def test_repr_hides_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "good")
    assert "good" not in repr(AsyncHeyGen())
    assert "base_url=None" in repr(AsyncHeyGen.__new__(AsyncHeyGen))  # a traceback with locals shows such a client
