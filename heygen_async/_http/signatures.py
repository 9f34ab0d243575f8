"""Explicit parameters for methods whose keywords are an unpacked `TypedDict`.

Type checkers and editors read `**request: Unpack[PodcastRequest]` as written-out keywords; `inspect.signature` and
`help()` show `**request` alone. `show_parameters` gives such a method a signature that lists every keyword with its
type and default. Rejected: writing the parameters out in the source would repeat each of them in the method, in its
`create_and_wait` twin and in the rows of a batch. Rejected: computing the signatures at import would evaluate every
annotation of the package. So a signature is computed at its first use.

The same keywords decide which arguments a call may have: see `argument_checks`.
"""

from __future__ import annotations

import inspect
from functools import cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, Required, TypedDict, TypeVar, cast, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


class NoKeywords(TypedDict):
    """No keyword: the `**unknown` of a method that reports a misspelt argument with the nearest right one."""


_TAKES_KEYWORDS = 0x08  # the flag of code objects that have a `**` parameter


def show_parameters(function: F) -> F:
    """Give a function with `**keywords: Unpack[...]` an explicit signature; return every other one unchanged."""
    if function.__code__.co_flags & _TAKES_KEYWORDS:
        cast("Any", function).__signature__ = LazySignature(function)
    return function


class LazySignature(inspect.Signature):
    """A signature that is computed when it is first read.

    `inspect.Signature` keeps its state in two slots. They stay unset at first, so that reading one of them calls
    `__getattr__`, which sets both.
    """

    __slots__ = ("_function",)

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __getattr__(self, name: str) -> Any:
        if name not in {"_parameters", "_return_annotation"}:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        parameters, return_annotation = self._expand()
        super().__init__(parameters, return_annotation=return_annotation)
        return object.__getattribute__(self, name)

    def _expand(self) -> tuple[list[inspect.Parameter], object]:
        written = _written_signature(self._function)
        *parameters, _ = written.parameters.values()
        typed_dict = _unpacked_type(self._function)
        types = get_type_hints(typed_dict)  # without `Annotated`, whose descriptions `operations/` reads
        keywords = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if required else None,
                annotation=types[name],
            )
            for name, (_, required) in keywords_of(typed_dict).items()
        ]
        positional = [one for one in parameters if one.kind is not one.KEYWORD_ONLY]
        return [*positional, *keywords, *parameters[len(positional) :]], written.return_annotation

    def replace(self, **changes: Any) -> Any:
        """Return a plain signature with these changes."""
        plain = inspect.Signature(list(self.parameters.values()), return_annotation=self.return_annotation)
        return plain.replace(**changes)

    __replace__ = replace

    def __reduce__(self) -> Any:
        return self.replace().__reduce__()


def _written_signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature in the source, from a copy of the function without `__signature__`."""
    source = cast("FunctionType", inspect.unwrap(function))
    copy = FunctionType(source.__code__, source.__globals__, source.__name__, source.__defaults__, source.__closure__)
    copy.__kwdefaults__, copy.__annotations__ = source.__kwdefaults__, source.__annotations__
    return inspect.signature(copy)


def _unpacked_type(function: Callable[..., Any]) -> type:
    """Return the `TypedDict` that the `**` parameter of a function unpacks."""
    *_, unpacked = _written_signature(function).parameters
    source = cast("FunctionType", inspect.unwrap(function))
    keywords = FunctionType(source.__code__, source.__globals__, closure=source.__closure__)
    keywords.__annotations__ = {unpacked: source.__annotations__[unpacked]}  # others may not be imported at run time
    (typed_dict,) = get_args(get_type_hints(keywords)[unpacked])
    return cast("type", typed_dict)


def unpacked_keywords(function: Callable[..., Any]) -> dict[str, tuple[Any, bool]]:
    """Return `keywords_of` the `TypedDict` that a function unpacks; an empty mapping when it unpacks none."""
    if not isinstance(getattr(function, "__signature__", None), LazySignature):
        return {}
    return keywords_of(_unpacked_type(function))


@cache
def keywords_of(typed_dict: type) -> dict[str, tuple[Any, bool]]:
    """Return the type of each key of a `TypedDict`, with its `Annotated` metadata, and whether it is required.

    `__required_keys__` does not recognise `Required[...]` inside a string, and all annotations here are strings.
    """
    hints = get_type_hints(typed_dict, include_extras=True)
    required = {name: get_origin(hint) is Required for name, hint in hints.items()}
    return {name: (get_args(hint)[0] if required[name] else hint, required[name]) for name, hint in hints.items()}
