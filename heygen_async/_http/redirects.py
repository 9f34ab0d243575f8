"""Redirects: the one loop that follows them.

Requests to the API carry the credentials, so they follow redirects within the API's own base URL only. Requests to file
stores carry none; `_files/url_access` judges where their redirects lead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp

    from .exchange import Exchange

T = TypeVar("T")

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_METHOD_PRESERVING = frozenset({307, 308})


async def follow_redirects(
    exchange: Exchange,
    max_redirects: int,
    choose: Callable[[aiohttp.ClientResponse], T | None],
    send: Callable[[T], Awaitable[Exchange]],
) -> Exchange:
    """Follow redirects, and return the last exchange. It is a redirect itself when that must not be followed.

    Args:
        exchange: The first exchange.
        max_redirects: The number of redirects to follow.
        choose: Returns the target of a redirect; None when it must not be followed.
        send: Sends the request to a target.
    """
    for _ in range(max_redirects):
        if exchange.response.status not in REDIRECT_STATUSES:
            break
        target = choose(exchange.response)
        if target is None:
            break
        await exchange.close()
        exchange = await send(target)
    return exchange


def redirect_url(response: aiohttp.ClientResponse) -> URL | None:
    """Return the URL that a redirect leads to; None when it names none, or does not preserve the method."""
    location = response.headers.get("Location")
    if location is None or (response.method != "GET" and response.status not in _METHOD_PRESERVING):
        return None
    try:
        return response.url.join(URL(location))
    except ValueError:
        return None


def redirect_address(response: aiohttp.ClientResponse, base_url: str) -> str | None:
    """Return the address below the base URL that a redirect leads to; None when it must not be followed."""
    target = redirect_url(response)
    try:
        if target is None or target.origin() != URL(base_url).origin():
            return None
    except ValueError:
        return None
    return str(target)[len(base_url) :] if str(target).startswith(base_url + "/") else None
