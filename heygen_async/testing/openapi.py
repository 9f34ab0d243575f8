"""The OpenAPI 3.1 document of the operations that the emulator serves, built from the contract.

The contract's schemas are older than OpenAPI 3.1: `nullable` beside a type, and a discriminator that is a bare name.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from . import contract
from .request_handling import success_status

__all__ = ["build_document"]

_REFERENCE = "#/components/schemas/"
_QUERY_TYPES = {"int": "integer", "float64": "number", "bool": "boolean"}
_ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "doc_url": {"type": ["string", "null"]},
            },
            "required": ["code", "message"],
        }
    },
    "required": ["error"],
}


class _Responses(msgspec.Struct):
    source: str
    event_streams: list[str]
    shared: dict[str, dict[str, Any]]
    responses: dict[str, dict[str, Any]]


@cache
def _responses() -> _Responses:
    return msgspec.json.decode((files("heygen_async.testing") / "responses.json").read_bytes(), type=_Responses)


def build_document(url: str) -> dict[str, Any]:
    """Return the document.

    Args:
        url: The base URL of the server.
    """
    paths: dict[str, dict[str, Any]] = {}
    for operation in contract.operations():
        paths.setdefault(operation.path, {})[operation.method.lower()] = _build_operation(operation)
    shared = contract.shared_schemas() | _responses().shared
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "HeyGen v3, as the local HeyGen serves it",
            "version": "3",
            "description": _responses().source,
        },
        "servers": [{"url": url}],
        "security": [{"key": []}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR} | {name: _convert(schema) for name, schema in shared.items()},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _build_operation(operation: contract.Operation) -> dict[str, Any]:
    path_parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    error = {"description": "An error.", "content": {"application/json": {"schema": {"$ref": f"{_REFERENCE}Error"}}}}
    built: dict[str, Any] = {
        "operationId": operation.operation,
        "parameters": [*path_parameters, *map(_build_query_parameter, operation.query)],
        "responses": {str(success_status(operation)): _build_success(operation.operation), "default": error},
    }
    if operation.request is not None:
        kind = "multipart/form-data" if operation.body == "multipart" else "application/json"
        built["requestBody"] = {
            "required": bool(operation.request.get("required") or "oneOf" in operation.request),
            "content": {kind: {"schema": _convert(operation.request)}},
        }
    return built


def _build_query_parameter(entry: dict[str, Any]) -> dict[str, Any]:
    kind = entry.get("type", "string")
    schema: dict[str, Any] = {"type": _QUERY_TYPES.get(kind, kind)}
    limits = {"enum": "enum", "min": "minimum", "max": "maximum"}
    schema |= {theirs: entry[ours] for ours, theirs in limits.items() if entry.get(ours) is not None}
    return {"name": entry["name"], "in": "query", "required": bool(entry.get("required")), "schema": schema}


def _build_success(operation: str) -> dict[str, Any]:
    responses = _responses()
    if operation in responses.event_streams:
        return {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    schema = _convert(responses.responses.get(operation, {}))
    return {"description": "The result.", "content": {"application/json": {"schema": schema}}}


def _convert(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of the contract as OpenAPI 3.1 has it."""
    converted: dict[str, Any] = {}
    for name, value in schema.items():
        match name:
            case "$ref":
                converted[name] = f"{_REFERENCE}{value}"
            case "properties":
                converted[name] = {field: _convert(inner) for field, inner in value.items()}
            case "items" | "additionalProperties":
                converted[name] = _convert(value)
            case "oneOf" | "anyOf":
                converted[name] = [_convert(inner) for inner in value]
            case "discriminator":
                converted[name] = {"propertyName": value} if isinstance(value, str) else value
            case "nullable":
                pass
            case _:
                converted[name] = value
    if not schema.get("nullable"):
        return converted
    if "type" not in converted or "enum" in converted:
        return {"anyOf": [converted, {"type": "null"}]}
    return converted | {"type": [converted["type"], "null"]}
