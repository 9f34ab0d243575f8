"""Each request that HeyGen's documents show, for v1, v2 and v3, as the call that sends exactly that.

`documented_requests.jsonl` has one line for each that differs from the others: its method and address, its query and
body, and the call. Ids that a document leaves to the reader are `id_1`, other values of the reader's `given`. A `note`
says why there is nothing to send, or what the API has left behind.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support import PNG

from heygen_async import AsyncHeyGen, HeyGenError, InvalidInputError
from heygen_async.pagination import Pager
from heygen_async.testing import HeyGenEmulator

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "documented_requests.jsonl").read_text(encoding="utf-8").splitlines()
]
SENT = [row for row in ROWS if "note" not in row]


@pytest.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator(concurrency_limit=1000, balance=1e6, autojump=True, lenient=True) as emulator:
        yield emulator


async def perform(client: AsyncHeyGen, row: dict[str, Any]) -> None:
    """Make the call."""
    call: Any = client
    for name in row["call"].split("."):
        call = getattr(call, name)
    arguments = list(row["ids"])
    keywords = {name: _typed(name, value) for name, value in row.get("query", {}).items()}
    body = row.get("body")
    if row.get("body_as") == "request":
        arguments.append(body)
    elif body == "file":
        arguments.append(PNG)
    elif row.get("body_as") == "id":
        arguments.append((body or row["query"]).popitem()[1] if body else keywords.popitem()[1])
    elif body:
        keywords |= body
    result = call(*arguments, **keywords)
    try:
        await result
    except HeyGenError as error:
        if isinstance(error, InvalidInputError):
            raise
    assert isinstance(result, Pager) or result is not None


def _typed(name: str, value: str) -> object:
    if name.endswith("_ids"):
        return value.split(",")
    return {"true": True, "false": False}.get(value, int(value) if value.isdigit() else value)


@pytest.mark.parametrize("row", SENT, ids=[f"{number}-{row['call']}" for number, row in enumerate(SENT)])
async def test_a_documented_request_is_sent_as_it_stands(
    row: dict[str, Any], client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    wanted = json.loads(json.dumps(row))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        await perform(client.with_options(max_retries=0), row)
    sent = api.requests[0]
    assert f"{sent.method} {sent.raw_path}" == wanted["request"]
    assert sent.query == wanted.get("query", {})
    if wanted.get("body") == "file":
        assert PNG in sent.body
    else:
        assert (sent.json if sent.body else None) == wanted.get("body")


@pytest.mark.parametrize("row", [row for row in ROWS if row.get("note", "").startswith("gone")])
async def test_what_is_gone_is_refused_by_name(row: dict[str, Any], client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(InvalidInputError) as raised:
        await perform(client, row)
    assert raised.value.field in row["note"]
    assert not api.requests


def test_none_is_left_out_silently() -> None:
    assert len(ROWS) == 147
    for row in ROWS:
        assert row["call"]
        assert ("note" in row) != (row in SENT)
    versions = {row["request"].split("/")[1] for row in SENT}
    assert versions == {"v1", "v2", "v3"}
