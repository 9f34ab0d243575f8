"""The catalog: every operation of the API by name, with the schemas of its arguments and its response."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from contract_samples import OPERATIONS, documented, invalid_values, resolve, union_members, valid_value
from jsonschema import Draft202012Validator
from support import PNG

from heygen_async import AsyncHeyGen, BadRequestError, InvalidInputError, JobFailedError, WaitTimeoutError
from heygen_async._jobs.kinds import base_name
from heygen_async._jobs.registry import KINDS, kind_created_by
from heygen_async.operations.catalog import operations, operations_at, resource_operations
from heygen_async.operations.names import OPERATION_NAMES
from heygen_async.operations.operation import Operation
from heygen_async.testing import HeyGenEmulator, Plan

#: The tools of https://developers.heygen.com/mcp/overview.
MCP_TOOLS = """
    create_video_agent get_video_agent_session send_video_agent_message get_video_agent_resource
    list_video_agent_session_videos list_video_agent_sessions stop_video_agent_session
    create_video_from_avatar create_video_from_cinematic_avatar create_video_from_image list_videos get_video delete_video
    list_avatar_groups get_avatar_group list_avatar_looks get_avatar_look update_avatar_look create_digital_twin
    create_photo_avatar create_prompt_avatar create_avatar_consent delete_avatar_look delete_avatar_group
    create_speech list_voices get_voice design_voice clone_voice
    search_audio_sounds
    create_lipsync list_lipsyncs get_lipsync update_lipsync delete_lipsync
    create_video_translation list_video_translations get_video_translation update_video_translation
    delete_video_translation list_video_translation_languages
    get_asset delete_asset
    list_brand_kits list_brand_glossaries
    get_current_user
""".split()
STREAMED = {"AvatarRealtimeWords", "ModelSpeechStream"}  # events without an end, which no JSON answer is
CONTRACT_NAMES = {(one["method"], one["path"]): name for name, one in OPERATIONS.items()}
ALL = [pytest.param(operation, id=name) for name, operation in operations().items()]
WAITING = [pytest.param(operation, id=name) for name, operation in operations().items() if operation.wait]
#: Which operation makes what a path names, and the field of its answer that holds the id.
CREATED_BY = {
    "batch_id of lipsyncs": ("create_lipsync_batch", "batch_id"),
    "batch_id of video_translations": ("create_video_translation_batch", "batch_id"),
    "batch_id of video_quality": ("create_video_quality_comparison_batch", "batch_id"),
    "batch_id of videos": ("create_video_batch", "batch_id"),
    "brand_glossary_id": ("create_brand_glossary", "brand_glossary_id"),
    "brand_kit_id": ("list_brand_kits", "0.brand_kit_id"),
    "comparison_id": ("create_video_quality_comparison", "comparison_id"),
    "endpoint_id": ("create_webhook_endpoint", "endpoint_id"),
    "filler_word_removal_id": ("create_filler_word_removal", "filler_word_removal_id"),
    "folder_id": ("create_folder", "folder_id"),
    "generation_id": ("create_model_image", "generation_id"),
    "group_id": ("create_prompt_avatar", "avatar_group.id"),
    "job_id of ai_clipping": ("create_ai_clipping", "id"),
    "job_id of background_removals": ("create_background_removal", "id"),
    "lipsync_id": ("create_lipsync", "lipsync_id"),
    "look_id": ("create_prompt_avatar", "avatar_item.id"),
    "podcast_id": ("create_podcast", "podcast_id"),
    "proofread_id": ("create_video_translation_proofread", "proofread_ids.0"),
    "render_id": ("create_hyperframes_render", "render_id"),
    "run_id": ("create_workflow_run", "id"),
    "session_id": ("create_video_agent", "session_id"),
    "stream_id": ("create_avatar_realtime_from_text_stream", "stream_id"),
    "template_id": ("list_templates", "0.id"),
    "video_id of models": ("create_model_video_from_text_to_video", "video_id"),
    "video_id": ("create_video_from_avatar", "video_id"),
    "video_translation_id": ("create_video_translation", "video_translation_ids.0"),
    "voice_id of models": ("create_model_voice_from_instant", "voice_id"),
    "voice_id": ("clone_voice", "voice_clone_id"),
    "workflow_id": ("create_workflow", "id"),
}
#: What an operation can only be done to.
NEEDS: dict[str, dict[str, Any]] = {
    "send_video_agent_message": {"mode": "chat"},
}
NUMBERS = count()
#: What cannot be undone, beside what deletes.
DESTRUCTIVE = {"cancel_workflow_run", "update_template_variables"}
ENDS = {"completed", "complete", "ACTIVE", "succeeded"}


@pytest.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    """An emulator whose clock jumps, without a limit of parallel jobs."""
    async with HeyGenEmulator(autojump=True, concurrency_limit=10_000, balance=1e9, lenient=True) as emulator:
        yield emulator


def contract_of(operation: Operation) -> dict[str, Any]:
    return OPERATIONS[CONTRACT_NAMES[operation.endpoint.method, operation.endpoint.path]]


def path_names(operation: Operation) -> list[str]:
    return re.findall(r"\{(\w+)\}", contract_of(operation)["path"])


def some_ids(operation: Operation) -> dict[str, Any]:
    """Return ids for the path that need not exist."""
    return {name: 1 if name == "version_number" else "x" for name in path_names(operation)}


def body_schema(operation: Operation) -> dict[str, Any] | None:
    """Return the contract's schema of the body, for a body of several kinds that of this kind."""
    contract = contract_of(operation)
    if contract["body"] != "json" or contract["request"] is None:
        return None
    schema = resolve(contract["request"])
    if operation.tag is None:
        return schema
    tag = schema["discriminator"]
    return next(one for one in union_members(schema) if one["properties"][tag]["const"] == operation.tag)


