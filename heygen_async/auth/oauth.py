"""OAuth 2.0: people let a program use HeyGen on their behalf, without an API key.

A program sends a person to `AuthorizationRequest.url`, and HeyGen sends them back to the program's redirect URI with a code;
`exchange` turns that into tokens, and `AsyncHeyGen(auth=…)` takes those from there. Clients are public, with PKCE
(RFC 7636, S256). https://developers.heygen.com/docs/connecting-your-app-to-heygen-with-oauth-20
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, Self
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

import msgspec

from .._http.backoff import Backoff
from .._http.configuration import BASE_URL, Timeout, is_loopback, resolve_base_url
from .._http.credentials import Secret
from .._http.encoding import USER_AGENT
from .._http.error_mapping import error_from_response
from .._http.response import Response
from ..errors import (
    SIGN_IN_AGAIN,
    APIConnectionError,
    APIError,
    AuthenticationError,
    BadRequestError,
    DecodeError,
    InvalidInputError,
    OAuthError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    import aiohttp

_ATTEMPTS = 3
_RETRY = Backoff(initial=0.5, maximum=8.0)
_LONGEST_PAUSE = 30.0  # seconds
_LIMITS = Timeout(total=30.0)
_REFUSALS = (BadRequestError, AuthenticationError, PermissionDeniedError)


class _Unshown(msgspec.Struct, frozen=True, kw_only=True):
    """A struct with secrets: no repr shows them, and no pickle takes them along unasked."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds secrets and is not pickled; msgspec.json.encode writes it out.")


class OAuthTokens(_Unshown, frozen=True, kw_only=True):
    """What a person granted: the token that requests carry, and the one that gets the next pair.

    `expires_at` is in Unix seconds; None when it is not known, and then the API's 401 tells. A `refresh_token` is of
    use to its `client_id` alone.
    """

    access_token: str
    refresh_token: str | None = None
    expires_at: float | None = None
    client_id: str | None = None
    token_type: str = "Bearer"  # noqa: S105
    scope: str | None = None

    def __post_init__(self) -> None:
        for name in ("access_token", "refresh_token"):
            value = getattr(self, name)
            if value is not None and not (value and value.isascii() and value.isprintable() and " " not in value):
                raise InvalidInputError(f"OAuthTokens.{name}", "…", "printable ASCII without spaces")
        if self.token_type.lower() != "bearer":
            raise InvalidInputError(
                "OAuthTokens.token_type", self.token_type, "TokenRefresher, the one kind that HeyGen takes"
            )
        if self.refresh_token is not None and not self.client_id:
            raise InvalidInputError("OAuthTokens.client_id", self.client_id, "the client that the refresh_token is for")

    def __repr__(self) -> str:
        return f"OAuthTokens(client_id={self.client_id!r}, expires_at={self.expires_at!r}, …)"

    @property
    def expires(self) -> datetime | None:
        """When the access token ends."""
        return None if self.expires_at is None else datetime.fromtimestamp(self.expires_at, UTC)

    @property
    def expires_in(self) -> float | None:
        """Seconds until the access token ends; below 0 when it has ended."""
        return None if self.expires_at is None else self.expires_at - time.time()

    @property
    def expired(self) -> bool:
        """Whether the access token has ended, by this machine's clock."""
        return self.expires_at is not None and self.expires_at <= time.time()

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any], *, client_id: str, before: OAuthTokens | None = None) -> Self:
        """Tokens from what a token endpoint answered just now; what it leaves out stays as it was `before`."""
        granted = msgspec.convert(answer, _Granted, strict=False)
        return cls(
            access_token=granted.access_token,
            refresh_token=granted.refresh_token or (before.refresh_token if before else None),
            expires_at=None if granted.expires_in is None else time.time() + granted.expires_in,
            client_id=client_id,
            token_type=granted.token_type,
            scope=granted.scope or (before.scope if before else None),
        )


class _Granted(msgspec.Struct):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: float | None = None
    refresh_token: str | None = None
    scope: str | None = None


class TokenStore(Protocol):
    """Where tokens are kept between runs, and shared by processes: a database, a keyring, a file (`FileTokenStore`)."""

    async def load(self) -> OAuthTokens | None:
        """The tokens that were saved last; None when there are none."""
        ...

    async def save(self, tokens: OAuthTokens) -> None:
        """Keep these; once it returns, they outlive the process."""
        ...

    def lock(self) -> AbstractAsyncContextManager[object]:
        """Held while the tokens are refreshed, by one process at a time (`contextlib.nullcontext` if there is one)."""
        ...


