"""`python -m heygen_async.testing contract --diff`: the contract against other OpenAPI documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner

from heygen_async.cli.exit_codes import DONE, FAILED, WRONG_USE
from heygen_async.testing import HeyGenEmulator
from heygen_async.testing.__main__ import main
from heygen_async.testing.openapi import build_document

Document = dict[str, Any]


def diff(document: object, tmp_path: Path, *options: str) -> tuple[int, str]:
    path = tmp_path / "openapi.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    result = CliRunner().invoke(main, ["contract", "--diff", str(path), *options])
    return result.exit_code, result.output


def changes_of(document: Document, tmp_path: Path) -> list[str]:
    code, output = diff(document, tmp_path)
    *changes, summary = output.splitlines()
    assert summary.startswith(f"{len(changes)} differences in ")
    assert code == (FAILED if changes else DONE)
    return changes


def schema_of(document: Document, method: str, path: str, place: str = "request") -> Document:
    """Return the schema of a body, in place of its references."""
    operation = document["paths"][path][method]
    body = operation["requestBody"] if place == "request" else operation["responses"]["200"]
    schema: Document = body["content"]["application/json"]["schema"]
    while "$ref" in schema:
        copied = deepcopy(document["components"]["schemas"][schema.pop("$ref").rpartition("/")[2]])
        schema.update(copied)
    return schema


def in_place(document: Document, schema: Document) -> Document:
    """Return the target of a reference, as a part of the document that nothing else refers to."""
    while "$ref" in schema:
        schema.update(deepcopy(document["components"]["schemas"][schema.pop("$ref").rpartition("/")[2]]))
    return schema


async def test_the_document_of_the_emulator_has_no_differences(api: HeyGenEmulator, tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{api.url}/_emulator/openapi.json") as response:
        document = await response.json()
    assert changes_of(document, tmp_path) == []


def test_the_printed_document_has_no_differences(tmp_path: Path) -> None:
    printed = CliRunner().invoke(main, ["contract"])
    assert printed.exit_code == DONE
    assert changes_of(json.loads(printed.output), tmp_path) == []


def test_each_mutation_is_found(tmp_path: Path) -> None:
    document = build_document("https://api.heygen.com")
    paths = document["paths"]
    paths["/v3/holograms"] = {"post": paths["/v3/podcasts"]["post"]}
    paths["/v1/voices"] = {"get": paths["/v3/voices"]["get"]}
    del paths["/v3/voices/speech"]
    paths["/v3/voices"]["get"]["parameters"].append({"name": "accent", "in": "query", "schema": {"type": "string"}})
    limit = next(one for one in paths["/v3/voices"]["get"]["parameters"] if one["name"] == "limit")
    limit["schema"] = {"type": "string"}
    podcast = schema_of(document, "post", "/v3/podcasts")["properties"]
    podcast["hosts"] = {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}
    lipsync = schema_of(document, "post", "/v3/lipsyncs")
    lipsync["properties"]["mode"]["enum"] = ["speed", "turbo"]
    lipsync["required"].append("title")
    del lipsync["properties"]["fps_mode"]
    variants = schema_of(document, "post", "/v3/videos")["oneOf"]
    mesh = {"type": "object", "properties": {"type": {"const": "mesh"}, "shape": {"type": "string"}}}
    variants.append(mesh)
    avatar = next(
        one for one in (in_place(document, one) for one in variants) if one["properties"]["type"]["const"] == "avatar"
    )
    avatar["properties"]["resolution"] = {"type": "string"}
    video = in_place(document, schema_of(document, "get", "/v3/videos/{video_id}", "response")["properties"]["data"])
    video["properties"]["fps"] = {"type": "integer"}
    del video["properties"]["gif_url"]
    expected = [
        "+ POST /v3/holograms",
        "- POST /v3/voices/speech",
        "+ GET /v3/voices query accent string",
        "~ GET /v3/voices query limit type: integer → string",
        "+ POST /v3/podcasts request hosts array",
        "+ POST /v3/lipsyncs request mode value: turbo",
        "- POST /v3/lipsyncs request mode value: precision",
        "~ POST /v3/lipsyncs request title required: optional → required",
        "- POST /v3/lipsyncs request fps_mode string",
        "+ POST /v3/videos request type value: mesh",
        "~ POST /v3/videos request (avatar).resolution value: 1080p, 4k, 720p → any",
        "+ GET /v3/videos/{video_id} response data.fps integer",
        "- GET /v3/videos/{video_id} response data.gif_url string",
    ]
    assert sorted(changes_of(document, tmp_path)) == sorted(expected)
    code, output = diff(document, tmp_path, "--json")
    comparison = json.loads(output)
    assert (code, len(comparison["changes"]), comparison["skipped"]) == (FAILED, len(expected), 1)
    assert {"change": "added", "subject": "value", "operation": "POST /v3/videos", "place": "request", "field": "type",
            "detail": "mesh"} in comparison["changes"]  # fmt: skip


def rename_ids(document: Document) -> None:
    for path in list(document["paths"]):
        document["paths"][path.replace("{video_id}", "{id}")] = document["paths"].pop(path)


def split_prefix(document: Document) -> None:
    document["servers"] = [{"url": "https://api.heygen.com/v3/"}]
    document["paths"] = {path.removeprefix("/v3"): item for path, item in document["paths"].items()}


def rewrite(change: Callable[[Document], Document]) -> Callable[[Document], None]:
    """Return a function that rewrites each schema of a document, from the inside."""

    def visit(node: Any) -> Any:
        if isinstance(node, list):
            return [visit(one) for one in node]
        if not isinstance(node, dict):
            return node
        inner = {name: visit(value) for name, value in node.items()}
        return change(inner) if isinstance(inner.get("type"), str | list) and "in" not in inner else inner

    def apply(document: Document) -> None:
        document["components"]["schemas"] = visit(document["components"]["schemas"])
        document["paths"] = visit(document["paths"])

    return apply


def null_as_union(schema: Document) -> Document:
    if not isinstance(schema["type"], list):
        return schema
    return {"anyOf": [{**schema, "type": schema["type"][0]}, {"type": "null"}]}


def const_as_enum(schema: Document) -> Document:
    return {
        ("enum" if name == "const" else name): [value] if name == "const" else value for name, value in schema.items()
    }


@pytest.mark.parametrize(
    "write_otherwise",
    [
        rename_ids,
        split_prefix,
        rewrite(null_as_union),
        rewrite(const_as_enum),
        rewrite(lambda schema: {"allOf": [schema], "description": "The same."}),
        rewrite(lambda schema: {**schema, "example": "x", "x-order": 1}),
    ],
)
def test_another_spelling_is_no_difference(write_otherwise: Callable[[Document], None], tmp_path: Path) -> None:
    document = build_document("https://api.heygen.com")
    write_otherwise(document)
    assert changes_of(document, tmp_path) == []


def recursive_schemas() -> Document:
    element = {"$ref": "#/components/schemas/Element"}
    return {
        "Element": {"type": "object", "properties": {"children": {"type": "array", "items": element}, "x": element}},
        "Union": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/Union"}}]},
    }


def test_recursive_schemas_end(tmp_path: Path) -> None:
    document = build_document("https://api.heygen.com")
    document["components"]["schemas"] |= recursive_schemas()
    fields = schema_of(document, "post", "/v3/podcasts")["properties"]
    fields["element"] = {"$ref": "#/components/schemas/Element"}
    fields["union"] = {"$ref": "#/components/schemas/Union"}
    expected = ["element object", "union array or string"]
    assert changes_of(document, tmp_path) == [f"+ POST /v3/podcasts request {field}" for field in expected]


def with_schema(schema: Document, **schemas: Document) -> Document:
    body = {"content": {"application/json": {"schema": schema}}}
    operation = {"post": {"requestBody": body}}
    return {"openapi": "3.1.0", "paths": {"/v3/podcasts": operation}, "components": {"schemas": schemas}}


def doubling(keyword: str) -> Document:
    """Return a document of 40 schemas, each of which refers twice to the next: 2^40 when flattened."""

    def refer(number: int) -> Document:
        target = {"$ref": f"#/components/schemas/S{number}"}
        return {"properties": {"a": target, "b": target}} if keyword == "properties" else {keyword: [target, target]}

    return with_schema(refer(0), **{f"S{number}": refer(number + 1) for number in range(40)})


@pytest.mark.parametrize(
    "document",
    [
        b"", b"{", b"[" * 50_000, b"\xff", b"[]", b"{}", b'{"paths": []}', b" " * ((16 << 20) + 1),
        doubling("properties"), doubling("anyOf"),
        with_schema({"$ref": "#/components/schemas/A"}, A={"$ref": "#/components/schemas/A"}),
        with_schema({"$ref": "#/components/schemas/A"}, A={"allOf": [{"$ref": "#/components/schemas/A"}]}),
        with_schema({"$ref": "#/components/schemas/A"}, A={"anyOf": [{"$ref": "#/components/schemas/A"}]}),
    ],
    ids=lambda document: str(document)[:60],
)  # fmt: skip
def test_a_hostile_document_is_wrong_use(document: object, tmp_path: Path) -> None:
    code, output = diff(document, tmp_path)
    assert (code, "as an OpenAPI document: " in output) == (WRONG_USE, True), output


@pytest.mark.parametrize(
    "document",
    [
        {"paths": {"/v3/x": None, "/v3/y": {"get": None}, "/v3/z": {"post": {"requestBody": 1, "responses": []}}}},
        {
            "paths": {
                "/v3/x": {
                    "get": {
                        "parameters": [{"in": "query", "required": True}, 1, {"in": "query", "name": {}, "schema": []}]
                    }
                }
            }
        },
        with_schema(
            {"type": {}, "enum": 5, "required": [{}], "properties": {"a": 1, "b": {"type": [{}], "enum": [{}, None]}}}
        ),
        with_schema({"oneOf": [1, None], "discriminator": {"propertyName": {}}, "items": [], "allOf": {}}),
        doubling("allOf"),
    ],
)
def test_a_malformed_document_is_compared_as_far_as_it_can_be(document: Document, tmp_path: Path) -> None:
    code, output = diff(document, tmp_path)
    assert (code, "- POST /v3/videos\n" in output) == (FAILED, True)


def test_control_characters_of_a_document_are_not_printed(tmp_path: Path) -> None:
    code, output = diff({"paths": {"/v3/\x1b[31m": {"get": {}}}}, tmp_path)
    assert (code, "\x1b" in output) == (FAILED, False)
