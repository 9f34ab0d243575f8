"""Direct uploads: three steps, straight into HeyGen's storage."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from file_support import CONTENT, DIGEST, stream_chunks, usable_assets

from heygen_async import (
    AsyncHeyGen,
    Backoff,
    HeyGenError,
    JobFailedError,
    NotFoundError,
    UploadError,
)
from heygen_async._files.file_store import exchange
from heygen_async._http.streamed_body import Body
from heygen_async.testing import Fault, HeyGenEmulator


async def test_put_carries_exactly_the_signed_headers(
    monkeypatch: pytest.MonkeyPatch, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 1000)
    await client.assets.upload(path)
    (put,) = [request for request in api.requests if request.origin == "storage"]
    assert put.headers["Content-Type"] == "image/png"
    assert put.headers["x-amz-checksum-sha256"] == DIGEST
    assert put.headers["Content-Length"] == str(len(CONTENT))
    own = {"Host", "Accept", "Accept-Encoding", "User-Agent", "Content-Length", "Content-Type", "x-amz-checksum-sha256"}
    assert set(put.headers) == own


async def test_creates_new_place_when_the_url_has_expired(
    monkeypatch: pytest.MonkeyPatch, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 1000)
    slow = client.with_options(retry=Backoff(initial=1000, maximum=1000, jitter=0))
    api.inject(Fault("reset_mid_request", origin="storage"))
    await slow.assets.upload(path)
    assert [request.status for request in api.requests if request.origin == "storage"] == [None, 403, 200]
    assert [asset["sha256"] for asset in usable_assets(api)] == [DIGEST]
    keys = {request.headers["Idempotency-Key"] for request in api.requests_for("AssetDirectUploadsCreate")}
    assert len(keys) == len(api.state.assets) == 2


async def test_completes_a_stream_whose_put_response_was_lost(
    monkeypatch: pytest.MonkeyPatch, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 1000)
    api.inject(Fault("lost_response", origin="storage"))
    await client.assets.upload(stream_chunks(), size=len(CONTENT))
    assert [asset["sha256"] for asset in usable_assets(api)] == [DIGEST]


async def test_stream_that_never_arrived_says_that_it_can_be_read_once(
    monkeypatch: pytest.MonkeyPatch, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 1000)
    api.inject(Fault("lost_response", origin="storage"))
    api.inject(Fault("status", status=409, code="resource_not_ready", operation="AssetCompleteCreate", count=None))
    with pytest.raises(UploadError, match=r"did not arrive in HeyGen's storage\. It can be read only once"):
        await client.assets.upload(stream_chunks(), size=len(CONTENT))


async def test_waits_until_the_asset_is_processed_and_reports_its_failure(
    monkeypatch: pytest.MonkeyPatch, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 1000)
    states: list[str] = []
    asset = await client.assets.upload(path, wait=False)
    assert asset.status == "processing"  # type: ignore[attr-defined]
    await client.assets.upload(path, on_update=lambda update: states.append(update.state))
    assert states[-1] == "completed"
    assert len(states) > 1

    async def fail(done: int, total: int | None) -> None:
        if done == total:
            newest = list(api.state.assets)[-1]
            asyncio.get_running_loop().call_later(0.1, api.fail, newest, "bad_video", "It cannot be decoded.")

    with pytest.raises(JobFailedError):
        await client.assets.upload(path, on_progress=fail)


async def test_rejects_a_file_larger_than_its_place(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    project = tmp_path / "project.zip"
    with project.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate((200 << 20) + 1)
    with pytest.raises(UploadError, match=r"has 209,715,201 bytes; HeyGen takes at most 209,715,200 here"):
        await client.hyperframes.create(project=project)
    assert [request for request in api.requests if request.origin == "storage"] == []


async def test_put_adds_no_content_type_of_its_own(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    place = await client.assets.create_direct_upload(filename="a.png", content_type="image/png", size_bytes=4)

    async def read() -> AsyncIterator[bytes]:
        yield b"four"

    body = Body(length=4, content_type="image/png", read=read)
    async with exchange(client._transport, "PUT", place.upload_url, headers={}, body=body) as answer:
        assert answer.status == 403
    assert "Content-Type" not in api.requests[-1].headers


async def test_large_file_goes_into_the_storage_without_the_api_key(
    client: AsyncHeyGen, api: HeyGenEmulator, large_path: Path
) -> None:
    for code in ("resource_not_ready", "conflict"):
        api.inject(Fault("status", status=409, code=code, operation="AssetCompleteCreate"))
    await client.video_agents.create(prompt="A tour", files=[large_path])
    (asset,) = api.state.assets.values()
    assert asset["sha256"] == hashlib.sha256(large_path.read_bytes()).hexdigest()
    (put,) = [request for request in api.requests if request.origin == "storage"]
    assert "X-Api-Key" not in put.headers
    assert (put.headers["Content-Length"], put.headers.get("Transfer-Encoding")) == (str((32 << 20) + 1), None)


async def test_rejection_by_the_storage_is_an_upload_error(
    client: AsyncHeyGen, api: HeyGenEmulator, large_path: Path
) -> None:
    for status, times in ((400, 1), (403, 4), (503, 4)):
        api.inject(Fault("status", status=status, origin="storage", count=times))
        with pytest.raises(UploadError, match=rf"rejected large\.png with status {status}.*Upload it again"):
            await client.video_agents.create(prompt="A tour", files=[large_path])
    api.inject(Fault("status", status=409, code="resource_not_ready", operation="AssetCompleteCreate", count=None))
    with pytest.raises(HeyGenError, match="resource_not_ready"):
        await client.video_agents.create(prompt="A tour", files=[large_path])


async def test_each_of_the_three_steps_can_be_called_alone(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    place = await client.assets.create_direct_upload(filename="a.png", content_type="image/png", size_bytes=72)
    assert "Signature=" not in repr(place)
    with pytest.raises(HeyGenError, match="resource_not_ready"):
        await client.with_options(max_retries=0).assets.complete(place.asset_id)
    with pytest.raises(NotFoundError):
        await client.assets.get("asset_none")
