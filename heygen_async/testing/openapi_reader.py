"""Flattens an OpenAPI document into one entry for each query parameter and each field of a body.

Two documents say the same in many ways: by reference or in place, by `allOf`, with a type of null or as a union with
null. Flattened, they can be compared. An entry has the path of its field, its types, its enum values, and whether it is
required. The fields of a tagged union have the tag in their path: `(avatar).script` is the `script` of the variant
whose `type` is `avatar`.
"""

from __future__ import annotations

import re
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import unquote, urlsplit

import msgspec

__all__ = ["Entry", "Operation", "Place", "read_operations"]

_METHODS = ("get", "post", "put", "patch", "delete")
_PREFIX = "/v3/"
#: A document in which references refer to references grows without limit when it is flattened.
_MAX_SCHEMAS = 50_000  # HeyGen's has some thousands
_MAX_REFERENCES = 100  # from one object to the next

Schema: TypeAlias = dict[str, Any]
Place: TypeAlias = Literal["query", "request", "response"]


class Entry(msgspec.Struct, kw_only=True):
    """A field.

    Args:
        parent: The path of the entry around it; None at the top.
        types: The names of its types, without null.
        values: Its enum values; None for any value.
        is_required: Whether it is required.
        tag_field: For the variant of a tagged union, the path of the field with the tag, whose value is in `values`;
            None for a field.
    """

    parent: str | None
    types: set[str]
    values: set[str] | None
    is_required: bool
    tag_field: str | None = None


class Operation(msgspec.Struct):
    """An operation: its method and path, and the entries of its query and its bodies by their paths."""

    name: str
    places: dict[Place, dict[str, Entry]]


def read_operations(document: object) -> tuple[dict[str, Operation], int]:
    """Return the operations of v3, by method and path without the names of ids; and the number of other operations.

    Raises:
        ValueError: It is not an OpenAPI document, or too large.
    """
    try:
        return _Reader(document).read()
    except RecursionError:
        raise ValueError("its schemas are nested too deeply") from None


