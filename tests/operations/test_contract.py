"""The local HeyGen against every request body of the contract: what its schema rules out is refused, what it allows is
taken. Both are generated from the schema.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
from contract_samples import OPERATIONS, WITH_BODY, invalid, name_of, post, resolved, some_ids, url_of, valid

from heygen_async.testing import HeyGenEmulator


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def roomy() -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator(autojump=True, concurrency_limit=10_000, balance=1e9) as emulator:
        yield emulator


def shapes(schema: dict[str, Any]) -> Iterator[Any]:
    """Valid bodies: the least, the fullest, and a fullest one for each member of each union and enum."""
    yield valid(schema)
    for pick in range(8):
        yield valid(schema, full=True, pick=pick)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_BODY)
async def test_what_the_schema_rules_out_is_refused_by_its_field(
    name: str, roomy: HeyGenEmulator, session: aiohttp.ClientSession
) -> None:
    schema = OPERATIONS[name]["request"]
    seen = 0
    ids = dict.fromkeys(("group_id", "session_id", "template_id"), "x") | await some_ids(roomy, session, name)
    for body in list(shapes(schema))[:5]:
        for field, wrong in invalid(schema, body):
            status, answer = await post(roomy, session, name, wrong, ids)
            assert (status, answer["error"]["code"]) == (400, "invalid_parameter"), (field, wrong)
            assert answer["error"].get("param") == field, (field, wrong, answer)
            seen += 1
    for no_object in ([], "a", 7, None):
        status, _ = await post(roomy, session, name, no_object, ids)
        assert status == 400
    assert seen or not resolved(schema).get("properties")


@pytest.mark.parametrize("name", WITH_BODY)
async def test_what_the_schema_allows_is_taken(
    name: str, roomy: HeyGenEmulator, session: aiohttp.ClientSession
) -> None:
    for body in shapes(OPERATIONS[name]["request"]):
        ids = await some_ids(roomy, session, name)
        if name == "AssetCompleteBatchesCreate":
            body = {"batch_id": ids["batch_id"]}
        if name == "AssetCompleteCreate":
            body = {}
        if name.startswith("BrandGlossary") and "name" in body:
            body["name"] = name_of(roomy)
        if name.startswith("WebhookEndpoints") and "url" in body:
            body["url"] = url_of(roomy)
        status, answer = await post(roomy, session, name, body, ids)
        assert status in {200, 201, 202}, (body, answer)


def test_every_operation_of_the_contract_is_there() -> None:
    assert len(OPERATIONS) == 123  # 121, and those that answer with server-sent events