class AuthorizationRequest(_Unshown, frozen=True, kw_only=True):
    """One person's way through HeyGen's consent page.

    A web app keeps it in the person's session (`msgspec.json` writes and reads it) until they come back: it holds the
    `state` that tells the callback from a forged one, and the `code_verifier` without which the code is worth nothing.
    """

    url: str
    state: str
    code_verifier: str
    redirect_uri: str

    def code_of(self, callback: str | Mapping[str, str | Sequence[str]]) -> str:
        """The code with which HeyGen sent the person back: `callback` is the URL that was called, or its query.

        Raises:
            OAuthError: It is not the answer to this authorization, or says that there is no consent.
        """
        given = _parameters(callback)
        if not hmac.compare_digest(given.get("state", "").encode(), self.state.encode()):
            raise OAuthError(
                "The callback does not belong to this authorization (its state is another, or missing): it may be "
                "forged or from an older attempt. Nothing was exchanged; begin again.",
                error="invalid_state",
            )
        if "error" in given:
            said = str(given.get("error_description", "")) or None
            raise OAuthError(
                f"HeyGen gave no authorization: {given['error']}{f' ({said})' if said else ''}. Ask the person again.",
                error=str(given["error"]),
                description=said,
            )
        if not given.get("code"):
            raise OAuthError("The callback carries neither a code nor an error; begin again.", error="no_code")
        return str(given["code"])


class OAuthClient:
    """An application that HeyGen's partnerships team has registered.

    Args:
        client_id: Its public id; there is no secret.
        redirect_uri: Where people come back to, exactly as it is registered; `https`, or `http` on loopback.
        scope: Asked for when the application has several.
        base_url: The API's address, as for `AsyncHeyGen`; whatever stands in for it, such as a local HeyGen, stands in
            for the consent page and the token endpoints too.
    """

    def __init__(
        self, client_id: str, redirect_uri: str, *, scope: str | None = None, base_url: str | None = None
    ) -> None:
        if not client_id:
            raise InvalidInputError("client_id", client_id, "the id that HeyGen gave to the application")
        parts = parts_of(redirect_uri)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        if not safe or not parts.hostname or parts.fragment:
            raise InvalidInputError("redirect_uri", redirect_uri, "an https URL, or an http one on loopback")
        self.client_id: str = client_id
        self.redirect_uri: str = redirect_uri
        self._scope = scope
        self._base_url = resolve_base_url(base_url)

    def __repr__(self) -> str:
        return f"OAuthClient({self.client_id!r}, {self.redirect_uri!r})"

    def authorize(self) -> AuthorizationRequest:
        """Begin with one person: send them to its `url`, and keep the rest for when they come back."""
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        asked = {
            "client_id": self.client_id,
            "state": state,
            "redirect_uri": self.redirect_uri,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            "response_type": "code",
        }
        if self._scope is not None:
            asked["scope"] = self._scope
        page = f"{'https://app.heygen.com' if self._base_url == BASE_URL else self._base_url}/oauth/authorize"
        url = f"{page}?{urlencode(asked)}"
        return AuthorizationRequest(url=url, state=state, code_verifier=verifier, redirect_uri=self.redirect_uri)

    async def exchange(
        self,
        authorization: AuthorizationRequest,
        callback: str | Mapping[str, str | Sequence[str]],
        *,
        session: aiohttp.ClientSession | None = None,
    ) -> OAuthTokens:
        """The tokens for a person who came back with this callback (its URL, or its query's parameters).

        Raises:
            OAuthError: The callback is not this authorization's, or HeyGen or the person refused.
        """
        form = {
            "code": Secret(authorization.code_of(callback)),
            "client_id": self.client_id,
            "grant_type": "authorization_code",
            "redirect_uri": authorization.redirect_uri,
            "code_verifier": Secret(authorization.code_verifier),
        }
        try:
            return await _granted(session, _endpoint(self._base_url, "token"), form, None)
        except _REFUSALS as refused:
            raise OAuthError(
                f"HeyGen took no code: {refused.code or refused.status} ({refused.message}). Begin again with "
                "authorize(); a code is good once, and not for long.",
                error=refused.code or "refused",
                description=refused.message,
            ) from None

    async def refresh(self, tokens: OAuthTokens, *, session: aiohttp.ClientSession | None = None) -> OAuthTokens:
        """The next pair; the old refresh token is worth nothing any more. (`AsyncHeyGen(auth=…)` does this itself.)

        Raises:
            AuthenticationError: It was refused; the person has to sign in again.
        """
        return await refreshed(tokens, self._base_url, session)


