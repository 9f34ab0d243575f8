"""Reading rows from a source: keys, and no further ahead than needed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from batch_support import ROWS, hello, outcomes_by_key

from heygen_async import AsyncHeyGen, ConfigurationError, InvalidInputError
from heygen_async.batch import Item, run
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo


async def test_a_repeated_key_fails_its_row(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    outcomes = [outcome async for outcome in run([*hello(2), *hello(1)], heygen=client)]
    assert len([outcome for outcome in outcomes if outcome.succeeded]) == 2
    (failed,) = [outcome for outcome in outcomes if not outcome.succeeded]
    assert "of the source has the same one" in str(failed.error)
    for invalid in ("row", ("a", "b", "c"), None):
        with pytest.raises(InvalidInputError, match="requests"):
            await outcomes_by_key(run([invalid], heygen=client))  # type: ignore[list-item]
    assert len(api.ledger) == 2


async def test_an_invalid_key_fails_its_row_only(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    request = hello(1)[0][1]
    rows: list[Any] = [(key, request) for key in ("a", "", "a" * 201, "a\nb", None, True, 7, 0)]
    rows.append(Item("no-films", request, "films"))
    outcomes = [outcome async for outcome in run(rows, heygen=client)]
    assert {outcome.key for outcome in outcomes if outcome.succeeded} == {"a", "7", "0"}
    messages = sorted(str(outcome.error) for outcome in outcomes if not outcome.succeeded)
    assert len(messages) == 6
    assert sum("key is" in error and "printable characters" in error for error in messages) == 5
    assert any("key is ''" in error and "row 2 of the source" in error for error in messages)
    assert any("kind is 'films'" in error and "row 9 of the source" in error for error in messages)


@pytest.mark.slow
async def test_reads_a_source_only_as_the_capacity_allows(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    rows_read = 0

    async def rows() -> AsyncIterator[tuple[str, AvatarVideo]]:
        nonlocal rows_read
        for row in hello(ROWS):
            rows_read += 1
            yield row

    batch = run(rows(), heygen=client, concurrency=5)
    count = 0
    async for _ in batch:
        count += 1
        assert rows_read <= count + 5 + 2 * 64 + 5
        assert batch.running_jobs <= 5
    assert count == ROWS
    rows_read = 0
    async with contextlib.aclosing(aiter(run(rows(), heygen=client))) as stream:
        for count in range(1, 8):
            await anext(stream)
            await asyncio.sleep(30)  # outcomes wait for the slow caller
            assert rows_read <= count + 10 + 2 * 64 + 5
    with pytest.raises(ConfigurationError, match="iterated over before"):
        await outcomes_by_key(batch)
