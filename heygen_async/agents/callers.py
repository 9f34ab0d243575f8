"""Who calls a tool, and which of their calls are equal.

A server serves several callers. Nothing that one of them started or confirmed is visible to another.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from ..types.base import JSONValue


async def _is_connected() -> bool:
    return True


class Caller(NamedTuple):
    """Who calls a tool.

    Attributes:
        name: The name; empty for a program that has one caller.
        is_connected: Returns whether the caller still receives the response of the current call.
    """

    name: str = ""
    is_connected: Callable[[], Awaitable[bool]] = _is_connected


#: The caller of the current call.
caller: ContextVar[Caller] = ContextVar("caller", default=Caller())  # noqa: B039  immutable


def call_key(tool: str, arguments: Mapping[str, JSONValue]) -> bytes:
    """Return equal bytes for equal calls of a tool by the current caller."""
    return msgspec.json.encode([caller.get().name, tool, arguments], order="deterministic")