def requested(entry: Mapping[str, Any], pick: int) -> Any:
    """Return a valid value of a query parameter."""
    if entry.get("enum"):
        return entry["enum"][pick % len(entry["enum"])]
    if entry["name"].endswith("_ids"):
        return ["a", "b"]
    return {"int": max(entry.get("min", 1), pick % 9), "float64": 0.5, "bool": True, "string": "text"}[entry["type"]]


def nulled(schema: Mapping[str, Any], value: Any) -> Any:
    """Return the value with null wherever the schema allows it."""
    schema = resolve(dict(schema))
    if "oneOf" in schema:
        tag = schema["discriminator"]
        schema = next(one for one in union_members(schema) if one["properties"][tag]["const"] == value[tag])
    if isinstance(value, list):
        return [nulled(schema.get("items", {}), inner) for inner in value]
    if isinstance(value, dict) and schema.get("properties"):
        fields = {name: resolve(schema["properties"][name]) for name in value}
        return {
            name: None if fields[name].get("nullable") else nulled(fields[name], inner) for name, inner in value.items()
        }
    return value


def accepted_inputs(operation: Operation) -> Iterator[dict[str, Any]]:
    """Yield valid inputs beside the ids: the smallest, the largest, one with nulls, and one for each choice."""
    schema, query = body_schema(operation), contract_of(operation)["query"]
    needed = [entry for entry in query if entry.get("required")]
    yield {entry["name"]: requested(entry, 0) for entry in needed} | (valid_value(schema) if schema else {})
    if schema is not None:
        yield documented(nulled(schema, valid_value(schema, full=True)))
    visited = []
    for pick in range(30):
        body = documented(valid_value(schema, full=True, pick=pick)) if schema else {}
        inputs = {entry["name"]: requested(entry, pick) for entry in query} | body
        if inputs not in visited:
            visited.append(inputs)
            yield inputs


async def called(client: AsyncHeyGen, name: str, **more: Any) -> Any:
    """Return the response of an operation to its smallest input."""
    operation = operations()[name]
    inputs = (
        next(accepted_inputs(operation)) | {"limit": 1} if operation.paginated else next(accepted_inputs(operation))
    )
    if name in {"create_brand_glossary", "create_workflow"}:
        inputs["name"] = f"name {next(NUMBERS)}"  # no two may have the same
    if name == "create_workflow_run":
        inputs["workflow_id"] = (await called(client, "create_workflow"))["id"]
    if name == "create_webhook_endpoint":
        inputs["url"] = f"https://example.com/{next(NUMBERS)}"
    return (await operation.call(client, inputs | more))["data"]


