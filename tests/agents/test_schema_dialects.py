"""Schemas of every tool in every dialect: valid by the rules of its host, and with everything that the tool's own has."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from agent_support import error_of, tool
from jsonschema import Draft202012Validator

from heygen_async import AsyncHeyGen, ConfigurationError, Tool, tools
from heygen_async.agents.schema_dialects import definitions, gemini_schema, strict_schema
from heygen_async.testing import HeyGenEmulator

FOLDER = Path(__file__).parent
ALL = tools(AsyncHeyGen(api_key="k"), files=FOLDER, output_dir=FOLDER)
ALL += tools(AsyncHeyGen(api_key="k"), toolset="search")
#: The tools whose strict and Gemini schemas have JSON texts, with these texts.
JSON_TEXTS = {
    "call_tool": ["arguments"],
    "create_hyperframes_render": ["variables"],
    "create_workflow": ["product_graph", "meta"],
    "create_workflow_run": ["inputs"],
    "generate_template": ["variables"],
    "publish_workflow_version": ["product_graph"],
    "update_template_variables": ["variables"],
    "update_workflow": ["product_graph"],
}

Schema = Mapping[str, Any]


def nodes(node: Any) -> Iterator[Schema]:
    """Yield every schema in a schema, at every depth."""
    if isinstance(node, list):
        for one in cast("list[Any]", node):
            yield from nodes(one)
    elif isinstance(node, dict):
        fields = cast("dict[str, Any]", node)
        yield fields
        for name, one in fields.items():
            yield from nodes(list(one.values()) if name in {"properties", "$defs"} else one)


def facts(schema: Schema, definitions: Schema, path: str = "") -> set[tuple[object, ...]]:
    """Return every property, enum value and required name of a schema, by its path, with references followed."""
    if "$ref" in schema:
        return facts(definitions[schema["$ref"].rpartition("/")[2]], definitions, path)
    found: set[tuple[object, ...]] = {(path, "enum", value) for value in schema.get("enum", ()) if value is not None}
    found |= {(path, "required", name) for name in schema.get("required", ())}
    for name, one in schema.get("properties", {}).items():
        found |= {(path, "property", name)} | facts(one, definitions, f"{path}.{name}")
    for one in [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]:
        found |= facts(one, definitions, path)
    return found


def known_facts(one: Tool, *, texts: bool) -> set[tuple[object, ...]]:
    """Return the facts of a tool's own schema; with `texts` without those of properties that become JSON texts."""
    schema = cast("Schema", one.input_schema)
    own = {**schema, "required": list(schema.get("required", ()))}
    if texts:
        names = JSON_TEXTS.get(one.name, ())
        own["properties"] = {name: value for name, value in own["properties"].items() if name not in names}
        own["required"] = [name for name in own["required"] if name not in names]
    return facts(own, schema.get("$defs", {}))


def test_the_own_schema_is_json_schema_in_the_form_that_all_hosts_take() -> None:
    for one in ALL:
        Draft202012Validator.check_schema(one.input_schema)
        assert one.input_schema["type"] == "object"
        assert re.fullmatch("[a-zA-Z0-9_-]{1,64}", one.name)
        for node in nodes(one.input_schema):
            assert not {"const", "discriminator", "oneOf", "deprecated", "default"} & node.keys(), one.name
            assert "enum" not in node or "type" in node, one.name


def test_optional_properties_take_null() -> None:
    for one in ALL:
        for node in nodes(one.input_schema):
            definitions = cast("Schema", one.input_schema.get("$defs", {}))
            for name, schema in node.get("properties", {}).items():
                validator = Draft202012Validator({**schema, "$defs": definitions})
                if name not in node.get("required", ()):
                    assert validator.is_valid(None), (one.name, name)


@pytest.mark.xdist_group("frameworks")
def test_openai_accepts_each_strict_schema_unchanged() -> None:
    from openai.lib import _pydantic as openai_schemas

    for one in ALL:
        strict = cast("dict[str, Any]", strict_schema(one.input_schema))
        assert openai_schemas._ensure_strict_json_schema(copy.deepcopy(strict), path=(), root=strict) == strict  # pyright: ignore[reportPrivateUsage]
        Draft202012Validator.check_schema(strict)
        for node in nodes(strict):
            if node.get("type") == "object" or "properties" in node:
                assert node["additionalProperties"] is False, one.name
                assert node["required"] == list(node["properties"]), one.name
        assert depth(strict, strict.get("$defs", {})) <= 10, one.name


