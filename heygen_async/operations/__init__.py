"""The catalog: every operation by name, with its schemas and traits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .catalog import Operation as Operation, of_resource as of_resource, operations as operations
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "catalog": "Operation operations of_resource",
        },
    )
