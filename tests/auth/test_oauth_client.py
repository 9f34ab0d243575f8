"""The OAuth client: consent page, code, tokens."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import msgspec
import pytest
from oauth_support import REDIRECT_URI, visit_consent_page

from heygen_async import (
    AsyncHeyGen,
    AuthenticationError,
    AuthorizationRequest,
    InvalidInputError,
    OAuthClient,
    OAuthError,
    login_with_browser,
)
from heygen_async.auth.pkce import create_code_challenge
from heygen_async.testing import HeyGenEmulator


def test_authorize_builds_the_url_of_the_consent_page() -> None:
    client = OAuthClient("abc123", "https://example.com/oauth/callback", scope="a b")
    first, second = client.authorize(), client.authorize()
    page, _, query = first.url.partition("?")
    assert page == "https://app.heygen.com/oauth/authorize"
    assert {name: values[0] for name, values in parse_qs(query).items()} == {
        "client_id": "abc123",
        "state": first.state,
        "redirect_uri": "https://example.com/oauth/callback",
        "code_challenge": create_code_challenge(first.code_verifier),
        "code_challenge_method": "S256",
        "response_type": "code",
        "scope": "a b",
    }
    assert 43 <= len(first.code_verifier) <= 128
    assert first.code_verifier not in first.url
    assert len({first.state, second.state, first.code_verifier, second.code_verifier}) == 4


@pytest.mark.parametrize(
    "uri",
    [
        "", "example.com", "http://example.com/callback", "https://example.com/#part", "ftp://127.0.0.1/", "https:///x",
        "http://[::1/callback", "http://127.0.0.1:port/callback",
    ],
)  # fmt: skip
async def test_rejects_an_invalid_redirect_uri(uri: str) -> None:
    with pytest.raises(InvalidInputError, match="redirect_uri"):
        OAuthClient("abc", uri)
    with pytest.raises(InvalidInputError, match="redirect_uri"):
        await login_with_browser("abc", redirect_uri=uri)


async def test_exchanges_a_code_and_refreshes_the_tokens(api: HeyGenEmulator, oauth: OAuthClient) -> None:
    authorization = oauth.authorize()
    kept = msgspec.json.decode(msgspec.json.encode(authorization), type=AuthorizationRequest)  # in the person's session
    tokens = await oauth.exchange(kept, await visit_consent_page(authorization.url))
    assert tokens.client_id == api.oauth.client_id
    assert tokens.expires_in == pytest.approx(864_000, abs=5)
    assert tokens.expires is not None
    assert not tokens.expired
    async with AsyncHeyGen(auth=tokens, base_url=api.url) as heygen:
        assert (await heygen.users.me()).email
    following = await oauth.refresh(tokens)
    assert following.access_token != tokens.access_token
    async with AsyncHeyGen(auth=following, base_url=api.url) as heygen:
        assert (await heygen.users.me()).email
    assert (api.oauth.exchanges, api.oauth.refreshes) == (1, 1)
    with pytest.raises(AuthenticationError, match="invalid_grant.*Sign in again"):
        await oauth.refresh(tokens)
    (exchanged,), (renewed, *_) = api.requests_for("OAuthToken"), api.requests_for("OAuthRefresh")
    assert (exchanged.raw_path, renewed.raw_path) == ("/v1/oauth/token", "/v1/oauth/refresh_token")
    assert {*parse_qs(exchanged.body.decode())} == {"code", "client_id", "grant_type", "redirect_uri", "code_verifier"}
    assert {*parse_qs(renewed.body.decode())} == {"client_id", "grant_type", "refresh_token"}
    assert not {"X-Api-Key", "Authorization"} & {*exchanged.headers, *renewed.headers}


async def test_refusal_of_the_person_is_an_oauth_error(oauth: OAuthClient) -> None:
    authorization = oauth.authorize()
    with pytest.raises(OAuthError, match="access_denied"):
        await oauth.exchange(authorization, await visit_consent_page(authorization.url, "deny"))


async def test_code_is_refused_with_other_data_or_a_second_time(api: HeyGenEmulator, oauth: OAuthClient) -> None:
    async def refused(
        change: Callable[[AuthorizationRequest, str], tuple[AuthorizationRequest, str]], by: OAuthClient = oauth
    ) -> None:
        authorization = oauth.authorize()
        with pytest.raises(OAuthError, match="Start again") as raised:
            await by.exchange(*change(authorization, await visit_consent_page(authorization.url)))
        assert raised.value.error == "invalid_grant"

    await refused(lambda a, back: (msgspec.structs.replace(a, code_verifier="w" * 43), back))
    await refused(lambda a, back: (msgspec.structs.replace(a, redirect_uri="http://127.0.0.1:8/callback"), back))
    await refused(lambda a, back: (a, back.replace("code_local", "code_other")))
    api.oauth.clients["another"] = [REDIRECT_URI]
    await refused(lambda a, back: (a, back), OAuthClient("another", REDIRECT_URI, base_url=api.url))
    authorization = oauth.authorize()
    back = await visit_consent_page(authorization.url)
    api.clock.advance(61)
    with pytest.raises(OAuthError):
        await oauth.exchange(authorization, back)
    authorization = oauth.authorize()
    back = await visit_consent_page(authorization.url)
    await oauth.exchange(authorization, back)
    with pytest.raises(OAuthError, match="valid once"):
        await oauth.exchange(authorization, back)
