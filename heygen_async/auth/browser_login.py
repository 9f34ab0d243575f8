"""`login_with_browser`: one person at this machine signs in, for a script or a notebook (RFC 8252, loopback)."""

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
from ..errors import InvalidInputError, OAuthError
from .oauth import OAuthClient, OAuthTokens, parts_of

if TYPE_CHECKING:
    from .oauth import TokenStore

_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Connection": "close"}
_PAGE: Final = "<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1><p>{text}</p>"


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

    A server on loopback waits for one callback; it is closed when that came. A call that does not belong to this login
    is refused, and changes nothing.

    Args:
        redirect_uri: As it is registered; port 0 takes a free one, which HeyGen has to allow for this application.
        store: Where the tokens are saved before this returns.
        timeout: Seconds that the person has.
        open_url: Called with the page's URL, may be async; by default a browser is opened, and where there is none the
            URL is written to stderr.

    Raises:
        OAuthError: Nobody signed in: refused, or not in time.
    """
    parts = parts_of(redirect_uri)
    if parts.scheme != "http" or not is_loopback(parts.hostname or "") or parts.port is None:
        raise InvalidInputError("redirect_uri", redirect_uri, "http on a loopback host, with a port (0 for a free one)")
    callbacks = _Callbacks(parts.path or "/")
    runner = web.ServerRunner(web.Server(callbacks.answer, access_log=None), shutdown_timeout=1.0)
    await runner.setup()
    try:
        host = str(parts.hostname)
        await web.TCPSite(runner, host, parts.port).start()
        port = runner.addresses[0][1]
        client = OAuthClient(
            client_id,
            f"http://{f'[{host}]' if ':' in host else host}:{port}{parts.path}",
            scope=scope,
            base_url=base_url,
        )
        authorization = client.authorize()

        async def sign_in(url: str) -> OAuthTokens:
            tokens = await client.exchange(authorization, url)
            if store is not None:
                await store.save(tokens)
            return tokens

        callbacks.sign_in = sign_in
        shown = (open_url or _open)(authorization.url)
        if isawaitable(shown):
            await shown
        try:
            async with asyncio.timeout(timeout):
                end = await callbacks.ends.get()
        except TimeoutError:
            raise OAuthError(
                f"Nobody signed in within {timeout:g} s. Begin again, or give it a longer timeout.", error="timeout"
            ) from None
        if isinstance(end, Exception):
            raise end
        return end
    finally:
        await runner.cleanup()


class _Callbacks:
    """What the loopback server answers, and how the sign-in ends."""

    def __init__(self, path: str) -> None:
        self.sign_in: Callable[[str], Awaitable[OAuthTokens]] | None = None
        self.ends: asyncio.Queue[OAuthTokens | Exception] = asyncio.Queue()
        self._path = path
        self._used = False

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "GET" or request.path != self._path or self.sign_in is None:
            return _page(404, "Nothing here", "This server waits for HeyGen to send a person back.")
        if self._used:
            return _page(410, "Over", "This sign-in was answered already.")
        self._used = True
        end: OAuthTokens | Exception
        try:
            end = await self.sign_in(request.path_qs)
            page = _page(200, "Signed in", "You may close this window and go back to the program.")
        except OAuthError as refused:
            end, page = refused, _page(400, "Not signed in", str(refused))
            if refused.error == "invalid_state":  # anybody can call this address; the person is still on the way
                self._used = False
                return page
        except Exception as problem:  # noqa: BLE001  a store may be anybody's
            end, page = problem, _page(502, "Not signed in", "The program tells why.")
        self.ends.put_nowait(end)
        return page


def _page(status: int, title: str, text: str) -> web.Response:
    page = _PAGE.format(title=escape(title), text=escape(text))
    return web.Response(text=page, status=status, content_type="text/html", headers=_HEADERS)


async def _open(url: str) -> None:
    if not await run_in_thread(webbrowser.open, url):
        print(f"Open this page to sign in to HeyGen:\n{url}", file=sys.stderr)  # noqa: T201  it is meant for the person
