"""Part files: locked, resumed, removed, and published without replacing anything."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from download_support import DOWNLOAD_PROGRAM, VIDEO_SIZE, etag_of_video, requested_ranges, video_content
from support import cancellable

from heygen_async import AsyncHeyGen, DownloadError, InvalidInputError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.testing.storage import media
from heygen_async.types.videos import Video

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("by", ["task", "scope"])
@pytest.mark.parametrize("resume", [False, True])
async def test_cancelling_does_not_wait_for_the_flush(
    resume: bool, by: str, client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, released, flushed = threading.Event(), threading.Event(), list[int]()

    def fsync(number: int) -> None:
        started.set()
        released.wait(60)
        flushed.append(number)

    monkeypatch.setattr("os.fsync", fsync)
    download, cancel = cancellable(client.download(video, tmp_path / "a", resume=resume), by)
    await asyncio.to_thread(started.wait, 20)
    cancel()
    await asyncio.wait({download})
    files = {file.name for file in tmp_path.iterdir()}
    monkeypatch.undo()
    try:
        assert flushed == []
        assert files == ({".a.part", ".a.part.etag"} if resume else set())
        assert (await client.download(video, tmp_path / "a", resume=resume)).read_bytes() == video_content()
    finally:
        released.set()


async def test_removed_folder_is_a_download_error(client: AsyncHeyGen, video: Video, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    async def remove(done: int, total: int | None) -> None:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    with pytest.raises(DownloadError, match="could not be written"):
        await client.download(video, folder / "a", on_progress=remove)


@pytest.mark.parametrize("mode", ["resume", "plain"])
@pytest.mark.parametrize("changed", [False, True])
async def test_resumes_after_the_process_was_killed(mode: str, changed: bool, tmp_path: Path) -> None:
    async with HeyGenEmulator() as api, AsyncHeyGen(api.key, base_url=api.url) as client:
        api.storage.large = VIDEO_SIZE * 4
        url = api.storage.presigned("/videos/v/video.mp4")
        api.inject(Fault("stall", origin="storage", position=0.75))
        target, part = tmp_path / "a.mp4", tmp_path / ".a.mp4.part"
        command = [sys.executable, "-c", DOWNLOAD_PROGRAM, api.key, api.url, url, str(target), mode]
        process = await asyncio.create_subprocess_exec(*command)
        while not part.exists() or part.stat().st_size < 4 << 20:
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        assert not target.exists()
        kept = part.stat().st_size
        api.storage.version = int(changed)
        await client.download(url, target, resume=mode == "resume")
        body = media("video.mp4")
        body = (body * (4 * VIDEO_SIZE // len(body) + 1))[: 4 * VIDEO_SIZE]
        assert target.read_bytes() == (body[:-1] + b"\1" if changed else body)
        assert list(tmp_path.iterdir()) == [target]
        assert requested_ranges(api)[1:2] == [f"bytes={kept}-" if mode == "resume" else None]


async def test_resumes_a_failed_download(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.inject(Fault("truncate", origin="storage", position=0.5))
    api.inject(Fault("status", status=404, origin="storage"))
    with pytest.raises(DownloadError, match="refused with status 404"):
        await client.download(video, tmp_path / "a", resume=True)
    part = tmp_path / ".a.part"
    assert {file.name for file in tmp_path.iterdir()} == {".a.part", ".a.part.etag"}
    kept = part.stat().st_size
    reports: list[int] = []
    path = await client.download(video, tmp_path / "a", resume=True, on_progress=lambda done, _: reports.append(done))
    assert path.read_bytes() == video_content()
    assert requested_ranges(api)[-1] == f"bytes={kept}-"
    assert api.requests[-1].headers["If-Range"] == await etag_of_video(client, video)
    assert min(reports) > kept
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("leftover", [video_content(), video_content() + b"more", b"", video_content()[:1000]])
async def test_accepts_any_leftover_beside_the_target(
    leftover: bytes, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    await client.download(video, tmp_path / "first")
    etag = await etag_of_video(client, video)
    for stored_etag in (etag, '"another"', "", "\0\0\0", '"a"\n', "\udcff", None):
        (tmp_path / ".a.part").write_bytes(leftover)
        if stored_etag is not None:
            (tmp_path / ".a.part.etag").write_bytes(os.fsencode(stored_etag))
        path = await client.download(video, tmp_path / "a", resume=True, overwrite=True)
        assert path.read_bytes() == video_content()
        if stored_etag == etag and leftover == video_content():
            assert api.requests[-1].status == 416  # all bytes were there already
        assert {file.name for file in tmp_path.iterdir()} == {"first", "a"}


async def test_second_download_to_the_same_target_is_rejected(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    outcomes = await client.download_many([(video, tmp_path / "a"), (video, tmp_path / "a")])
    (path,) = [outcome for outcome in outcomes if isinstance(outcome, Path)]
    assert path.read_bytes() == video_content()
    assert "is running" in str(next(outcome for outcome in outcomes if isinstance(outcome, DownloadError)))
    assert list(tmp_path.iterdir()) == [path]


async def test_keeps_a_file_that_appears_during_the_download(client: AsyncHeyGen, video: Video, tmp_path: Path) -> None:
    target = tmp_path / "a"

    async def appear(*_: object) -> None:
        await asyncio.to_thread(target.write_bytes, b"mine")

    with pytest.raises(InvalidInputError, match="overwrite=True"):
        await client.download(video, target, on_progress=appear)
    assert target.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [target]
    await client.download(video, target, overwrite=True)
    assert target.read_bytes() == video_content()


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "n" * 300, "n" * 250, "a/b"])
async def test_impossible_file_name_does_not_fail_the_others(
    name: str, client: AsyncHeyGen, video: Video, tmp_path: Path
) -> None:
    bad, good = await client.download_many([(video, tmp_path / name), (video, tmp_path / "good")])
    assert isinstance(bad, InvalidInputError)
    assert good == tmp_path / "good"


async def test_full_disk_is_an_error_and_leaves_nothing(api: HeyGenEmulator, tmp_path: Path) -> None:
    api.storage.large = VIDEO_SIZE
    url = api.storage.presigned("/videos/v/video.mp4", seconds=10**9)  # the clock jumps while the child begins
    full = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    full += "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
    command = [sys.executable, "-c", full + DOWNLOAD_PROGRAM, api.key, api.url, url, str(tmp_path / "a"), "plain"]
    process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
    _, stderr = await process.communicate()
    assert b"DownloadError" in stderr
    assert b"could not be written: File too large. The incomplete file was removed" in stderr
    assert list(tmp_path.iterdir()) == []


async def test_disk_full_at_the_flush_leaves_nothing(
    client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DownloadError, match="No space left on device"):
        await client.download(video, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


async def test_publishes_on_a_file_system_without_links(
    client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", unable)
    target = tmp_path / "a"
    assert (await client.download(video, target)).read_bytes() == video_content()

    async def appear(*_: object) -> None:
        await asyncio.to_thread((tmp_path / "b").write_bytes, b"mine")

    with pytest.raises(InvalidInputError, match="overwrite=True"):
        await client.download(video, tmp_path / "b", on_progress=appear)
    assert {file.name for file in tmp_path.iterdir()} == {"a", "b"}


async def test_never_writes_to_a_part_file_that_was_just_published(
    client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, theirs = tmp_path / ".a.part", tmp_path / "theirs"

    def publish_just_now(file: Any) -> None:
        if not theirs.exists():
            part.write_bytes(b"theirs, and whole")
            part.replace(theirs)

    monkeypatch.setattr("heygen_async._files.part_file._lock", publish_just_now)
    assert (await client.download(video, tmp_path / "a")).read_bytes() == video_content()
    assert theirs.read_bytes() == b"theirs, and whole"


@pytest.mark.parametrize("write", ["joined", "short"])
async def test_writes_all_chunks_after_short_writes(
    write: str, client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(file: int, chunks: list[bytes]) -> int:
        return os.write(file, b"".join(chunks)[:1000])

    if write == "joined":
        monkeypatch.setattr("heygen_async._files.part_file._MAX_VECTORS", 0)
    else:
        monkeypatch.setattr("os.writev", short)
    assert (await client.download(video, tmp_path / "a")).read_bytes() == video_content()
