"""OAuth 2.0: the way through the consent page, tokens that are refreshed once, files and processes that share them."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import shutil
import signal
import stat
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import aiohttp
import msgspec
import pytest
from aiohttp import web
from support import tasks

from heygen_async import (
    APITimeoutError,
    AsyncHeyGen,
    AuthenticationError,
    AuthorizationRequest,
    ConfigurationError,
    DecodeError,
    FileTokenStore,
    HeyGenError,
    InvalidInputError,
    OAuthClient,
    OAuthError,
    OAuthTokens,
    RateLimitError,
    ServerError,
    login_with_browser,
)
from heygen_async.auth.oauth import challenge_of
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.avatar_realtime import TextStream

REDIRECT = "http://127.0.0.1:9/callback"


@pytest.fixture
def oauth(api: HeyGenEmulator) -> OAuthClient:
    return OAuthClient(api.oauth.client_id, REDIRECT, base_url=api.url)


def granted(api: HeyGenEmulator, **changes: Any) -> OAuthTokens:
    """A pair without a consent page."""
    tokens = OAuthTokens.from_answer(api.oauth.issue(), client_id=api.oauth.client_id)
    return msgspec.structs.replace(tokens, **changes)


async def consent(url: str, decision: str = "allow") -> str:
    """Be the person: look at the page, decide, and be sent back. The URL to which one is sent."""
    async with aiohttp.ClientSession() as session:
        async with session.get(url, allow_redirects=False) as page:
            if page.status != 200:
                return page.headers.get("Location") or f"{page.status} {await page.text()}"
            assert "asks to use this account" in await page.text()
        form = {**dict(parse_qsl(urlsplit(url).query)), "decision": decision}
        async with session.post(url.partition("?")[0], data=form, allow_redirects=False) as answer:
            return answer.headers["Location"]


# -- the consent page, and the code


def test_the_vector_of_rfc_7636() -> None:
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_where_a_person_is_sent() -> None:
    client = OAuthClient("abc123", "https://example.com/oauth/callback", scope="a b")
    one, other = client.authorize(), client.authorize()
    page, _, query = one.url.partition("?")
    assert page == "https://app.heygen.com/oauth/authorize"
    assert {name: values[0] for name, values in parse_qs(query).items()} == {
        "client_id": "abc123",
        "state": one.state,
        "redirect_uri": "https://example.com/oauth/callback",
        "code_challenge": challenge_of(one.code_verifier),
        "code_challenge_method": "S256",
        "response_type": "code",
        "scope": "a b",
    }
    assert 43 <= len(one.code_verifier) <= 128
    assert one.code_verifier not in one.url
    assert len({one.state, other.state, one.code_verifier, other.code_verifier}) == 4


@pytest.mark.parametrize(
    "uri",
    [
        "", "example.com", "http://example.com/callback", "https://example.com/#part", "ftp://127.0.0.1/", "https:///x",
        "http://[::1/callback", "http://127.0.0.1:port/callback",
    ],
)  # fmt: skip
async def test_a_redirect_uri_that_can_never_be_right(uri: str) -> None:
    with pytest.raises(InvalidInputError, match="redirect_uri"):
        OAuthClient("abc", uri)
    with pytest.raises(InvalidInputError, match="redirect_uri"):
        await login_with_browser("abc", redirect_uri=uri)


ASKED = AuthorizationRequest(
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
def test_a_callback_in_any_form(callback: Any) -> None:
    assert ASKED.code_of(callback) == "c0de"


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
def test_a_callback_that_is_no_consent(callback: Any, error: str) -> None:
    with pytest.raises(OAuthError) as raised:
        ASKED.code_of(callback)
    assert raised.value.error == error
    assert "c0de" not in str(raised.value)
    assert pickle.loads(pickle.dumps(raised.value)).error == error
    if error == "access_denied":
        assert raised.value.description == "Not today"
        assert "Not today" in str(raised.value)


async def test_the_whole_round(api: HeyGenEmulator, oauth: OAuthClient) -> None:
    authorization = oauth.authorize()
    kept = msgspec.json.decode(msgspec.json.encode(authorization), type=AuthorizationRequest)  # in the person's session
    tokens = await oauth.exchange(kept, await consent(authorization.url))
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


async def test_the_person_refuses(oauth: OAuthClient) -> None:
    authorization = oauth.authorize()
    with pytest.raises(OAuthError, match="access_denied"):
        await oauth.exchange(authorization, await consent(authorization.url, "deny"))


async def test_what_is_exchanged_must_fit(api: HeyGenEmulator, oauth: OAuthClient) -> None:
    async def refused(
        change: Callable[[AuthorizationRequest, str], tuple[AuthorizationRequest, str]], by: OAuthClient = oauth
    ) -> None:
        authorization = oauth.authorize()
        with pytest.raises(OAuthError, match="Begin again") as raised:
            await by.exchange(*change(authorization, await consent(authorization.url)))
        assert raised.value.error == "invalid_grant"

    await refused(lambda a, back: (msgspec.structs.replace(a, code_verifier="w" * 43), back))
    await refused(lambda a, back: (msgspec.structs.replace(a, redirect_uri="http://127.0.0.1:8/callback"), back))
    await refused(lambda a, back: (a, back.replace("code_local", "code_other")))
    api.oauth.clients["another"] = [REDIRECT]
    await refused(lambda a, back: (a, back), OAuthClient("another", REDIRECT, base_url=api.url))
    authorization = oauth.authorize()
    back = await consent(authorization.url)
    api.clock.advance(61)
    with pytest.raises(OAuthError):
        await oauth.exchange(authorization, back)
    authorization = oauth.authorize()
    back = await consent(authorization.url)
    await oauth.exchange(authorization, back)
    with pytest.raises(OAuthError, match="good once"):
        await oauth.exchange(authorization, back)


@pytest.mark.parametrize(
    ("change", "told"),
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
async def test_the_consent_page_is_strict(oauth: OAuthClient, change: dict[str, str], told: str) -> None:
    page, _, query = oauth.authorize().url.partition("?")
    asked = {**dict(parse_qsl(query)), **change}
    async with aiohttp.ClientSession() as session, session.get(page, params=asked, allow_redirects=False) as answer:
        said = answer.headers.get("Location") or await answer.text()
    assert told in said
    assert ("error=" in said) == (answer.status == 302)


async def test_the_token_endpoints_are_strict(api: HeyGenEmulator) -> None:
    url = f"{api.url}/v1/oauth/token"
    async with aiohttp.ClientSession() as session:
        for body in ({"json": {"grant_type": "password"}}, {"data": {"grant_type": "password"}}, {"data": "a=1&a=2"}):
            async with session.post(
                url,
                **body,
                **({} if "json" in body else {"headers": {"Content-Type": "application/x-www-form-urlencoded"}}),
            ) as answer:  # type: ignore[arg-type]
                assert answer.status == 400
                assert (await answer.json())["error"] in {"invalid_request", "unsupported_grant_type"}
        pair = api.oauth.issue()
        form = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"], "client_id": "local_client"}
        async with session.post(url, data=form) as answer:  # HeyGen's own newer client refreshes here
            assert answer.status == 200


# -- tokens in a client


async def test_requests_carry_the_token_and_no_key(api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "not_this_one")
    tokens = granted(api)
    async with AsyncHeyGen(auth=tokens, base_url=api.url) as heygen:
        assert heygen.tokens is tokens
        await heygen.users.me()
        await heygen.with_options(timeout=5).video_agents.create(prompt="A tour")
    assert [r.headers["Authorization"] for r in api.requests] == [f"Bearer {tokens.access_token}"] * 2
    assert not any("X-Api-Key" in r.headers for r in api.requests)
    with pytest.raises(ConfigurationError, match="not both"):
        AsyncHeyGen("key", auth=tokens)


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
def test_tokens_that_can_never_be_right(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        OAuthTokens(**wrong)


async def test_five_hundred_tasks_and_a_token_that_ends(api: HeyGenEmulator) -> None:
    api.oauth.token_seconds = 600
    async with AsyncHeyGen(auth=granted(api), base_url=api.url) as heygen:
        await heygen.users.me()
        api.oauth.end_access()  # long before its time
        assert len(await asyncio.gather(*[heygen.users.me() for _ in range(500)])) == 500
        assert api.oauth.refreshes == 1
        assert len([r for r in api.requests_for("UserMeGet") if r.status == 401]) <= 100  # no more than were in flight
        before = len(api.requests)
        await asyncio.sleep(570)  # a minute before its time
        assert len(await asyncio.gather(*[heygen.users.me() for _ in range(500)])) == 500
        assert api.oauth.refreshes == 2
        assert not [r for r in api.requests[before:] if r.status == 401]


async def test_a_hundred_jobs_and_a_token_that_ends_again_and_again() -> None:
    async with HeyGenEmulator(autojump=True, concurrency_limit=1000, balance=1000) as api:
        api.oauth.token_seconds = 20
        async with AsyncHeyGen(auth=granted(api), base_url=api.url) as heygen:

            async def one(number: int) -> str:
                session = await heygen.video_agents.create(prompt=f"Tour {number}")
                return (await heygen.wait_for_video(session)).id

            made = await asyncio.gather(*[one(number) for number in range(100)])
        assert len(set(made)) == len(api.ledger) == 100
        assert api.oauth.refreshes >= 3
        assert not [r for r in api.requests if r.status not in {200, 202}]


async def test_a_refused_refresh_says_to_sign_in_again(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=granted(api), base_url=api.url) as heygen:
        api.oauth.revoke()
        ends = await asyncio.gather(*[heygen.users.me() for _ in range(50)], return_exceptions=True)
        assert all(isinstance(end, AuthenticationError) and "Sign in again" in str(end) for end in ends)
        assert len({id(end) for end in ends}) == 50
        with pytest.raises(AuthenticationError, match="Sign in again"):
            await heygen.users.me()
    assert len(api.requests_for("OAuthRefresh")) == 1
    assert "HEYGEN_API_KEY" not in str(ends[0])


async def test_a_token_alone_serves_until_the_api_refuses_it(api: HeyGenEmulator) -> None:
    late = time.time() - 60
    async with AsyncHeyGen(auth=granted(api, refresh_token=None, expires_at=late), base_url=api.url) as heygen:
        await heygen.users.me()
        api.oauth.end_access()
        with pytest.raises(AuthenticationError, match="Sign in again"):
            await heygen.users.me()
    assert not api.requests_for("OAuthRefresh")


async def test_a_token_that_is_refused_after_its_refresh(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=granted(api), base_url=api.url) as heygen:
        api.inject(Fault("status", status=401, code="unauthorized", operation="UserMeGet", count=None))
        with pytest.raises(AuthenticationError, match="Sign in again"):
            await heygen.users.me()
    assert (len(api.requests_for("UserMeGet")), api.oauth.refreshes) == (2, 1)


async def test_a_token_that_is_granted_again_is_not_refreshed_with_every_request(
    api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = granted(api)
    same = {"access_token": tokens.access_token, "refresh_token": "next", "expires_in": 600}
    monkeypatch.setattr(api.oauth, "issue", lambda *_: same)
    async with AsyncHeyGen(auth=tokens, base_url=api.url) as heygen:
        api.inject(Fault("status", status=401, code="unauthorized", operation="UserMeGet"))
        for _ in range(3):
            await heygen.users.me()
    assert len(api.requests_for("OAuthRefresh")) == 1


async def test_a_body_that_streams_is_sent_again_after_a_refresh(api: HeyGenEmulator, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(100_000))
    async with AsyncHeyGen(auth=granted(api), base_url=api.url, max_retries=0) as heygen:
        api.oauth.end_access()
        asset = await heygen.assets.upload(tmp_path / "a.png")
    assert asset.asset_id
    assert [r.status for r in api.requests_for("AssetCreate")] == [401, 200]


async def test_events_of_a_stream_after_a_refresh(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=granted(api), base_url=api.url) as heygen:
        stream = await heygen.avatar_realtime.create(TextStream(avatar_id="a", voice_id="v", text="One two three."))
        await heygen.avatar_realtime.append_text(stream.stream_id, delta="", final=True)
        api.oauth.end_access()
        assert [w.word async for w in heygen.avatar_realtime.words(stream.stream_id)]
    assert api.oauth.refreshes == 1
    api.inject(Fault("status", status=401, operation="AvatarRealtimeWords", count=None))
    async with AsyncHeyGen(auth=granted(api), base_url=api.url) as heygen:
        with pytest.raises(AuthenticationError, match="Sign in again"):
            await anext(heygen.avatar_realtime.words(stream.stream_id))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("reset_before", operation="OAuthRefresh", count=2),
        Fault("status", status=503, operation="OAuthRefresh", count=2),
        Fault("status", status=429, retry_after=3, operation="OAuthRefresh", count=2),
    ],
    ids=lambda fault: fault.kind,
)
async def test_a_refresh_that_fails_in_passing(api: HeyGenEmulator, fault: Fault) -> None:
    async with AsyncHeyGen(auth=granted(api, expires_at=time.time() - 1), base_url=api.url) as heygen:
        api.inject(fault)
        await heygen.users.me()
    assert (api.oauth.refreshes, fault.hits) == (1, 2)


async def test_a_token_serves_until_its_end_while_it_cannot_be_refreshed(api: HeyGenEmulator) -> None:
    api.oauth.token_seconds = 100
    async with AsyncHeyGen(auth=granted(api), base_url=api.url) as heygen:
        await heygen.users.me()
        api.inject(Fault("status", status=503, operation="OAuthRefresh", count=None))
        await asyncio.sleep(92)
        await heygen.users.me()
        asked = len(api.requests_for("OAuthRefresh"))
        assert asked >= 1
        await heygen.users.me()
        assert len(api.requests_for("OAuthRefresh")) == asked  # not with every request
        await asyncio.sleep(10)
        with pytest.raises(ServerError, match="oauth/refresh_token"):
            await heygen.users.me()
        api.clear_faults()
        await heygen.users.me()


async def test_a_refresh_whose_answer_is_lost(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=granted(api, expires_at=time.time() - 1), base_url=api.url) as heygen:
        api.inject(Fault("lost_response", operation="OAuthRefresh"))
        with pytest.raises(AuthenticationError, match="Sign in again"):  # HeyGen has rotated it, and says so
            await heygen.users.me()


async def answered(body: bytes, status: int = 200) -> OAuthTokens | HeyGenError:
    """What a refresh gives when this is the answer; what is raised shows none of the secrets."""

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(body=body, status=status)

    server = web.ServerRunner(web.Server(answer))
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    try:
        client = OAuthClient("abc", REDIRECT, base_url=f"http://127.0.0.1:{server.addresses[0][1]}")
        return await client.refresh(
            OAuthTokens(access_token="planted_oat", refresh_token="planted_ort", client_id="abc", scope="all")
        )
    except HeyGenError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown.stack[:] = [frame for frame in shown.stack if "/heygen_async/" in frame.filename]
        assert "planted" not in "".join(shown.format()) + str(error) + repr(error) + repr(error.__dict__)
        return error
    finally:
        await server.cleanup()


@pytest.mark.parametrize(
    "body",
    [
        b"<html>planted_oat</html>",
        b'"planted_oat"',
        b"[]",
        b"{}",
        b'{"access_token": ""}',
        b'{"access_token": "planted_oat\\n"}',
        b'{"access_token": "planted_oat", "token_type": "mac"}',
        b'{"access_token": "planted_oat", "expires_in": "soon"}',
        b'{"access_token": {"planted_oat": 1}}',
        b'{"planted_oat',
        b'{"access_token": "planted_oat\xff"}',
    ],
    ids=range(11),
)
async def test_an_answer_that_holds_no_tokens(body: bytes) -> None:
    assert isinstance(await answered(body), DecodeError)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, b'{"error": "invalid_grant", "error_description": "planted_ort is used"}', "invalid_grant"),
        (400, b'{"error": "invalid_grant"}', "invalid_grant"),
        (401, b'{"error": {"code": "unauthorized", "message": "planted_ort is revoked"}}', "unauthorized"),
        (403, b'{"code": 40300, "message": "not planted_ort", "data": null}', "40300"),
        (400, b"<html>planted_ort</html>", None),
    ],
    ids=range(5),
)
async def test_a_refusal_in_any_form(status: int, body: bytes, code: str | None) -> None:
    error = await answered(body, status)
    assert isinstance(error, AuthenticationError)
    assert "Sign in again" in str(error)
    assert (error.status, error.code) == (status, code)


async def test_what_a_refresh_leaves_out_stays(api: HeyGenEmulator) -> None:
    tokens = await answered(b'{"access_token": "new", "token_type": "bearer", "expires_in": "60", "surprise": 1}')
    assert isinstance(tokens, OAuthTokens)
    assert (tokens.access_token, tokens.refresh_token, tokens.scope) == ("new", "planted_ort", "all")
    assert tokens.expires_in == pytest.approx(60, abs=5)


async def test_a_long_pause_is_the_callers_to_decide(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=granted(api, expires_at=time.time() - 1), base_url=api.url) as heygen:
        fault = api.inject(Fault("status", status=429, retry_after=100, operation="OAuthRefresh", count=None))
        with pytest.raises(RateLimitError, match="100 s"):
            await heygen.users.me()
        assert fault.hits == 1


async def test_a_401_that_comes_late_ends_no_newer_token(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=granted(api), base_url=api.url) as heygen:
        api.oauth.end_access()
        api.inject(Fault("delay", seconds=5, operation="UserMeGet"))
        await asyncio.gather(heygen.users.me(), heygen.users.me())
    assert (api.oauth.refreshes, len(api.requests_for("UserMeGet"))) == (1, 4)


async def test_a_machine_that_slept(api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    api.oauth.token_seconds = 600
    async with AsyncHeyGen(auth=granted(api), base_url=api.url) as heygen:
        await heygen.users.me()
        late = time.time() + 1000  # by the wall's clock; the loop's stood still
        monkeypatch.setattr("heygen_async.auth.token_refresh.time", SimpleNamespace(time=lambda: late))
        await heygen.users.me()
    assert api.oauth.refreshes == 1
    assert all(request.status == 200 for request in api.requests)


async def test_a_close_waits_for_a_refresh(api: HeyGenEmulator) -> None:
    store = Recorded(granted(api, expires_at=time.time() - 1))
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        api.inject(Fault("delay", seconds=3, operation="OAuthRefresh"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(heygen.users.me(), 1)
    assert store.saved == [heygen.tokens]
    before = tasks()
    async with AsyncHeyGen(auth=Recorded(granted(api, expires_at=time.time() - 1)), base_url=api.url) as heygen:
        api.inject(Fault("silent", operation="OAuthRefresh"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(heygen.users.me(), 1)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 6
    await asyncio.sleep(0)
    assert not [task for task in tasks() - before if "bearer" in repr(task)]


async def test_waiting_for_a_refresh_has_its_limit(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=granted(api, expires_at=time.time() - 1), base_url=api.url, timeout=2) as heygen:
        silent = api.inject(Fault("silent", operation="OAuthRefresh"))
        with pytest.raises(APITimeoutError, match="Nothing was sent"):
            await heygen.users.me()
        assert silent.hits == 1


async def test_who_is_cancelled_takes_no_refresh_along(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=granted(api, expires_at=time.time() - 1), base_url=api.url) as heygen:
        api.inject(Fault("delay", seconds=3, operation="OAuthRefresh"))
        first, second = asyncio.ensure_future(heygen.users.me()), asyncio.ensure_future(heygen.users.me())
        await asyncio.sleep(1)
        first.cancel()
        await second
        with pytest.raises(asyncio.CancelledError):
            await first
    assert (len(api.requests_for("OAuthRefresh")), len(api.requests_for("UserMeGet"))) == (1, 1)


# -- stores


class Recorded:
    """A store that somebody wrote."""

    def __init__(self, tokens: OAuthTokens | None) -> None:
        self.tokens = tokens
        self.saved: list[OAuthTokens] = []
        self.at_save: Callable[[], None] = lambda: None

    async def load(self) -> OAuthTokens | None:
        return self.tokens

    async def save(self, tokens: OAuthTokens) -> None:
        self.at_save()
        await asyncio.sleep(1)
        self.tokens = tokens
        self.saved.append(tokens)

    def lock(self) -> nullcontext[None]:
        return nullcontext()


async def test_a_pair_is_stored_before_it_is_used(api: HeyGenEmulator) -> None:
    store = Recorded(granted(api, expires_at=time.time() - 1))
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        assert heygen.tokens is None
        later: list[asyncio.Future[object]] = []
        store.at_save = lambda: later.append(asyncio.ensure_future(heygen.users.me()))
        saved_before = []
        while_saving = asyncio.get_running_loop().call_later
        first = asyncio.ensure_future(heygen.users.me())
        while not later:
            await asyncio.sleep(0)
        while_saving(0.5, lambda: saved_before.append(len(api.requests_for("UserMeGet"))))
        await asyncio.gather(first, *later)
        assert heygen.tokens == store.tokens == store.saved[-1]
    assert saved_before == [0]


async def test_what_cannot_be_stored_is_used_and_stored_later(
    api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError("the database is away")

    store = Recorded(granted(api, expires_at=time.time() - 1))
    store.at_save = fail
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        await heygen.users.me()
        assert "the database is away" in caplog.text
        await asyncio.sleep(6)
        await heygen.users.me()
        assert not store.saved
        store.at_save = lambda: None
        await asyncio.sleep(6)
        await heygen.users.me()
        assert store.saved == [heygen.tokens]
        assert api.oauth.refreshes == 1
        store.at_save = fail
        api.oauth.end_access()
        await heygen.users.me()
        store.at_save = lambda: None
        newest = heygen.tokens
    assert store.saved[-1] == newest  # at the last moment


@pytest.mark.parametrize("away_for_good", [True, False])
async def test_a_pair_that_is_not_stored_yet_is_refreshed_when_the_api_refuses_it(
    api: HeyGenEmulator, away_for_good: bool
) -> None:
    store = Recorded(granted(api, expires_at=time.time() - 1))
    store.at_save = _full
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        await heygen.users.me()
        unsaved = heygen.tokens
        api.oauth.end_access()
        if not away_for_good:
            store.at_save = lambda: None
        await heygen.users.me()
        assert heygen.tokens != unsaved
        assert api.oauth.refreshes == 2
        store.at_save = lambda: None
        newest = heygen.tokens
    assert store.saved[-1] == newest


async def test_who_signed_in_again_is_taken_up(api: HeyGenEmulator) -> None:
    store = Recorded(granted(api))
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        await heygen.users.me()
        api.oauth.revoke()
        with pytest.raises(AuthenticationError):
            await heygen.users.me()
        store.tokens = granted(api)
        await heygen.users.me()
    assert not api.oauth.refreshes


async def test_a_store_without_tokens(api: HeyGenEmulator, tmp_path: Path) -> None:
    async with AsyncHeyGen(auth=FileTokenStore(tmp_path / "none.json"), base_url=api.url) as heygen:
        with pytest.raises(ConfigurationError, match=r"none\.json.*login_with_browser"):
            await heygen.users.me()
    assert not api.requests


async def test_a_file_of_tokens(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    store = FileTokenStore(path)
    assert await store.load() is None
    mask = os.umask(0)
    try:
        one = OAuthTokens(access_token="a", refresh_token="r", client_id="c", expires_at=1.5)
        path.write_text("{}")
        path.chmod(0o666)
        await store.save(one)
        async with store.lock():
            pass
    finally:
        os.umask(mask)
    assert await store.load() == one
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    assert {file.name for file in tmp_path.iterdir()} <= {"tokens.json", ".tokens.json.lock"}
    assert repr(store) == f"FileTokenStore({str(path)!r})"


async def test_a_file_that_is_no_good(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    for content in (b"", b"{", b"{}", b'{"access_token": 7}', b'{"access_token": "a b"}', b'{"access_token": "\xff"}'):
        path.write_bytes(content)
        with pytest.raises(ConfigurationError, match="does not hold tokens"):
            await FileTokenStore(path).load()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        await FileTokenStore(tmp_path).load()
    nowhere = FileTokenStore(path / "tokens.json")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        await nowhere.save(OAuthTokens(access_token="a"))
    with pytest.raises(ConfigurationError, match="cannot be locked"):
        async with nowhere.lock():
            pass


async def test_a_lock_is_free_when_its_holder_was_cancelled(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "tokens.json")

    async def hold() -> None:
        async with store.lock():
            await asyncio.sleep(1000)

    holding = asyncio.ensure_future(hold())
    while not (tmp_path / ".tokens.json.lock").exists():
        await asyncio.sleep(0)
    waiting = asyncio.ensure_future(hold())
    await asyncio.sleep(0.05)
    waiting.cancel()
    holding.cancel()
    await asyncio.wait({waiting, holding})
    async with store.lock():
        pass


PROGRAM = """
import asyncio, sys
from heygen_async import AsyncHeyGen, FileTokenStore

