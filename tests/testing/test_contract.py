"""Every enum, required field and limit of every request in HeyGen's contract, over plain HTTP.

Each place of each schema, in every member of every union, gets one invalid value in a body that is valid elsewhere.
The emulator answers 400 with HeyGen's envelope, and `param` names the place.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple

import aiohttp
import pytest
from contract_samples import OPERATIONS, WITH_BODY, resolve, union_members, valid_value

from heygen_async.testing import HeyGenEmulator

MISSING = object()
#: The ids of paths. The template exists; a body is checked before any other id.
IDS = {"template_id": "template_0"}
#: Limits that the documentation states in words: the operation, the field, its minimum and its maximum. Texts have
#: characters, lists have entries. Each field stands for every place of its name in the operation's body.
LIMITS: list[tuple[str, str, float, float]] = [
    ("VideoAgentCreate", "prompt", 1, 10_000),
    ("VideoAgentCreate", "files", 0, 20),
    ("VideoAgentSend", "message", 1, 10_000),
    ("VideoAgentSend", "files", 0, 20),
    ("VideoCreate", "script", 1, 5_000),
    ("VideoCreate", "scenes", 1, 50),
    ("VideoCreate", "pitch", -50, 50),
    ("VideoCreate", "volume", 0, 1),
    ("VideoCreate", "opacity", 0, 1),
    ("VideoCreate", "stability", 0, 1),
    ("VideoCreate", "similarity", 0, 1),
    ("VideoCreate", "similarity_boost", 0, 1),
    ("VideoCreate", "style", 0, 1),
    ("VideoBatchesCreate", "videos", 1, 100),
    ("LipsyncBatchesCreate", "lipsyncs", 1, 100),
    ("VideoTranslateBatchesCreate", "video_translations", 1, 100),
    ("AssetDirectUploadsBatchesCreate", "files", 1, 100),
    ("AvatarCreate", "prompt", 1, 1_000),
    ("AvatarCreate", "reference_images", 0, 3),
    ("VoiceCreate", "prompt", 1, 1_000),
    ("VoiceSpeechCreate", "text", 1, 5_000),
    ("ModelSpeechCreate", "text", 1, 5_000),
    ("ModelSpeechStream", "text", 1, 5_000),
    ("ModelVideoCreate", "prompt", 1, 16_000),
    ("ModelImageCreate", "identity_images", 1, 5),
    ("ModelImageCreate", "reference_images", 1, 1),
    ("AiClippingCreate", "prompt", 0, 500),
    ("HyperframesRenderCreate", "title", 0, 500),
    ("HyperframesRenderCreate", "callback_id", 0, 256),
]
SCHEMA_LIMITS = {
    "minimum": -1, "maximum": 1, "minItems": -1, "maxItems": 1, "minLength": -1, "maxLength": 1,
}  # fmt: skip


class Place(NamedTuple):
    """A place in a body: the steps to it, its path as `param` has it, its name, and its schema."""

    steps: tuple[str | int, ...]
    path: str
    name: str
    schema: dict[str, Any]


def places(schema: dict[str, Any], start: Place | None = None) -> Iterator[Place]:
    """Yield every place of a schema; a number among the steps selects the member of a union."""
    place = start or Place((), "", "", schema)
    schema = resolve(schema)
    if "oneOf" in schema:
        for number, member in enumerate(union_members(schema)):
            yield from places(member, Place((*place.steps, number), place.path, place.name, member))
        return
    yield Place(place.steps, place.path, place.name, schema)
    for field, inner in (schema.get("properties") or {}).items():
        path = f"{place.path}.{field}" if place.path else field
        yield from places(inner, Place((*place.steps, field), path, field, inner))
    if schema.get("type") == "array" and "items" in schema:
        yield from places(schema["items"], Place((*place.steps, "[]"), f"{place.path}[0]", place.name, schema["items"]))


def changed(schema: dict[str, Any], steps: tuple[str | int, ...], change: Callable[[Any], Any], name: str = "") -> Any:
    """Return a valid body in which only the value at a place is changed."""
    schema = resolve(schema)
    if not steps:
        return change(valid_value(schema, name))
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        return changed(union_members(schema)[step], rest, change, name)
    if step == "[]":
        return [changed(schema["items"], rest, change, name)]
    value = changed(schema["properties"][step], rest, change, step)
    body = {field: inner for field, inner in valid_value(schema).items() if field != step}
    return body if value is MISSING else body | {step: value}


class Refusals:
    """Sends bodies, and keeps those that were not refused by the right field."""

    def __init__(self, api: HeyGenEmulator, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.session = session
        self.count = 0
        self.failures: list[str] = []

    async def send(
        self, name: str, body: Any = None, query: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        operation = OPERATIONS[name]
        ids = dict.fromkeys(("batch_id", "version_number"), "x") | IDS
        path = operation["path"].format_map(_AnyId(ids))
        async with self.session.request(
            operation["method"],
            self.api.url + path,
            json=body,
            params=query,
            headers={"X-Api-Key": self.api.key, "Idempotency-Key": f"key-{len(self.api.requests)}"},
        ) as response:
            return response.status, await response.json() if response.content_type == "application/json" else {}

    async def expect(self, name: str, param: str, body: Any = None, query: dict[str, str] | None = None) -> None:
        """Expect a 400 with HeyGen's envelope that names the field."""
        self.count += 1
        status, answer = await self.send(name, body, query)
        error = answer.get("error") or {}
        if (status, error.get("code"), error.get("param")) != (400, "invalid_parameter", param):
            self.failures.append(f"{name} {param}: {status} {answer}"[:300])
        elif not (error.get("message") and error.get("doc_url")):
            self.failures.append(f"{name} {param}: the envelope is not whole")

    async def expect_taken(self, name: str, param: str, body: Any) -> None:
        """Expect that the field is not at fault."""
        _, answer = await self.send(name, body)
        if (answer.get("error") or {}).get("param") == param:
            self.failures.append(f"{name} {param}: refused within its limit"[:300])


