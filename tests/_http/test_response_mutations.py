"""Responses of every operation, mutated at random: no form of a response loses what it holds.

The mutator walks the whole JSON tree, the envelope included. It chooses the operation, the node and the kind of
mutation uniformly, and leaves none out. `HEYGEN_ASYNC_MUTATIONS` sets the number of responses (`nox -s soak --
mutations` sends 20,000); `HEYGEN_ASYNC_SEED` draws others.
"""

from __future__ import annotations

import copy
import json
import os
import random
import typing
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path as FilePath
from types import NoneType, UnionType
from typing import Annotated, Any

import msgspec
import pytest
import pytest_asyncio
from forged_api import ForgedApi, forged_api
from jsonschema import Draft202012Validator

from heygen_async import AsyncHeyGen, DecodeError, InvalidJSONError
from heygen_async.operations import Operation, operations
from heygen_async.pagination import Page

COUNT = int(os.environ.get("HEYGEN_ASYNC_MUTATIONS", "600"))
SEED = os.environ.get("HEYGEN_ASYNC_SEED", "")
HUGE = 10**30
KINDS = ("drop", "other type", "add", "wrap", "unwrap", "null", "huge number", "wrong nesting")
REMOVED = object()
Path = tuple[str | int, ...]


@pytest_asyncio.fixture
async def forged() -> AsyncIterator[tuple[ForgedApi, AsyncHeyGen]]:
    async with forged_api() as served:
        yield served


class Sampler:
    """Documented JSON for a type, each value different from all others."""

    def __init__(self) -> None:
        self.number = 1000
        self.open: list[Any] = []  # the structs around the value, which may contain themselves

    def sample(self, kind: Any, name: str = "value") -> Any:
        self.number += 1
        origin = typing.get_origin(kind) or kind
        if origin is Annotated:
            return self.sample(typing.get_args(kind)[0], name)
        if origin in {typing.Union, UnionType}:
            return self.sample(next(part for part in typing.get_args(kind) if part is not NoneType), name)
        if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
            self.open.append(kind)
            fields = {f.encode_name: self.sample(f.type, f.name) for f in msgspec.structs.fields(kind)}
            self.open.pop()
            return fields
        if origin in {list, Sequence, dict} and any(part in self.open for part in parts_of(kind)):
            return {} if origin is dict else []
        if origin in {list, Sequence}:
            return [self.sample((typing.get_args(kind) or (str,))[0], name) for _ in range(2)]
        if origin is dict:
            return {f"key_{self.number}": self.sample((typing.get_args(kind) or (str, str))[1], name)}
        if isinstance(kind, type) and issubclass(kind, str) and kind is not str:
            return str(next(iter(kind)))  # type: ignore[call-overload]  # an enum
        if origin is typing.Literal:
            return typing.get_args(kind)[0]
        if kind is bool:
            return True
        if kind is int:
            return 1_700_000_000 + self.number
        if kind is float:
            return self.number + 0.5
        return f"{name}_{self.number}"


def parts_of(kind: Any) -> Iterator[Any]:
    """The types inside a type."""
    yield kind
    for part in typing.get_args(kind):
        yield from parts_of(part)


def paths(tree: object, path: Path = ()) -> Iterator[Path]:
    yield path
    for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from paths(inner, (*path, key))


