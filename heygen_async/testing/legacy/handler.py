"""What the older endpoints share: a handler's form, and their checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..api_errors import APIErrorResponse
from ..operations.call import Call

__all__ = ["Handler", "need", "one_of", "with_"]

Handler: TypeAlias = Callable[[Call], Any]


def need(body: Any, *names: str, where: str = "") -> None:
    """Refuse a body in which one of these is missing or empty."""
    if not isinstance(body, dict):
        raise APIErrorResponse(400, "invalid_parameter", "The body must be a JSON object.")
    given: dict[str, Any] = body  # pyright: ignore[reportUnknownVariableType]
    for name in names:
        if given.get(name) in (None, "", []):
            raise APIErrorResponse(400, "invalid_parameter", f"{where}{name} is required")


def one_of(value: Any, allowed: set[str], name: str) -> None:
    """Refuse a value that is none of those documented."""
    if value not in allowed:
        raise APIErrorResponse(400, "invalid_parameter", f"{name} must be one of {', '.join(sorted(allowed))}")


def with_(call: Call, **changes: Any) -> Call:
    """The same call, asked otherwise: how an older endpoint asks a newer one."""
    fields = {name: getattr(call, name) for name in Call.__slots__}
    return Call(**{**fields, **changes})
