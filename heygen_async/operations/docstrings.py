"""The docstrings that `python -OO` strips. Tools describe themselves by them, so they are read from the source."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from types import ModuleType
from typing import Any

_Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def restore_docstrings(module: ModuleType) -> None:
    """Give the classes and functions of a module, and of all structs, the docstrings that `-OO` stripped."""
    if sys.flags.optimize < 2:
        return
    root = __name__.partition(".")[0]
    structs = [name for name in sys.modules if name.startswith((f"{root}.types.", f"{root}.pagination"))]
    for name in (module.__name__, *structs):
        _restore_module(name)


@cache
def _restore_module(name: str) -> None:
    module = sys.modules[name]
    try:
        source = inspect.getsource(module)
    except OSError:  # only compiled files are installed
        return
    _restore(ast.parse(source), module)


def _restore(node: ast.Module | ast.ClassDef, owner: object) -> None:
    members: dict[str, Any] = dict(vars(owner))
    for inner in node.body:
        if isinstance(inner, _Documented) and inner.name in members:
            member = members[inner.name]
            if not inspect.isdatadescriptor(member) and member.__doc__ is None:
                member.__doc__ = ast.get_docstring(inner, clean=False)
            if isinstance(inner, ast.ClassDef):
                _restore(inner, member)
