"""Compares a response with HeyGen's published contract: drift, which breaks the contract, and growth, which extends it.

The contract is data: the schemas in `heygen_async/testing/responses.json`. The structs of `heygen_async.types` accept
more than it, because all their fields but ids may be missing. A deviation has the path and the types of a field, and
never a value, so that a report holds no personal data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any, Literal, TypeVar, cast

import msgspec

T = TypeVar("T")
_KINDS = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object", type(None): "null",
}  # fmt: skip
_FIELD_NAME = re.compile(r"[a-z](?:[a-z_]|\d(?!\d{2})){0,39}")


class Deviation(msgspec.Struct, frozen=True):
    """One place where a response deviates from the contract.

    Args:
        kind: Whether the place breaks the contract or extends it.
        field: The path of the field, such as `data[].status`.
        expected: The type that the contract has.
        received: The type that the response has.
    """

    kind: Literal["drift", "growth"]
    field: str
    expected: str
    received: str


class _Operation(msgspec.Struct):
    operation: str
    method: str
    path: str


class _Contract(msgspec.Struct):
    operations: list[_Operation]


class _Responses(msgspec.Struct):
    shared: dict[str, dict[str, Any]]
    responses: dict[str, dict[str, Any]]


def check_response(method: str, path: str, body: object) -> list[Deviation]:
    """Return the deviations of a response, each field once.

    Args:
        method: The HTTP method.
        path: The path, with its ids in braces.
        body: The parsed JSON of a successful response.
    """
    schema = _SCHEMAS.get((method, _without_names(path)))
    return [] if schema is None else list(dict.fromkeys(_check(body, schema, "")))


def _read(name: str, kind: type[T]) -> T:
    # Read as data: the emulator itself is not imported.
    return msgspec.json.decode((files("heygen_async") / "testing" / name).read_bytes(), type=kind)


def _without_names(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


# Read here, because only `doctor` imports this file, and before its event loop starts.
_RESPONSES = _read("responses.json", _Responses)
#: The schemas of the responses by method and path.
_SCHEMAS = {
    (one.method, _without_names(one.path)): _RESPONSES.responses[one.operation]
    for one in _read("contract.json", _Contract).operations
    if one.operation in _RESPONSES.responses
}


def _check(value: Any, schema: dict[str, Any], field: str) -> Iterator[Deviation]:
    if "$ref" in schema:
        beside = {name: inner for name, inner in schema.items() if name != "$ref"}
        schema = _RESPONSES.shared[schema["$ref"]] | beside
    if value is None:
        if not schema.get("nullable") and _name_of(schema) != "any":
            yield Deviation("drift", field, _name_of(schema), "null")
        return
    if variants := schema.get("oneOf") or schema.get("anyOf"):
        yield from _check_variants(value, variants, field)
        return
    kind = schema.get("type")
    if kind is not None and not _is_of(value, kind):
        yield Deviation("drift", field, _name_of(schema), _KINDS[type(value)])
    elif value not in schema.get("enum", [value]):
        yield Deviation("growth", field, "a value of the enum", "another value")
    elif isinstance(value, list) and "items" in schema:
        for item in cast("Sequence[Any]", value):
            yield from _check(item, schema["items"], f"{field}[]")
    elif isinstance(value, dict):
        yield from _check_object(cast("dict[str, Any]", value), schema, field)


def _check_variants(value: Any, variants: list[dict[str, Any]], field: str) -> Iterator[Deviation]:
    """Yield the deviations from the variant of a union that fits best."""
    results = [list(_check(value, variant, field)) for variant in variants]
    yield from min(results, key=lambda result: (sum(one.kind == "drift" for one in result), len(result)))


def _check_object(value: dict[str, Any], schema: dict[str, Any], field: str) -> Iterator[Deviation]:
    properties: dict[str, Any] = schema.get("properties", {})
    prefix = f"{field}." if field else ""
    for name in schema.get("required", ()):
        if name not in value:
            yield Deviation("drift", f"{prefix}{name}", _name_of(properties.get(name, {})), "nothing")
    for name, inner in value.items():
        if name in properties:
            yield from _check(inner, properties[name], f"{prefix}{name}")
        elif "additionalProperties" in schema:
            yield from _check(inner, schema["additionalProperties"], f"{field}{{}}")
        elif properties:
            shown = name if _FIELD_NAME.fullmatch(name) else "{}"  # such as an id in place of a name
            yield Deviation("growth", f"{prefix}{shown}", "nothing", _KINDS[type(inner)])


def _is_of(value: Any, kind: str) -> bool:
    actual = _KINDS[type(value)]
    if kind == "integer" and actual == "number":
        return float(value).is_integer()
    return actual == kind or (kind == "number" and actual == "integer")


def _name_of(schema: dict[str, Any]) -> str:
    """Return the name of the type that a schema allows."""
    if "$ref" in schema:
        return _name_of(_RESPONSES.shared[schema["$ref"]])
    variants: list[Any] = schema.get("oneOf") or schema.get("anyOf") or []
    return schema.get("type") or " or ".join(dict.fromkeys(map(_name_of, variants))) or "any"
