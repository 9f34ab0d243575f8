"""Redaction: secrets stay out of reprs, logs and messages.

* `Secret`: a string whose repr hides it.
* URLs without their queries: the query of a presigned URL is a credential.
* Bodies and values as exceptions may hold and show them.
"""

from __future__ import annotations

import re

_QUERY = re.compile(r"(https?://[^\s?'\"]+\?)[^\s'\"]+", re.IGNORECASE)
_MAX_SHOWN = 200  # characters of a value in a message
#: Fields whose values no repr shows.
SECRET_FIELDS = frozenset({"secret", "access_token", "refresh_token"})
_SECRET_VALUES = re.compile(rb'("(?:secret|access_token|refresh_token)"\s*:\s*")[^"]+')


class Secret(str):
    """A key, token or other secret. Its repr hides it, so that it stays out of logs and of tracebacks with locals."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(
            "Keys and tokens cannot be pickled. Set HEYGEN_API_KEY in the other process, or share a TokenStore."
        )


def redact_queries(text: str) -> str:
    """Return the text without the queries of its URLs; the query of a presigned URL is a credential."""
    return _QUERY.sub(r"\1…", text)


def format_value(value: object) -> str:
    """Return a value as error messages show it, shortened to 200 characters."""
    text = repr(redact_queries(value) if isinstance(value, str) else value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}… ({len(text)} characters)"


def without_query(url: str) -> str:
    """Return a URL or address without its query: a presigned query is a credential."""
    return url.partition("?")[0]


def redact_body(body: bytes) -> bytes:
    """Return a JSON body without the values of its secret fields, for an exception."""
    return _SECRET_VALUES.sub(rb"\1...", body)