def node_at(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def value_at(tree: Any, path: Path) -> Any:
    try:
        return node_at(tree, path)
    except (LookupError, TypeError):
        return "lost"


def mutated(tree: Any, path: Path, kind: str, rng: random.Random) -> Any:
    """A copy of the tree with one node changed."""
    tree = copy.deepcopy(tree)
    node = node_at(tree, path)
    value: Any
    match kind:
        case "drop":
            value = REMOVED
        case "other type":
            others = [7, 1.5, True, "text", [], {}, [{"a": 1}], {"a": [1]}, "2026-01-02T03:04:05Z", "12"]
            value = rng.choice([other for other in others if type(other) is not type(node)])
        case "add":
            if isinstance(node, dict):
                value = {**node, "added_field": {"deep": [1, 2]}}
            elif isinstance(node, list):
                value = [*node, {"added": 1}]
            else:
                value = [node, "added item"]
        case "wrap":
            value = rng.choice([[node], {"wrapped": node}])
        case "unwrap":
            inner = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else [str(node)]
            value = inner[0] if inner else None
        case "null":
            value = None
        case "huge number":
            value = rng.choice([HUGE, -HUGE, 1e300, 10**400])
        case _:
            value = {"data": {"nested": node}}
    if not path:
        return None if value is REMOVED else value
    parent = node_at(tree, path[:-1])
    if value is REMOVED:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return tree


def documented_response(operation: Operation) -> Any:
    """A response of the documented form, with all fields."""
    sampler, kind = Sampler(), operation.return_type
    if typing.get_origin(kind) is Page or operation.paginated:
        item = typing.get_args(kind)[0]
        items = [sampler.sample(item) for _ in range(3)]
        if operation.name == "list_video_agent_resources":
            return {"data": {"resources": items, "next_cursor": "cursor_1"}}
        return {"data": items, "has_more": True, "next_token": "cursor_1"}
    return {"data": sampler.sample(kind)}


def arguments_of(operation: Operation) -> dict[str, Any]:
    """Valid arguments: the required ones."""
    sampler = Sampler()
    schema: Any = operation.input_schema

    def value(part: Any, name: str) -> Any:
        if "$ref" in part:
            return value(schema["$defs"][part["$ref"].rpartition("/")[2]], name)
        if "anyOf" in part:
            return value(part["anyOf"][0], name)
        if "const" in part:
            return part["const"]
        if "enum" in part:
            return part["enum"][0]
        match part.get("type"):
            case "object":
                properties = part.get("properties", {})
                return {key: value(properties[key], key) for key in part.get("required", ())}
            case "array":
                return [value(part.get("items", {"type": "string"}), name)]
            case "integer" | "number":
                return part.get("minimum", 5)
            case "boolean":
                return True
        return FIXED.get(name) or f"{name}_{sampler.number}"

    arguments: dict[str, Any] = {name: value(schema["properties"][name], name) for name in schema.get("required", ())}
    return arguments | MORE.get(operation.name, {})


URL = "https://example.com/file.mp4"
FILE_FIELDS = ("audio", "video", "file", "srt", "project", "image", "identity_images", "reference_images", "url")
FIXED: dict[str, Any] = dict.fromkeys(FILE_FIELDS, URL)
SCRIPT = {"script": "Hello.", "voice_id": "voice_0001"}
MORE: dict[str, dict[str, Any]] = {
    "create_video_from_avatar": SCRIPT,
    "create_video_from_image": SCRIPT,
    "create_video_from_studio": {
        "scenes": [{"type": "avatar_video", "input": {"type": "avatar", "avatar_id": "avatar_1", **SCRIPT}}]
    },
    "create_video_batch": {"videos": [{"type": "avatar", "avatar_id": "avatar_1", **SCRIPT}]},
}


#: The operations whose file is one of this machine, and its field.
LOCAL_FILES = {"create_asset": "file", "clone_voice": "audio"}


def ids_in(tree: Any) -> Iterator[str]:
    """All values of fields that hold ids."""
    if isinstance(tree, dict):
        for key, inner in tree.items():
            if isinstance(inner, str) and (key == "id" or key.endswith("_id")):
                yield inner
            else:
                yield from ids_in(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from ids_in(inner)


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(tree, dict | list) and tree:
        for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(inner, (*path, key))
    else:
        yield path, tree


def untouched(path: Path, changed: Path, kind: str, parent: Any) -> bool:
    """Whether a mutation leaves this part of the response as it was."""
    if isinstance(parent, list) and kind == "drop":
        changed = changed[:-1]
    cursors = {"has_more", "next_token", "next_cursor"}
    if path[0] in cursors and cursors.intersection(changed[:2]):
        return False
    if len(changed) < 2 and changed not in {("has_more",), ("next_token",)}:
        return False
    return path[: len(changed)] != changed


def schema_of(operation: Operation) -> Draft202012Validator:
    if operation.name not in _schemas:
        _schemas[operation.name] = Draft202012Validator(operation.output_schema)
    return _schemas[operation.name]


_schemas: dict[str, Draft202012Validator] = {}


class Case:
    """One mutated response of one operation."""

    def __init__(self, operation: Operation, response: Any, tree: Any, mutations: list[tuple[str, Path]]) -> None:
        self.operation, self.response, self.tree, self.mutations = operation, response, tree, mutations
        self.body = json.dumps(tree).encode()

    def __repr__(self) -> str:
        return f"{self.operation.name}, {self.mutations}: {self.body[:600]!r}"

    @property
    def ids(self) -> set[str]:
        """The ids of the documented response that the mutated one still has; after several mutations, as ids."""
        texts = {value for _, value in leaves(self.tree) if isinstance(value, str)}
        return set(ids_in(self.response)) & (texts if len(self.mutations) == 1 else set(ids_in(self.tree)))

    def check_error(self, error: DecodeError) -> None:
        """Check that only a create without its id raises, with the whole body."""
        assert not isinstance(error, InvalidJSONError), self
        assert self.operation.endpoint.method == "POST", self
        assert self.operation.endpoint.path in str(error) or "{" in self.operation.endpoint.path, self
        assert self.ids <= {id for id in self.ids if id.encode() in error.body}, self
        assert "may charge" in str(error), self

    def check_result(self, result: Any) -> None:
        """Check that the result has every id, and fits the schema of the operation."""
        text = json.dumps(result)
        for id in self.ids:
            assert id in text, f"{self} lost {id}: {text}"
        problems = [problem.message for problem in schema_of(self.operation).iter_errors(result)]
        assert not problems, f"{self}: {problems}"

    def check_untouched(self, result: Any, baseline: Any) -> None:
        """Check that every field outside the one mutated node is equal."""
        ((kind, changed),) = self.mutations
        parent = node_at(self.response, changed[:-1])
        if changed[:2] == ("data", "resources"):  # a page gives its items as `data`
            changed = ("data", *changed[2:])
        for path, value in leaves(baseline):
            if untouched(path, changed, kind, parent):
                assert value_at(result, path) == value, f"{self} changed {path}"


@pytest.mark.parametrize("seed", range(4))
async def test_mutated_responses_lose_nothing(
    forged: tuple[ForgedApi, AsyncHeyGen], seed: int, tmp_path: FilePath
) -> None:
    """Mutate one node in three of four cases, and two to four nodes in the others."""
    api, client = forged
    rng = random.Random(f"{SEED} {seed}")
    file = tmp_path / "voice.mp3"
    file.write_bytes(b"ID3")
    counts: Counter[str] = Counter()
    uploaded = {"data": {"asset_id": "asset_of_a_local_file"}}
    for _ in range(COUNT // 4):
        operation = rng.choice(list(operations().values()))
        arguments = arguments_of(operation)
        if operation.name in LOCAL_FILES:
            arguments[LOCAL_FILES[operation.name]] = file
        response = documented_response(operation)
        api.body = json.dumps(response).encode()
        api.bodies = {"/v3/assets": [uploaded]} if operation.name == "clone_voice" else {}
        baseline = await operation.call(client, arguments)
        tree, mutations = response, list[tuple[str, Path]]()
        for _ in range(rng.choice([1, 1, 1, rng.randint(2, 4)])):
            mutations.append((rng.choice(KINDS), rng.choice(list(paths(tree)))))
            tree = mutated(tree, mutations[-1][1], mutations[-1][0], rng)
            counts[mutations[-1][0]] += 1
        case = Case(operation, response, tree, mutations)
        api.body = case.body
        try:
            result = await operation.call(client, arguments)
        except DecodeError as error:
            counts["without the id"] += 1
            case.check_error(error)
            continue
        case.check_result(result)
        if len(mutations) == 1:
            case.check_untouched(result, baseline)
    print(dict(counts))
