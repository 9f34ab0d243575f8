"""Redirects: followed within the API's own base URL, and nowhere else, because each request carries the credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yarl import URL

if TYPE_CHECKING:
    import aiohttp

MAX_REDIRECTS = 5
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_METHOD_PRESERVING = frozenset({307, 308})


def redirect_address(response: aiohttp.ClientResponse, base_url: str) -> str | None:
    """Return the address below the base URL that a redirect leads to; None when it must not be followed.

    A redirect of another method than GET is followed only when its status preserves the method.
    """
    if response.method != "GET" and response.status not in _METHOD_PRESERVING:
        return None
    try:
        target = response.url.join(URL(response.headers.get("Location", "")))
        if target.origin() != URL(base_url).origin() or not str(target).startswith(base_url + "/"):
            return None
    except ValueError:
        return None
    return str(target)[len(base_url) :]
