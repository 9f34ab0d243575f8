"""Request bodies made from HeyGen's contract: valid ones, each invalid variation, and the ids that a path needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import aiohttp

from heygen_async.testing import HeyGenEmulator

CONTRACT: dict[str, Any] = json.loads((files("heygen_async.testing") / "contract.json").read_bytes())
OPERATIONS: dict[str, Any] = {operation["operation"]: operation for operation in CONTRACT["operations"]}
WITH_BODY = sorted(name for name, operation in OPERATIONS.items() if operation["body"] == "json")
#: Values that the contract asks for in words: everything else is made from the schema.
VALUES: dict[str, Any] = {
    "url": "https://example.com/file.mp4",
    "audio_url": "https://example.com/file.mp3",
    "checksum_sha256": "0" * 64,
    "color": "#1a2b3c",
    "value": "#1a2b3c",
    "gender": "female",
    "language": "en",
    "model": "heygen-voice-1",
    "input_type": "ssml",
    "layers": "mask",
    "scene_ids": "scene_1",
    "content_type": "video/mp4",
    "size_bytes": 10,
    "fps": 25,
    "width": 1280,
    "height": 720,
    "speed": 1.0,
    "volume": 0.5,
    "pitch": 1.0,
    "opacity": 0.5,
    "stability": 0.5,
    "similarity": 0.5,
    "style": 0.5,
    "expressiveness_boost": 0.5,
    "similarity_boost": 0.5,
    "duration": 5,
    "expected_revision": 1,
    "version_number": 1,
}
#: A graph that the emulator can run, with a required and an optional field of each part.
GRAPH: dict[str, Any] = {
    "schema_version": "1.0.0",
    "inputs": {"topic": {"type": "text", "required": False}},
    "nodes": [
        {
            "id": "audio",
            "type": "speech",
            "variant": None,
            "config": {"voice_id": "voice_0000"},
            "depends_on": ["script"],
            "bindings": {"script": {"kind": "node_output", "node_id": "script", "port": "script"}},
        },
        {
            "id": "script",
            "type": "script_writer",
            "bindings": {"topic": {"kind": "run_input", "name": "topic"}},
        },
    ],
    "outputs": {"audio": {"node_id": "audio", "port": "audio"}},
}
VALUE_OF_TYPE: dict[str, Any] = {"string": "text", "integer": 3, "number": 1.5, "boolean": True}
WRONG_VALUES: dict[str, list[Any]] = {
    "string": [7, True, ["a"], {"a": 1}],
    "integer": ["7", 1.5, True, [7]],
    "number": ["7", True, [7]],
    "boolean": ["true", 1, []],
    "array": ["a", 7, {"a": 1}],
    "object": ["a", 7, [{"a": 1}]],
}


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    return CONTRACT["shared"][schema["$ref"]] | {name: value for name, value in schema.items() if name != "$ref"}


def union_members(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [resolve(variant) for variant in schema["oneOf"]]


def valid_value(schema: dict[str, Any], name: str = "", *, full: bool = False, pick: int = 0) -> Any:
    """Return a valid value with the required fields, or with all fields."""
    if name == "product_graph":
        return GRAPH if full else {"schema_version": "1.0.0"}
    schema = resolve(schema)
    if "oneOf" in schema:
        choices = union_members(schema)
        return valid_value(choices[pick % len(choices)], name, full=full, pick=pick)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][pick % len(schema["enum"])]
    kind = schema.get("type", "object")
    if kind == "array":
        return [valid_value(schema.get("items", {"type": "string"}), name, full=full, pick=pick)]
    if kind == "object":
        properties: dict[str, Any] = schema.get("properties") or {}
        body = {
            field: valid_value(inner, field, full=full, pick=pick)
            for field, inner in properties.items()
            if full or field in schema.get("required", ())
        }
        return without_conflicts(body)
    return VALUES.get(name, VALUE_OF_TYPE[kind])


def without_conflicts(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body without the combinations that the documentation excludes."""
    kind = body.get("type")
    if kind in {"avatar", "image", "video"} and ({"avatar_id", "image", "source"} & set(body)):
        for name in ("audio_url", "audio_asset_id", *(("duration",) if "source" in body else ())):
            body.pop(name, None)
        body |= {"script": "Hello.", "voice_id": "voice_0000"}
        if (body.get("engine") or {}).get("type") == "avatar_v":
            body.pop("expressiveness", None)
        if body.get("output_format") == "webm":
            body.pop("background", None)
    if kind == "cinematic_avatar":
        body.pop("duration", None)
        body |= {"aspect_ratio": "1:1"} if "aspect_ratio" in body else {}
    if kind in {"image", "video"} and {"url", "asset_id"} <= body.keys():
        del body["asset_id"]
        body.pop("value", None)
    if body.get("resolution") in {"1080p", "2k"} and body.get("mode") in {"text_to_video", "reference_to_video"}:
        body |= {"aspect_ratio": "16:9"} if "aspect_ratio" in body else {}
    if body.get("consent_video") is not None:
        body.pop("reroute_url", None)
        body.pop("consent_text", None)
    if "videos" in body and body["videos"][0]["type"] == "studio":
        body["videos"] = [{"type": "avatar", "avatar_id": "avatar_1", "script": "Hello."}]
    for video in body.get("videos", ()):
        video.pop("folder_id", None)
    return body


