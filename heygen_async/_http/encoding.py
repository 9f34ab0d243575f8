"""Requests in their wire form: JSON bodies, query strings, quoted path segments."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

import msgspec
from msgspec import UNSET

from .. import __version__
from ..errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEEDS_NO_QUOTING = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch

#: The exceptions of decoding JSON: for invalid JSON, invalid UTF-8, half a surrogate pair, or too deep nesting.
JSON_ERRORS = (msgspec.DecodeError, UnicodeError, RecursionError)
USER_AGENT = f"heygen-async/{__version__} Python/{sys.version_info.major}.{sys.version_info.minor}"


def json_body(body: object) -> bytes:
    """Encode a body as JSON, without the fields that are None or UNSET at the top of a dict.

    Raises:
        InvalidInputError: It holds a value that JSON cannot express.
    """
    if isinstance(body, dict):
        fields = cast("dict[str, object]", body)
        body = {name: value for name, value in fields.items() if value is not None and value is not UNSET}
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError) as problem:
        raise InvalidInputError("body", body, f"values that JSON can hold ({problem})") from None


def query_string(values: Mapping[str, object] | None) -> str:
    """Build a query string with its question mark, without the values that are None or UNSET."""
    if not values:
        return ""
    pairs = "&".join(
        f"{name}={_query_value(name, value)}"
        for name, value in values.items()
        if value is not None and value is not UNSET
    )
    return f"?{pairs}" if pairs else ""


def _query_value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join([quoted(name, str(item)) for item in cast("Sequence[object]", value)])
    return quoted(name, str(value))


def quoted(name: str, text: str) -> str:
    """Percent-encode a value for a URL; `name` names it in the error.

    Raises:
        InvalidInputError: It holds half a surrogate pair.
    """
    try:
        return text if _NEEDS_NO_QUOTING(text) else quote(text, safe="")
    except UnicodeEncodeError:
        raise InvalidInputError(name, text, "text without half a surrogate pair") from None
