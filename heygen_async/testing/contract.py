"""The published contract of the API: every operation, and the validation of requests against it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from functools import cache
from importlib.resources import files
from typing import Any, cast
from urllib.parse import unquote

import msgspec

from . import limits
from .api_errors import APIErrorResponse

__all__ = ["Operation", "check_body", "check_query", "find_operation", "operations", "shared_schemas"]

_MAX_SHOWN = 100  # characters of a name in a hint


class Operation(msgspec.Struct, kw_only=True):
    """An operation of the contract."""

    operation: str
    method: str
    path: str
    body: str | None
    query: list[dict[str, Any]]
    request: dict[str, Any] | None

    def pattern(self) -> re.Pattern[str]:
        """Return the pattern of the operation's raw path; each id is one segment."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


class _Contract(msgspec.Struct):
    source: str
    shared: dict[str, dict[str, Any]]
    operations: list[Operation]


@cache
def _contract() -> _Contract:
    return msgspec.json.decode((files("heygen_async.testing") / "contract.json").read_bytes(), type=_Contract)


def operations() -> list[Operation]:
    """Return every operation; those without ids in their path come first."""
    return sorted(_contract().operations, key=lambda operation: operation.path.count("{"))


def find_operation(method: str, raw_path: str) -> tuple[Operation | None, dict[str, str]]:
    """Return the operation at an address and the ids in its path."""
    for pattern, operation in _routes().get((method, raw_path.count("/")), ()):
        if match := pattern.fullmatch(raw_path):
            return operation, {name: unquote(value) for name, value in match.groupdict().items()}
    return None, {}


@cache
def _routes() -> dict[tuple[str, int], list[tuple[re.Pattern[str], Operation]]]:
    """Return the operations and the patterns of their paths, by method and number of slashes."""
    routes: dict[tuple[str, int], list[tuple[re.Pattern[str], Operation]]] = {}
    for operation in operations():
        routes.setdefault((operation.method, operation.path.count("/")), []).append((operation.pattern(), operation))
    return routes


