"""HeyGen's token endpoints: requests that send a form and return tokens.

No exception from here shows a secret: not in its message or attributes, nor in the local variables of its traceback.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import msgspec

from .. import errors
from .._http.backoff import Backoff
from .._http.configuration import BASE_URL, Timeout
from .._http.encoding import USER_AGENT
from .._http.error_mapping import error_from_response
from .._http.exchange import open_exchange
from .._http.limits import MIB, Limits
from .._http.proxies import environment_proxies
from .._http.response import Response
from .._http.retry_policy import FailedAttemptError
from .._http.retrying import retrying
from ..types.redaction import Secret, SecretMask
from .oauth_tokens import OAuthTokens

if TYPE_CHECKING:
    import aiohttp

#: The errors by which a token endpoint refuses a code or a refresh token.
REFUSALS = (errors.BadRequestError, errors.AuthenticationError, errors.PermissionDeniedError)
SIGN_IN_AGAIN = "Sign in again: OAuthClient.authorize() in a web app, login_with_browser() in a script."

#: The fields of a form; the secret ones are hidden in every repr.
Form: TypeAlias = Mapping[str, str | Secret]

_MAX_RETRIES = 2
_BACKOFF = Backoff(initial=0.5, maximum=8.0)
_MAX_DELAY = 30.0  # seconds
_TIMEOUT = Timeout(total=30.0)
_LIMITS = Limits(json_body=MIB)
_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/json",
    "User-Agent": USER_AGENT,
}


def token_url(base_url: str, endpoint: str) -> str:
    """Return the URL of a token endpoint: at HeyGen, or at the local HeyGen that `base_url` names."""
    return f"{'https://api2.heygen.com' if base_url == BASE_URL else base_url}/v1/oauth/{endpoint}"


async def request_tokens(
    session: aiohttp.ClientSession | None, url: str, form: Form, previous: OAuthTokens | None
) -> OAuthTokens:
    """Post a form to a token endpoint and return the tokens; retry transient failures up to two times.

    Args:
        session: The session to send with; None opens one for this call.
        url: The token endpoint.
        form: The fields, the secret ones as `Secret`.
        previous: The tokens that are refreshed.

    Raises:
        APIError: The endpoint refused the form.
        APIConnectionError: No response arrived.
        DecodeError: The response holds no tokens.
        ResponseTooLargeError: The response exceeds 1 MiB.
    """
    from .._http.session import open_session  # noqa: PLC0415  imports aiohttp

    async with open_session(environment_proxies()) if session is None else nullcontext(session) as opened_session:
        attempts = retrying(_BACKOFF, max_retries=_MAX_RETRIES, max_delay=_MAX_DELAY)
        async for _ in attempts:
            try:
                return _read_tokens(await _post(opened_session, url, form), form, previous)
            except (errors.APIConnectionError, errors.ServerError, errors.RateLimitError) as error:
                attempts.failed(error, retry_after=error.retry_after if isinstance(error, errors.APIError) else None)
        raise attempts.error


async def refresh_tokens(tokens: OAuthTokens, base_url: str, session: aiohttp.ClientSession | None) -> OAuthTokens:
    """Return the next pair of tokens; the refresh token of the current pair is invalid afterwards.

    Raises:
        AuthenticationError: HeyGen refused the refresh token; the person must sign in again.
    """
    url = token_url(base_url, "refresh_token")
    if tokens.refresh_token is None:
        raise errors.AuthenticationError(
            "the access token has expired, and there is no refresh token",
            status=401, method="POST", path=urlsplit(url).path, advice=SIGN_IN_AGAIN,
        )  # fmt: skip
    form: Form = {
        "client_id": str(tokens.client_id),
        "grant_type": "refresh_token",
        "refresh_token": Secret(tokens.refresh_token),
    }
    try:
        return await request_tokens(session, url, form, tokens)
    except REFUSALS as error:
        raise errors.AuthenticationError(
            error.message,
            status=error.status, code=error.code, request_id=error.request_id, method=error.method,
            path=error.path, retry_after=error.retry_after, advice=SIGN_IN_AGAIN,
        ) from None  # fmt: skip


async def _post(session: aiohttp.ClientSession, url: str, form: Form) -> Response:
    from .._http.session import client_timeout  # noqa: PLC0415  imports aiohttp

    path = urlsplit(url).path
    timeout = client_timeout(_TIMEOUT.for_method("POST"), _TIMEOUT)
    options: dict[str, Any] = {"allow_redirects": False, "timeout": timeout}
    try:
        exchange = await open_exchange(
            session, "POST", url, _HEADERS, _encoded(form), _TIMEOUT.read, path, _LIMITS, **options
        )
        try:
            content = await exchange.read()
        finally:
            await exchange.close()
    except FailedAttemptError as failure:
        raise failure.error from None
    status = exchange.response.status
    if exchange.is_too_large and status < 300:
        message = f"POST {path}: the response with status {status} exceeds {_LIMITS.json_body} bytes."
        raise errors.ResponseTooLargeError(message, status=status, body=b"", method="POST", path=path)
    return Response("POST", path, status, exchange.response.headers, content, 1, 0.0)


def _encoded(form: Form) -> bytes:
    fields = {name: value.reveal() if isinstance(value, Secret) else value for name, value in form.items()}
    return urlencode(fields).encode()


def _read_tokens(response: Response, form: Form, previous: OAuthTokens | None) -> OAuthTokens:
    if response.status >= 300:
        raise _read_error(response, form)
    with suppress(msgspec.DecodeError, ValueError):
        # A local variable with the decoded body would show the tokens in a traceback.
        return OAuthTokens.from_response(
            msgspec.json.decode(response.body), client_id=str(form["client_id"]), previous=previous
        )
    raise errors.DecodeError(
        f"POST {response.path}: the response with status {response.status} holds no tokens. "
        "Its body is not shown, since it may hold secrets.",
        status=response.status, body=b"", method="POST", path=response.path,
    )  # fmt: skip


def _read_error(response: Response, form: Form) -> errors.APIError:
    """Return the error in the form of RFC 6749 or in HeyGen's own."""
    error = error_from_response(response)
    message = error.message
    if isinstance(error.body, dict) and isinstance(code := error.body.get("error"), str):
        error.code, message = code, str(error.body.get("error_description") or code)
    error.args, error.message, error.body = (message,), message, None
    secrets = (value.reveal() for value in form.values() if isinstance(value, Secret))
    SecretMask(*secrets).error(error)  # the response may repeat a field of the form
    return error
