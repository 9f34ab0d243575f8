"""Structs in FastAPI and pydantic: their components in `/openapi.json`, and invalid bodies."""

from __future__ import annotations

from typing import Annotated, Any, cast

import msgspec
import pytest
from fastapi import Body, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, TypeAdapter, ValidationError

import heygen_async.types
from heygen_async import AvatarVideo, CinematicVideo
from heygen_async.types.base import RequestStruct, ResponseStruct

Struct = type[msgspec.Struct]
BASES = (RequestStruct, ResponseStruct)
EXPORTED = [getattr(heygen_async.types, name) for name in dir(heygen_async.types)]
STRUCTS: list[Struct] = [
    one for one in EXPORTED if isinstance(one, type) and issubclass(one, BASES) and one not in BASES
]
REQUESTS = [struct for struct in STRUCTS if issubclass(struct, RequestStruct)]
WRONG_VALUES: list[Any] = [7, "text", [7], {"unknown": 7}]


class Node(RequestStruct):
    """A struct that contains itself."""

    name: str
    children: list[Node] | None = None


def app_of(*structs: Any) -> FastAPI:
    """An application with one endpoint for each struct, which takes it and returns it."""
    app = FastAPI()
    for struct in structs:

        def endpoint(body: Any) -> Any:
            return body

        endpoint.__annotations__ = {"body": Annotated[struct, Body()]}
        app.post(f"/{getattr(struct, '__name__', 'union')}", response_model=struct)(endpoint)
    return app


def plain(name: str) -> str:
    """The name of a component without the suffix that pydantic adds where structs contain each other."""
    return name.removesuffix("-Input").removesuffix("-Output")


def resolved(schema: Any, components: dict[str, Any], within: tuple[str, ...]) -> Any:
    """A schema with its references replaced, without the null defaults that FastAPI leaves out."""
    if isinstance(schema, list):
        return [resolved(one, components, within) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return plain(name) if name in within else resolved(components[name], components, (*within, name))
    mapping = schema.get("discriminator", {}).get("mapping", {})
    names = {tag: plain(reference.rpartition("/")[2]) for tag, reference in mapping.items()}
    schema = schema | ({"discriminator": {**schema["discriminator"], "mapping": names}} if mapping else {})
    kept = {name: value for name, value in schema.items() if (name, value) != ("default", None)}
    return {name: resolved(value, components, within) for name, value in kept.items()}


def expected_component(struct: Struct) -> Any:
    components = msgspec.json.schema(struct)["$defs"]
    return resolved(components[struct.__name__], components, (struct.__name__,))


def test_every_struct_is_a_component_with_its_fields() -> None:
    components = app_of(*STRUCTS).openapi()["components"]["schemas"]
    for struct in STRUCTS:
        name = next(name for name in components if plain(name) == struct.__name__)
        assert resolved(components[name], components, (name,)) == expected_component(struct)
    assert len(STRUCTS) > 150


def test_a_struct_may_contain_itself() -> None:
    for mode in ("validation", "serialization"):
        schema = TypeAdapter(Node).json_schema(mode=cast("Any", mode), ref_template="#/$defs/{model}")
        assert resolved(schema, schema["$defs"], ()) == expected_component(Node)


def test_a_union_refers_to_its_members() -> None:
    openapi = app_of(AvatarVideo | CinematicVideo).openapi()
    body = openapi["paths"]["/union"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert [one["$ref"].rpartition("/")[2] for one in body["anyOf"]] == ["AvatarVideo", "CinematicVideo"]


def valid_value(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    """The smallest value that a schema allows."""
    if "$ref" in schema:
        return valid_value(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        return valid_value(schema["anyOf"][0], components)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        names = schema.get("required", [])
        return {name: valid_value(schema["properties"][name], components) for name in names}
    numbers = {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1.0)}
    return {"string": "aGk=", "boolean": True, "array": [], "null": None, **numbers}.get(schema.get("type", ""), "any")


def invalid_bodies(struct: Struct) -> list[tuple[str, dict[str, Any]]]:
    """For each field, a body with a value that the field does not allow; fields that allow everything are left out."""
    components = msgspec.json.schema(struct)["$defs"]
    body = valid_value(components[struct.__name__], components)
    msgspec.convert(body, struct)
    found: list[tuple[str, dict[str, Any]]] = []
    for field in msgspec.structs.fields(struct):
        for wrong in WRONG_VALUES:
            try:
                msgspec.convert(wrong, cast("Any", field.type))
            except msgspec.ValidationError:
                found.append((field.encode_name, {**body, field.encode_name: wrong}))
                break
    return found


@pytest.mark.parametrize("struct", REQUESTS, ids=lambda struct: struct.__name__)
def test_an_invalid_field_of_a_body_is_a_422_that_names_it(struct: Struct) -> None:
    with TestClient(app_of(struct)) as client:
        for name, body in [*invalid_bodies(struct), ("unknown_field", {"unknown_field": 1})]:
            response = client.post(f"/{struct.__name__}", json=body)
            assert (response.status_code, name in response.text) == (422, True), (body, response.text)


def test_a_body_is_the_struct_and_the_response_its_json() -> None:
    with TestClient(app_of(AvatarVideo)) as client:
        body = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hi.", "voice_id": "voice_0001"}
        assert client.post("/AvatarVideo", json=body).json() == body


def test_a_model_has_a_struct_as_a_field() -> None:
    class Film(BaseModel):
        node: Node

    assert Film(node=cast("Any", {"name": "a", "children": [{"name": "b"}]})).node.children == [Node(name="b")]
    with pytest.raises(ValidationError, match="node"):
        Film(node=cast("Any", {"nam": "a"}))
    assert TypeAdapter(Node).dump_python(Node(name="a")) == {"name": "a"}
