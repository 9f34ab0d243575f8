"""The checks of the `Host` and `Origin` headers: no foreign page in a browser uses the emulator.

A page can reach a server on this machine under a name of its own (DNS rebinding), which the `Host` header shows. It can
also send requests to the server's own address, which the `Origin` header shows.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from .api_errors import APIErrorResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container

    Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def check_host(handler: Handler, names: Container[str | None]) -> Handler:
    """Return a handler that refuses requests to other hosts with 421, and to none with 400.

    Args:
        handler: The handler of all other requests.
        names: The names of the emulator. Addresses and `localhost` are always its own.
    """

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        name = _name_of(host)
        if name is not None and (name in names or _is_local(name)):
            return await handler(request)
        message = f"This is not {host!r}. Start the emulator with public_host= to serve it under another name."
        error = APIErrorResponse(421 if host else 400, "invalid_host", message)
        return web.json_response(
            error.body(), status=error.status, dumps=lambda body: msgspec.json.encode(body).decode()
        )

    return handle


def check_origin(request: web.BaseRequest) -> None:
    """Check that no page of another origin sent the request. Programs send no `Origin` header.

    Raises:
        APIErrorResponse: 403: a page of another origin sent it.
    """
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.host}".lower()
    is_foreign = origin is not None and origin.lower() != own
    if is_foreign or request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise APIErrorResponse(403, "invalid_origin", "The emulator is not controlled by a page of another origin.")


def is_loopback(name: str) -> bool:
    """Return whether only programs of this machine reach a host: a loopback address or `localhost`."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _name_of(host: str) -> str | None:
    """Return the host without its port; None if it is invalid."""
    try:
        parts = urlsplit(f"//{host}")
        return parts.hostname if parts.netloc == host and "@" not in host else None
    except ValueError:
        return None


def _is_local(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
