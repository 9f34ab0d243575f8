"""HeyGen's OAuth 2.0 for public clients: a consent page, codes, PKCE with S256, tokens (RFC 6749, 7636, 8252)."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .jobs import State

__all__ = ["OAuth"]

_CODE_SECONDS = 60.0
_FORM_FIELDS = ("client_id", "redirect_uri", "state", "code_challenge", "scope")
_PAGE = """<!doctype html><meta charset="utf-8"><title>A local HeyGen</title>
<h1>{client} asks to use this account</h1>
<form method="post" action="/oauth/authorize">{fields}
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></form>"""
_JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}
_HTML = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Response = tuple[int, dict[str, str], bytes]


class OAuth:
    """The authorization and token endpoints of the emulator's one account.

    Attributes:
        client_id: A client that is registered from the start.
        clients: The redirect URIs of each client. On loopback any port is accepted.
        token_seconds: The lifetime of an access token, in seconds of the clock.
        exchanges: The number of codes that were exchanged for tokens.
        refreshes: The number of refresh tokens that were used.
    """

    #: The endpoints, with their names in faults and recorded requests.
    operations: ClassVar[dict[tuple[str, str], str]] = {
        ("GET", "/oauth/authorize"): "OAuthAuthorize",
        ("POST", "/oauth/authorize"): "OAuthDecide",
        ("POST", "/v1/oauth/token"): "OAuthToken",
        ("POST", "/v1/oauth/refresh_token"): "OAuthRefresh",
    }

    def __init__(self, state: State) -> None:
        self.client_id: str = "local_client"
        self.clients: dict[str, list[str]] = {
            self.client_id: ["http://127.0.0.1/callback", "http://localhost/callback"]
        }
        self.token_seconds: float = 864_000.0
        self.exchanges: int = 0
        self.refreshes: int = 0
        self._state = state
        self._codes: dict[str, tuple[float, dict[str, str]]] = {}
        self._access: dict[str, float] = {}
        self._refresh: dict[str, str] = {}  # the client of each refresh token

    def is_valid(self, access_token: str) -> bool:
        """Return whether an access token is valid now."""
        return self._access.get(access_token, 0.0) > self._state.now()

    def issue(self, client_id: str | None = None) -> dict[str, Any]:
        """Issue an access token and a refresh token, as the token endpoint does, without the consent page."""
        access, refresh = self._state.new_id("oat_local"), self._state.new_id("ort_local")
        self._access[access] = self._state.now() + self.token_seconds
        self._refresh[refresh] = client_id or self.client_id
        return {
            "token_type": "Bearer",
            "access_token": access,
            "expires_in": int(self.token_seconds),
            "refresh_token": refresh,
        }

    def revoke(self) -> None:
        """Revoke every token issued so far."""
        self._access.clear()
        self._refresh.clear()

    def end_access(self) -> None:
        """Let every access token expire now; refresh tokens stay valid."""
        self._access.clear()

    def respond(self, method: str, path: str, query: str, content_type: str, body: bytes) -> Response:
        """Respond to a request to one of `operations`."""
        if method == "GET":
            return self._show_consent_page(dict(parse_qsl(query)))
        if content_type.partition(";")[0].strip() != "application/x-www-form-urlencoded":
            return _error_response(400, "invalid_request", "The body must be application/x-www-form-urlencoded.")
        pairs = parse_qsl(body.decode("utf-8", "replace"))
        form = dict(pairs)
        if len(form) != len(pairs):
            return _error_response(400, "invalid_request", "A parameter is repeated.")
        if path == "/oauth/authorize":
            return self._record_decision(form)
        grant = form.get("grant_type")
        if grant == "refresh_token":
            return self._refresh_tokens(form)
        if grant == "authorization_code" and path == "/v1/oauth/token":
            return self._exchange_code(form)
        return _error_response(400, "unsupported_grant_type", f"{grant!r} is not granted here.")

    def _show_consent_page(self, request: dict[str, str]) -> Response:
        error = self._find_client_error(request)
        if error is not None:
            return error
        if request.get("response_type") != "code":
            return _redirect_back(
                request, error="unsupported_response_type", error_description="response_type must be code"
            )
        if request.get("code_challenge_method") != "S256" or len(request.get("code_challenge", "")) != 43:
            return _redirect_back(
                request, error="invalid_request", error_description="a code_challenge by S256 is required"
            )
        if not request.get("state"):
            return _redirect_back(request, error="invalid_request", error_description="state is required")
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(request[name])}">'
            for name in _FORM_FIELDS
            if name in request
        )
        return 200, _HTML, _PAGE.format(client=escape(request["client_id"]), fields=fields).encode()

    def _find_client_error(self, request: dict[str, str]) -> Response | None:
        """Return the error for an unknown client or redirect URI, which must not be redirected to."""
        client, uri = request.get("client_id", ""), request.get("redirect_uri", "")
        if client not in self.clients:
            return 400, _HTML, b"<h1>This application is not known</h1>"
        if not any(_is_registered(uri, registered) for registered in self.clients[client]):
            return 400, _HTML, b"<h1>This redirect_uri is not registered</h1>"
        return None

    def _record_decision(self, form: dict[str, str]) -> Response:
        error = self._find_client_error(form)
        if error is not None:
            return error
        if len(form.get("code_challenge", "")) != 43:
            return _error_response(400, "invalid_request", "A code_challenge by S256 is required.")
        if form.get("decision") != "allow":
            return _redirect_back(form, error="access_denied", error_description="The person did not allow it.")
        code = self._state.new_id("code_local")
        self._codes[code] = self._state.now() + _CODE_SECONDS, form
        return _redirect_back(form, code=code)

    def _exchange_code(self, form: dict[str, str]) -> Response:
        expires_at, request = self._codes.pop(form.get("code", ""), (0.0, {}))
        if expires_at <= self._state.now():
            return _error_response(400, "invalid_grant", "The code is unknown, used or expired.")
        if form.get("client_id") != request["client_id"] or form.get("redirect_uri") != request["redirect_uri"]:
            return _error_response(400, "invalid_grant", "The code was issued to another client or redirect_uri.")
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if not hmac.compare_digest(challenge, request["code_challenge"]):
            return _error_response(400, "invalid_grant", "The code_verifier does not fit the code_challenge.")
        self.exchanges += 1
        return 200, _JSON, msgspec.json.encode(self.issue(request["client_id"]))

    def _refresh_tokens(self, form: dict[str, str]) -> Response:
        token = form.get("refresh_token", "")
        if self._refresh.get(token) != form.get("client_id", ""):
            return _error_response(400, "invalid_grant", "The refresh token is unknown, used or revoked.")
        del self._refresh[token]
        self.refreshes += 1
        return 200, _JSON, msgspec.json.encode(self.issue(form["client_id"]))


def _error_response(status: int, error: str, description: str) -> Response:
    return status, _JSON, msgspec.json.encode({"error": error, "error_description": description})


def _redirect_back(request: Mapping[str, str], **parameters: str) -> Response:
    """Redirect the user back to the application."""
    if "state" in request:
        parameters["state"] = request["state"]
    uri = request["redirect_uri"]
    return 302, {"Location": f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters)}"}, b""


def _is_registered(uri: str, registered: str) -> bool:
    """Return whether a redirect URI is the registered one; on loopback any port is accepted (RFC 8252, 7.3)."""
    actual, expected = urlsplit(uri), urlsplit(registered)
    if expected.scheme == "http" and expected.hostname in _LOOPBACK:
        return (actual.scheme, actual.hostname, actual.path) == (expected.scheme, expected.hostname, expected.path)
    return uri == registered
