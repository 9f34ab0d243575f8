"""Comparisons of videos, as a program uses them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import PNG

from heygen_async import AsyncHeyGen, BytesFile, JobFailedError
from heygen_async.batch import run as run_batch
from heygen_async.testing import Fault, HeyGenEmulator, Plan

URL = "https://example.com/a.mp4"
FIELDS: Any = {
    "prompt": "A calm sea", "model_a": "one", "model_b": "two", "video_a": URL, "video_b": URL, "question_id": "craft",
}  # fmt: skip


async def test_waits_for_a_comparison_that_goes_on(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.video_quality.create(**FIELDS)
    assert (created.status, created.result) == ("processing", None)
    comparison = await client.wait_for_comparison(created)
    assert comparison.result is not None
    assert comparison.result.winner in {"one", "two"}
    states = [update.state async for update in client.watch_comparison(created.comparison_id)]
    assert states == ["completed"]


async def test_a_comparison_that_is_finished_at_once_is_not_polled(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="comparison", seconds=0))
    comparison = await client.video_quality.create_and_wait(**FIELDS)
    assert comparison.result is not None
    assert [request.operation for request in api.requests] == ["VideoQualityComparisonCreate"]


async def test_a_failed_comparison_has_the_reason(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for seconds in (0, 30):
        api.plan(Plan(kind="comparison", seconds=seconds, fail_code="unreadable", fail_message="It is no video."))
        with pytest.raises(JobFailedError, match="unreadable: It is no video"):
            await client.video_quality.create_and_wait(**FIELDS)


async def test_uploads_local_videos_first(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    await client.video_quality.create(**FIELDS | {"video_a": BytesFile(content=PNG, media_type="image/png")})
    body: Any = api.requests[-1].json
    assert (body["video_a"]["type"], body["video_b"]["type"]) == ("asset_id", "url")


async def test_waits_for_a_batch(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="comparison", fail_code="unreadable", count=1))
    created = await client.video_quality.create_batch(comparisons=[FIELDS] * 3)
    batch = await client.wait_for_comparison_batch(created)
    assert batch.counts is not None
    assert (batch.status, batch.counts.completed, batch.counts.failed) == ("completed", 2, 1)
    assert [item.status for item in batch.items or ()] == ["failed", "completed", "completed"]
    assert len(await client.wait_for_all([created])) == 1


@pytest.mark.parametrize("engine", ["jobs", "api"])
async def test_comparisons_are_rows_of_a_batch(
    engine: Any, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.inject(Fault("lost_response", path="/v3/video-quality/*"))
    api.plan(Plan(kind="comparison", fail_code="unreadable", count=1))
    rows = [(f"row-{number}", FIELDS) for number in range(5)]
    options: dict[str, Any] = {"heygen": client, "kind": "video_quality", "journal": tmp_path / "j", "engine": engine}
    outcomes = [outcome async for outcome in run_batch(rows, **options)]
    assert sorted(outcome.succeeded for outcome in outcomes) == [False, True, True, True, True]
    assert len(api.ledger) == 5
    creates = [request.operation for request in api.requests if request.method == "POST"]
    assert set(creates) == {"VideoQualityComparisonCreate" if engine == "jobs" else "VideoQualityBatchesCreate"}
