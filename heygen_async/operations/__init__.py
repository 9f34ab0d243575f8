"""The catalog: every operation of the API by name, with its description, its JSON Schemas and its traits.

Only the names are listed here. `catalog.py` collects the methods that `@operation` declares; tools for models, the MCP
server and the command line are built from it.

* `catalog.py`: `operations()`, `resource_operations()` and `find_operations()`, the lookup of operations.
* `operation.py`: `Operation`, one entry: its traits, its schemas, its call with JSON arguments.
* `arguments.py`: the arguments of an operation, and the check of their values.
* `struct_schemas.py`: JSON Schemas of arguments and responses.
* `docstrings.py`: the docstrings that `python -OO` strips.
* `text.py`: method names within texts, and responses as JSON.
* `names.py`: the names of operations and the nouns of the command line, in a file without imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .catalog import operations as operations, resource_operations as resource_operations
    from .operation import Operation as Operation
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__, {"catalog": "operations resource_operations", "operation": "Operation"}
    )
