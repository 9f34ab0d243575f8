"""The source of the package as griffe reads it, with the annotations as they are written."""

from __future__ import annotations

from functools import cache
from typing import Any

import griffe


@cache
def package() -> griffe.Module:
    """Return the package as griffe reads it."""
    loader = griffe.GriffeLoader()
    loaded = loader.load("heygen_async")
    loader.resolve_aliases(implicit=True, external=False)
    assert isinstance(loaded, griffe.Module)
    return loaded


def find(path: str) -> Any:
    """Return what griffe knows of the object at a dotted path."""
    try:
        return package()[path.removeprefix("heygen_async.")]
    except KeyError:  # a name of a star import
        module, _, name = path.rpartition(".")
        starred = {"heygen_async": ["errors", "types.files"], "heygen_async.types": package()["types"].modules}
        files = [
            package()[one] if "." in one or one == "errors" else package()["types"][one] for one in starred[module]
        ]
        return next(file[name] for file in files if name in file.members)