async def main(path, url):
    async with AsyncHeyGen(auth=FileTokenStore(path), base_url=url) as heygen:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.gather(*[heygen.users.me() for _ in range(20)])
        print(heygen.tokens.access_token, flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main(*sys.argv[1:]))
"""


async def program(*arguments: object) -> asyncio.subprocess.Process:
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, *map(str, arguments),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert await said(made) == b"ready\n"
    return made


async def said(made: asyncio.subprocess.Process) -> bytes:
    assert made.stdout is not None
    return await made.stdout.readline()


def go(made: asyncio.subprocess.Process) -> None:
    assert made.stdin is not None
    made.stdin.write(b"\n")


@pytest.mark.parametrize("ended", ["by its time", "by a 401"])
async def test_two_processes_on_one_file_refresh_once(tmp_path: Path, ended: str) -> None:
    async with HeyGenEmulator() as api:
        path = tmp_path / "tokens.json"
        tokens = granted(api) if ended == "by a 401" else granted(api, expires_at=time.time() - 1)
        await FileTokenStore(path).save(tokens)
        api.oauth.end_access()
        both = await asyncio.gather(program(path, api.url), program(path, api.url))
        for made in both:
            go(made)
        assert len({await said(made) for made in both}) == 1
        for made in both:
            go(made)
            assert await made.wait() == 0
        assert api.oauth.refreshes == 1
        kept = await FileTokenStore(path).load()
        assert kept is not None
        assert api.oauth.accepts(kept.access_token)


async def test_a_process_that_dies_while_it_refreshes(tmp_path: Path) -> None:
    async with HeyGenEmulator() as api:
        path = tmp_path / "tokens.json"
        await FileTokenStore(path).save(granted(api, expires_at=time.time() - 1))
        silent = api.inject(Fault("silent", operation="OAuthRefresh"))
        made = await program(path, api.url)
        go(made)
        while not silent.hits:
            await asyncio.sleep(0.01)
        made.send_signal(signal.SIGKILL)
        await made.wait()
        async with AsyncHeyGen(auth=FileTokenStore(path), base_url=api.url) as heygen:
            await heygen.users.me()
        assert api.oauth.refreshes == 1


# -- at a person's own machine


async def test_a_login_on_loopback(api: HeyGenEmulator, tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "tokens.json")
    seen: dict[str, Any] = {}

    async def be_the_person(url: str) -> None:
        back = await consent(url)
        seen["back"] = back
        async with aiohttp.ClientSession() as session:

            async def call(address: str, method: str = "GET") -> tuple[int, str]:
                async with session.request(method, address) as answer:
                    assert answer.headers["Cache-Control"] == "no-store"
                    return answer.status, await answer.text()

            root = back.partition("/callback")[0]
            assert (await call(f"{root}/favicon.ico"))[0] == 404
            assert (await call(back, "POST"))[0] == 404
            for forged in (
                back.replace("state=", "state=x"),
                f"{root}/callback",
                f"{root}/callback?error=access_denied",
            ):
                status, page = await call(forged)
                assert (status, "Not signed in" in page) == (400, True)
            seen["answers"] = await asyncio.gather(call(back), call(back))

    tokens = await login_with_browser(api.oauth.client_id, base_url=api.url, store=store, open_url=be_the_person)
    assert sorted(status for status, _ in seen["answers"]) == [200, 410]
    assert await store.load() == tokens
    assert api.oauth.exchanges == 1
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(seen["back"])


async def test_a_login_that_comes_to_nothing(
    api: HeyGenEmulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def call(url: str, decision: str = "allow", change: Callable[[str], str] = str) -> None:
        async def person() -> None:
            async with aiohttp.ClientSession() as session, session.get(change(await consent(url, decision))) as answer:
                assert answer.status == 400 or answer.status == 502

        people.append(asyncio.ensure_future(person()))

    people: list[asyncio.Future[None]] = []
    login = partial(login_with_browser, api.oauth.client_id, base_url=api.url)
    with pytest.raises(OAuthError, match="access_denied"):
        await login(open_url=lambda url: call(url, "deny"))
    with pytest.raises(OAuthError, match="invalid_grant"):
        await login(open_url=lambda url: call(url, change=lambda back: back.replace("code_local", "code_of_another")))
    broken = Recorded(None)
    broken.at_save = _full
    with pytest.raises(OSError, match="the disk is full"):
        await login(open_url=call, store=broken)
    api.inject(Fault("silent", operation="OAuthToken", count=None))
    with pytest.raises(APITimeoutError, match="/v1/oauth/token"):
        await login(open_url=call)
    api.clear_faults()
    await asyncio.gather(*people)
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    with pytest.raises(OAuthError, match="Nobody signed in within 20 s") as raised:
        await login_with_browser(api.oauth.client_id, base_url=api.url, timeout=20)
    assert raised.value.error == "timeout"
    assert f"{api.url}/oauth/authorize?" in capsys.readouterr().err
    for uri in ("https://127.0.0.1:0/", "http://example.com:80/", "http://127.0.0.1/callback"):
        with pytest.raises(InvalidInputError):
            await login_with_browser("abc", redirect_uri=uri)


def _full() -> None:
    raise OSError("the disk is full")


@pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="needs Debian's chromium and chromium-driver",
)
async def test_the_whole_round_in_a_real_browser(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    caplog.set_level(logging.INFO)  # WebDriver's own log tells the address of every page
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--no-proxy-server",
        f"--user-data-dir={tmp_path}",
    ):
        options.add_argument(argument)
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    seen: list[str] = []
    browser = await asyncio.to_thread(webdriver.Chrome, options, service)

    def sign_in(url: str) -> None:
        browser.get(url)
        seen.append(browser.find_element(By.TAG_NAME, "h1").text)
        browser.find_element(By.CSS_SELECTOR, "button[value=allow]").click()
        WebDriverWait(browser, 30).until(lambda b: b.title == "Signed in")
        seen.append(browser.current_url)

    try:
        async with HeyGenEmulator() as api:
            people: list[asyncio.Future[None]] = []
            tokens = await login_with_browser(
                api.oauth.client_id,
                base_url=api.url,
                open_url=lambda url: people.append(asyncio.ensure_future(asyncio.to_thread(sign_in, url))),
            )
            await people[0]
            async with AsyncHeyGen(auth=tokens, base_url=api.url) as heygen:
                assert (await heygen.users.me()).email
    finally:
        await asyncio.to_thread(browser.quit)
    assert seen[0] == "local_client asks to use this account"
    assert seen[1].startswith("http://127.0.0.1:")
