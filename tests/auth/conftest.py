"""Fixtures of the tests of signing in."""

from __future__ import annotations

import pytest
from oauth_support import REDIRECT_URI

from heygen_async import (
    OAuthClient,
)
from heygen_async.testing import HeyGenEmulator


@pytest.fixture
def oauth(api: HeyGenEmulator) -> OAuthClient:
    return OAuthClient(api.oauth.client_id, REDIRECT_URI, base_url=api.url)
