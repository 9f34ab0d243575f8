"""The OpenAPI document of the emulator: valid, complete, and true of its own responses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from contract_samples import OPERATIONS, create_ids, post, valid_value
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from heygen_async.testing import HeyGenEmulator
from heygen_async.testing.openapi import build_document

DOCUMENT = build_document("http://127.0.0.1:8080")
CALLS = [(method, path, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items()]


def schemas_in(node: Any) -> Iterator[dict[str, Any]]:
    """Yield each schema that stands in an operation."""
    if isinstance(node, list):
        for one in node:
            yield from schemas_in(one)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "schema":
                yield value
            else:
                yield from schemas_in(value)


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({"components": DOCUMENT["components"], **schema})


def test_it_has_every_operation_once() -> None:
    assert sorted(operation["operationId"] for _, _, operation in CALLS) == sorted(OPERATIONS)


def test_every_schema_is_valid_and_every_reference_leads_to_one() -> None:
    for schema in [*schemas_in(DOCUMENT["paths"]), *DOCUMENT["components"]["schemas"].values()]:
        Draft202012Validator.check_schema(schema)
    references = set(re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT)))
    assert references <= DOCUMENT["components"]["schemas"].keys()


def test_every_id_in_a_path_is_a_parameter() -> None:
    for _, path, operation in CALLS:
        parameters = [one["name"] for one in operation["parameters"] if one["in"] == "path"]
        assert parameters == re.findall(r"\{(\w+)\}", path)


@pytest.mark.parametrize(
    "name", ["VideoCreate", "VideoAgentCreate", "LipsyncCreate", "WebhookEndpointsCreate", "PodcastCreate"]
)
async def test_requests_and_responses_agree_with_it(name: str, api: HeyGenEmulator) -> None:
    (operation,) = [operation for _, _, operation in CALLS if operation["operationId"] == name]
    body = valid_value(OPERATIONS[name]["request"])
    async with aiohttp.ClientSession() as session:
        status, response = await post(api, session, name, body, await create_ids(api, session, name))
        wrong_status, refused = await post(api, session, name, body | {"surprise": 1}, {})
    request_schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert best_match(validator(request_schema).iter_errors(body)) is None
    for content, code in ((response, str(status)), (refused, "default")):
        schema = operation["responses"][code]["content"]["application/json"]["schema"]
        assert best_match(validator(schema).iter_errors(content)) is None
    assert wrong_status == 400
