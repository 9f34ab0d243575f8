"""The headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594): a warning in the log, once for each endpoint.

`Link` may name a page about it, with the relation `deprecation`, `sunset` or `successor-version`.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from email.utils import parsedate_to_datetime
from logging import getLogger
from typing import TYPE_CHECKING

from ..types.redaction import without_query

if TYPE_CHECKING:
    import aiohttp

    from .call import Call
    from .response import Response

_log = getLogger("heygen_async.http")
_SENTENCES = {"Deprecation": ("deprecates this endpoint", "from"), "Sunset": ("removes this endpoint", "on")}
_RELATIONS = ("deprecation", "sunset", "successor-version")
_MAX_WARNED = 1000  # `AsyncHeyGen.request` takes any path
_warned: set[tuple[str, str, str]] = set()


def warn_of_deprecation(call: Call, response: Response, raw: aiohttp.ClientResponse) -> None:
    """Log a warning for each of the two headers, unless this process has already done so for this endpoint.

    Args:
        call: The call.
        response: The response to it.
        raw: The same response, as aiohttp parsed it.
    """
    endpoint = call.endpoint
    for header, (event, preposition) in _SENTENCES.items():
        key = (header, endpoint.method, endpoint.path)
        if header not in raw.headers or key in _warned or len(_warned) == _MAX_WARNED:
            continue
        _warned.add(key)
        date = _date(raw.headers[header].strip())
        text = f"HeyGen {event}{f' {preposition} {date}' if date else ''}.{_advice(raw)}"
        message, fields = "%s %s: %s", call.log_fields(response)
        _log.warning(message, endpoint.method, endpoint.path, call.mask.text(text), extra=fields)


def _date(value: str) -> dt.date | None:
    """Return the date in a header: `@` and Unix seconds, or an HTTP date. Older drafts have `true` instead."""
    with suppress(ValueError, OverflowError, OSError):
        if value.startswith("@"):
            return dt.datetime.fromtimestamp(int(value[1:]), dt.UTC).date()
        return parsedate_to_datetime(value).date()
    return None


def _advice(raw: aiohttp.ClientResponse) -> str:
    """Return a sentence with the address of the page about it, if the response links to one."""
    with suppress(ValueError):
        links = raw.links
        for relation in _RELATIONS:
            if relation in links:
                return f" See {without_query(str(links[relation]['url']))}"
    return ""