def parts_of(redirect_uri: str) -> SplitResult:
    """The parts of a redirect URI.

    Raises:
        InvalidInputError: It is no URL.
    """
    try:
        parts = urlsplit(redirect_uri)
        _ = parts.port  # raises when it is no number
    except ValueError as problem:
        raise InvalidInputError("redirect_uri", redirect_uri, f"a URL ({problem})") from None
    return parts


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a code verifier, as in RFC 7636, 4.2."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def refreshed(tokens: OAuthTokens, base_url: str, session: aiohttp.ClientSession | None) -> OAuthTokens:
    """The pair that follows this one.

    Raises:
        AuthenticationError: It was refused; the person has to sign in again.
    """
    url = _endpoint(base_url, "refresh_token")
    if tokens.refresh_token is None:
        raise AuthenticationError(
            "the access token has ended, and there is no refresh token",
            status=401, method="POST", path=urlsplit(url).path, advice=SIGN_IN_AGAIN,
        )  # fmt: skip
    form = {
        "client_id": str(tokens.client_id),
        "grant_type": "refresh_token",
        "refresh_token": Secret(tokens.refresh_token),
    }
    try:
        return await _granted(session, url, form, tokens)
    except _REFUSALS as refused:
        raise AuthenticationError(refused.message, **{**refused.__dict__, "advice": SIGN_IN_AGAIN}) from None


def _endpoint(base_url: str, name: str) -> str:
    return f"{'https://api2.heygen.com' if base_url == BASE_URL else base_url}/v1/oauth/{name}"


async def _granted(
    session: aiohttp.ClientSession | None, url: str, form: dict[str, str], before: OAuthTokens | None
) -> OAuthTokens:
    """What a token endpoint grants for a form, asked again when it failed in passing."""
    from .._http.session import open_session  # noqa: PLC0415  imports aiohttp

    async with open_session() if session is None else nullcontext(session) as used:
        for attempt in range(_ATTEMPTS):
            try:
                return _tokens_of(await _answered(used, url, form), form, before)
            except (APIConnectionError, ServerError, RateLimitError) as problem:
                asked = problem.retry_after if isinstance(problem, APIError) else None
                pause = _RETRY.delay(attempt) if asked is None else asked
                if attempt == _ATTEMPTS - 1 or pause > _LONGEST_PAUSE:
                    raise
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")


async def _answered(session: aiohttp.ClientSession, url: str, form: dict[str, str]) -> Response:
    from .._http.connection_errors import connection_error  # noqa: PLC0415  imports aiohttp
    from .._http.session import client_timeout  # noqa: PLC0415  imports aiohttp

    path = urlsplit(url).path
    try:
        async with session.post(
            url,
            data=urlencode(form).encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
                "User-Agent": USER_AGENT,
            },
            allow_redirects=False,
            raise_for_status=False,
            timeout=client_timeout(_LIMITS.for_method("POST"), _LIMITS),
        ) as answer:
            return Response("POST", path, answer.status, answer.headers, await answer.read(), 1, 0.0)
    except Exception as broken:  # noqa: BLE001  told in our words, or raised again
        raise connection_error(broken, "POST", path) or broken from None


def _tokens_of(answer: Response, form: dict[str, str], before: OAuthTokens | None) -> OAuthTokens:
    """Judge an answer. What is raised shows nothing of it that could be a secret, nor does its traceback."""
    if answer.status >= 300:
        raise _error_of(answer, form)
    with suppress(msgspec.DecodeError, ValueError):
        return OAuthTokens.from_answer(msgspec.json.decode(answer.body), client_id=form["client_id"], before=before)
    raise DecodeError(
        f"POST {answer.path} answered {answer.status} with something that holds no tokens. "
        "What it was is not shown, as tokens may be in it.",
        status=answer.status, body=b"", method="POST", path=answer.path,
    )  # fmt: skip


def _error_of(answer: Response, form: dict[str, str]) -> APIError:
    """RFC 6749's form of an error, or HeyGen's own."""
    error = error_from_response(answer)
    message = error.message
    if isinstance(error.body, dict) and isinstance(code := error.body.get("error"), str):
        error.code, message = code, str(error.body.get("error_description") or code)
    for value in form.values():
        if isinstance(value, Secret):  # an error may repeat what it was given
            message = message.replace(value, "…")
    error.args, error.body = (message,), None
    return error


def _parameters(callback: str | Mapping[str, str | Sequence[str]]) -> dict[str, str]:
    """The parameters of a callback; one that is given twice is worth nothing."""
    given: Mapping[str, str | Sequence[str]]
    if isinstance(callback, str):
        given = parse_qs(urlsplit(callback).query if "?" in callback else callback)
    else:
        given = callback
    values = {name: [value] if isinstance(value, str) else value for name, value in given.items()}
    return {name: Secret(value[0]) for name, value in values.items() if len(value) == 1}
