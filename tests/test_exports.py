"""Public names: each one is served by its package, once."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

import heygen_async
from heygen_async import types

PACKAGES = ["", "agents", "auth", "batch", "distributed", "legacy", "mcp", "operations", "testing", "types", "webhooks"]


@pytest.mark.parametrize("name", PACKAGES)
def test_every_listed_name_is_served(name: str) -> None:
    package = importlib.import_module(f"heygen_async.{name}".rstrip("."))
    names = [listed for listed in dir(package) if not listed.startswith("_")]
    assert names
    assert len(names) == len(set(names))
    for listed in names:
        assert getattr(package, listed) is not None


def test_every_struct_and_request_is_a_name_of_types() -> None:
    for module in pkgutil.iter_modules(types.__path__):
        if module.name == "redaction":
            continue
        file = importlib.import_module(f"heygen_async.types.{module.name}")
        for name, value in vars(file).items():
            if not name.startswith("_") and inspect.isclass(value) and value.__module__ == file.__name__:
                assert getattr(types, name) is value


def test_an_unknown_name_is_an_attribute_error() -> None:
    package: ModuleType = heygen_async
    with pytest.raises(AttributeError, match="no attribute 'Vidoe'"):
        package.Vidoe