def shared_schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas that several operations refer to, by name."""
    return _contract().shared


def check_query(operation: Operation, query: dict[str, str], known_fields: Collection[str]) -> None:
    """Check a query against the contract, or `known_fields`.

    Raises:
        APIErrorResponse: 400: the contract does not allow it.
    """
    known = {entry["name"]: entry for entry in operation.query}
    for name, value in query.items():
        if name in known:
            _check_query_value(name, value, known[name])
        elif name not in known_fields:
            raise _unknown(name, name, f"Unknown query parameter '{name}'.")
    for name, entry in known.items():
        if entry.get("required") and not query.get(name):
            raise APIErrorResponse.invalid_parameter(name, f"'{name}' is required.")


def _check_query_value(name: str, value: str, entry: dict[str, Any]) -> None:
    if entry.get("type") == "int":
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise APIErrorResponse.invalid_parameter(name, f"'{name}' must be an integer.")
        _check_between(int(value), entry.get("min"), entry.get("max"), name)
    if entry.get("type") == "float64":
        _check_number(name, value, entry)
    if entry.get("type") == "bool" and value not in {"true", "false"}:
        raise APIErrorResponse.invalid_parameter(name, f"'{name}' must be true or false.")
    if entry.get("enum") and value not in entry["enum"]:
        raise APIErrorResponse.invalid_parameter(name, f"'{name}' must be one of: {', '.join(entry['enum'])}.")
    if name.endswith("_ids") and len(value.split(",")) > 100:
        raise APIErrorResponse.invalid_parameter(name, f"'{name}' takes at most 100 ids.")


def _check_number(name: str, value: str, entry: dict[str, Any]) -> None:
    try:
        number = float(value)
    except ValueError:
        raise APIErrorResponse.invalid_parameter(name, f"'{name}' must be a number.") from None
    _check_between(number, entry.get("min"), entry.get("max"), name)


def check_body(operation: Operation, body: Any, known_fields: Collection[str]) -> None:
    """Check a body against the contract. Fields of the names in `known_fields` are allowed beside it.

    Raises:
        APIErrorResponse: 400: the contract does not allow it.
    """
    if not isinstance(body, dict):
        raise APIErrorResponse.invalid_parameter(None, "The request body must be a JSON object.")
    if operation.request is not None:
        _check(operation.operation, known_fields, operation.request, body, "")


def _check(operation: str, known_fields: Collection[str], schema: dict[str, Any], value: Any, where: str) -> None:
    if "$ref" in schema:
        rest = {name: inner for name, inner in schema.items() if name != "$ref"}
        _check(operation, known_fields, _contract().shared[schema["$ref"]] | rest, value, where)
        return
    if not schema:  # any value
        return
    name = re.sub(r"\[\d+\]$", "", where).rpartition(".")[2]
    if value is None:
        if not schema.get("nullable"):
            raise APIErrorResponse.invalid_parameter(where, f"'{where}' must not be null.")
        return
    if "oneOf" in schema:
        _check(operation, known_fields, _select_variant(schema, value, where), value, where)
        return
    kind = schema.get("type", "object")
    if not _TYPES[kind](value):
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be of type {kind}.")
    if "const" in schema and value != schema["const"]:
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be '{schema['const']}'.")
    if "enum" in schema and value not in schema["enum"]:
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be one of: {', '.join(schema['enum'])}.")
    if kind in {"integer", "number"}:
        _check_between(value, schema.get("minimum"), schema.get("maximum"), where)
    elif kind in {"string", "array"}:
        _check_size(schema, value, where)
    limits.check(operation, name, value, where)
    if kind == "array":
        for index, entry in enumerate(value):
            _check(operation, known_fields, schema.get("items", {}), entry, f"{where}[{index}]")
    elif kind == "object":
        _check_object(operation, known_fields, schema, value, where)


def _check_between(value: float, low: float | None, high: float | None, where: str) -> None:
    if not (-math.inf if low is None else low) <= value <= (math.inf if high is None else high):  # also NaN
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be {_describe_range(low, high)}.")


def _describe_range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"between {low} and {high}"


def _check_size(schema: dict[str, Any], value: str | list[Any], where: str) -> None:
    """Check the length and the pattern of a text, or the length of a list."""
    low, high = (schema.get(f"{end}{'Length' if isinstance(value, str) else 'Items'}") for end in ("min", "max"))
    if (low is not None and len(value) < low) or (high is not None and len(value) > high):
        parts = "characters" if isinstance(value, str) else "entries"
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must have {_describe_range(low, high)} {parts}.")
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must match {schema['pattern']}.")


def _check_object(
    operation: str, known_fields: Collection[str], schema: dict[str, Any], value: dict[str, Any], where: str
) -> None:
    properties: dict[str, Any] = schema.get("properties", {})
    prefix = f"{where}." if where else ""
    if "additionalProperties" in schema:  # an object whose keys the caller chooses
        pattern = schema.get("propertyNames", {}).get("pattern", "")
        for key, inner in value.items():
            if not re.search(pattern, key):
                raise APIErrorResponse.invalid_parameter(f"{prefix}{key}", f"'{key}' must match {pattern}.")
            _check(operation, known_fields, schema["additionalProperties"], inner, f"{prefix}{key}")
        return
    if not properties and "required" not in schema:  # an open object
        return
    for field in schema.get("required", ()):
        if field not in value:
            raise APIErrorResponse.invalid_parameter(f"{prefix}{field}", f"'{prefix}{field}' is required.")
    for field, inner in value.items():
        if field in properties:
            _check(operation, known_fields, properties[field], inner, f"{prefix}{field}")
        elif field not in known_fields:
            raise _unknown(field, f"{prefix}{field}", f"Unknown field '{prefix}{field}'.")


def _unknown(name: str, where: str, message: str) -> APIErrorResponse:
    """Return the error for a field or a parameter that the contract does not have."""
    shown = ascii(name[:_MAX_SHOWN])
    hint = (
        f"The contract of the emulator has no field {shown} here. If HeyGen has it, make it known: "
        f"HeyGenEmulator(known_fields=[{shown}]) or @pytest.mark.heygen(known_fields=[{shown}]); "
        f"api.add('field', {shown}); heygen_known_fields in pytest's settings; or --known-fields of "
        "python -m heygen_async.testing."
    )
    return APIErrorResponse(400, "invalid_parameter", message, param=where, hint=hint)


def _select_variant(schema: dict[str, Any], value: Any, where: str) -> dict[str, Any]:
    """Return the variant of a union that the value's discriminator names."""
    variants = [_contract().shared[v["$ref"]] if "$ref" in v else v for v in schema["oneOf"]]
    if not isinstance(value, dict):
        raise APIErrorResponse.invalid_parameter(where, f"'{where}' must be an object.")
    key = schema.get("discriminator") or "type"
    if not isinstance(key, str):
        key = key.get("propertyName", "type")
    known = {v["properties"][key]["const"]: v for v in variants}
    tag: object = cast("dict[str, object]", value).get(key)
    field = f"{where}.{key}" if where else key
    if not isinstance(tag, str) or tag not in known:
        raise APIErrorResponse.invalid_parameter(field, f"'{field}' must be one of: {', '.join(known)}.")
    return known[tag]


_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}
