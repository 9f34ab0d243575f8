"""Lazy exports: a package serves its public names at their first use, so that importing it loads none of its files."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazy_exports(
    package: str, files: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` for a package.

    Args:
        package: The package's `__name__`.
        files: For each file of the package (a dotted name relative to it), its public names, separated by spaces.
    """
    file_by_name = {name: file for file, names in files.items() for name in names.split()}
    names = sorted(file_by_name)

    def load(name: str) -> object:
        file = file_by_name.get(name)
        if file is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f".{file}", package), name)
        setattr(sys.modules[package], name, value)
        return value

    return load, lambda: names, names
