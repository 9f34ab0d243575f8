"""The API key: from the argument or the environment, checked before any request."""

from __future__ import annotations

from typing import Any

import pytest

from heygen_async import AsyncHeyGen, ConfigurationError


@pytest.mark.parametrize("key", [7, "", "two words", "line\nbreak", "key\r", "schlüssel", "\x7f"])
def test_rejects_a_value_that_is_not_a_key(key: Any) -> None:
    with pytest.raises(ConfigurationError, match="api_key"):
        AsyncHeyGen(key)


def test_error_without_a_key_names_the_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="set the environment variable HEYGEN_API_KEY"):
        AsyncHeyGen()
    monkeypatch.setenv("HEYGEN_API_KEY", "")
    with pytest.raises(ConfigurationError, match="HEYGEN_API_KEY is empty"):
        AsyncHeyGen()


def test_repr_hides_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "good")
    assert "good" not in repr(AsyncHeyGen())
    assert "base_url=None" in repr(AsyncHeyGen.__new__(AsyncHeyGen))  # a traceback with locals shows such a client