def invalid_values(schema: dict[str, Any], value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each invalid variation of a valid value, with the name of the invalid field."""
    schema = resolve(schema)
    if "oneOf" in schema:
        tag = schema["discriminator"]
        chosen = next(variant for variant in union_members(schema) if variant["properties"][tag]["const"] == value[tag])
        prefix = f"{where}." if where else ""
        for wrong in ("no such type", 7, None):
            yield f"{prefix}{tag}", {**value, tag: wrong}
        yield f"{prefix}{tag}", {name: inner for name, inner in value.items() if name != tag}
        if where:
            yield where, "no object"
        schema = chosen
    elif where:
        for wrong in WRONG_VALUES[schema.get("type", "object")]:
            yield where, wrong
        if "enum" in schema:
            yield where, "outside its enum"
        if not schema.get("nullable"):
            yield where, None
    if isinstance(value, list):
        for field, inner in invalid_values(schema.get("items", {"type": "string"}), value[0], f"{where}[0]"):
            yield field, [inner]
    if isinstance(value, dict) and schema.get("properties"):
        prefix = f"{where}." if where else ""
        for name in schema.get("required", ()):
            if "const" not in schema["properties"][name]:
                yield f"{prefix}{name}", {field: inner for field, inner in value.items() if field != name}
        yield f"{prefix}not_in_the_contract", {**value, "not_in_the_contract": 1}
        for name, inner_schema in schema["properties"].items():
            if name in value and "const" not in inner_schema:
                for field, inner in invalid_values(inner_schema, value[name], f"{prefix}{name}"):
                    yield field, {**value, name: inner}


async def post(
    api: HeyGenEmulator, session: aiohttp.ClientSession, name: str, body: Any, ids: dict[str, str]
) -> tuple[int, dict[str, Any]]:
    operation = OPERATIONS[name]
    url = api.url + operation["path"].format_map(ids)
    headers = {"X-Api-Key": api.key}
    if name == "WorkflowRunCreate":
        headers["Idempotency-Key"] = f"key-{len(api.requests)}"
    async with session.request(operation["method"], url, json=body, headers=headers) as response:
        return response.status, await response.json() if response.content_type == "application/json" else {}


def unused_name(api: HeyGenEmulator) -> str:
    """Return a name that is not in use."""
    return f"Number {len(api.requests)}"


def unused_url(api: HeyGenEmulator) -> str:
    """Return a URL that is not registered."""
    return f"https://example.com/{len(api.requests)}"


async def create_ids(api: HeyGenEmulator, session: aiohttp.ClientSession, name: str) -> dict[str, str]:
    """Create the objects that the path of an operation needs, and return their ids; bodies may name any other id."""
    api.state.catalog.is_lenient = True
    path = OPERATIONS[name]["path"]
    ids = {"template_id": "template_1"}

    async def create(operation: str, **fields: Any) -> Any:
        schema = OPERATIONS[operation]["request"]
        body = (valid_value(schema) | fields) if fields.get("type") is None else fields
        return (await post(api, session, operation, body, ids))[1]["data"]

    if "{group_id}" in path or "{look_id}" in path or name == "AvatarLooksCreate":
        created = await create("AvatarCreate", type="prompt", name="Ada", prompt="A calm narrator")
        ids |= {"group_id": created["avatar_group"]["id"], "look_id": created["avatar_item"]["id"]}
    if name == "TemplateCreate":
        ids["video_id"] = (await create("VideoCreate", type="avatar", avatar_id="avatar_1", script="Hi."))["video_id"]
    if "{brand_kit_id}" in path:
        ids["brand_kit_id"] = (await post(api, session, "BrandKitsList", None, ids))[1]["data"][0]["brand_kit_id"]
    if "{brand_glossary_id}" in path:
        ids["brand_glossary_id"] = (await create("BrandGlossaryCreate", name=unused_name(api)))["brand_glossary_id"]
    if "{session_id}" in path:
        ids["session_id"] = (await create("VideoAgentCreate", mode="chat"))["session_id"]
    if "{video_translation_id}" in path:
        ids["video_translation_id"] = (await create("VideoTranslateCreate"))["video_translation_ids"][0]
    if "{lipsync_id}" in path:
        ids["lipsync_id"] = (await create("LipsyncCreate"))["lipsync_id"]
    if "{endpoint_id}" in path:
        ids["endpoint_id"] = (await create("WebhookEndpointsCreate", url=unused_url(api)))["endpoint_id"]
    if "{stream_id}" in path:
        stream = {"type": "text_stream", "avatar_id": "avatar_1", "voice_id": "voice_0001", "text": "Hello "}
        ids["stream_id"] = (await create("AvatarRealtimeCreate", **stream))["stream_id"]
    if "{proofread_id}" in path:
        ids["proofread_id"] = (await create("VideoTranslateProofreadsCreate"))["proofread_ids"][0]
        api.finish(ids["proofread_id"])
    if name == "AssetCompleteBatchesCreate":
        ids["batch_id"] = (await create("AssetDirectUploadsBatchesCreate"))["batch_id"]
    if "{workflow_id}" in path or name == "WorkflowRunCreate":
        ids["workflow_id"] = (await create("WorkflowCreate", name=unused_name(api)))["id"]
    if "{asset_id}" in path:
        place = await create("AssetDirectUploadsCreate", content_type="video/mp4", size_bytes=3)
        async with session.put(place["upload_url"], data=b"abc", headers=place["upload_headers"]) as response:
            assert response.status == 200
        ids["asset_id"] = place["asset_id"]
    return ids


def documented(value: Any) -> Any:
    """Return the value without the combinations that the documentation excludes, at every depth."""
    if isinstance(value, list):
        return [documented(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    picture = {"url", "asset_id", "value"} <= value.keys()  # a background is by one of the two
    return without_conflicts(
        {name: documented(inner) for name, inner in value.items() if not (picture and name == "asset_id")}
    )
