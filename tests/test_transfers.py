"""Files up and down: whole or not at all, and nothing left behind."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import PNG, open_files, tasks

from heygen_async import (
    AsyncHeyGen,
    BytesFile,
    DownloadError,
    HeyGenError,
    InvalidInputError,
    NotFoundError,
    UploadError,
)
from heygen_async.models.videos import AvatarVideo, ImageVideo, Video
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.testing.storage import media

LARGE = 3_000_000


@pytest.fixture
async def video(client: AsyncHeyGen, api: HeyGenEmulator) -> Video:
    """A finished video of three million bytes."""
    api.storage.large = LARGE
    return await client.videos.create_and_wait(AvatarVideo(avatar_id="a", script="Hello there."))


def whole() -> bytes:
    body = media("video.mp4")
    return (body * (LARGE // len(body) + 1))[:LARGE]


async def test_a_download_is_whole_and_playable(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    video = await client.videos.create_and_wait(AvatarVideo(avatar_id="a", script="Hello there."))
    path = await client.download(video, tmp_path / "tour.mp4")
    assert path.read_bytes() == media("video.mp4")
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe, of Debian's ffmpeg, is not installed")
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", str(path)]
    done = await asyncio.to_thread(subprocess.run, probe, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["h264", "aac"]


async def test_progress_is_told(client: AsyncHeyGen, video: Video, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []

    async def tell(done: int, total: int | None) -> None:
        seen.append((done, total))

    await client.download(video, tmp_path / "a", on_progress=tell)
    assert seen[-1] == (LARGE, LARGE)
    await client.download(video.video_url or "", tmp_path / "a", overwrite=True, on_progress=lambda *_: None)


@pytest.mark.parametrize("kind", ["reset_mid_body", "truncate", "lost_answer", "reset_before", "stall"])
@pytest.mark.parametrize("at", [0.0, 0.01, 0.5, 0.99])
async def test_what_breaks_is_taken_up_where_it_broke(
    kind: str, at: float, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.fault(Fault(kind, origin="storage", count=3, at=at))  # type: ignore[arg-type]
    path = await client.download(video, tmp_path / "tour.mp4")
    assert path.read_bytes() == whole()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["ignore_range", "new_etag"])
async def test_a_rest_that_does_not_fit_is_begun_anew(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.fault(Fault("truncate", origin="storage", at=0.7))
    api.fault(Fault(kind, origin="storage"))  # type: ignore[arg-type]
    path = await client.download(video, tmp_path / "tour.mp4")
    wanted = whole() if kind == "ignore_range" else whole()[:-1] + b"\x01"
    assert path.read_bytes() == wanted


async def test_an_expired_link_is_asked_for_again(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.clock.advance(7200)
    assert (await client.download(video, tmp_path / "a")).read_bytes() == whole()
    with pytest.raises(DownloadError, match="expired; fetch the thing again") as caught:
        await client.download(video.video_url or "", tmp_path / "b")
    assert caught.value.status == 403
    assert "Signature" not in str(caught.value) + repr(caught.value) + caught.value.url
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("status", [416, 429, 503])
async def test_passing_refusals_of_the_storage(
    status: int, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.fault(Fault("status", status=status, origin="storage", count=2))
    assert (await client.download(video, tmp_path / "a")).read_bytes() == whole()


async def test_a_download_that_cannot_be_had_leaves_nothing(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.fault(Fault("reset_before", origin="storage", count=None))
    with pytest.raises(DownloadError, match="could not be fetched whole"):
        await client.download(video, tmp_path / "a")
    api.clear_faults()
    api.fault(Fault("status", status=404, origin="storage"))
    with pytest.raises(DownloadError, match="answered 404"):
        await client.download(video, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


async def test_a_full_disk_is_told_and_leaves_nothing(
    client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DownloadError, match="No space left on device"):
        await client.download(video, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_goes_away_is_told(client: AsyncHeyGen, video: Video, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    async def remove(done: int, total: int | None) -> None:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    with pytest.raises(DownloadError, match="could not be written"):
        await client.download(video, folder / "a", on_progress=remove)


@pytest.mark.parametrize("turns", range(0, 120, 8))
async def test_cancelling_a_download_at_any_step_leaves_nothing(
    turns: int, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    files, before = open_files(), tasks()
    download = asyncio.create_task(client.download(video, tmp_path / "tour.mp4"))
    for _ in range(turns):
        await asyncio.sleep(0)
    download.cancel()
    with pytest.raises(asyncio.CancelledError):
        await download
    assert list(tmp_path.iterdir()) == []
    assert not [name for name in open_files() - files if ".part" in name]
    assert {task for task in tasks() if "heygen_async/downloads" in repr(task)} <= before


@pytest.mark.parametrize("turns", range(0, 60, 4))
async def test_cancelling_an_upload_at_any_step_leaves_nothing(
    turns: int, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(LARGE))
    files = open_files()
    upload = asyncio.create_task(client.assets.create(path))
    for _ in range(turns):
        await asyncio.sleep(0)
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    await asyncio.sleep(1)
    assert not [name for name in open_files() - files if "a.png" in name]


async def test_every_source_arrives_byte_by_byte(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    content = PNG + bytes(range(256)) * 5000
    path = tmp_path / 'odd "name"\n é.png'
    path.write_bytes(content)
    opened = await asyncio.to_thread(path.open, "rb")
    shifted = io.BytesIO(b"before" + content)
    shifted.seek(6)
    for source in (path, str(path), opened, shifted, content, BytesFile(content=content, media_type="image/png")):
        uploaded = await client.assets.create(source)
        stored = api.world.assets[uploaded.asset_id]
        assert (stored["sha256"], uploaded.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
        assert uploaded.mime_type == "image/png"
    opened.close()
    for request in api.asked("AssetCreate"):
        assert request.headers["Content-Length"] == str(len(request.body))
        assert "Transfer-Encoding" not in request.headers


async def test_an_upload_survives_a_lost_answer_and_is_stored_once(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.fault(Fault("lost_answer"))
    await client.assets.create(PNG)
    assert len(api.world.assets) == 1


async def test_a_file_that_changes_while_it_is_sent(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    from heygen_async import sources

    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(LARGE))
    for change in (lambda: path.write_bytes(PNG), lambda: path.write_bytes(PNG + bytes(2 * LARGE))):
        source = await sources.source_of(path)
        change()
        with pytest.raises(UploadError, match="changed while it was uploaded"):
            async for _ in source.read():
                pass
        path.write_bytes(PNG + bytes(LARGE))


async def test_a_file_that_changed_is_no_asset(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(LARGE))
    api.fault(Fault("delay", seconds=0))
    api.fault(Fault("status", status=503, after=0))
    asked = asyncio.create_task(client.assets.create(path))
    while not api.requests:
        await asyncio.sleep(0)
    path.write_bytes(PNG)
    with pytest.raises(UploadError, match="changed"):
        await asked
    assert api.world.assets == {}


async def test_local_files_in_a_request_are_uploaded_once(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    files = [path, str(path), "https://example.com/b.png", BytesFile(content=PNG, media_type="image/png")]
    await client.video_agents.create(prompt="A tour", files=files)
    sent = api.asked("VideoAgentCreate")[0].json["files"]
    assert [file["type"] for file in sent] == ["asset_id", "asset_id", "url", "asset_id"]  # type: ignore[attr-defined]
    assert sent[0] == sent[1]  # type: ignore[index]
    assert len(api.asked("AssetCreate")) == 2


async def test_local_files_deep_in_a_request(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    scene = {"type": "image", "source": path, "duration": 4}
    await client.videos.create({"type": "studio", "scenes": [scene]})
    await client.videos.create(ImageVideo(image=path, script="Hello there."))
    studio, image = (request.json for request in api.asked("VideoCreate"))
    assert studio["scenes"][0]["source"]["type"] == image["image"]["type"] == "asset_id"  # type: ignore[index]


async def test_one_bad_file_stops_the_request(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    with pytest.raises(InvalidInputError, match="nothing is there"):
        await client.video_agents.create(prompt="A tour", files=[path, tmp_path / "none.pdf"])
    assert api.asked("VideoAgentCreate") == []


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.write(PNG)
        file.truncate((32 << 20) + 1)
    return path


async def test_a_large_file_goes_straight_into_storage(client: AsyncHeyGen, api: HeyGenEmulator, large: Path) -> None:
    api.fault(Fault("status", status=409, code="resource_not_ready", operation="AssetCompleteCreate"))
    await client.video_agents.create(prompt="A tour", files=[large])
    (asset,) = api.world.assets.values()
    assert asset["sha256"] == hashlib.sha256(large.read_bytes()).hexdigest()
    (put,) = [request for request in api.requests if request.origin == "storage"]
    assert "X-Api-Key" not in put.headers
    assert (put.headers["Content-Length"], put.headers.get("Transfer-Encoding")) == (str((32 << 20) + 1), None)


async def test_a_storage_that_refuses_is_told(client: AsyncHeyGen, api: HeyGenEmulator, large: Path) -> None:
    api.fault(Fault("status", status=403, origin="storage"))
    with pytest.raises(UploadError, match=r"refused large\.png with 403"):
        await client.video_agents.create(prompt="A tour", files=[large])
    api.fault(Fault("status", status=409, code="resource_not_ready", operation="AssetCompleteCreate", count=None))
    with pytest.raises(HeyGenError, match="resource_not_ready"):
        await client.video_agents.create(prompt="A tour", files=[large])


async def test_the_three_steps_by_hand(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    place = await client.assets.create_direct_upload(filename="a.png", content_type="image/png", size_bytes=72)
    assert "Signature=" not in repr(place)
    with pytest.raises(HeyGenError, match="resource_not_ready"):
        await client.with_options(max_retries=0).assets.complete(place.asset_id)
    with pytest.raises(NotFoundError):
        await client.assets.get("asset_none")
