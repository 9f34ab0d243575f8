"""The check of the `Host` header: no page in a browser reaches the emulator under a name of its own (DNS rebinding)."""

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
