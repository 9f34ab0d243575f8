"""The emulator against every request body of the contract; valid and invalid bodies are generated from its schemas."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
from contract_samples import (
    OPERATIONS,
    WITH_BODY,
    create_ids,
    invalid_values,
    post,
    resolve,
    unused_name,
    unused_url,
    valid_value,
)

from heygen_async.testing import HeyGenEmulator


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def unlimited() -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator(autojump=True, concurrency_limit=10_000, balance=1e9, lenient=True) as emulator:
        yield emulator


def sample_bodies(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield valid bodies: the smallest, and the largest with each member of each union and enum."""
    yield valid_value(schema)
    for pick in range(8):
        yield valid_value(schema, full=True, pick=pick)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_BODY)
async def test_the_emulator_rejects_invalid_bodies_by_field(
    name: str, unlimited: HeyGenEmulator, session: aiohttp.ClientSession
) -> None:
    schema = OPERATIONS[name]["request"]
    count = 0
    ids = dict.fromkeys(("group_id", "session_id", "template_id"), "x") | await create_ids(unlimited, session, name)
    for body in list(sample_bodies(schema))[:5]:
        for field, wrong in invalid_values(schema, body):
            status, response = await post(unlimited, session, name, wrong, ids)
            assert (status, response["error"]["code"]) == (400, "invalid_parameter"), (field, wrong)
            assert response["error"].get("param") == field, (field, wrong, response)
            count += 1
    empty = [None] if resolve(schema).get("properties") or "oneOf" in resolve(schema) else []  # the others take it
    for no_object in ([], "a", 7, *empty):
        status, _ = await post(unlimited, session, name, no_object, ids)
        assert status == 400
    assert count or not resolve(schema).get("properties")


@pytest.mark.parametrize("name", WITH_BODY)
async def test_the_emulator_accepts_valid_bodies(
    name: str, unlimited: HeyGenEmulator, session: aiohttp.ClientSession
) -> None:
    for body in sample_bodies(OPERATIONS[name]["request"]):
        ids = await create_ids(unlimited, session, name)
        if name == "AssetCompleteBatchesCreate":
            body = {"batch_id": ids["batch_id"]}
        if name == "TemplateCreate":
            body["video_id"] = ids["video_id"]
        if name == "TemplateVariablesUpdate":
            body.pop("expected_edit_version", None)
        if name == "AvatarLooksCreate":
            body |= {"reference_look_id": ids["look_id"], "template_id": f"{body['type']}_0"}
        if name == "AssetCompleteCreate":
            body = {}
        if name.startswith(("BrandGlossary", "WorkflowCreate")) and "name" in body:
            body["name"] = unused_name(unlimited)
        if name == "WorkflowRunCreate":
            body["workflow_id"] = ids["workflow_id"]
        if name == "WebhookEndpointsUpdate" and not body:
            continue  # it needs a change
        if name.startswith("WebhookEndpoints") and "url" in body:
            body["url"] = unused_url(unlimited)
        status, response = await post(unlimited, session, name, body, ids)
        assert status in {200, 201, 202}, (body, response)


def test_every_operation_of_the_contract_is_there() -> None:
    assert len(OPERATIONS) == 150  # 148, and those that answer with server-sent events
