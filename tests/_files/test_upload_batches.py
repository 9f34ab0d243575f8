"""Uploads of many files by batches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from file_support import CONTENT, DIGEST, count_thread_calls, stream_chunks, usable_assets
from support import PNG, tasks

from heygen_async import (
    AsyncHeyGen,
    BytesFile,
    InvalidInputError,
    UploadError,
)
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.files import AssetFile


async def test_uploads_250_files_in_three_batches(client: AsyncHeyGen, api: HeyGenEmulator, path: Path) -> None:
    api.state.render_seconds = 2.0  # of each file

    async def failing() -> AsyncIterator[bytes]:
        yield CONTENT
        raise ValueError("the camera went away")

    sources: list[Any] = [BytesFile(content=PNG + bytes([n]), media_type="image/png") for n in range(250)]
    sources[3] = failing()
    sources[7], sources[120], sources[249] = path, path.with_name("none.png"), stream_chunks()
    reports: list[tuple[int, int | None]] = []
    results = await client.assets.upload_many(
        sources, concurrency=8, on_progress=lambda *report: reports.append(report)
    )
    assert isinstance(results[120], InvalidInputError)
    assert isinstance(results[3], UploadError)
    ids = [result.asset_id for result in results if isinstance(result, AssetFile)]
    assert len(ids) == len(set(ids)) == len(usable_assets(api)) == 248
    assert [api.state.assets[ids[n]]["sha256"] for n in (6, 247)] == [DIGEST, DIGEST]
    assert {api.state.jobs[id].state(api.state.now()) for id in ids} == {"completed"}
    files = [len(request.json["files"]) for request in api.requests_for("AssetDirectUploadsBatchesCreate")]
    assert files == [99, 99, 50]
    assert len(api.requests_for("AssetCompleteBatchesCreate")) == 3
    assert api.requests_for("AssetDirectUploadsCreate") == api.requests_for("AssetCompleteCreate") == []
    assert reports[-1] == (246 * 73 + 2 * len(CONTENT),) * 2
    assert len(api.requests_for("AssetStatusesList")) < 25


async def test_one_bad_file_does_not_fail_the_others(client: AsyncHeyGen, api: HeyGenEmulator, path: Path) -> None:
    sources = [path, PNG, PNG + b"2"]
    api.inject(Fault("status", status=400, code="invalid_parameter", operation="AssetDirectUploadsBatchesCreate"))
    results = await client.assets.upload_many(sources)  # each file gets its place by its own request
    assert all(isinstance(result, AssetFile) for result in results)
    assert len(usable_assets(api)) == 3
    api.inject(Fault("status", status=404, origin="storage"))
    results = await client.assets.upload_many(sources, concurrency=1, wait=False)
    assert [type(result) for result in results] == [UploadError, AssetFile, AssetFile]
    assert len(usable_assets(api)) == 5
    for operation in ("AssetDirectUploadsBatchesCreate", "AssetCompleteBatchesCreate"):
        api.inject(Fault("status", status=500, operation=operation, count=4))
        results = await client.assets.upload_many(sources)
        assert [getattr(result, "status", None) for result in results] == [500, 500, 500]
    assert len(usable_assets(api)) == 5


@pytest.mark.parametrize("name", ["a\0b.png", "\ud800.png", "n" * 300])
async def test_impossible_file_name_does_not_fail_the_others(name: str, client: AsyncHeyGen, path: Path) -> None:
    bad, good = await client.assets.upload_many([path.parent / name, path])
    assert isinstance(bad, InvalidInputError)
    assert isinstance(good, AssetFile)


async def test_file_that_left_its_batch_is_completed_alone(
    client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    api.inject(Fault("status", status=403, origin="storage"))
    first, second = await client.assets.upload_many([path, PNG], concurrency=1)
    assert isinstance(first, AssetFile)
    assert isinstance(second, AssetFile)
    assert api.state.assets[first.asset_id]["sha256"] == DIGEST
    assert api.requests_for("AssetCompleteCreate")[0].json == {"checksum_sha256": DIGEST}  # in a place of its own
    assert len(usable_assets(api)) == 2


async def test_small_file_is_opened_read_and_hashed_by_one_call_in_a_thread(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.png" for number in range(20)]
    for number, file in enumerate(files):
        file.write_bytes(PNG + bytes([number]) * 50_000)
    await client.assets.upload(PNG)
    threads = count_thread_calls()
    await client.assets.upload(files[0])
    assert threads.calls == 1
    await client.assets.upload_many(files, wait=False)
    assert threads.calls == 1 + len(files)
    assert len(usable_assets(api)) == 2 + len(files)


async def test_next_batch_is_sent_while_the_assets_before_are_processed(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    api.state.render_seconds = 60.0  # of each file
    began = api.clock.time()
    results = await client.assets.upload_many([PNG + bytes([n]) for n in range(250)], concurrency=8)
    assert all(isinstance(result, AssetFile) for result in results)
    assert api.clock.time() - began < 120


async def test_error_of_a_callback_ends_all_waits(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    def fail(_: object) -> None:
        raise LookupError("no such row")

    with pytest.raises(LookupError, match="no such row"):
        await client.assets.upload_many([PNG + bytes([n]) for n in range(150)], on_update=fail)
    assert not any("heygen_async/_files" in repr(task) for task in tasks())
