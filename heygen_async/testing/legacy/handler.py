"""The type of a legacy handler, and the validation that all of them use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..api_errors import APIErrorResponse
from ..operations.call import Call

__all__ = ["Handler", "replace_fields", "require_fields", "require_one_of"]

_TEXT_SUFFIXES = ("id", "key", "name", "prompt", "script", "text", "url")
Handler: TypeAlias = Callable[[Call], Any]


def require_fields(body: Any, *names: str, where: str = "") -> None:
    """Check that a body has these fields.

    Raises:
        APIErrorResponse: 400: one of them is missing or empty, or an id, a name or a URL is no string.
    """
    if not isinstance(body, dict):
        raise APIErrorResponse(400, "invalid_parameter", "The body must be a JSON object.")
    fields: dict[str, Any] = body  # pyright: ignore[reportUnknownVariableType]
    for name in names:
        if fields.get(name) in (None, "", []):
            raise APIErrorResponse(400, "invalid_parameter", f"{where}{name} is required")
        if name.endswith(_TEXT_SUFFIXES) and not isinstance(fields[name], str):
            raise APIErrorResponse(400, "invalid_parameter", f"{where}{name} must be a string")


def require_one_of(value: Any, allowed: set[str], name: str) -> None:
    """Check that a value is one of those documented.

    Raises:
        APIErrorResponse: 400: it is not one of them.
    """
    if value not in allowed:
        raise APIErrorResponse(400, "invalid_parameter", f"{name} must be one of {', '.join(sorted(allowed))}")


def replace_fields(call: Call, **changes: Any) -> Call:
    """Return a copy of a call with other fields, for the v3 operation behind a legacy endpoint."""
    fields = {name: getattr(call, name) for name in Call.__slots__}
    return Call(**{**fields, **changes})