async def ids_of(operation: Operation, client: AsyncHeyGen, api: HeyGenEmulator) -> dict[str, str]:
    """Return existing ids for the path of an operation."""
    ids = {}
    resource = operation.path.partition(".")[0]
    for name in path_names(operation):
        if name == "version_number":
            ids[name] = 1
        elif name == "asset_id":
            ids[name] = (await stored(client, "create_asset_direct_upload"))[name]
            if operation.name != "complete_asset":
                await called(client, "complete_asset", **ids)
        elif (resource, name) == ("assets", "batch_id"):
            ids[name] = (await stored(client, "create_asset_direct_upload_batch"))[name]
            await called(client, "complete_asset_batch", **ids)
        elif name == "resource_id":
            ids[name] = (await called(client, "list_video_agent_resources", **ids))[0][name]
        else:
            maker, field = CREATED_BY.get(f"{name} of {resource}") or CREATED_BY[name]
            found = await called(client, maker, **NEEDS.get(operation.name, {}))
            for step in field.split("."):
                found = found[int(step) if step.isdecimal() else step]
            ids[name] = found
            if name == "proofread_id" or operation.name in {"get_video_translation_caption", "get_video_scenes"}:
                api.finish(found)
    return ids


async def stored(client: AsyncHeyGen, name: str) -> Any:
    """Return an asset, or a batch of one, whose bytes are in the storage and which is not completed."""
    file = {"filename": "a.png", "content_type": "image/png", "size_bytes": len(PNG)}
    place = await called(client, name, **({"files": [file]} if name.endswith("batch") else file))
    async with aiohttp.ClientSession() as session:
        for one in place.get("items", [place]):
            async with session.put(one["upload_url"], data=PNG, headers=one["upload_headers"]) as response:
                assert response.status == 200
    return place


