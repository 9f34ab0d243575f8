"""The items that a program puts into a batch: a key and a request each."""

from __future__ import annotations

from os import PathLike
from typing import Any

import msgspec

from ..errors import InvalidInputError
from .kinds import kind_named

_MAX_KEY_LENGTH = 200  # characters


class Item(msgspec.Struct, frozen=True):
    """One row of a batch.

    Attributes:
        key: The row's identity, such as an order number: 1 to 200 printable characters, unique in the batch. A later
            run finds the row in the journal by its key. An `int` is converted to `str`.
        request: The argument of the resource's `create`: a struct, or a mapping of its keyword arguments. For
            `templates` the mapping also holds the `template_id`.
        kind: The resource that creates the job, such as `videos`.
        path: The file for the result. By default the name is derived from the key, in the run's `output_dir`.
    """

    key: str
    request: Any
    kind: str = "videos"
    path: str | PathLike[str] | None = None


def item_from(source_row: object, kind: str) -> Item:
    """Return an item for a source's row: an `Item`, or a pair of a key and a request of this kind.

    Raises:
        InvalidInputError: The row is neither.
    """
    item = source_row
    if isinstance(source_row, tuple):
        item = Item(source_row[0], source_row[1], kind) if len(source_row) == 2 else None
    if not isinstance(item, Item):
        raise InvalidInputError("requests", source_row, "Items, or pairs of a key and a request")
    if isinstance(item.key, int) and not isinstance(item.key, bool):
        return msgspec.structs.replace(item, key=str(item.key))
    return item


def check_item(item: Item) -> None:
    """Check an item's key and kind.

    Raises:
        InvalidInputError: The key is invalid, or no resource has this name.
    """
    check_key("key", item.key)
    kind_named(item.kind)


def check_key(field: str, key: object) -> None:
    """Check that the key has 1 to 200 printable characters.

    Raises:
        InvalidInputError: It has not. The error names the field.
    """
    if not isinstance(key, str) or not 0 < len(key) <= _MAX_KEY_LENGTH or not key.isprintable():
        raise InvalidInputError(field, key, f"1 to {_MAX_KEY_LENGTH} printable characters")
