"""OAuth tokens."""

from __future__ import annotations

import pytest

from heygen_async import (
    InvalidInputError,
    OAuthTokens,
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"access_token": ""},
        {"access_token": "a b"},
        {"access_token": "a\nb"},
        {"access_token": "ä"},
        {"access_token": "a", "token_type": "mac"},
        {"access_token": "a", "refresh_token": "r"},
    ],
)
def test_rejects_invalid_tokens(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        OAuthTokens(**wrong)
