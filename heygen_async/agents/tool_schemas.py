"""The JSON Schema (2020-12) of a tool's arguments, in the form that all hosts of models accept.

The catalog describes every form that the API takes. A model needs one form of each value, in few tokens:

* a file is a string, because a URL and an asset id need no object;
* one `type` stands beside each `enum`, and there is no `const` and no `discriminator`;
* an optional property also takes null, which means that it is not given;
* properties that only a program can use are left out: keys of repeats, callbacks, the tag of a body with one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

from ..types.base import JSONValue

#: Returns the description of a property for a model. Receives its name and the description of the catalog.
Describe: TypeAlias = Callable[[str, str], str]

DEFS = "#/$defs/"
_NULL: dict[str, Any] = {"type": "null"}
_FILE_FORMS = frozenset({f"{DEFS}UrlFile", f"{DEFS}AssetFile", f"{DEFS}Base64File"})
_TYPES: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
#: The fields that the API empties by null. As null means "not given" here, a tool takes their names in `clear`.
CLEARABLE: Mapping[str, tuple[str, ...]] = {
    "update_avatar_group": ("default_voice_id",),
    "update_webhook_endpoint": ("events",),
}
#: Keys of repeats, and what only webhooks have.
_FOR_PROGRAMS = frozenset({"idempotency_key", "request_id", "callback_url", "callback_id", "include_gif"})


def tool_schema(
    schema: Mapping[str, Any], describe: Describe, *, clearable: Sequence[str] = ()
) -> dict[str, JSONValue]:
    """Return the schema of a tool for a schema of the catalog.

    Args:
        schema: The schema of the arguments.
        describe: Returns the description of each property, at every depth, and of each definition for the name "".
        clearable: The properties that the additional property `clear` takes.
    """
    definitions = {name: _simplify(one, describe) for name, one in schema.get("$defs", {}).items()}
    for definition in definitions.values():
        if description := describe("", definition.pop("description", "")):
            definition["description"] = description
    own = {name: one for name, one in schema.items() if name not in {"$defs", "description"}}
    own["properties"] = {
        name: one
        for name, one in own["properties"].items()
        if name in own.get("required", ()) or not _is_for_programs(name, one)
    }
    simple = _simplify(own, describe)
    if clearable:
        items = {"type": "string", "enum": list(clearable)}
        simple["properties"]["clear"] = {"description": "Fields to empty.", "type": ["array", "null"], "items": items}
    simple.setdefault("required", [])
    return cast("dict[str, JSONValue]", with_definitions(simple, definitions))


def _is_for_programs(name: str, node: Mapping[str, Any]) -> bool:
    return name in _FOR_PROGRAMS or "const" in node or "deprecated" in node


def _simplify(node: Mapping[str, Any], describe: Describe) -> dict[str, Any]:
    """Return a schema in the form of tools."""
    if "anyOf" in node:
        simple = _simplify_union(node, describe)
    elif "const" in node:
        simple = _simplify_enum([node["const"]])
    elif "enum" in node:
        simple = _simplify_enum(node["enum"])
    else:
        kept = ("$ref", "type", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
        simple = {name: node[name] for name in kept if name in node}
        if "items" in node:
            simple["items"] = _simplify(node["items"], describe)
        if node.get("type") == "object":
            simple.update(_simplify_object(node, describe))
    return {"description": node["description"], **simple} if node.get("description") else simple


def _simplify_object(node: Mapping[str, Any], describe: Describe) -> dict[str, Any]:
    if "properties" not in node:
        values: Any = node.get("additionalProperties", {})
        return {
            "additionalProperties": _simplify(cast("Any", values), describe) if isinstance(values, Mapping) else values
        }
    required = node.get("required", [])
    properties: dict[str, Any] = {}
    for name, one in node["properties"].items():
        property_schema = _simplify(one, describe)
        description = describe(name, property_schema.pop("description", ""))
        if name not in required:
            property_schema = nullable(property_schema)
        properties[name] = {"description": description, **property_schema} if description else property_schema
    parts: dict[str, Any] = {"properties": properties, "additionalProperties": False}
    return {**parts, "required": list(required)} if required else parts


def _simplify_enum(values: list[Any]) -> dict[str, Any]:
    (kind,) = {_TYPES[type(value)] for value in values if value is not None}
    return {"type": kind, "enum": list(values)} if None not in values else nullable({"type": kind, "enum": values})


def _simplify_union(node: Mapping[str, Any], describe: Describe) -> dict[str, Any]:
    """Return a union without nested unions, without the forms of a file, and with null as a type."""
    alternatives = list(_alternatives(node))
    is_nullable = _NULL in alternatives
    if any(one.get("$ref") in _FILE_FORMS for one in alternatives):
        alternatives = [one for one in alternatives if one.get("$ref") not in _FILE_FORMS]
        alternatives = alternatives or [{"type": "string"}]
    simple: list[dict[str, Any]] = []
    for one in alternatives:
        if one not in ({}, _NULL) and (simplified := _simplify(one, describe)) not in simple:
            simple.append(simplified)
    union = simple[0] if len(simple) == 1 else {"anyOf": simple} if simple else {}
    return nullable(union) if is_nullable else union


def _alternatives(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [inner for one in node["anyOf"] for inner in (_alternatives(one) if "anyOf" in one else [one])]


def nullable(node: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that also takes null."""
    kind = node.get("type")
    if isinstance(kind, list) or node == {}:
        return node
    if kind is None:
        alternatives = node.get("anyOf", [node])
        return {"anyOf": alternatives if _NULL in alternatives else [*alternatives, _NULL]}
    changed = {**node, "type": [kind, "null"]}
    return {**changed, "enum": [*(one for one in node["enum"] if one is not None), None]} if "enum" in node else changed


def with_definitions(schema: dict[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema with the definitions that it needs, directly or through others."""
    needed: dict[str, Any] = {}
    pending: list[Any] = [schema]
    while pending:
        for name in _references(pending.pop()):
            if name not in needed:
                needed[name] = definitions[name]
                pending.append(definitions[name])
    return {**schema, "$defs": needed} if needed else schema


def _references(node: Any) -> Iterator[str]:
    """Yield the names of the definitions that a schema refers to, in their order."""
    if isinstance(node, list):
        for one in cast("list[object]", node):
            yield from _references(one)
    elif isinstance(node, dict):
        fields = cast("dict[str, object]", node)
        if isinstance(reference := fields.get("$ref"), str):
            yield reference.removeprefix(DEFS)
        for one in fields.values():
            yield from _references(one)