class _Reader:
    """Flattens one document."""

    def __init__(self, document: object) -> None:
        self._document = document
        self._merged: dict[int, Schema] = {}  # by the identity of `allOf`, so that recursion is recognized
        self._count = 0

    def read(self) -> tuple[dict[str, Operation], int]:
        document = _mapping(self._document)
        paths = _mapping(document.get("paths"))
        if not paths:
            raise ValueError("it has no `paths`, so it is not an OpenAPI document of an API")
        servers = [_mapping(server).get("url") for server in _list(document.get("servers"))]
        prefix = urlsplit(servers[0]).path.rstrip("/") if servers and isinstance(servers[0], str) else ""
        operations: dict[str, Operation] = {}
        skipped = 0
        for path, item in paths.items():
            whole = f"{prefix}{path}".rstrip("/")
            resolved = self._resolve(item)
            for method in _METHODS:
                if method not in resolved:
                    continue
                if not whole.startswith(_PREFIX):
                    skipped += 1
                    continue
                name = f"{method.upper()} {whole}"
                operations[re.sub(r"\{[^}]*\}", "{}", name)] = self._read_operation(name, resolved, method)
        return operations, skipped

    def _read_operation(self, name: str, item: Schema, method: str) -> Operation:
        operation = self._resolve(item[method])
        query: dict[str, Entry] = {}
        for parameter in map(self._resolve, [*_list(item.get("parameters")), *_list(operation.get("parameters"))]):
            if parameter.get("in") == "query":
                field = str(parameter.get("name"))
                required = [field] if parameter.get("required") is True else []
                self._add_field(query, field, parameter.get("schema"), required, None, ())
        responses = _mapping(operation.get("responses"))
        success = next((responses[one] for one in sorted(responses) if re.fullmatch("2[0-9X][0-9X]", str(one))), None)
        request, response = (self._read_body(body) for body in (operation.get("requestBody"), success))
        return Operation(name, {"query": query, "request": request, "response": response})

    def _read_body(self, body: object) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for kind, media in _mapping(self._resolve(body).get("content")).items():
            if "json" in kind or "form" in kind:
                self._add_fields(entries, self._read_schema(_mapping(media).get("schema")), "", None, ())
        return entries

    def _resolve(self, node: object) -> Schema:
        """Return an object behind its references, with what stands beside them."""
        beside: Schema = {}
        for _ in range(_MAX_REFERENCES):
            schema = _mapping(node)
            beside = schema | beside
            reference = beside.pop("$ref", None)
            if not isinstance(reference, str):
                return beside
            node = self._find(reference)
        raise ValueError("a reference in it refers to itself")

    def _find(self, reference: str) -> object:
        """Return the target of a reference in this document; an open schema for any other reference."""
        node: object = self._document if reference.startswith("#") else None
        for part in reference.removeprefix("#").split("/")[1:]:
            node = _mapping(node).get(unquote(part).replace("~1", "/").replace("~0", "~"))
        return node

    def _read_schema(self, node: object) -> Schema:
        """Return a schema without references, `allOf`, and unions with nothing but null."""
        self._count += 1
        if self._count > _MAX_SCHEMAS:
            raise ValueError(f"it has more than {_MAX_SCHEMAS} schemas, counted each time that one is referred to")
        schema = self._resolve(node)
        if parts := _list(schema.get("allOf")):
            if id(parts) not in self._merged:
                self._merged[id(parts)] = self._merge(parts, {**schema, "allOf": None})
            schema = self._merged[id(parts)]
        variants = [one for one in _variants(schema) if self._read_schema(one).get("type") != "null"]
        if len(variants) == 1:
            beside = {name: value for name, value in schema.items() if name not in {"anyOf", "oneOf"}}
            return beside | self._read_schema(variants[0])
        return schema

    def _merge(self, parts: list[Any], beside: Schema) -> Schema:
        merged: Schema = {}
        for part in (*map(self._read_schema, parts), beside):
            both = {
                "properties": _mapping(merged.get("properties")) | _mapping(part.get("properties")),
                "required": [*_list(merged.get("required")), *_list(part.get("required"))],
            }
            merged = {**merged, **part, **{name: value for name, value in both.items() if value}}
        return merged

    def _add_field(
        self, entries: dict[str, Entry], path: str, node: object, required: list[Any], above: str | None, stack: Any
    ) -> None:
        """Add the entry of a field, and those of the fields inside it."""
        schema = self._read_schema(node)
        types, values = self._describe(schema)
        is_required = path.rpartition(".")[2] in required
        known = entries.get(path)
        if known is None:
            entries[path] = Entry(parent=above, types=types, values=values, is_required=is_required)
        else:  # in several variants without a tag
            known.types |= types
            known.values = None if known.values is None or values is None else known.values | values
            known.is_required &= is_required
        self._add_fields(entries, schema, path, path, stack)

    def _add_fields(
        self, entries: dict[str, Entry], schema: Schema, path: str, above: str | None, stack: tuple[int, ...]
    ) -> None:
        """Add the entries of the fields inside a schema. `stack` identifies the schemas around it."""
        names = ("properties", "items", "additionalProperties", "oneOf", "anyOf")
        identities = tuple(id(schema[name]) for name in names if _mapping(schema.get(name)) or _list(schema.get(name)))
        if not set(stack).isdisjoint(identities):
            return  # a recursive schema
        stack += identities
        for name, inner in _mapping(schema.get("properties")).items():
            field = f"{path}.{name}" if path else name
            self._add_field(entries, field, inner, _list(schema.get("required")), above, stack)
        for name, suffix in (("items", "[]"), ("additionalProperties", "{}")):
            if inner := _mapping(schema.get(name)):
                self._add_field(entries, f"{path}{suffix}", inner, [], above, stack)
        for variant in map(self._read_schema, _variants(schema)):
            tag_field, tag = self._find_tag(schema, variant)
            if tag is None:
                self._add_fields(entries, variant, path, above, stack)
                continue
            inside = f"{path}({tag})"
            entries[inside] = Entry(
                parent=above, types=set(), values={tag}, is_required=False, tag_field=f"{path}.{tag_field}".lstrip(".")
            )
            self._add_fields(entries, variant, inside, inside, stack)

    def _describe(self, schema: Schema) -> tuple[set[str], set[str] | None]:
        """Return the types and the enum values of a schema, those of all its variants."""
        if variants := _variants(schema):
            described = [self._describe(self._read_schema(one)) for one in variants]
            types = {name for names, _ in described for name in names}
            listed = [values for names, values in described if names]
            return types, None if None in listed else {value for values in listed for value in values or ()} or None
        kinds = schema.get("type")
        types = {str(one) for one in (_list(kinds) or [kinds]) if one not in (None, "null")}
        enum = [schema["const"]] if "const" in schema else _list(schema.get("enum"))
        values = {str(one) for one in enum if one is not None}
        if not types:
            types |= {"object"} if "properties" in schema else {"string"} if values else set[str]()
        return types, values or None

    def _find_tag(self, union: Schema, variant: Schema) -> tuple[str, str | None]:
        """Return the field by which a variant of a union is recognized, and its value there; None without one."""
        discriminator = union.get("discriminator")
        name = discriminator if isinstance(discriminator, str) else _mapping(discriminator).get("propertyName")
        properties = _mapping(variant.get("properties"))
        for field in [name] if isinstance(name, str) and name in properties else properties:
            tag = self._read_schema(properties[field])
            values = [tag["const"]] if "const" in tag else _list(tag.get("enum"))
            if len(values) == 1:
                return str(field), str(values[0])
        return "", None


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]  mypy knows it


def _variants(schema: Schema) -> list[Any]:
    return [*_list(schema.get("oneOf")), *_list(schema.get("anyOf"))]
