"""Argument checks: they find misspelt arguments and misspelt keys in mappings before a request is sent.

The `**` parameter of a method accepts any name, and a mapping in place of a struct accepts any key. Without a check, a
misspelt name would be sent. HeyGen would ignore it, and charge for a job without the setting. So the names are compared
with the keywords of the method, and the keys with the fields of the struct, at every depth.

A mapping with arbitrary keys, such as the variables of a template, is not checked. If a field accepts several structs,
a key of any of them is accepted, because HeyGen's documents disagree on their fields. A message suggests only keys of
the struct that the mapping's tag names.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Required, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

import msgspec

from ..errors import InvalidInputError, UnknownArgumentError
from .signatures import keywords_of, unpacked_keywords

_PLAIN = frozenset({bool, float, int, str, NoneType})  # a look-up is faster than isinstance with Mapping
_NESTED = (Mapping, list, tuple, msgspec.Struct)
_TRANSPARENT = {Union, UnionType, Annotated, Required}
#: The names that other HTTP clients and other requests of the API give to an argument.
_SYNONYMS = {
    "body": ("json",), "data": ("json",), "json": ("body",), "key": ("api_key", "idempotency_key"),
    "params": ("query",), "text": ("script",), "url": ("base_url",),
}  # fmt: skip
_COMMON_WORDS = frozenset({"api", "id", "ids", "is", "key", "max", "min", "name", "type", "url"})


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name with the most similar spelling, or one with a common word; None if there is neither."""
    from difflib import get_close_matches  # noqa: PLC0415  only a failing call needs it

    names = list(known)
    if similar := get_close_matches(name.lower(), names, n=1):
        return similar[0]
    for synonym in _SYNONYMS.get(name.lower(), ()):
        if synonym in names:
            return synonym
    words = set(name.lower().split("_")) - _COMMON_WORDS
    shared = {one: len(words.intersection(one.split("_"))) for one in names}
    nearest = max(names, key=shared.__getitem__, default="")
    return nearest if shared.get(nearest) else None


