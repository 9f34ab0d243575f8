"""The emulator's consent page and token endpoints."""

from __future__ import annotations

from urllib.parse import parse_qsl

import aiohttp
import pytest
from oauth_support import REDIRECT_URI

from heygen_async import (
    OAuthClient,
)
from heygen_async.testing import HeyGenEmulator


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"client_id": "nobody"}, "not known"),
        ({"redirect_uri": "https://elsewhere.example/"}, "not registered"),
        ({"redirect_uri": "http://127.0.0.1:1/elsewhere"}, "not registered"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
    ],
)
async def test_consent_page_rejects_invalid_requests(api: HeyGenEmulator, change: dict[str, str], message: str) -> None:
    client = OAuthClient(api.oauth.client_id, REDIRECT_URI, base_url=api.url)
    page, _, query = client.authorize().url.partition("?")
    parameters = {**dict(parse_qsl(query)), **change}
    async with (
        aiohttp.ClientSession() as session,
        session.get(page, params=parameters, allow_redirects=False) as response,
    ):
        text = response.headers.get("Location") or await response.text()
    assert message in text
    assert ("error=" in text) == (response.status == 302)


async def test_token_endpoint_rejects_invalid_forms(api: HeyGenEmulator) -> None:
    url = f"{api.url}/v1/oauth/token"
    async with aiohttp.ClientSession() as session:
        for body in ({"json": {"grant_type": "password"}}, {"data": {"grant_type": "password"}}, {"data": "a=1&a=2"}):
            async with session.post(
                url,
                **body,
                **({} if "json" in body else {"headers": {"Content-Type": "application/x-www-form-urlencoded"}}),
            ) as response:  # type: ignore[arg-type]
                assert response.status == 400
                assert (await response.json())["error"] in {"invalid_request", "unsupported_grant_type"}
        pair = api.oauth.issue()
        form = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"], "client_id": "local_client"}
        async with session.post(url, data=form) as response:  # HeyGen's own newer client refreshes here
            assert response.status == 200


async def test_consent_needs_a_challenge(api: HeyGenEmulator) -> None:
    form = {"client_id": api.oauth.client_id, "redirect_uri": REDIRECT_URI, "state": "s", "decision": "allow"}
    async with aiohttp.ClientSession() as session:
        for more in ({}, {"code_challenge": "short"}):
            async with session.post(f"{api.url}/oauth/authorize", data=form | more, allow_redirects=False) as response:
                assert (response.status, (await response.json())["error"]) == (400, "invalid_request")
