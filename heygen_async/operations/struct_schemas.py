"""JSON Schemas of structs, in the form that tools for models accept.

msgspec builds the schemas, with the descriptions in `Annotated[..., Meta(description=...)]`. This file prepares the
types that msgspec cannot read, and removes the parts of a schema that do not help a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import GenericAlias, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, cast, get_args, get_origin

import msgspec
from docstring_parser import DocstringStyle, parse

if TYPE_CHECKING:
    from ..types.base import JSONValue

_DEFS = "#/$defs/"


def build_schema(struct: Any, *, open_ended: bool = False) -> dict[str, JSONValue]:
    """Return the JSON Schema of a struct.

    Args:
        struct: The struct.
        open_ended: Allow all that a response may contain: enum values that the API adds later, missing fields, and
            values of another type than documented. The documented type stands first of the alternatives.
    """
    (root,), definitions = msgspec.json.schema_components([struct], ref_template=_DEFS + "{name}")
    root_name = root["$ref"].removeprefix(_DEFS)
    for name, definition in definitions.items():
        if open_ended and "enum" in definition:
            definitions[name] = {"type": "string", "examples": definition["enum"]}
        elif open_ended:
            _open_fields(definition, is_root=name == root_name)
        else:
            _tidy_fields(definition)
        definitions[name].pop("title", None)
        if "description" in definition:
            definitions[name]["description"] = description_of(definition["description"])
    schema = definitions.pop(root_name)
    return {**schema, "$defs": definitions} if definitions else schema


def description_of(docstring: str | None) -> str:
    """Return the text of a docstring before its sections, in one line."""
    parsed = parse(docstring or "", style=DocstringStyle.GOOGLE)
    return " ".join(" ".join(filter(None, [parsed.short_description, parsed.long_description])).split())


def parameter_descriptions(docstring: str | None) -> dict[str, str]:
    """Return the descriptions in the `Args:` section of a docstring, by parameter."""
    parsed = parse(docstring or "", style=DocstringStyle.GOOGLE)
    return {one.arg_name: " ".join((one.description or "").split()) for one in parsed.params}


def schema_type(hint: Any) -> Any:
    """Return a type that msgspec can read.

    A `Sequence` becomes a list. A `Mapping` in place of a struct is left out, because it has the struct's form.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[(schema_type(arguments[0]), *arguments[1:])]
    if origin in {Union, UnionType}:
        kept = [one for one in arguments if get_origin(one) is not Mapping or not any(map(_has_fields, arguments))]
        return Union[tuple(schema_type(one) for one in kept)]  # noqa: UP007  of a number that is not known
    if origin is Sequence:
        return GenericAlias(list, (schema_type(arguments[0]),))
    return hint


def allowed_values(schema: Mapping[str, Any], steps: Sequence[str]) -> list[str]:
    """Return the values that an enum allows at a path of fields, in quotes; an empty list for all other fields."""
    nodes = list(_alternatives(schema, schema))
    for step in steps:
        properties = [node.get("properties", {}).get(step, {}) for node in nodes]
        nodes = [inner for one in properties for inner in _alternatives(schema, one)]
    return list(dict.fromkeys(repr(value) for node in nodes for value in node.get("enum", ())))


def _alternatives(root: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and the schemas inside it: its reference, its alternatives, its list items."""
    if "$ref" in node:
        node = root["$defs"][node["$ref"].removeprefix(_DEFS)]
    yield node
    for inner in [*node.get("anyOf", ()), *([node["items"]] if "items" in node else [])]:
        yield from _alternatives(root, inner)


def _open_fields(definition: dict[str, Any], *, is_root: bool) -> None:
    """Allow any value of a field, in addition to the documented ones: `{}` is the schema of any value.

    The root is the SDK's own envelope. Its form is certain, but for the items of a list and data without a struct.
    """
    _tidy_fields(definition)
    fields: dict[str, Any] = definition.get("properties", {})
    for name, field in fields.items():
        field.pop("description", None)
        if is_root and "items" in field:
            field["items"] = {"anyOf": [field["items"], {}]}
        elif is_root and field.get("type") == "object":
            fields[name] = {"anyOf": [{"type": kind} for kind in ("object", "array", "string", "number", "boolean")]}
        elif not is_root:
            field.pop("default", None)
            alternatives = [one for one in field.get("anyOf", [field]) if one not in ({"type": "null"}, {})]
            fields[name] = {"anyOf": [*map(_without_discriminators, alternatives), {}]} if alternatives else {}
    if not is_root:
        definition.pop("required", None)


def _without_discriminators(node: Any) -> Any:
    """Return a schema without a keyword that JSON Schema does not have, and that strict validators reject."""
    if isinstance(node, list):
        return [_without_discriminators(one) for one in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    fields = cast("dict[str, object]", node)
    return {name: _without_discriminators(one) for name, one in fields.items() if name != "discriminator"}


def _tidy_fields(definition: dict[str, Any]) -> None:
    """Remove null defaults, and descriptions beside a reference, which some hosts of models reject."""
    for field in definition.get("properties", {}).values():
        if field.get("default", ...) is None:
            del field["default"]
        if "$ref" in field:
            field.pop("description", None)


def _has_fields(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct | dict)
