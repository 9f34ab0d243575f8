"""`login_with_browser`: the person at this machine signs in, for a script or a notebook (RFC 8252, loopback)."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from collections.abc import Awaitable, Callable
from html import escape
from inspect import isawaitable
from typing import TYPE_CHECKING, Final

from aiohttp import web

from .._http.configuration import is_loopback
from .._http.worker_threads import run_in_thread
from ..errors import ConfigurationError, HeyGenError, InvalidInputError, OAuthError
from ..types.tracebacks import strips_frames
from .authorization import split_redirect_uri
from .oauth_client import OAuthClient
from .oauth_tokens import OAuthTokens

if TYPE_CHECKING:
    from .token_store import TokenStore

_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Connection": "close"}
_PAGE: Final = "<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1><p>{text}</p>"


@strips_frames
async def login_with_browser(
    client_id: str,
    *,
    redirect_uri: str = "http://127.0.0.1:0/callback",
    scope: str | None = None,
    base_url: str | None = None,
    store: TokenStore | None = None,
    timeout: float = 300.0,
    open_url: Callable[[str], Awaitable[object] | object] | None = None,
) -> OAuthTokens:
    """Let the person at this machine sign in with their browser, and return their tokens.

    A server on a loopback address waits for one callback, then it is closed. A callback with a wrong state is rejected
    and changes nothing. The store and the server's port are checked before the browser opens.

    Args:
        client_id: The public id of the application.
        redirect_uri: The registered address, `http` on a loopback host. Port 0 takes a free port; HeyGen must allow
            that for the application.
        scope: The scopes to request, if the application has several.
        base_url: The address of the API, as for `AsyncHeyGen`.
        store: The store in which the tokens are saved before this function returns.
        timeout: The maximum time for the sign-in, in seconds.
        open_url: Called with the URL of the consent page; may be async. By default the system's browser opens it; if
            there is no browser, the URL is printed to stderr.

    Raises:
        OAuthError: The person or HeyGen refused, or the time ran out.
        InvalidInputError: The redirect URI is not allowed.
        ConfigurationError: The store cannot save tokens, or the port cannot be used.
    """
    parts = split_redirect_uri(redirect_uri)
    if parts.scheme != "http" or not is_loopback(parts.hostname or "") or parts.port is None:
        raise InvalidInputError("redirect_uri", redirect_uri, "http on a loopback host, with a port (0 for a free one)")
    if store is not None:
        await _check_store(store, timeout)
    server = _CallbackServer(parts.path or "/")
    runner = web.ServerRunner(web.Server(server.respond, access_log=None), shutdown_timeout=1.0)
    await runner.setup()
    try:
        host = str(parts.hostname)
        await _listen(runner, host, parts.port)
        port = runner.addresses[0][1]
        callback_url = f"http://{f'[{host}]' if ':' in host else host}:{port}{parts.path}"
        client = OAuthClient(client_id, callback_url, scope=scope, base_url=base_url)
        authorization = client.authorize()

        async def sign_in(callback: str) -> OAuthTokens:
            tokens = await client.exchange(authorization, callback)
            if store is not None:
                await store.save(tokens)
            return tokens

        server.sign_in = sign_in
        opening = (open_url or _open_browser)(authorization.url)
        if isawaitable(opening):
            await opening
        return await server.wait_for_result(timeout)
    finally:
        await runner.cleanup()


async def _check_store(store: TokenStore, timeout: float) -> None:
    """Lock the store once: a `FileTokenStore` then knows whether tokens can be stored."""
    limit = asyncio.timeout(timeout)
    try:
        async with limit, store.lock():
            pass
    except HeyGenError:
        raise
    except Exception as error:  # a store may raise anything
        reason = f"another program held its lock for {timeout:g} s" if limit.expired() else repr(error)
        raise ConfigurationError(f"No browser was opened: {store!r} cannot be locked ({reason}).") from error


async def _listen(runner: web.ServerRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise ConfigurationError(
            f"No browser was opened: the redirect URI's port {port} on {host} cannot be used "
            f"({error.strerror or error}). End the program that uses it, or register and pass another redirect_uri."
        ) from None


class _CallbackServer:
    """Responds to the browser, and holds the result of the sign-in.

    Attributes:
        sign_in: Turns the path and query of a callback into tokens.
    """

    def __init__(self, path: str) -> None:
        self.sign_in: Callable[[str], Awaitable[OAuthTokens]] | None = None
        self._results: asyncio.Queue[OAuthTokens | Exception] = asyncio.Queue()
        self._path = path
        self._is_used = False

    async def wait_for_result(self, timeout: float) -> OAuthTokens:
        try:
            async with asyncio.timeout(timeout):
                result = await self._results.get()
        except TimeoutError:
            raise OAuthError(
                f"Nobody signed in within {timeout:g} s. Call login_with_browser again, or with a longer timeout.",
                error="timeout",
            ) from None
        if isinstance(result, Exception):
            raise result
        return result

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "GET" or request.path != self._path or self.sign_in is None:
            return _page(404, "Not found", "This server waits for HeyGen to send a person back.")
        if self._is_used:
            return _page(410, "Already used", "This sign-in has ended.")
        self._is_used = True
        result: OAuthTokens | Exception
        try:
            result = await self.sign_in(request.path_qs)
            page = _page(200, "Signed in", "You can close this window and return to the program.")
        except OAuthError as error:
            result, page = error, _page(400, "Not signed in", str(error))
            if error.error == "invalid_state":  # the call may be forged, so the person's own is still awaited
                self._is_used = False
                return page
        except Exception as error:  # noqa: BLE001  a store may raise anything
            result, page = error, _page(502, "Not signed in", "The program reports the reason.")
        self._results.put_nowait(result)
        return page


def _page(status: int, title: str, text: str) -> web.Response:
    page = _PAGE.format(title=escape(title), text=escape(text))
    return web.Response(text=page, status=status, content_type="text/html", headers=_HEADERS)


async def _open_browser(url: str) -> None:
    if not await run_in_thread(webbrowser.open, url):
        print(f"Open this page to sign in to HeyGen:\n{url}", file=sys.stderr)  # noqa: T201  a person reads it
