"""The arguments of an operation: path parameters, query and body side by side in one JSON object.

Each parameter of the method is a field. So is each field of the `TypedDict` that the method unpacks, and of its body's
struct. msgspec checks the types. The values are passed on unchanged, and the API checks everything else.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeAlias, cast, get_args, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType

from .._http.argument_checks import unknown_keys
from .._http.signatures import unpacked_keywords
from ..errors import InvalidInputError
from ..types.file_fields import paths_as_text
from ..types.tracebacks import strips_frames
from .struct_schemas import allowed_values, build_schema, description_of, parameter_descriptions, schema_type

if TYPE_CHECKING:
    from .._http.operation import OperationRecord
    from ..types.base import JSONValue

#: The positional and the keyword arguments for a method.
ParsedArguments: TypeAlias = tuple[list[Any], dict[str, Any]]

_PYTHON_ONLY = {"self", "receiver", "grace", "node_types"}  # parameters that the API does not know
_MSGSPEC_ERROR = re.compile(r"(?P<reason>.*?)( - at `(key in )?\$\.?(?P<path>.*)`)?", re.DOTALL)
_QUOTED_TYPES = re.compile(r"`([a-z |]+)`")
_TYPE_NAMES = {
    "str": "text",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
#: The types of values that are neither nested, nor files, nor numbers to convert.
_PLAIN = frozenset({str, int, bool, type(None)})
_EXACT = 2**53  # above this, a float cannot represent every integer


class Field(NamedTuple):
    """One argument: its type with its description, and whether it is required."""

    hint: Any
    required: bool


class CheckedArguments:
    """Arguments that are the fields of a struct.

    Attributes:
        ids: The names of the path parameters, in order; the method takes them by position.
        paths: The arguments whose string is the path of a local file, and never a URL.
        schema: The JSON Schema.
    """

    ids: Sequence[str] = ()
    paths: Sequence[str] = ()

    def __init__(self, struct: type[msgspec.Struct]) -> None:
        self._struct = struct

    @cached_property
    def schema(self) -> dict[str, JSONValue]:
        """The JSON Schema."""
        return build_schema(self._struct)

    @strips_frames
    def parse(self, arguments: Mapping[str, JSONValue]) -> ParsedArguments:
        """Return the positional and the keyword arguments for the method.

        A local file is checked as its path, and passed on unchanged.

        Raises:
            InvalidInputError: An argument is missing, unknown or of the wrong type.
        """
        if (plain := self._parse_plain(arguments)) is not None:
            return plain
        values = {name: _with_whole_numbers(value) for name, value in arguments.items()}
        for unknown in unknown_keys(values, self._struct, ""):
            raise InvalidInputError(unknown.path, unknown.value, unknown.expected)
        try:
            msgspec.convert(paths_as_text(values), self._struct)
        except msgspec.ValidationError as error:
            raise self._invalid_input(str(error), values) from None
        return [values.pop(name) for name in self.ids], values

    def _parse_plain(self, arguments: Mapping[str, JSONValue]) -> ParsedArguments | None:
        """Return the arguments if they are plain and fit the struct; None if the whole check is needed."""
        if not _PLAIN.issuperset(map(type, arguments.values())):
            return None
        try:
            msgspec.convert(arguments, self._struct)
        except msgspec.ValidationError:
            return None
        values = dict(arguments)
        return [values.pop(name) for name in self.ids], values

    def _invalid_input(self, problem: str, values: Mapping[str, JSONValue]) -> InvalidInputError:
        """Convert an error of msgspec into one that names the argument."""
        match = _MSGSPEC_ERROR.fullmatch(problem)
        reason, path = (match["reason"], match["path"] or "") if match else (problem, "")
        if (field := re.search(r"required field `(\w+)`$", reason)) is not None:
            return InvalidInputError(".".join(filter(None, [path, field[1]])), None, "a value")
        allowed = allowed_values(self.schema, re.findall(r"[^\W\d]\w*", path))
        expected = f"one of {', '.join(allowed)}" if allowed else re.sub("^Expected (.*), got.*$", r"\1", reason)
        return InvalidInputError(path, _value_at(values, path), _QUOTED_TYPES.sub(_name_types, expected))


class Arguments(CheckedArguments):
    """The arguments of one operation.

    Attributes:
        tag_field: The field with the tag of the body, where the method takes several kinds.
        description: A sentence about the body, where the method takes several kinds.
    """

    def __init__(self, method: Callable[..., Any], record: OperationRecord, tag: str | None) -> None:
        self._tag = tag
        self.ids: Sequence[str] = re.findall(r"\{(\w+)\}", record.endpoint.path)
        self.tag_field: str = "type"
        self.description: str = ""
        fields = dict(_method_fields(method))
        self.paths: Sequence[str] = [name for name, field in fields.items() if _is_local_file(field.hint)]
        if record.endpoint.repeat_rules.key_place is None:
            fields.pop("idempotency_key", None)
        if tag is not None:
            struct = _body_struct(fields.pop("request").hint, tag)
            self.tag_field = cast("str", struct.__struct_config__.tag_field)
            self.description = description_of(struct.__doc__)
            own = {name: field for name, field in fields.items() if name not in unpacked_keywords(method)}
            fields = dict(_struct_fields(struct)) | own
        struct = msgspec.defstruct(
            "Arguments",
            [(name, schema_type(hint)) for name, (hint, required) in fields.items() if required]
            + [
                (name, _optional(schema_type(hint)), UNSET) for name, (hint, required) in fields.items() if not required
            ],
            kw_only=True,
            forbid_unknown_fields=True,
        )
        super().__init__(struct)

    @cached_property
    def schema(self) -> dict[str, JSONValue]:
        """The JSON Schema."""
        schema = build_schema(self._struct)
        if self._tag is not None:
            cast("dict[str, JSONValue]", schema["properties"])[self.tag_field] = {"const": self._tag}
        return schema

    @strips_frames
    def parse(self, arguments: Mapping[str, JSONValue]) -> ParsedArguments:
        """Return the arguments as the base class does; the fields of a body of several kinds are one mapping."""
        if self._tag is None:
            return super().parse(arguments)
        fields = dict(arguments)
        if (tag := fields.pop(self.tag_field, self._tag)) != self._tag:
            raise InvalidInputError(self.tag_field, tag, f"{self._tag!r}, or nothing")
        ids, values = super().parse(fields)
        key = values.pop("idempotency_key", None)
        return [*ids, {self.tag_field: self._tag, **values}], {"idempotency_key": key}


def _method_fields(method: Callable[..., Any]) -> Iterator[tuple[str, Field]]:
    """Yield the fields for the parameters of a method, with the descriptions of its docstring."""
    hints = get_type_hints(method, localns={"WebhookReceiver": object}, include_extras=True)
    descriptions = parameter_descriptions(method.__doc__)
    keywords = unpacked_keywords(method)
    for name, parameter in inspect.signature(method).parameters.items():
        if name in keywords:
            yield name, Field(*keywords[name])
        elif name not in _PYTHON_ONLY:
            hint = cast("Any", Annotated)[hints[name], Meta(description=descriptions.get(name, ""))]
            yield name, Field(hint, parameter.default is parameter.empty)


def _struct_fields(struct: type[msgspec.Struct]) -> Iterator[tuple[str, Field]]:
    for field in msgspec.structs.fields(struct):
        yield field.encode_name, Field(field.type, field.required)


def _body_struct(request: Any, tag: str) -> type[msgspec.Struct]:
    """Return the struct with this tag among the types of the parameter `request`."""
    (union, *_) = get_args(request)
    structs = (one for one in get_args(union) if isinstance(one, type) and issubclass(one, msgspec.Struct))
    return next(one for one in structs if one.__struct_config__.tag == tag)


def _is_local_file(hint: Any) -> bool:
    return any((cast("Meta", meta).extra or {}).get("local_file") for meta in getattr(hint, "__metadata__", ()))


def _optional(hint: Any) -> Any:
    """Return the type with UNSET allowed, and with its description."""
    if hasattr(hint, "__metadata__"):
        return Annotated[(hint.__origin__ | UnsetType, *hint.__metadata__)]
    return hint | UnsetType


def _name_types(match: re.Match[str]) -> str:
    return " or ".join(_TYPE_NAMES.get(name, name) for name in match[1].split(" | "))


def _with_whole_numbers(value: Any) -> Any:
    """Return the value with 10.0 converted to 10, because both are integers in JSON Schema."""
    match value:
        case float():
            return int(value) if value.is_integer() and abs(value) < _EXACT else value
        case list():
            return [_with_whole_numbers(item) for item in cast("list[object]", value)]
        case dict():
            return {name: _with_whole_numbers(field) for name, field in cast("dict[str, object]", value).items()}
        case _:
            return value


def _value_at(value: Any, path: str) -> object:
    """Return the value at a path such as `scenes[0].input`."""
    for step in re.findall(r"\w+", path):
        match value:
            case dict():
                value = cast("dict[str, object]", value).get(step)
            case list() if step.isdecimal():
                value = cast("list[object]", value)[int(step)]
            case _:
                return None
    return cast("object", value)
