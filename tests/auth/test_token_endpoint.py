"""Token endpoints: invalid responses and refusals, with no secret shown."""

from __future__ import annotations

import traceback

import pytest
from aiohttp import web
from oauth_support import REDIRECT_URI

from heygen_async import (
    AuthenticationError,
    DecodeError,
    HeyGenError,
    OAuthClient,
    OAuthTokens,
)
from heygen_async.testing import HeyGenEmulator


async def refresh_with_response(body: bytes, status: int = 200) -> OAuthTokens | HeyGenError:
    """Refresh against a server with this response; return the tokens or the error, which must show no secret."""

    async def respond(request: web.BaseRequest) -> web.Response:
        return web.Response(body=body, status=status)

    server = web.ServerRunner(web.Server(respond))
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    try:
        client = OAuthClient("abc", REDIRECT_URI, base_url=f"http://127.0.0.1:{server.addresses[0][1]}")
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
async def test_response_without_tokens_is_a_decode_error(body: bytes) -> None:
    assert isinstance(await refresh_with_response(body), DecodeError)


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
async def test_every_form_of_refusal_is_an_authentication_error(status: int, body: bytes, code: str | None) -> None:
    error = await refresh_with_response(body, status)
    assert isinstance(error, AuthenticationError)
    assert "Sign in again" in str(error)
    assert (error.status, error.code) == (status, code)


async def test_values_missing_in_the_response_stay(api: HeyGenEmulator) -> None:
    tokens = await refresh_with_response(
        b'{"access_token": "new", "token_type": "bearer", "expires_in": "60", "surprise": 1}'
    )
    assert isinstance(tokens, OAuthTokens)
    assert (tokens.access_token, tokens.refresh_token, tokens.scope) == ("new", "planted_ort", "all")
    assert tokens.expires_in == pytest.approx(60, abs=5)
