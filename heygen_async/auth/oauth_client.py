"""`OAuthClient`: people let a program use HeyGen on their behalf, without an API key.

The program sends a person to `AuthorizationRequest.url`. HeyGen sends them back to the redirect URI with a code.
`exchange` turns the code into tokens, which `AsyncHeyGen(auth=…)` uses and refreshes. Clients are public and use PKCE.
https://developers.heygen.com/docs/connecting-your-app-to-heygen-with-oauth-20
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from .._http.configuration import BASE_URL, is_loopback, resolve_base_url
from ..errors import InvalidInputError, OAuthError
from ..types.redaction import Secret
from ..types.tracebacks import strips_frames_of_methods
from .authorization import AuthorizationRequest, split_redirect_uri
from .oauth_tokens import OAuthTokens
from .pkce import create_code_challenge, create_code_verifier
from .token_endpoint import REFUSALS, Form, refresh_tokens, request_tokens, token_url

if TYPE_CHECKING:
    import aiohttp


@strips_frames_of_methods
class OAuthClient:
    """An application that HeyGen's partnerships team has registered.

    Args:
        client_id: The public id of the application; there is no client secret.
        redirect_uri: The registered address to which HeyGen sends people back: `https`, or `http` on a loopback host.
        scope: The scopes to request, if the application has several.
        base_url: The address of the API, as for `AsyncHeyGen`. Another address than HeyGen's, such as that of a local
            HeyGen, is used for the consent page and the token endpoints too.

    Raises:
        InvalidInputError: The client id is empty, or the redirect URI is not allowed.
    """

    def __init__(
        self, client_id: str, redirect_uri: str, *, scope: str | None = None, base_url: str | None = None
    ) -> None:
        if not client_id:
            raise InvalidInputError("client_id", client_id, "the id that HeyGen gave to the application")
        parts = split_redirect_uri(redirect_uri)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        if not is_safe or not parts.hostname or parts.fragment:
            raise InvalidInputError("redirect_uri", redirect_uri, "an https URL, or an http URL on a loopback host")
        self.client_id: str = client_id
        self.redirect_uri: str = redirect_uri
        self._scope = scope
        self._base_url = resolve_base_url(base_url)

    def __repr__(self) -> str:
        return f"OAuthClient({self.client_id!r}, {self.redirect_uri!r})"

    def authorize(self) -> AuthorizationRequest:
        """Return a request for one person's consent.

        Send the person to its `url`, and store the request until the callback.
        """
        state, verifier = secrets.token_urlsafe(32), create_code_verifier()
        parameters = {
            "client_id": self.client_id,
            "state": state,
            "redirect_uri": self.redirect_uri,
            "code_challenge": create_code_challenge(verifier),
            "code_challenge_method": "S256",
            "response_type": "code",
        }
        if self._scope is not None:
            parameters["scope"] = self._scope
        page = f"{'https://app.heygen.com' if self._base_url == BASE_URL else self._base_url}/oauth/authorize"
        return AuthorizationRequest(
            url=f"{page}?{urlencode(parameters)}", state=state, code_verifier=verifier, redirect_uri=self.redirect_uri
        )

    async def exchange(
        self,
        authorization: AuthorizationRequest,
        callback: str | Mapping[str, str | Sequence[str]],
        *,
        session: aiohttp.ClientSession | None = None,
    ) -> OAuthTokens:
        """Exchange the code of a callback for tokens.

        Args:
            authorization: The request that `authorize` returned for this person.
            callback: The URL that was called, its query, or the parsed parameters of the query.
            session: The session to send with; by default a new one is opened and closed.

        Raises:
            OAuthError: The callback belongs to another request, or the person or HeyGen refused.
        """
        form: Form = {
            "code": Secret(authorization.read_code(callback)),
            "client_id": self.client_id,
            "grant_type": "authorization_code",
            "redirect_uri": authorization.redirect_uri,
            "code_verifier": Secret(authorization.code_verifier),
        }
        try:
            return await request_tokens(session, token_url(self._base_url, "token"), form, None)
        except REFUSALS as error:
            raise OAuthError(
                f"HeyGen refused the code: {error.code or error.status} ({error.message}). A code is valid once and "
                "for a short time. Start again with authorize().",
                error=error.code or "refused",
                description=error.message,
            ) from None

    async def refresh(self, tokens: OAuthTokens, *, session: aiohttp.ClientSession | None = None) -> OAuthTokens:
        """Return the next pair of tokens. `AsyncHeyGen(auth=…)` does this by itself.

        The refresh token of the current pair is invalid afterwards.

        Args:
            tokens: The current pair.
            session: The session to send with; by default a new one is opened and closed.

        Raises:
            AuthenticationError: HeyGen refused the refresh token; the person must sign in again.
        """
        return await refresh_tokens(tokens, self._base_url, session)
