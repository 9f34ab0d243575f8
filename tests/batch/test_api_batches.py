"""The engine `api`: sending rows in HeyGen's own batches."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

import pytest
from batch_support import CLIP, ROWS, hello, outcomes_by_key, results_by_key
from support import Command

from heygen_async import AsyncHeyGen, BadRequestError, InvalidInputError, JobFailedError
from heygen_async.batch import Item, run
from heygen_async.errors import BudgetExceededError
from heygen_async.testing import Fault, HeyGenEmulator, Plan


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["videos", "video_translations", "lipsyncs"])
async def test_sends_rows_in_batches_of_a_hundred(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows: list[Any] = hello(ROWS)
    if kind != "videos":
        fields: dict[str, Any] = (
            {"output_languages": ["French (France)"]} if kind == "video_translations" else {"audio": CLIP}
        )
        rows = [(f"row-{i}", {"video": CLIP, "title": f"t{i}", **fields}) for i in range(ROWS)]
    api.plan(Plan(fail_code="bad", fail_message="It is bad.", count=3))
    options: dict[str, Any] = {
        "heygen": client,
        "kind": kind,
        "engine": "api",
        "journal": tmp_path / "j",
    }
    outcomes = await outcomes_by_key(run(rows, **options))
    failed = [outcome for outcome in outcomes.values() if not outcome.succeeded]
    assert len(failed) == 3
    assert all(isinstance(outcome.error, JobFailedError) and outcome.ids for outcome in failed)
    assert len(api.ledger) == len({outcome.id for outcome in outcomes.values()}) == ROWS
    posts = [request for request in api.requests if request.method == "POST"]
    assert len(posts) == math.ceil(ROWS / 100)
    requests = len(api.requests)
    second = await outcomes_by_key(run(rows, **options))
    assert len(api.requests) == requests
    assert {key: outcome.ids for key, outcome in second.items()} == {
        key: outcome.ids for key, outcome in outcomes.items()
    }


async def test_rows_without_a_batch_operation_fail(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    rows = [
        Item("agent", {"prompt": "A tour"}, "video_agents"),
        Item("two", {"video": CLIP, "output_languages": ["French (France)", "German (Germany)"]}, "video_translations"),
    ]
    outcomes = await outcomes_by_key(run(rows, heygen=client, engine="api"))
    assert {type(outcome.error) for outcome in outcomes.values()} == {InvalidInputError}
    assert not api.requests


@pytest.mark.parametrize("fault", ["lost_response", "reset_before", "status", "corrupt"])
@pytest.mark.parametrize("kind", ["videos", "video_translations"])
async def test_a_batch_without_response_creates_each_job_once(
    fault: Any, kind: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows: list[Any] = hello(12)
    if kind != "videos":
        rows = [(f"row-{i}", {"video": CLIP, "output_languages": ["French (France)"]}) for i in range(12)]
    api.inject(Fault(fault, status=503, retry_after=2, path="/v3/*/batches", count=1))
    options: dict[str, Any] = {"heygen": client, "kind": kind, "engine": "api", "journal": tmp_path / "j"}
    outcomes = await outcomes_by_key(run(rows, **options))
    assert all(outcome.succeeded for outcome in outcomes.values()), [outcome.error for outcome in outcomes.values()]
    assert len(api.ledger) == 12


async def test_a_rejected_batch_is_sent_again(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.state.balance = 0.01
    options: dict[str, Any] = {"heygen": client, "engine": "api", "journal": tmp_path / "j"}
    pausing = asyncio.ensure_future(outcomes_by_key(run(hello(3), **options)))
    await asyncio.sleep(30)
    pausing.cancel()
    await asyncio.wait({pausing})
    api.state.balance = 100.0
    with pytest.raises(BudgetExceededError):
        await outcomes_by_key(run(hello(3), budget=0.0, **options))
    outcomes = await outcomes_by_key(run(hello(3), **options))
    assert all(outcome.succeeded for outcome in outcomes.values()), [outcome.error for outcome in outcomes.values()]
    assert len(api.ledger) == 3


async def test_one_invalid_row_of_a_batch_fails_alone(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    rows: list[Any] = [(f"row-{i}", {"video": CLIP, "output_languages": ["French (France)"]}) for i in range(30)]
    rows[17] = ("row-17", {"video": CLIP, "output_languages": ["French (France)"], "mode": "magic"})
    outcomes = await outcomes_by_key(
        run(rows, heygen=client, kind="video_translations", engine="api", journal=tmp_path / "j")
    )
    assert [key for key, outcome in outcomes.items() if not outcome.succeeded] == ["row-17"]
    assert isinstance(outcomes["row-17"].error, BadRequestError)
    assert len(api.ledger) == 29


async def test_finds_some_rows_of_a_batch_without_response(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows: list[Any] = [(f"row-{i}", {"video": CLIP, "output_languages": ["French (France)"]}) for i in range(3)]
    options: dict[str, Any] = {
        "heygen": client, "kind": "video_translations", "engine": "api", "journal": tmp_path / "j"
    }  # fmt: skip
    api.inject(Fault("stall", path="/v3/*/batches"))
    cancelled_run = asyncio.ensure_future(outcomes_by_key(run(rows, **options)))
    while not api.ledger:
        await asyncio.sleep(0.01)
    cancelled_run.cancel()
    await asyncio.wait({cancelled_run})
    outcomes = await outcomes_by_key(run(rows[1:], **options)) | await outcomes_by_key(run(rows, **options))
    assert all(outcome.succeeded for outcome in outcomes.values()), [outcome.error for outcome in outcomes.values()]
    for key, outcome in outcomes.items():
        assert api.state.jobs[str(outcome.id)].details["callback_id"].startswith(f"{key} ")
    assert len(api.ledger) == 3


@pytest.mark.slow
async def test_reads_one_list_for_all_batches_without_response(
    command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    sheet.write_text(
        "id,script,avatar_id\n" + "".join(f"{i},Hello {i},avatar_1\n" for i in range(ROWS)), encoding="utf-8"
    )
    api.inject(Fault("stall", path="/v3/*/batches", count=None))
    cancelled_run = asyncio.ensure_future(command(sheet, "--engine", "api"))
    while len(api.ledger) < ROWS:
        await asyncio.sleep(0.01)
    cancelled_run.cancel()
    await asyncio.wait({cancelled_run})
    api.clear_faults()
    code, _, error = await command(sheet, "--engine", "api", "--resume")
    assert (code, len(api.ledger)) == (0, ROWS), error
    assert len(api.requests_for("VideoList")) <= 4
    assert {row["status"] for row in results_by_key(sheet).values()} == {"completed"}
