"""Tools for models: every operation as a callable with a JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tools import Tool as Tool, tools as tools
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "tools": "Tool tools",
        },
    )
