"""Misplaced objects and lists in a response, found level by level.

The search is bounded: by the number of objects, or by the number of levels. So the time is proportional to the size of
the response, however deeply it is nested.
"""

from __future__ import annotations

from collections.abc import Iterator, Set as AbstractSet
from typing import Any, TypeGuard

MAX_SEARCHED = 10_000
"""Objects that are searched for a misplaced id."""
MAX_NESTING = 8
"""Levels that are searched for a misplaced list."""


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether parsed JSON is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Return whether parsed JSON is a list."""
    return isinstance(value, list)


def find_object(tree: object, key: str) -> dict[str, Any] | None:
    """Return the outermost object that has this key with a value, or None."""
    level = [tree]
    searched = 0
    while level and searched < MAX_SEARCHED:
        for value in level:
            if is_object(value) and value.get(key) is not None:
                return value
        searched += len(level)
        level = [inner for value in level for inner in _children(value)]
    return None


def has_id(tree: object) -> bool:
    """Return whether an object in the response has a field for an id, with a value."""
    level = [tree]
    searched = 0
    while level and searched < MAX_SEARCHED:
        for value in level:
            if is_object(value) and any(value[key] for key in value if key == "id" or key.endswith(("_id", "_ids"))):
                return True
        searched += len(level)
        level = [inner for value in level for inner in _children(value)]
    return False


def _children(value: object) -> Iterator[object]:
    if is_object(value):
        yield from value.values()
    elif is_list(value):
        yield from value


def find_fields(value: dict[str, Any], names: AbstractSet[str]) -> dict[str, Any] | None:
    """Return the outermost object that has a field of a struct; None when no object has one."""
    if not value:
        return value
    level, searched = [value], 0
    while level and searched < MAX_SEARCHED:
        for one in level:
            if not names.isdisjoint(one):
                return one
        searched += len(level)
        children = (
            child[0] if is_list(child) and len(child) == 1 else child for one in level for child in one.values()
        )
        level = [child for child in children if is_object(child)]
    return None


def find_items(tree: object, names: AbstractSet[str]) -> list[Any]:
    """Return the outermost list with an object that has a field of the item's struct, or an empty list."""
    if is_list(tree):
        return tree
    level: list[object] = [tree]
    for _ in range(MAX_NESTING):
        for inner in level:
            if is_list(inner) and any(is_object(one) and not names.isdisjoint(one) for one in inner):
                return inner
        level = [child for inner in level for child in _children(inner)]
    return []


def find_page(tree: object, key: str, names: AbstractSet[str]) -> dict[str, Any]:
    """Return the outermost object that has the items of a page under this key; build one when there is none.

    A field of an item may have the same name. So the object counts only when the outermost items are in it.
    """
    page, items = find_object(tree, key), find_items(tree, names)
    return {key: items} if page is None or (items and find_items(page, names) is not items) else page


def items_in(value: dict[str, Any], names: AbstractSet[str]) -> list[Any]:
    """Return the items of an object in place of a list: its outermost list, or the object itself."""
    if not names.isdisjoint(value):
        return [value]
    level: list[object] = [value]
    for _ in range(MAX_NESTING):
        for inner in level:
            if is_list(inner):
                return inner
        level = [child for inner in level for child in _children(inner)]
    return [value]
