"""Fields that this version of the SDK does not know: `with_options(query=…, body=…)` adds them to each request.

A field that the method itself has is refused, because one of the two values would be lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from msgspec import UNSET

from .argument_checks import keyword_arguments

_NULL = msgspec.Raw(b"null")


def add_to_query(
    operation: object, query: Mapping[str, object] | None, extra: Mapping[str, object]
) -> Mapping[str, object] | None:
    """Return the query of an operation with the extra parameters.

    Raises:
        TypeError: The method has a parameter of this name.
    """
    if not extra:
        return query
    _check_names(operation, "query", extra, query or ())
    return {**(query or {}), **extra}


def add_to_body(operation: object, body: object, extra: Mapping[str, object]) -> object:
    """Return the JSON body of an operation with the extra fields; None among them is sent as null.

    Raises:
        TypeError: The method has a parameter of this name, or the body is no JSON object.
    """
    if not extra:
        return body
    fields = msgspec.structs.asdict(body) if isinstance(body, msgspec.Struct) else body
    if not isinstance(fields, Mapping):
        raise TypeError(f"with_options(body=…) needs a JSON object as body; {_name_of(operation)} sends another value.")
    _check_names(operation, "body", extra, cast("Mapping[str, object]", fields))
    own = cast("Mapping[str, object]", msgspec.to_builtins(body) if isinstance(body, msgspec.Struct) else fields)
    return {**own, **{name: _NULL if value is None else value for name, value in extra.items()}}


def _check_names(operation: object, option: str, extra: Mapping[str, object], sent: Iterable[str]) -> None:
    function = getattr(operation, "__func__", None)  # an endpoint that the SDK does not know has none
    own = {*sent, *(keyword_arguments(function) if function else ())}
    if clash := next((name for name in extra if name in own), None):
        raise TypeError(
            f"{_name_of(operation)} has {clash!r} itself: pass it there, and not in with_options({option}=…)."
        )


def _name_of(operation: object) -> str:
    name = getattr(operation, "__qualname__", None)
    return f"{name}()" if name else "The request"


def merge(present: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of a view: those of its client with the changes, where None removes a default."""
    return {name: value for name, value in {**present, **changes}.items() if value is not None and value is not UNSET}
