"""The fields of a request's body, wherever they stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

__all__ = ["walk"]


def walk(value: Any, name: str = "", where: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield the name, value and path of a value and of each value in it; the entries of a list have the list's name."""
    yield name, value, where
    if isinstance(value, dict):
        for field, inner in cast("dict[str, Any]", value).items():
            yield from walk(inner, field, f"{where}.{field}" if where else field)
    elif isinstance(value, list):
        entries: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        for index, inner in enumerate(entries):
            yield from walk(inner, name, f"{where}[{index}]")