async def arguments(
    operation: Operation, client: AsyncHeyGen, api: HeyGenEmulator, inputs: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """Return the arguments of a call, with existing ids and the values that no schema describes."""
    inputs = inputs | await ids_of(operation, client, api)
    if operation.name in {"create_brand_glossary", "update_brand_glossary", "create_workflow"} and inputs.get("name"):
        inputs["name"] = f"name {next(NUMBERS)}"
    if operation.name == "create_workflow_run":
        inputs["workflow_id"] = (await called(client, "create_workflow"))["id"]
    if operation.name in {"create_webhook_endpoint", "update_webhook_endpoint"} and inputs.get("url"):
        inputs["url"] = f"https://example.com/{next(NUMBERS)}"
    if operation.endpoint.path == "/v3/avatars/looks" and operation.mutating:
        look = (await called(client, "create_prompt_avatar"))["avatar_item"]["id"]
        inputs |= {"reference_look_id": look, "template_id": f"{operation.tag}_0"}
    if operation.name == "create_template":
        inputs["video_id"] = (await called(client, "create_video_from_avatar"))["video_id"]
    if operation.name == "update_template_variables" and inputs.get("expected_edit_version"):
        inputs["expected_edit_version"] = (await client.templates.get(inputs["template_id"])).edit_version
    if operation.name == "complete_asset_batch":
        inputs["batch_id"] = (await stored(client, "create_asset_direct_upload_batch"))["batch_id"]
    if operation.name == "complete_asset" and inputs.get("checksum_sha256"):
        inputs["checksum_sha256"] = hashlib.sha256(PNG).hexdigest()
    if operation.name == "create_asset":
        (folder / "a.png").write_bytes(PNG)
        inputs["file"] = folder / "a.png"
    return inputs


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def extended(response: Any) -> Any:
    """Return the response of a later API: with new fields and unknown values."""
    if isinstance(response, dict):
        fields = {name: extended(inner) for name, inner in response.items()}
        return {**fields, "new_next_year": fields[min(fields)]} if fields else fields
    if isinstance(response, list):
        return [extended(inner) for inner in response]
    return f"{response} of next year" if isinstance(response, str) else response


# -- the entries


def test_the_catalog_has_exactly_the_operations_of_the_contract() -> None:
    performed = {(operation.endpoint.method, operation.endpoint.path) for operation in operations().values()}
    assert performed == {route for route, name in CONTRACT_NAMES.items() if name not in STREAMED}


def test_each_kind_of_body_is_an_entry() -> None:
    kinds: dict[str, list[Any]] = {}
    for operation in operations().values():
        kinds.setdefault(contract_of(operation)["operation"], []).append(operation.tag)
    for name, found in kinds.items():
        schema = resolve(OPERATIONS[name]["request"] or {})
        tag = schema.get("discriminator")
        wanted = [one["properties"][tag]["const"] for one in union_members(schema)] if tag else [None]
        assert sorted(map(str, found)) == sorted(map(str, wanted)), name


def test_names_are_those_of_heygens_own_tools() -> None:
    assert set(MCP_TOOLS) <= operations().keys()
    assert all(re.fullmatch(r"[a-z][a-z_]{2,63}", name) for name in operations())
    assert all(operation.name == name for name, operation in operations().items())


def test_a_command_is_one_operation_with_all_its_kinds() -> None:
    paths: dict[tuple[str, ...], set[str]] = {}
    for operation in operations().values():
        paths.setdefault(operation.command, set()).add(operation.path)
        assert all(re.fullmatch("[a-z][a-z-]+", word) for word in operation.command)
    assert all(len(found) == 1 for found in paths.values())
    assert len(paths) == len({operation.path for operation in operations().values()})


def test_each_summary_is_a_sentence() -> None:
    for name, operation in operations().items():
        assert re.match(r"[A-Z].{10,}[.](?: https://\S+)?$", operation.summary), name
        assert "\n" not in operation.summary


def test_traits_follow_the_declarations() -> None:
    traits_of = {
        name: {
            trait
            for trait in ("mutating", "billable", "destructive", "long_running", "paginated", "idempotent")
            if getattr(one, trait)
        }
        for name, one in operations().items()
    }
    assert traits_of["get_video"] == {"idempotent"}
    assert traits_of["list_videos"] == {"paginated", "idempotent"}
    assert traits_of["create_video_agent"] == {"mutating", "billable", "long_running"}
    assert traits_of["create_video_from_avatar"] == {"mutating", "billable", "long_running"}
    assert traits_of["create_speech"] == {"mutating", "billable"}
    assert traits_of["design_voice"] == {"mutating"}
    assert traits_of["update_lipsync"] == {"mutating", "idempotent"}
    assert traits_of["create_asset"] == {"mutating", "long_running"}
    assert traits_of["complete_asset"] == {"mutating", "long_running", "idempotent"}
    for name, traits in traits_of.items():
        assert ("destructive" in traits) == (name.startswith("delete_") or name in DESTRUCTIVE)
        assert ("mutating" in traits) == (operations()[name].endpoint.method != "GET")


def test_every_wait_belongs_to_an_operation() -> None:
    found = {operation.wait for operation in operations().values()} - {None}
    waits = {name for name in vars(AsyncHeyGen.__mro__[1]) if name.startswith("wait_for_")} - {"wait_for_all"}
    assert found == waits
    assert operations()["create_video_agent"].wait == "wait_for_video"
    assert operations()["send_video_agent_message"].wait == "wait_for_session"
    assert operations()["create_speech"].wait is None


@pytest.mark.parametrize("operation", ALL)
def test_a_declared_wait_accepts_the_response(operation: Operation) -> None:
    response = operation.return_type.__name__ if hasattr(operation.return_type, "__name__") else ""
    kinds = [kind for kind in KINDS if operation.wait == f"wait_for_{kind.wait}"]
    if operation.wait is None:
        assert operation.endpoint.method != "POST" or operation.destructive or kind_created_by(response) is None
    elif operation.mutating:
        assert any(kind.accepts(response) for kind in kinds)
    else:
        assert operation.job in {kind.name for kind in kinds}
        assert any(response in {base_name(kind.result), kind.final_name} for kind in kinds)


@pytest.mark.parametrize("path", ["base.url", "validation.check_text", "resources.get", "..base.get", "videos.gett"])
def test_a_path_that_is_no_method_has_no_operation(path: str) -> None:
    assert operations_at(path) == []


def test_the_names_of_operations_are_listed_by_resource() -> None:
    listed = {resource: names.split() for resource, names in OPERATION_NAMES.items()}
    declared = {
        resource: [operation.name for operation in resource_operations(resource)]
        for resource in AsyncHeyGen.__annotations__
    }
    assert listed == declared


def test_resource_operations_are_those_of_one_resource() -> None:
    (users_operation,) = resource_operations("users")
    assert users_operation is operations()["get_current_user"]
    assert repr(users_operation) == "Operation('get_current_user', 'users.me')"
    assert {operation.path.partition(".")[0] for operation in resource_operations("avatars")} == {"avatars"}


# -- arguments


@pytest.mark.slow
@pytest.mark.parametrize("operation", ALL)
def test_schemas_accept_the_valid_values_of_the_contract(operation: Operation) -> None:
    for schema in (operation.input_schema, operation.output_schema):
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
        assert json.loads(json.dumps(schema)) == schema
    takes = Draft202012Validator(operation.input_schema)
    ids = some_ids(operation)
    for inputs in accepted_inputs(operation):
        if operation.name != "create_asset":  # whose file is a part of a form
            takes.validate(inputs | ids)
            operation.input.parse(inputs | ids)
    assert not takes.is_valid({**inputs, **ids, "not_in_the_contract": 1})


@pytest.mark.parametrize("operation", ALL)
def test_the_input_has_each_field_of_the_contract(operation: Operation) -> None:
    contract, schema = contract_of(operation), body_schema(operation)
    fields = set(path_names(operation)) | {entry["name"] for entry in contract["query"]}
    fields |= set((schema or {}).get("properties", {})) if contract["body"] == "json" else set()
    fields |= {"file"} if contract["body"] == "multipart" else set()
    assert operation.input_schema["properties"].keys() - {"idempotency_key"} == fields  # type: ignore[union-attr]
    keyed = operation.endpoint.repeat_rules.key_place is not None
    assert ("idempotency_key" in operation.input_schema["properties"]) == keyed  # type: ignore[operator]


@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
@pytest.mark.parametrize("operation", ALL)
async def test_sends_the_arguments_to_its_endpoint(
    operation: Operation, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    name, schema = CONTRACT_NAMES[operation.endpoint.method, operation.endpoint.path], body_schema(operation)
    gives = Draft202012Validator(operation.output_schema)
    for inputs in accepted_inputs(operation):
        inputs = await arguments(operation, client, api, inputs, tmp_path)
        ids = [str(inputs[field]) for field in path_names(operation)]
        before, charged = len(api.requests), len(api.ledger)
        try:
            response = await operation.call(client, inputs)
        except BadRequestError as refused:
            # The token is no cursor of this list, or the update changes nothing.
            assert refused.param == "token" or inputs.keys() == {"endpoint_id"}
            response = None
        (request,) = api.requests[before:]
        assert (request.method, request.operation) == (operation.endpoint.method, name)
        assert request.raw_path == operation.endpoint.fill(ids)
        query = {entry["name"] for entry in contract_of(operation)["query"]}
        assert request.query == {
            field: ",".join(value) if isinstance(value, list) else str(value)
            for field, value in inputs.items()
            if field in query
        }
        if schema is not None:
            fields = inputs.keys() & schema["properties"].keys() - set(path_names(operation))
            generated = {operation.input.tag_field: operation.tag} if operation.tag else {}
            if operation.endpoint.idempotency == "body":
                generated["request_id"] = without_nulls(request.json)["request_id"]
            wanted = generated | without_nulls({field: inputs[field] for field in fields})
            assert without_nulls(request.json) == wanted
        assert operation.billable or len(api.ledger) == charged
        if response is not None:
            assert response == without_nulls(response)
            gives.validate(response)
            gives.validate(extended(response))
            assert not gives.is_valid({})


@pytest.mark.slow
@pytest.mark.parametrize("operation", ALL)
async def test_rejects_invalid_arguments_by_field(
    operation: Operation, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    takes = Draft202012Validator(operation.input_schema)
    for field, wrong in [*wrong_inputs(operation), *wrong_bodies(operation)]:
        assert not takes.is_valid(wrong), (field, wrong)
        with pytest.raises(InvalidInputError, match="expected") as caught:
            await operation.call(client, wrong)
        assert re.match(rf"{re.escape(field)}([.\[]|$)", caught.value.field), (wrong, str(caught.value))
    assert api.requests == []


def wrong_inputs(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield arguments that are unknown, missing, of a wrong type or outside an enum, with the name of the field."""
    ids = some_ids(operation)
    minimal = next(accepted_inputs(operation)) | ids | ({"file": "a.png"} if operation.name == "create_asset" else {})
    yield "not_in_the_contract", {**minimal, "not_in_the_contract": 1}
    for field in operation.input_schema.get("required", ()):
        yield field, {name: value for name, value in minimal.items() if name != field}
        yield field, {**minimal, field: [[]]}
    for entry in contract_of(operation)["query"]:
        yield entry["name"], {**minimal, entry["name"]: [[]]}
        if entry.get("enum"):
            yield entry["name"], {**minimal, entry["name"]: "outside its enum"}


def wrong_bodies(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield invalid bodies of the contract, without those that the SDK accepts or leaves to the API."""
    schema = body_schema(operation)
    if schema is None:
        return
    ids = some_ids(operation)
    for pick in range(3):
        for field, wrong in invalid_values(schema, valid_value(schema, full=True, pick=pick)):
            value: Any = wrong
            for step in re.findall(r"\w+", field):
                value = value[int(step)] if isinstance(value, list) else value.get(step, "left out")
            names_a_file = value == "no object"
            inside = field.endswith((".not_in_the_contract", "background.type"))
            if value is not None and not names_a_file and not inside:
                yield field, wrong | ids


async def test_a_rejection_says_the_valid_values(client: AsyncHeyGen) -> None:
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "resolution is '8k'; expected one of '1080p', '4k', '720p'": ("create_video_from_avatar", {"avatar_id": "avatar_1", "resolution": "8k"}),
        "promt is 'A tour'; expected one of avatar_id, ": ("create_video_agent", {"prompt": "A tour", "promt": "A tour"}),
        "video_id is missing; expected a value": ("get_video", {}),
        "limit is 'ten'; expected an integer or null": ("list_videos", {"limit": "ten"}),
        "type is 'image'; expected 'avatar', or nothing": ("create_video_from_avatar", {"type": "image", "avatar_id": "avatar_1"}),
    }  # fmt: skip
    for words, (name, inputs) in cases.items():
        with pytest.raises(InvalidInputError) as caught:
            await operations()[name].call(client, inputs)
        assert str(caught.value).startswith(words)


async def test_sends_the_key_where_the_api_honours_it(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    inputs = {"avatar_id": "avatar_1", "script": "Hi.", "idempotency_key": "mine-1"}
    first, again = [await operations()["create_video_from_avatar"].call(client, inputs) for _ in range(2)]
    assert first == again
    assert [request.headers["Idempotency-Key"] for request in api.requests] == ["mine-1", "mine-1"]
    assert len(api.ledger) == 1


async def test_uploads_a_local_file_first(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(PNG)
    inputs = {"name": "Ada", "file": tmp_path / "photo.png"}
    await operations()["create_photo_avatar"].call(client, inputs)
    upload, create = api.requests
    assert (upload.operation, create.operation) == ("AssetCreate", "AvatarCreate")
    assert create.json["file"]["type"] == "asset_id"  # type: ignore[index]


def test_a_field_has_the_description_of_its_type_or_of_the_docstring() -> None:
    for name, field, description in (
        ("create_video_agent", "prompt", "A description of the video, 1 to 10,000 characters."),
        ("create_video_from_image", "expressiveness", "For photo looks on Avatar IV; default: `low`."),
        ("create_asset_direct_upload", "checksum_sha256", "The SHA-256 in hex. The storage rejects other bytes."),
        ("list_voices", "type", "`public` (the default) or `private`."),
        ("list_videos", "limit", "The number of items per page, 1 to 100; by default 10."),
        ("create_lipsync", "end_time", "The end in the video, in seconds."),
        (
            "create_asset_direct_upload_batch",
            "callback_url",
            "Accepted by the API, but HeyGen calls no URL for assets.",
        ),
    ):
        properties: Any = operations()[name].input_schema["properties"]
        assert properties[field]["description"] == description


@pytest.mark.parametrize("operation", ALL)
def test_every_field_has_a_description(operation: Operation) -> None:
    schema: Any = operation.input_schema
    for part in (schema, *schema.get("$defs", {}).values()):
        for name, field in part.get("properties", {}).items():
            is_tag = "const" in field or len(field.get("enum", "..")) == 1
            assert is_tag or "$ref" in field or field["description"], (part, name)
            assert "$ref" not in field or len(field) == 1  # beside which some models' hosts take nothing


# -- responses


def test_nullable_response_fields_are_not_required() -> None:
    for operation in operations().values():
        schema: Any = operation.output_schema
        for part in (schema, *schema.get("$defs", {}).values()):
            for name in part.get("required", ()):
                alone = {"$defs": schema.get("$defs", {}), **part["properties"][name]}
                assert not Draft202012Validator(alone).is_valid(None), (operation, name)


async def test_a_list_returns_a_page_with_a_cursor(client: AsyncHeyGen) -> None:
    voices = operations()["list_voices"]
    first: Any = await voices.call(client, {"limit": 100})
    assert (len(first["data"]), first["has_more"]) == (100, True)
    second: Any = await voices.call(client, {"limit": 100, "token": first["next_token"]})
    third: Any = await voices.call(client, {"limit": 100, "token": second["next_token"]})
    assert third.keys() == {"data", "has_more"}
    ids = [voice["voice_id"] for page in (first, second, third) for voice in page["data"]]
    assert len(set(ids)) == 250


# -- waiting


@pytest.mark.parametrize("operation", WAITING)
async def test_a_wait_returns_the_finished_job(
    operation: Operation, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    if operation.name == "create_digital_twin":
        api.plan(Plan(kind="avatar", states=[("processing", 60), ("completed", 0)]))  # nobody has to consent
    inputs = await arguments(operation, client, api, next(accepted_inputs(operation)), tmp_path)
    updates: list[Any] = []
    response: Any = await operation.call(client, inputs, wait=True, on_update=updates.append)
    assert updates[-1].next_poll_in is None
    assert updates[-1].state in ENDS
    jobs = response["data"] if isinstance(response["data"], list) else [response["data"]]
    assert any(updates[-1].id in job.values() for job in jobs)
    assert all(job.get("status", "completed") in ENDS for job in jobs)
    Draft202012Validator(operation.output_schema).validate(response)


@pytest.mark.parametrize("name", ["create_video_translation", "create_video_translation_proofread"])
async def test_a_wait_for_several_jobs_returns_a_list(name: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    operation = operations()[name]
    inputs = next(accepted_inputs(operation)) | {"output_languages": ["Spanish", "German"]}
    response: Any = await operation.call(client, inputs, wait=True)
    assert [(one["output_language"], one["status"]) for one in response["data"]] == [
        ("Spanish", "completed"),
        ("German", "completed"),
    ]
    Draft202012Validator(operation.output_schema).validate(response)


async def test_a_wait_ends_as_that_of_the_client(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    create, get = operations()["create_video_from_avatar"], operations()["get_video"]
    inputs = {"avatar_id": "avatar_1", "script": "Hi."}
    with pytest.raises(WaitTimeoutError) as late:
        await create.call(client, inputs, wait=True, timeout=5)
    response: Any = await get.call(client, {"video_id": late.value.id}, wait=True)
    assert response["data"]["video_url"]
    api.plan(Plan(fail_code="content_policy", fail_message="Not allowed."))
    with pytest.raises(JobFailedError, match="Not allowed"):
        await create.call(client, inputs, wait=True)
    twin = next(accepted_inputs(operations()["create_digital_twin"]))
    api.plan(Plan())
    asks: Any = await operations()["create_digital_twin"].call(client, twin, wait=True)
    assert asks["data"]["status"] == "pending_consent"
    assert "avatars.create_consent" in asks["note"]


async def test_does_not_wait_for_a_final_response(client: AsyncHeyGen) -> None:
    response: Any = await operations()["create_speech"].call(
        client, {"text": "Hi.", "voice_id": "voice_0000"}, wait=True
    )
    assert response["data"]["audio_url"]


async def test_an_invalid_timeout_starts_no_job(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    inputs = {"avatar_id": "avatar_1", "script": "Hi."}
    with pytest.raises(InvalidInputError, match="timeout is 0; expected a number of seconds above 0"):
        await operations()["create_video_from_avatar"].call(client, inputs, wait=True, timeout=0)
    assert api.requests == []
