"""Downloads into files: complete or not at all, with no files left except those for a resume."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from download_support import VIDEO_SIZE, raw_server, video_content
from file_support import count_thread_calls
from support import cancellable, open_files, tasks

from heygen_async import AsyncHeyGen, DownloadError, InvalidInputError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.testing.storage import media
from heygen_async.types.videos import AvatarVideo, Video

pytestmark = pytest.mark.slow


async def test_downloaded_video_is_complete_and_playable(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    video = await client.videos.create_and_wait(AvatarVideo(avatar_id="avatar_1", script="Hello there."))
    path = await client.download(video, tmp_path / "tour.mp4")
    assert path.read_bytes() == media("video.mp4")
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe, of Debian's ffmpeg, is not installed")
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", str(path)]
    done = await asyncio.to_thread(subprocess.run, probe, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["h264", "aac"]


async def test_progress_callback_gets_bytes_and_total(client: AsyncHeyGen, video: Video, tmp_path: Path) -> None:
    reports: list[tuple[int, int | None]] = []

    async def collect(done: int, total: int | None) -> None:
        reports.append((done, total))

    await client.download(video, tmp_path / "a", on_progress=collect)
    assert reports[-1] == (VIDEO_SIZE, VIDEO_SIZE)
    await client.download(video.video_url or "", tmp_path / "a", overwrite=True, on_progress=lambda *_: None)


async def test_failed_download_leaves_no_file(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.inject(Fault("reset_before", origin="storage", count=None))
    with pytest.raises(DownloadError, match="was not downloaded completely"):
        await client.download(video, tmp_path / "a")
    api.clear_faults()
    api.inject(Fault("status", status=404, origin="storage"))
    with pytest.raises(DownloadError, match="refused with status 404"):
        await client.download(video, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [ValueError("no more"), TimeoutError(), OSError("the log is full")])
async def test_exception_of_the_progress_callback_is_raised_unchanged(
    error: Exception, client: AsyncHeyGen, video: Video, tmp_path: Path
) -> None:
    def hook(done: int, total: int | None) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await client.download(video, tmp_path / "a", on_progress=hook)
    assert caught.value is error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("by", ["task", "scope"])
@pytest.mark.parametrize("turns", range(0, 120, 8))
async def test_cancelling_at_any_step_leaves_nothing(
    turns: int, by: str, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    files, before = open_files(), tasks()
    download, cancel = cancellable(client.download(video, tmp_path / "tour.mp4"), by)
    for _ in range(turns):
        await asyncio.sleep(0)
    cancel()
    await asyncio.wait({download})
    assert download.cancelled() or by == "scope"
    assert [path.read_bytes() for path in tmp_path.iterdir()] in ([], [video_content()])  # complete, or nothing
    assert not [name for name in open_files() - files if ".part" in name]
    assert {task for task in tasks() if "heygen_async/_files" in repr(task)} <= before


@pytest.mark.parametrize("resume", [True, False])
@pytest.mark.parametrize("seed", range(12))
async def test_random_faults_give_the_file_or_none(
    seed: int, resume: bool, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.storage.digests = True
    dice = random.Random(seed)
    for kind in ("reset_before", "reset_mid_body", "truncate", "lost_response", "stall", "ignore_range", "corrupt",
                 "short", "long", "new_etag", "wrong_digest"):  # fmt: skip
        count = dice.choice([0, 0, 1, 2])
        api.inject(Fault(kind, origin="storage", count=count, position=dice.random(), probability=0.5, seed=seed))  # type: ignore[arg-type]
    for status in (403, 416, 503):
        api.inject(Fault("status", status=status, origin="storage", count=1, probability=0.3, seed=seed + status))
    for _ in range(6):
        try:
            path = await client.download(video, tmp_path / "a", resume=resume)
        except DownloadError:
            names = {file.name for file in tmp_path.iterdir()}
            assert names in ([set()] if not resume else [set(), {".a.part", ".a.part.etag"}])
        else:
            assert path.read_bytes() == video_content(api.storage.version)
            assert list(tmp_path.iterdir()) == [path]
            return
    pytest.fail("no attempt downloaded the file")


@pytest.mark.parametrize(
    "url", ["http://h:65536/", "http://h:x/", "http://[::1/", f"http://{'l' * 64}.example/",
            "http://a..example/", "http:///a", "http://", None, 7, b"http://h/"],
)  # fmt: skip
async def test_impossible_url_does_not_fail_the_others(
    url: Any, client: AsyncHeyGen, video: Video, tmp_path: Path
) -> None:
    bad, good = await client.download_many([(url, tmp_path / "bad"), (video, tmp_path / "good")])
    assert isinstance(bad, InvalidInputError)
    assert good == tmp_path / "good"
    assert list(tmp_path.iterdir()) == [good]
    with pytest.raises(InvalidInputError):
        async with client.open_stream(url):
            pass


async def test_one_failed_download_does_not_fail_the_others(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    reports: list[tuple[int, int | None]] = []
    items = [(video, tmp_path / f"{number}.mp4") for number in range(9)]
    items[4] = (str(video.video_url) + "x", tmp_path / "4.mp4")  # type: ignore[call-overload]
    outcomes = await client.download_many(items, concurrency=3, on_progress=lambda *report: reports.append(report))
    assert isinstance(outcomes[4], DownloadError)
    paths = [outcome for outcome in outcomes if isinstance(outcome, Path)]
    assert paths == [path for number, (_, path) in enumerate(items) if number != 4]
    assert {path.read_bytes() for path in paths} == {video_content()}
    assert reports[-1] == (8 * VIDEO_SIZE, 8 * VIDEO_SIZE)
    assert len(list(tmp_path.iterdir())) == 8
    with pytest.raises(InvalidInputError, match="concurrency"):
        await client.download_many(items, concurrency=0)


async def test_small_download_takes_two_calls_in_a_thread_and_opens_one_file(
    client: AsyncHeyGen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    open_file = os.open

    def recording_open(path: str | os.PathLike[str], *args: Any, **options: Any) -> int:
        opened.append(Path(path).name)
        return open_file(path, *args, **options)

    monkeypatch.setattr(os, "open", recording_open)
    response = b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: "1"\r\n\r\nabc'
    async with raw_server(response) as (url, _):
        threads = count_thread_calls()
        await client.download(url, tmp_path / "a")  # to claim, and to write and finish
    assert threads.calls == 2
    assert opened == [".a.part"]
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"abc")]
