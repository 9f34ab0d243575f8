"""Authorization requests and their callbacks."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from heygen_async import (
    AuthorizationRequest,
    OAuthError,
)

REQUEST = AuthorizationRequest(
    url="https://e.com", state="right", code_verifier="v" * 43, redirect_uri="https://e.com/back"
)


@pytest.mark.parametrize(
    "callback",
    [
        "https://e.com/back?code=c0de&state=right",
        "code=c0de&state=right",
        "/back?state=right&code=c0de&iss=https%3A%2F%2Fapp.heygen.com",
        {"code": "c0de", "state": "right"},
        {"code": ["c0de"], "state": ["right"]},
    ],
)
def test_reads_the_code_from_every_form_of_callback(callback: Any) -> None:
    assert REQUEST.read_code(callback) == "c0de"


@pytest.mark.parametrize(
    ("callback", "error"),
    [
        ("code=c0de&state=wrong", "invalid_state"),
        ("code=c0de&state=right1", "invalid_state"),
        ("code=c0de&state=righ", "invalid_state"),
        ("code=c0de&state=right&state=right", "invalid_state"),
        ("code=c0de&state=r%C3%AFght", "invalid_state"),
        ("code=c0de", "invalid_state"),
        ("", "invalid_state"),
        ("error=access_denied", "invalid_state"),
        ("error=access_denied&error_description=Not+today&state=right", "access_denied"),
        ("error=server_error&code=c0de&state=right", "server_error"),
        ("state=right", "no_code"),
        ("state=right&code=", "no_code"),
        ("state=right&code=c0de&code=other", "no_code"),
        ({"state": [], "code": "c0de"}, "invalid_state"),
    ],
)
def test_callback_without_consent_is_an_oauth_error(callback: Any, error: str) -> None:
    with pytest.raises(OAuthError) as raised:
        REQUEST.read_code(callback)
    assert raised.value.error == error
    assert "c0de" not in str(raised.value)
    assert pickle.loads(pickle.dumps(raised.value)).error == error
    if error == "access_denied":
        assert raised.value.description == "Not today"
        assert "Not today" in str(raised.value)