def keyword_names(function: Callable[..., Any]) -> list[str]:
    """Return the names of all parameters of a method that a call can pass as keywords."""
    parameters = inspect.signature(function).parameters.values()
    kinds = {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    return [one.name for one in parameters if one.kind in kinds and one.name != "self"]


def fields_of_structs(function: Callable[..., Any], parameter: str) -> dict[str, list[str]]:
    """Return the fields of each struct that a parameter takes, by the struct's name."""
    forms = _forms(_hints(function)[parameter]).mappings
    return {form.name: [name for name in form.fields if name != form.tag_field] for form in forms if form.name}


def check_keywords(method: Callable[..., Any], arguments: Mapping[str, object]) -> None:
    """Check the keywords in the `**` parameter of a method, before its request is built.

    Args:
        method: The method, bound or not, that `show_parameters` decorates.
        arguments: The keywords in the `**` parameter, without the explicit parameters of the method.

    Raises:
        UnknownArgumentError: The method has no such parameter, or a mapping in it has an unknown key.
        InvalidInputError: A required argument is missing or None.
    """
    function = getattr(method, "__func__", method)
    known = keyword_arguments(function)
    for name, value in arguments.items():
        if name not in known:
            raise UnknownArgumentError(method.__qualname__, name, nearest_name(name, keyword_names(function)))
        if isinstance(value, _NESTED):
            check_keys(method.__qualname__, cast("object", value), _unpacked_types(function)[name], name)
    for name, required in known.items():
        if required and arguments.get(name) is None:
            raise InvalidInputError(name, None, "a value; it is required")


def check_fields(method_name: str, fields: Mapping[str, object], typed_dict: type) -> None:
    """Check the keywords that a mapping holds for a method whose `**` parameter unpacks a `TypedDict`.

    Raises:
        UnknownArgumentError: The method has no such parameter, or a mapping in it has an unknown key.
        InvalidInputError: A required argument is missing or None.
    """
    check_keys(method_name, fields, typed_dict, "")
    for name, (_, required) in keywords_of(typed_dict).items():
        if required and fields.get(name) is None:
            raise InvalidInputError(name, None, "a value; it is required")


@cache
def keyword_arguments(function: Callable[..., Any]) -> dict[str, bool]:
    """Return the name of each keyword argument of a function, and whether it is required."""
    parameters = inspect.signature(function).parameters.values()
    return {one.name: one.default is one.empty for one in parameters if one.kind is one.KEYWORD_ONLY}


@cache
def _unpacked_types(function: Callable[..., Any]) -> dict[str, Any]:
    return {name: hint for name, (hint, _) in unpacked_keywords(function).items()}


class UnknownKey(NamedTuple):
    """An unknown key: its path, its value, the known keys of the mapping, and the structs that have them."""

    path: str
    value: object
    known: Sequence[str]
    structs: Sequence[str] = ()

    @property
    def suggestion(self) -> str | None:
        """The most similar known key."""
        return nearest_name(self.path.rpartition(".")[2], self.known)

    @property
    def expected(self) -> str:
        """The known keys, and the most similar one."""
        if not self.known:
            return "no argument"
        hint = f" (did you mean {self.suggestion!r}?)" if self.suggestion else ""
        return f"one of {', '.join(self.known)}{hint}"


class _Form(NamedTuple):
    """One form of mapping that a type allows: the type of each key's value, its tag, and the name of its struct."""

    fields: Mapping[str, Any]
    tag_field: str | None = None
    tag: object = None
    name: str = ""


class _Forms(NamedTuple):
    """All forms that a type allows: mappings, their fields together, the type of a list's items, arbitrary keys."""

    mappings: Sequence[_Form]
    fields: Mapping[object, Any]
    items: Any
    values: Any
    is_open: bool


def check_mappings(method: Callable[..., Any], **arguments: object) -> None:
    """Check the mappings in arguments of a method that take structs, before its request is built.

    Raises:
        UnknownArgumentError: A key is not a field of the mapping's struct.
    """
    for name, value in arguments.items():
        if not _is_plain(value):
            hints = _hints(getattr(method, "__func__", method))
            check_keys(method.__qualname__, value, hints[name], name)


def check_keys(method_name: str, value: object, kind: Any, path: str) -> None:
    """Check the keys of the mappings in a value.

    Args:
        method_name: The method that received the value, for the message.
        value: A struct, a mapping, or a sequence of them; everything else is accepted.
        kind: The type that the method declares for the value.
        path: The name of the argument.

    Raises:
        UnknownArgumentError: A key is not a field of the mapping's struct.
    """
    unknown = next(unknown_keys(value, kind, path), None)
    if unknown is not None:
        advice = f"Its fields are those of {', '.join(unknown.structs)}." if unknown.structs else ""
        raise UnknownArgumentError(method_name, unknown.path, unknown.suggestion, advice)


def _is_plain(value: object) -> bool:
    """Return whether a value is a struct without mappings, structs and lists."""
    return isinstance(value, msgspec.Struct) and _PLAIN.issuperset(map(type, msgspec.structs.astuple(value)))


def unknown_keys(value: object, kind: Any, path: str) -> Iterator[UnknownKey]:
    """Yield every unknown key in the mappings of a value."""
    if isinstance(value, msgspec.Struct):
        if _is_plain(value):
            return
        for name, field_type in _field_types(type(value)).items():
            inner = getattr(value, name)
            if type(inner) not in _PLAIN and isinstance(inner, _NESTED):
                yield from unknown_keys(cast("object", inner), field_type, f"{path}.{name}")
    elif isinstance(value, Mapping):
        yield from _unknown_in_mapping(cast("Mapping[object, object]", value), _forms(kind), path)
    elif isinstance(value, list | tuple):
        items = _forms(kind).items
        for index, item in enumerate(cast("Sequence[object]", value)):
            if isinstance(item, _NESTED):
                yield from unknown_keys(cast("object", item), items, f"{path}[{index}]")


def _unknown_in_mapping(value: Mapping[object, object], forms: _Forms, path: str) -> Iterator[UnknownKey]:
    tagged = [form for form in forms.mappings if form.tag_field and value.get(form.tag_field) == form.tag]
    is_free = not forms.mappings or (forms.is_open and not tagged)
    own: Mapping[Any, Any] = tagged[-1].fields if tagged else forms.fields
    prefix = f"{path}." if path else ""
    for key, inner in value.items():
        if not is_free and key not in forms.fields:
            known = sorted(tagged[0].fields if tagged else map(str, forms.fields))
            structs = [form.name for form in tagged or forms.mappings if form.name]
            yield UnknownKey(f"{prefix}{key}", inner, known, structs)
        elif type(inner) not in _PLAIN and isinstance(inner, _NESTED):
            kind = forms.values if is_free else own[key] if key in own else forms.fields[key]
            yield from unknown_keys(cast("object", inner), kind, f"{prefix}{key}")


@cache
def _field_types(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(struct)}


@cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(function, include_extras=True)


@cache
def _forms(kind: Any) -> _Forms:
    """Return the forms that a type allows."""
    mappings: list[_Form] = []
    items, values, is_open = Any, Any, False
    for member in _members(kind):
        origin, arguments = get_origin(member), get_args(member)
        if is_typeddict(member):
            mappings.append(_Form({name: hint for name, (hint, _) in keywords_of(member).items()}))
        elif isinstance(member, type) and issubclass(member, msgspec.Struct):
            mappings.append(_struct_form(member))
        elif origin in {list, Sequence}:
            items = arguments[0]
        elif origin in {dict, Mapping}:
            values = arguments[1]
        is_open = is_open or member is Any or member in {dict, Mapping}
    fields: dict[object, Any] = {name: hint for form in mappings for name, hint in form.fields.items()}
    return _Forms(mappings, fields, items, values, is_open)


def _struct_form(struct: type[msgspec.Struct]) -> _Form:
    fields: dict[str, Any] = {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
    config = struct.__struct_config__
    if config.tag_field is not None:
        fields[config.tag_field] = str
    return _Form(fields, config.tag_field, config.tag, struct.__name__)


def _members(kind: Any) -> Iterator[Any]:
    """Yield the members of a type, without the annotations and unions around them."""
    if hasattr(kind, "__value__"):
        yield from _members(kind.__value__)
    elif get_origin(kind) in _TRANSPARENT:
        arguments = get_args(kind)
        for member in arguments[:1] if get_origin(kind) is Annotated else arguments:
            yield from _members(member)
    else:
        yield kind
