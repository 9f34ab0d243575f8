"""The types to which the cells of a row are converted: those of requests, in a form that msgspec can convert to.

A method takes a struct or an equal mapping for a nested field. msgspec converts to one of them alone: to the struct.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Required, TypedDict, Union, get_args, get_origin, is_typeddict

import msgspec

from .._http.signatures import keywords_of


def convertible_type(request_type: Any) -> Any:
    """Return the type of a request without the mappings beside structs, and with Any for other unions of mappings."""
    if not is_typeddict(request_type):
        return request_type
    fields = {
        name: Required[_convertible(hint)] if required else _convertible(hint)
        for name, (hint, required) in keywords_of(request_type).items()
    }
    build: Any = TypedDict
    return build(request_type.__name__, fields, total=False)


def _convertible(hint: Any) -> Any:
    if _is_supported(hint):
        return hint
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _convertible(arguments[0])
    if origin in {Union, UnionType}:
        narrowed: Any = Union[tuple(member for member in arguments if not _is_mapping(member))]  # noqa: UP007  built here
        return narrowed if _is_supported(narrowed) else Any
    return Mapping[str, Any] if _is_mapping(hint) else Any


def _is_supported(hint: Any) -> bool:
    try:
        msgspec.json.Decoder(hint)
    except TypeError:
        return False
    return True


def _is_mapping(hint: Any) -> bool:
    origin: Any = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping)