class _AnyId(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "x"


@pytest.fixture
async def refusals() -> AsyncIterator[Refusals]:
    async with (
        HeyGenEmulator(autojump=True, concurrency_limit=100_000, balance=1e9) as api,
        aiohttp.ClientSession() as session,
    ):
        yield Refusals(api, session)


def required_query(operation: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: (one.get("enum") or ["q"])[0] for one in operation["query"] if one.get("required")}


def body_places() -> Iterator[tuple[str, dict[str, Any], Place]]:
    for name in WITH_BODY:
        schema = OPERATIONS[name]["request"]
        if schema is not None:
            for place in places(schema):
                yield name, schema, place


async def test_every_enum_is_enforced(refusals: Refusals) -> None:
    for name, schema, place in body_places():
        if "enum" in place.schema:
            await refusals.expect(name, place.path, changed(schema, place.steps, lambda _: "outside the enum"))
        if "const" in place.schema and place.steps:
            await refusals.expect(name, place.path, changed(schema, place.steps, lambda _: "no such kind"))
    for name, operation in OPERATIONS.items():
        for entry in operation["query"]:
            if entry.get("enum"):
                query = required_query(operation) | {entry["name"]: "outside the enum"}
                await refusals.expect(name, entry["name"], query=query)
    assert refusals.failures == []
    assert refusals.count >= 329


async def test_every_required_field_is_required(refusals: Refusals) -> None:
    for name, schema, place in body_places():
        for field in place.schema.get("required", ()):
            path = f"{place.path}.{field}" if place.path else field
            await refusals.expect(name, path, changed(schema, (*place.steps, field), lambda _: MISSING))
    for name, operation in OPERATIONS.items():
        for entry in operation["query"]:
            if entry.get("required"):
                query = required_query(operation)
                del query[entry["name"]]
                await refusals.expect(name, entry["name"], query=query)
    assert refusals.failures == []
    assert refusals.count >= 486


async def test_every_limit_of_the_schemas_is_enforced(refusals: Refusals) -> None:
    for name, schema, place in body_places():
        for key, step in SCHEMA_LIMITS.items():
            bound = place.schema.get(key)
            if bound is None or (key in {"minItems", "minLength"} and bound == 0):
                continue
            for value, check in ((bound, refusals.expect_taken), (bound + step, refusals.expect)):
                sized = of_size(place, value)
                await check(name, place.path, changed(schema, place.steps, lambda _, sized=sized: sized))
    for name, operation in OPERATIONS.items():
        for entry in operation["query"]:
            for key, step in (("min", -1), ("max", 1)):
                if entry.get(key) is not None:
                    await refusals.expect(name, entry["name"], query={entry["name"]: str(entry[key] + step)})
    assert refusals.failures == []
    assert refusals.count >= 83


@pytest.mark.parametrize(("name", "field", "low", "high"), LIMITS)
async def test_every_limit_in_words_is_enforced(
    name: str, field: str, low: float, high: float, refusals: Refusals
) -> None:
    schema = OPERATIONS[name]["request"]
    for place in places(schema):
        if place.name != field or not place.steps or place.steps[-1] == "[]" or {"const", "enum"} & place.schema.keys():
            continue
        if place.schema.get("type") not in {"string", "array", "number", "integer"}:
            continue
        bounds = ((low, -1), (high, 1)) if place.schema["type"] in {"number", "integer"} or low else ((high, 1),)
        for bound, step in bounds:
            for value, check in ((bound, refusals.expect_taken), (bound + step, refusals.expect)):
                sized = of_size(place, value)
                await check(name, place.path, changed(schema, place.steps, lambda _, sized=sized: sized))
    assert refusals.failures == []
    assert refusals.count


def of_size(place: Place, size: float) -> Any:
    """Return a number, or a text or a list of this length."""
    kind = place.schema["type"]
    if kind == "string":
        return ("https://e.com/" if place.name == "url" else "").ljust(int(size), "x")
    if kind == "array":
        return [valid_value(place.schema.get("items", {"type": "string"}), place.name)] * int(size)
    return int(size) if kind == "integer" else size