def depth(schema: Schema, definitions: Schema) -> int:
    """Return how deeply objects are nested."""
    if "$ref" in schema:
        return depth(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    items = [schema["items"]] if "items" in schema else []
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *items]
    return max((depth(one, definitions) for one in inner), default=0) + ("properties" in schema)


def test_gemini_takes_each_schema() -> None:
    allowed = {"type", "description", "properties", "required", "items", "anyOf", "enum", "nullable"}
    for one in ALL:
        for node in nodes(gemini_schema(one.input_schema)):
            assert node.keys() <= allowed, one.name
            assert isinstance(node.get("type", ""), str), one.name
            assert {"type", "anyOf"} & node.keys(), one.name
            assert "enum" not in node or node["type"] == "string", one.name


def test_google_genai_takes_each_schema() -> None:
    types = pytest.importorskip("google.genai.types")
    for one in ALL:
        declared = types.FunctionDeclaration.model_validate(copy.deepcopy(one.to_gemini()))
        assert declared.parameters.type == types.Type.OBJECT
        types.Schema.from_json_schema(json_schema=types.JSONSchema.model_validate(copy.deepcopy(one.input_schema)))


def test_each_dialect_keeps_every_property_enum_and_required_name() -> None:
    for one in ALL:
        gemini = facts(gemini_schema(one.input_schema), {})
        strict = cast("dict[str, Any]", strict_schema(one.input_schema))
        in_strict = facts(strict, strict.get("$defs", {}))
        texts = {f"{name}_json" for name in JSON_TEXTS.get(one.name, ())}
        expected = known_facts(one, texts=True)
        left = {fact for fact in gemini if not texts & set(map(str, fact))}
        assert left == expected, one.name
        assert {fact for fact in expected if fact not in in_strict} == set(), one.name
        assert texts <= cast("dict[str, Any]", strict["properties"]).keys()


def test_tools_with_json_texts_are_listed() -> None:
    found: dict[str, list[str]] = {}
    for one in ALL:
        strict = cast("Schema", strict_schema(one.input_schema)["properties"])
        own = cast("Schema", one.input_schema["properties"])
        if texts := [name for name in own if f"{name}_json" in strict]:
            found[one.name] = texts
    assert found == JSON_TEXTS


def test_more_tools_than_openai_takes_are_an_error_that_names_the_toolsets() -> None:
    assert len(ALL) > 128
    for dialect in ("openai", "openai_chat", "openai_strict", "openai_chat_strict"):
        with pytest.raises(ConfigurationError, match=r"at most 128 tools, .* video, translation, "):
            definitions(ALL, dialect)
        assert len(definitions(ALL[:128], dialect)) == 128
    assert definitions(ALL[:1], "openai_chat_strict") == [ALL[0].to_openai(chat=True, strict=True)]
    assert definitions(ALL[:1], "gemini") == [ALL[0].to_gemini()]
    assert definitions(ALL, "anthropic") == [one.to_anthropic() for one in ALL]
    assert definitions(ALL[:1], "mcp")[0]["inputSchema"] == ALL[0].input_schema


async def test_null_means_not_given(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "create_video_from_avatar", spending="allow")
    settings = {"speed": 0.8, "pitch": None, "engine_settings": None}
    await one.run({"avatar_id": "avatar_1", "script": "Hello.", "title": None, "voice_settings": settings})
    (request,) = [one for one in api.requests if one.method == "POST"]
    assert request.json["voice_settings"] == {"speed": 0.8}
    assert "title" not in request.json


async def test_clear_sends_null(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created: Any = await tool(client, "create_photo_avatar", spending="allow")(
        name="Ada", file="https://example.com/a.png"
    )
    group = created["data"]["avatar_group"]["id"]
    one = tool(client, "update_avatar_group")
    await one.run({"group_id": group, "default_voice_id": None, "clear": ["default_voice_id"]})
    assert error_of(await one(group_id=group, clear=["name"])).startswith(
        "clear is ['name']; expected a list with some"
    )
    (request,) = [one for one in api.requests if one.method == "PATCH"]
    assert request.json == {"default_voice_id": None}


async def test_json_texts_are_decoded(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "generate_template", spending="allow")
    template: Any = await tool(client, "list_templates")()
    id = template["data"][0]["template_id" if "template_id" in template["data"][0] else "id"]
    assert error_of(await one(template_id=id, variables_json="{")).startswith(
        "variables_json is '{'; expected a JSON obj"
    )
    await one(template_id=id, variables_json='{"name": "Ada"}')
    assert api.requests[-1].json["variables"]["name"]
