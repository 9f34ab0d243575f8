"""Resuming: a second run with the same journal."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from batch_support import CLIP, hello, lose_response, outcomes_by_key
from support import PNG

from heygen_async import AsyncHeyGen, JobFailedError, QuotaExceededError, ServerError, WaitTimeoutError
from heygen_async.batch import run
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.videos import AvatarVideo, ImageVideo


async def test_finished_rows_send_no_request(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    first = await outcomes_by_key(run(hello(8), heygen=client, journal=tmp_path / "j"))
    requests = len(api.requests)
    second = await outcomes_by_key(run(hello(8), heygen=client, journal=tmp_path / "j"))
    assert len(api.requests) == requests
    assert {key: outcome.result for key, outcome in second.items()} == {key: o.result for key, o in first.items()}
    assert all(outcome.resumed for outcome in second.values())
    assert stat.S_IMODE((tmp_path / "j").stat().st_mode) == 0o600
    await outcomes_by_key(run(hello(8), heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out"))
    assert len(list((tmp_path / "out").iterdir())) == 8  # the second run downloads them
    assert len(api.ledger) == 8


async def test_a_changed_row_creates_a_new_job(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    rows: list[Any] = [*hello(2), ("picture", ImageVideo(image=picture, script="Hello.", voice_id="voice_0001"))]
    first = await outcomes_by_key(run(rows, heygen=client, journal=tmp_path / "j"))
    rows[1] = ("row-1", AvatarVideo(avatar_id="avatar_1", script="Something else."))
    picture.write_bytes(PNG + b"1")
    second = await outcomes_by_key(run(rows, heygen=client, journal=tmp_path / "j"))
    assert {key for key, outcome in second.items() if outcome.changed} == {"row-1", "picture"}
    assert second["row-1"].id != first["row-1"].id
    assert "has changed" in caplog.text
    assert len(api.ledger) == 5
    with sqlite3.connect(tmp_path / "j") as database:  # the old jobs are remembered
        assert {ids for (ids,) in database.execute("SELECT ids FROM replaced")} == {
            f'["{first["row-1"].id}"]', f'["{first["picture"].id}"]'
        }  # fmt: skip
    database.close()


async def test_local_files_may_be_gone_once_the_job_exists(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    rows: list[Any] = [("picture", ImageVideo(image=picture, script="Hello.", voice_id="voice_0001"))]
    first = await outcomes_by_key(run(rows, heygen=client, journal=tmp_path / "j"))
    picture.unlink()
    second = await outcomes_by_key(run(rows, heygen=client, journal=tmp_path / "j"))
    assert (second["picture"].succeeded, second["picture"].id, len(api.ledger)) == (True, first["picture"].id, 1)


async def test_failed_rows_stay_failed_without_retry_failed(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.plan(Plan(fail_code="bad_script", fail_message="The script is rude.", count=2))
    first = await outcomes_by_key(run(hello(4), heygen=client, journal=tmp_path / "j"))
    failed = {key for key, outcome in first.items() if not outcome.succeeded}
    second = await outcomes_by_key(run(hello(4), heygen=client, journal=tmp_path / "j"))
    assert {key for key, outcome in second.items() if not outcome.succeeded} == failed
    for key in failed:
        assert isinstance(second[key].error, JobFailedError)
        assert (str(second[key].error), second[key].ids) == (str(first[key].error), first[key].ids)
        assert second[key].error.failure_code == "bad_script"  # type: ignore[union-attr]
    assert len(api.ledger) == 4
    last = await outcomes_by_key(run(hello(4), heygen=client, journal=tmp_path / "j", retry_failed=True))
    assert all(outcome.succeeded for outcome in last.values())
    assert len(api.ledger) == 6


async def test_a_row_that_exceeded_the_quota_is_resumed(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.inject(Fault("status", status=429, code="quota_exceeded", operation="VideoCreate", count=None))
    outcomes = await outcomes_by_key(run(hello(3), heygen=client, journal=tmp_path / "j"))
    assert {type(outcome.error) for outcome in outcomes.values()} == {QuotaExceededError}
    assert len(api.requests_for("VideoCreate")) == 3
    api.clear_faults()
    outcomes = await outcomes_by_key(run(hello(3), heygen=client, journal=tmp_path / "j"))
    assert all(outcome.succeeded for outcome in outcomes.values())


@pytest.mark.slow
async def test_rows_that_failed_in_a_long_outage_are_resumed(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.inject(Fault("status", status=500, operation="VideoCreate", count=None))
    outcomes = await outcomes_by_key(run(hello(2), heygen=client, journal=tmp_path / "j"))
    assert {type(outcome.error) for outcome in outcomes.values()} == {ServerError}
    api.clear_faults()
    outcomes = await outcomes_by_key(run(hello(2), heygen=client, journal=tmp_path / "j"))
    assert all(outcome.succeeded for outcome in outcomes.values())
    assert len(api.ledger) == 2


@pytest.mark.slow
async def test_a_job_that_exceeded_the_timeout_is_resumed(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.plan(Plan(seconds=500))
    outcomes = await outcomes_by_key(run(hello(1), heygen=client, journal=tmp_path / "j", timeout=60))
    assert isinstance(outcomes["row-0"].error, WaitTimeoutError)
    second = await outcomes_by_key(run(hello(1), heygen=client, journal=tmp_path / "j"))
    assert (second["row-0"].succeeded, second["row-0"].resumed, len(api.ledger)) == (True, True, 1)


@pytest.mark.slow
async def test_survives_an_outage_of_minutes(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    batch = aiter(run(hello(12), heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out"))
    outcomes = [await anext(batch)]
    await api.down()
    down = asyncio.ensure_future(asyncio.sleep(600))
    down.add_done_callback(lambda _: asyncio.ensure_future(api.up()))
    outcomes += [outcome async for outcome in batch]
    assert len(outcomes) == len(api.ledger) == 12
    assert [outcome.error for outcome in outcomes if not outcome.succeeded] == []


async def test_rows_of_a_rejected_batch_are_sent_one_by_one(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows: list[Any] = [(f"row-{i}", {"video": CLIP, "output_languages": ["French (France)"]}) for i in range(3)]
    api.state.balance = 0.01
    options: dict[str, Any] = {"heygen": client, "kind": "video_translations", "journal": tmp_path / "j"}
    pausing = asyncio.ensure_future(outcomes_by_key(run(rows, engine="api", **options)))
    await asyncio.sleep(30)
    pausing.cancel()
    await asyncio.wait({pausing})
    api.state.balance = 100.0
    batch = run(rows[:0], **options)
    await outcomes_by_key(batch)
    assert batch.spent == 0  # a rejected batch costs nothing
    await lose_response(client, api, rows[:1], tmp_path / "j", "video_translations")
    outcomes = await outcomes_by_key(run(rows, **options))
    assert all(outcome.succeeded for outcome in outcomes.values())
    assert len(api.ledger) == len({outcome.id for outcome in outcomes.values()}) == 3
    assert len(api.requests_for("VideoTranslateBatchesCreate")) == 1


async def test_the_other_engine_resumes_a_batch(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    stream = aiter(run(hello(20), heygen=client, engine="api", journal=tmp_path / "j"))
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    outcomes = await outcomes_by_key(run(hello(30), heygen=client, journal=tmp_path / "j"))
    assert all(outcome.succeeded for outcome in outcomes.values())
    assert len(api.ledger) == len({outcome.id for outcome in outcomes.values()}) == 30
