"""HeyGen's OAuth 2.0: a consent page, codes, tokens, rotation. Public clients, PKCE with S256 (RFC 6749, 7636, 8252)."""

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

    from .state import State

__all__ = ["OAuth"]

_CODE_SECONDS = 60.0
_ASKED = ("client_id", "redirect_uri", "state", "code_challenge", "scope")
_PAGE = """<!doctype html><meta charset="utf-8"><title>A local HeyGen</title>
<h1>{client} asks to use this account</h1>
<form method="post" action="/oauth/authorize">{fields}
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></form>"""
_CLOSED = {"Content-Type": "application/json", "Cache-Control": "no-store"}
_HTML = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Answer = tuple[int, dict[str, str], bytes]


class OAuth:
    """Who may act for the one account of this HeyGen.

    `clients` holds the registered redirect URIs of each client (add yours; on loopback any port will do), `client_id`
    is one that is there already; `token_seconds` is how long an access token lives, by the clock; `exchanges` and
    `refreshes` count what was granted.
    """

    #: The endpoints, and the names under which faults and records know them.
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
        self._refresh: dict[str, str] = {}  # a refresh token's client

    def accepts(self, access_token: str) -> bool:
        """Whether requests with this token are answered now."""
        return self._access.get(access_token, 0.0) > self._state.now()

    def issue(self, client_id: str | None = None) -> dict[str, Any]:
        """A pair of tokens, as the token endpoint answers it, for a test that needs no consent page."""
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
        """No token that was issued so far is good any more."""
        self._access.clear()
        self._refresh.clear()

    def end_access(self) -> None:
        """Every access token ends now; refresh tokens stay good."""
        self._access.clear()

    def answer(self, method: str, path: str, query: str, content_type: str, body: bytes) -> Answer:
        """Answer a request to one of `operations`."""
        if method == "GET":
            return self._page(dict(parse_qsl(query)))
        if content_type.partition(";")[0].strip() != "application/x-www-form-urlencoded":
            return _refused(400, "invalid_request", "The body must be application/x-www-form-urlencoded.")
        pairs = parse_qsl(body.decode("utf-8", "replace"))
        form = dict(pairs)
        if len(form) != len(pairs):
            return _refused(400, "invalid_request", "A parameter is given twice.")
        if path == "/oauth/authorize":
            return self._decided(form)
        grant = form.get("grant_type")
        if grant == "refresh_token":
            return self._refreshed(form)
        if grant == "authorization_code" and path == "/v1/oauth/token":
            return self._exchanged(form)
        return _refused(400, "unsupported_grant_type", f"{grant!r} is not granted here.")

    def _page(self, asked: dict[str, str]) -> Answer:
        wrong = self._wrong_at_all(asked)
        if wrong is not None:
            return wrong
        if asked.get("response_type") != "code":
            return _back(asked, error="unsupported_response_type", error_description="response_type must be code")
        if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
            return _back(asked, error="invalid_request", error_description="a code_challenge by S256 is required")
        if not asked.get("state"):
            return _back(asked, error="invalid_request", error_description="state is required")
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(asked[name])}">' for name in _ASKED if name in asked
        )
        return 200, _HTML, _PAGE.format(client=escape(asked["client_id"]), fields=fields).encode()

    def _wrong_at_all(self, asked: dict[str, str]) -> Answer | None:
        """What must not be told to the redirect URI, since it may be anybody's."""
        client, uri = asked.get("client_id", ""), asked.get("redirect_uri", "")
        if client not in self.clients:
            return 400, _HTML, b"<h1>This application is not known</h1>"
        if not any(_same(uri, registered) for registered in self.clients[client]):
            return 400, _HTML, b"<h1>This redirect_uri is not registered</h1>"
        return None

    def _decided(self, form: dict[str, str]) -> Answer:
        wrong = self._wrong_at_all(form)
        if wrong is not None:
            return wrong
        if form.get("decision") != "allow":
            return _back(form, error="access_denied", error_description="The person did not allow it.")
        code = self._state.new_id("code_local")
        self._codes[code] = self._state.now() + _CODE_SECONDS, form
        return _back(form, code=code)

    def _exchanged(self, form: dict[str, str]) -> Answer:
        until, asked = self._codes.pop(form.get("code", ""), (0.0, {}))
        if until <= self._state.now():
            return _refused(400, "invalid_grant", "The code is unknown, used or expired.")
        if form.get("client_id") != asked["client_id"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return _refused(400, "invalid_grant", "The code was given to another client or redirect_uri.")
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if not hmac.compare_digest(challenge, asked["code_challenge"]):
            return _refused(400, "invalid_grant", "The code_verifier does not fit the code_challenge.")
        self.exchanges += 1
        return 200, _CLOSED, msgspec.json.encode(self.issue(asked["client_id"]))

    def _refreshed(self, form: dict[str, str]) -> Answer:
        token = form.get("refresh_token", "")
        if self._refresh.get(token) != form.get("client_id", ""):
            return _refused(400, "invalid_grant", "The refresh token is unknown, used or revoked.")
        del self._refresh[token]
        self.refreshes += 1
        return 200, _CLOSED, msgspec.json.encode(self.issue(form["client_id"]))


def _refused(status: int, error: str, description: str) -> Answer:
    return status, _CLOSED, msgspec.json.encode({"error": error, "error_description": description})


def _back(asked: Mapping[str, str], **said: str) -> Answer:
    """Send the person back to the application."""
    if "state" in asked:
        said["state"] = asked["state"]
    uri = asked["redirect_uri"]
    return 302, {"Location": f"{uri}{'&' if '?' in uri else '?'}{urlencode(said)}"}, b""


def _same(uri: str, registered: str) -> bool:
    """Exactly; on loopback, whatever the port (RFC 8252, 7.3)."""
    given, known = urlsplit(uri), urlsplit(registered)
    if known.scheme == "http" and known.hostname in _LOOPBACK:
        return (given.scheme, given.hostname, given.path) == (known.scheme, known.hostname, known.path)
    return uri == registered
