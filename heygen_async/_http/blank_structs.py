"""Structs without any value: the typed decode returns one for an object whose fields are missing or misplaced.

A struct with a required field rejects such an object. A struct without one accepts any object, and drops unknown
fields. `blank_check` finds these structs in a decoded response, so that the lenient pass can read the JSON again.
"""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def blank_check(kind: Any, above: frozenset[Any] = frozenset()) -> Callable[[Any], bool] | None:
    """Build a function that returns whether a value of this type contains a struct without a value.

    Return None for a type whose structs all have a required field. `above` are the structs around the type: one that
    contains itself, such as an element with children, is searched once.
    """
    origin = get_origin(kind)
    if origin is Annotated:
        return blank_check(get_args(kind)[0], above)
    if origin in {Union, UnionType}:
        members = [member for member in get_args(kind) if member is not NoneType]
        return _unless_none(blank_check(members[0], above)) if len(members) == 1 else None
    if origin is list:
        return _any_item(blank_check(get_args(kind)[0], above))
    struct = origin or kind
    if isinstance(struct, type) and issubclass(struct, msgspec.Struct) and kind not in above:
        return _struct_check(kind, above | {kind})
    return None


def _unless_none(check: Callable[[Any], bool] | None) -> Callable[[Any], bool] | None:
    return None if check is None else lambda value: value is not None and check(value)


def _any_item(check: Callable[[Any], bool] | None) -> Callable[[Any], bool] | None:
    return None if check is None else lambda values: any(map(check, values))


def _struct_check(kind: Any, above: frozenset[Any]) -> Callable[[Any], bool] | None:
    fields = msgspec.structs.fields(kind)
    names = [field.name for field in fields]
    is_optional = bool(fields) and not any(field.required for field in fields)
    inner = [(field.name, check) for field in fields if (check := blank_check(field.type, above)) is not None]
    if not is_optional and not inner:
        return None

    def check_struct(value: Any) -> bool:
        if is_optional and all(getattr(value, name) is None for name in names):
            return True
        return any(check(getattr(value, name)) for name, check in inner)

    return check_struct
