"""Files down: whole or not at all, and nothing left behind but what can be resumed."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from support import cancellable, open_files, tasks

from heygen_async import AsyncHeyGen, BytesFile, DownloadError, InvalidInputError, Timeout
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.testing.storage import media
from heygen_async.types.videos import AvatarVideo, Caption, Video

LARGE = 3_000_000
URL = "https://example.com/a.mp4"
_zip = io.BytesIO()
with zipfile.ZipFile(_zip, "w") as _project:
    _project.writestr("index.html", "<p>Hello.</p>")
ZIP = BytesFile(content=_zip.getvalue(), media_type="application/zip")


@pytest.fixture
async def video(client: AsyncHeyGen, api: HeyGenEmulator) -> Video:
    """A finished video of three million bytes."""
    api.storage.large = LARGE
    return await client.videos.create_and_wait(AvatarVideo(avatar_id="a", script="Hello there."))


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that three million bytes are several pieces."""
    monkeypatch.setattr("heygen_async._files.downloads._WRITTEN_AT_ONCE", 1 << 18)


def whole(version: int = 0) -> bytes:
    body = media("video.mp4")
    body = (body * (LARGE // len(body) + 1))[:LARGE]
    return body[:-1] + bytes([version]) if version else body


def ranges(api: HeyGenEmulator) -> list[str | None]:
    """The ranges that were asked of the storage."""
    return [request.headers.get("Range") for request in api.requests if request.origin == "storage"]


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


@pytest.mark.parametrize(("retries", "tries"), [(0, 1), (2, 3), (None, 9)])
async def test_tries_in_a_row_without_a_byte_are_counted(
    retries: int | None, tries: int, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    some = client.with_options(max_retries=retries)
    api.fault(Fault("truncate", origin="storage", at=0.5))
    await some.download(video, tmp_path / "a")  # a break after some bytes is taken up all the same
    begun = len(ranges(api))
    api.fault(Fault("reset_before", origin="storage", count=None))
    with pytest.raises(DownloadError, match="could not be fetched whole"):
        await some.download(video, tmp_path / "b")
    assert len(ranges(api)) - begun == tries
    with pytest.raises(DownloadError, match="could not be fetched whole"):
        async with some.open_stream(video):
            pass
    assert len(ranges(api)) - begun == 2 * tries


@pytest.mark.parametrize("kind", ["silent", "stall", "expired", "slow"])
async def test_a_whole_download_ends_with_the_timeout(
    kind: Any, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    if kind == "expired":
        api.clock.advance(7200)
        api.fault(Fault("silent", operation="VideoGet", count=None))
    elif kind == "slow":  # each try brings something
        for number in range(1, 9):
            api.fault(Fault("stall", origin="storage", at=number / 10))
    else:
        api.fault(Fault(kind, origin="storage", count=None, at=0.5))
    short = client.with_options(timeout=Timeout(total=3, connect=1, read=1))

    async def read() -> None:
        async with short.open_stream(video) as stream:
            async for _ in stream:
                pass

    for fetched in (short.download(video, tmp_path / "a"), read()):
        began = api.clock.time()
        with pytest.raises(DownloadError, match="could not be fetched whole in the 3 s of the client's timeout"):
            await fetched
        assert api.clock.time() - began < 3.2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [ValueError("no more"), TimeoutError(), OSError("the log is full")])
async def test_what_a_hook_raises_comes_out(
    error: Exception, client: AsyncHeyGen, video: Video, tmp_path: Path
) -> None:
    def hook(done: int, total: int | None) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await client.download(video, tmp_path / "a", on_progress=hook)
    assert caught.value is error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("by", ["task", "scope"])
@pytest.mark.parametrize("resume", [False, True])
async def test_cancelling_does_not_wait_for_the_disk(
    resume: bool, by: str, client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, slow, ended = threading.Event(), threading.Event(), list[int]()

    def fsync(number: int) -> None:
        begun.set()
        slow.wait(5)
        ended.append(number)

    monkeypatch.setattr("os.fsync", fsync)
    download, cancel = cancellable(client.download(video, tmp_path / "a", resume=resume), by)
    await asyncio.to_thread(begun.wait, 20)
    cancel()
    await asyncio.wait({download})
    left = {one.name for one in tmp_path.iterdir()}
    monkeypatch.undo()
    try:
        assert ended == []
        assert left == ({".a.part", ".a.part.etag"} if resume else set())
        assert (await client.download(video, tmp_path / "a", resume=resume)).read_bytes() == whole()
    finally:
        slow.set()


async def test_a_folder_that_goes_away_is_told(client: AsyncHeyGen, video: Video, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    async def remove(done: int, total: int | None) -> None:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    with pytest.raises(DownloadError, match="could not be written"):
        await client.download(video, folder / "a", on_progress=remove)


@pytest.mark.parametrize("by", ["task", "scope"])
@pytest.mark.parametrize("turns", range(0, 120, 8))
async def test_cancelling_a_download_at_any_step_leaves_nothing(
    turns: int, by: str, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    files, before = open_files(), tasks()
    download, cancel = cancellable(client.download(video, tmp_path / "tour.mp4"), by)
    for _ in range(turns):
        await asyncio.sleep(0)
    cancel()
    await asyncio.wait({download})
    assert download.cancelled() or by == "scope"
    assert [path.read_bytes() for path in tmp_path.iterdir()] in ([], [whole()])  # whole, or nothing
    assert not [name for name in open_files() - files if ".part" in name]
    assert {task for task in tasks() if "heygen_async/downloads" in repr(task)} <= before


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (None, "video.mp4"), ("captioned_video_url", "video.mp4"), ("subtitle_url", "subtitles.srt"),
        ("thumbnail_url", "thumbnail.jpg"), ("gif_url", "preview.gif"),
    ],
)  # fmt: skip
async def test_every_url_of_a_video_and_its_renewal(
    field: str | None, name: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    video = await client.videos.create_and_wait(AvatarVideo(avatar_id="a", script="Hello there.", caption=Caption()))
    api.clock.advance(7200)
    assert (await client.download(video, tmp_path / "a", field=field)).read_bytes() == media(name)


async def results(client: AsyncHeyGen, kind: str) -> tuple[Any, str | None, str]:
    """A finished thing of each kind, one of its URLs, and the file that stands there."""
    match kind:
        case "lipsync":
            made: Any = await client.lipsyncs.create_and_wait(video=URL, audio="https://example.com/a.mp3")
            return made, None, "video.mp4"
        case "translation":
            (made,) = await client.video_translations.create_and_wait(video=URL, output_languages=["German"])
            return made, "audio_url", "speech.wav"
        case "render":
            return await client.hyperframes.create_and_wait(project=ZIP), "thumbnail_url", "thumbnail.jpg"
        case "removal":
            return await client.background_removals.create_and_wait(video=URL), "layers.mask", "video.mp4"
        case "clips":
            return await client.ai_clipping.create_and_wait(video=URL), "clips.0.video_url", "video.mp4"
    return await client.voices.create_speech(voice_id="v", text="Hello."), None, "speech.wav"


@pytest.mark.parametrize("kind", ["lipsync", "translation", "render", "removal", "clips", "speech"])
async def test_every_url_of_what_else_heygen_makes(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    made, field, name = await results(client, kind)
    if kind != "speech":
        api.clock.advance(7200)  # it can be asked for again, a speech cannot
    assert (await client.download(made, tmp_path / "a", field=field)).read_bytes() == media(name)


@pytest.mark.parametrize("field", ["clips.7.video_url", "clips.x.video_url", "nothing", "id", None])
async def test_a_field_that_holds_no_url(field: str | None, client: AsyncHeyGen, tmp_path: Path) -> None:
    clipping = await client.ai_clipping.create_and_wait(video=URL)
    with pytest.raises(
        InvalidInputError, match=rf"clipping\.{field or 'video_url'} is .*; expected a URL; it has clips"
    ):
        await client.download(clipping, tmp_path / "a", field=field)


async def test_what_is_there_is_told(client: AsyncHeyGen, tmp_path: Path) -> None:
    removal = await client.background_removals.create_and_wait(video=URL)
    with pytest.raises(InvalidInputError, match=r"it has layers\.foreground, layers\.mask, layers\.background"):
        await client.download(removal, tmp_path / "a")
    clipping = await client.ai_clipping.create_and_wait(video=URL)
    with pytest.raises(InvalidInputError, match=r"it has clips\.0\.video_url"):
        await client.download(clipping, tmp_path / "a")


@pytest.mark.parametrize("etag", ["none", "weak"])
async def test_a_server_without_strong_etags(
    etag: str, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.storage.etags = etag  # type: ignore[assignment]
    api.fault(Fault("truncate", origin="storage", at=0.5, count=3))
    assert (await client.download(video, tmp_path / "a")).read_bytes() == whole()
    assert ranges(api) == [None] * 4
    api.fault(Fault("truncate", origin="storage", at=0.5))
    async with client.open_stream(video) as stream:
        with pytest.raises(DownloadError, match="gives no ETag to go on by: begin anew"):
            [chunk async for chunk in stream]


async def test_a_link_that_expires_on_the_way(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.fault(Fault("truncate", origin="storage", at=0.5))
    path = await client.download(video, tmp_path / "a", on_progress=lambda *_: api.clock.advance(7200))
    assert path.read_bytes() == whole()
    first, refused, rest = ranges(api)
    assert first is None
    assert refused == rest != "bytes=0-"


@pytest.mark.parametrize("kind", ["short", "long", "garble", "wrong_digest"])
@pytest.mark.parametrize("times", [1, None])
async def test_a_body_that_is_not_what_was_announced(
    kind: Any, times: int | None, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.storage.digests = True
    api.fault(Fault(kind, origin="storage", count=times))
    if times is None:
        with pytest.raises(DownloadError, match="longer than its server says|not the digest that its server gives"):
            await client.download(video, tmp_path / "a")
        assert list(tmp_path.iterdir()) == []
    else:
        assert (await client.download(video, tmp_path / "a")).read_bytes() == whole()


@pytest.mark.parametrize("kind", ["short", "long"])
async def test_a_rest_of_another_length(
    kind: Any, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.fault(Fault("truncate", origin="storage", at=0.4))
    api.fault(Fault(kind, origin="storage"))
    assert (await client.download(video, tmp_path / "a")).read_bytes() == whole()


@pytest.mark.parametrize("resume", [True, False])
@pytest.mark.parametrize("seed", range(12))
async def test_any_mixture_of_faults_gives_the_file_or_none(
    seed: int, resume: bool, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.storage.digests = True
    dice = random.Random(seed)
    for kind in ("reset_before", "reset_mid_body", "truncate", "lost_answer", "stall", "ignore_range", "garble",
                 "short", "long", "new_etag", "wrong_digest"):  # fmt: skip
        count = dice.choice([0, 0, 1, 2])
        api.fault(Fault(kind, origin="storage", count=count, at=dice.random(), probability=0.5, seed=seed))  # type: ignore[arg-type]
    for status in (403, 416, 503):
        api.fault(Fault("status", status=status, origin="storage", count=1, probability=0.3, seed=seed + status))
    for _ in range(6):
        try:
            path = await client.download(video, tmp_path / "a", resume=resume)
        except DownloadError:
            left = {one.name for one in tmp_path.iterdir()}
            assert left in ([set()] if not resume else [set(), {".a.part", ".a.part.etag"}])
        else:
            assert path.read_bytes() == whole(api.storage.version)
            assert list(tmp_path.iterdir()) == [path]
            return
    pytest.fail("it never came")


PROGRAM = """
import asyncio, sys
from heygen_async import AsyncHeyGen
async def main():
    async with AsyncHeyGen(sys.argv[1], base_url=sys.argv[2]) as heygen:
        await heygen.download(sys.argv[3], sys.argv[4], resume=sys.argv[5] == "resume")
asyncio.run(main())
"""


@pytest.mark.parametrize("mode", ["resume", "plain"])
@pytest.mark.parametrize("changed", [False, True])
async def test_killed_in_the_middle_and_again(mode: str, changed: bool, tmp_path: Path) -> None:
    async with HeyGenEmulator() as api, AsyncHeyGen(api.key, base_url=api.url) as client:
        api.storage.large = LARGE * 4
        url = api.storage.presigned("/videos/v/video.mp4")
        api.fault(Fault("stall", origin="storage", at=0.75))
        target, part = tmp_path / "a.mp4", tmp_path / ".a.mp4.part"
        command = [sys.executable, "-c", PROGRAM, api.key, api.url, url, str(target), mode]
        process = await asyncio.create_subprocess_exec(*command)
        while not part.exists() or part.stat().st_size < 4 << 20:
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        assert not target.exists()
        there = part.stat().st_size
        api.storage.version = int(changed)
        await client.download(url, target, resume=mode == "resume")
        body = media("video.mp4")
        body = (body * (4 * LARGE // len(body) + 1))[: 4 * LARGE]
        assert target.read_bytes() == (body[:-1] + b"\1" if changed else body)
        assert list(tmp_path.iterdir()) == [target]
        assert ranges(api)[1:2] == [f"bytes={there}-" if mode == "resume" else None]


async def test_what_failed_can_be_resumed_if_that_was_wanted(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.fault(Fault("truncate", origin="storage", at=0.5))
    api.fault(Fault("status", status=404, origin="storage"))
    with pytest.raises(DownloadError, match="answered 404"):
        await client.download(video, tmp_path / "a", resume=True)
    part = tmp_path / ".a.part"
    assert {one.name for one in tmp_path.iterdir()} == {".a.part", ".a.part.etag"}
    there = part.stat().st_size
    seen: list[int] = []
    path = await client.download(video, tmp_path / "a", resume=True, on_progress=lambda done, _: seen.append(done))
    assert path.read_bytes() == whole()
    assert ranges(api)[-1] == f"bytes={there}-"
    assert api.requests[-1].headers["If-Range"] == await etag_of(client, video)
    assert min(seen) > there
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("left", [whole(), whole() + b"more", b"", whole()[:1000]])
async def test_whatever_was_left_beside_the_target(
    left: bytes, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    await client.download(video, tmp_path / "first")
    etag = await etag_of(client, video)
    for noted in (etag, '"another"', "", "\0\0\0", '"a"\n', "\udcff", None):
        (tmp_path / ".a.part").write_bytes(left)
        if noted is not None:
            (tmp_path / ".a.part.etag").write_bytes(os.fsencode(noted))
        path = await client.download(video, tmp_path / "a", resume=True, overwrite=True)
        assert path.read_bytes() == whole()
        if noted == etag and left == whole():
            assert api.requests[-1].status == 416  # it was there already
        assert {one.name for one in tmp_path.iterdir()} == {"first", "a"}


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that gives these answers, one to a connection, and what it was asked."""
    left, asked = list(answers), []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(left.pop(0))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"HTTP://127.0.0.1:{server.sockets[0].getsockname()[1]}/", asked


async def test_an_etag_that_cannot_travel_is_none(client: AsyncHeyGen, tmp_path: Path) -> None:
    async with answering(b'HTTP/1.1 200 OK\r\nETag: "\xe9"\r\nContent-Length: 4\r\n\r\nbody') as (url, _):
        path = await client.download(url, tmp_path / "a")
    assert path.read_bytes() == b"body"


async def test_an_etag_beyond_ascii_travels_as_it_came(client: AsyncHeyGen, tmp_path: Path) -> None:
    etag = '"é"'.encode()
    first = b"HTTP/1.1 200 OK\r\nETag: " + etag + b"\r\nContent-Length: 4\r\n\r\nbo"
    rest = b"HTTP/1.1 206 OK\r\nETag: " + etag + b"\r\nContent-Range: bytes 2-3/4\r\nContent-Length: 2\r\n\r\ndy"
    async with answering(first, rest) as (url, asked):
        path = await client.download(url, tmp_path / "a")
    assert path.read_bytes() == b"body"
    assert b"If-Range: " + etag in asked[1]


@pytest.mark.parametrize("said", ["bytes 2-3/" + "9" * 5000, "bytes " + "9" * 5000 + "-3/4", "bytes ²-3/4", "much"])
async def test_a_range_that_can_be_none_is_another_file(said: str, client: AsyncHeyGen, tmp_path: Path) -> None:
    head = b'ETag: "a"\r\nContent-Length: '
    first = b"HTTP/1.1 200 OK\r\n" + head + b"4\r\n\r\nbo"
    rest = b"HTTP/1.1 206 OK\r\nContent-Range: " + said.encode() + b"\r\n" + head + b"2\r\n\r\ndy"
    async with answering(first, rest, b"HTTP/1.1 200 OK\r\n" + head + b"4\r\n\r\nbody") as (url, _):
        assert (await client.download(url, tmp_path / "a")).read_bytes() == b"body"


async def test_a_stream_that_comes_packed_is_given_in_small_pieces(client: AsyncHeyGen) -> None:
    packed = gzip.compress(bytes(10 << 20))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    async with answering(head.encode() + packed) as (url, _), client.open_stream(url) as stream:
        sizes = [len(chunk) async for chunk in stream]
    assert sum(sizes) == 10 << 20
    assert max(sizes) <= 1 << 20


@pytest.mark.parametrize(
    "url", ["http://h:65536/", "http://h:x/", "http://[::1/", f"http://{'l' * 64}.example/",
            "http://a..example/", "http:///a", "http://", None, 7, b"http://h/"],
)  # fmt: skip
async def test_an_address_that_can_be_nobodys_fails_alone(
    url: Any, client: AsyncHeyGen, video: Video, tmp_path: Path
) -> None:
    bad, good = await client.download_many([(url, tmp_path / "bad"), (video, tmp_path / "good")])
    assert isinstance(bad, InvalidInputError)
    assert good == tmp_path / "good"
    assert list(tmp_path.iterdir()) == [good]
    with pytest.raises(InvalidInputError):
        async with client.open_stream(url):
            pass


async def etag_of(client: AsyncHeyGen, video: Video) -> str:
    async with aiohttp.ClientSession() as session, session.get(str(video.video_url)) as answer:
        return answer.headers["ETag"]


async def test_two_downloads_to_one_target(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    ends = await client.download_many([(video, tmp_path / "a"), (video, tmp_path / "a")])
    (path,) = [end for end in ends if isinstance(end, Path)]
    assert path.read_bytes() == whole()
    assert "under way" in str(next(end for end in ends if isinstance(end, DownloadError)))
    assert list(tmp_path.iterdir()) == [path]


async def test_a_file_that_appears_meanwhile_is_kept(client: AsyncHeyGen, video: Video, tmp_path: Path) -> None:
    target = tmp_path / "a"

    async def appear(*_: object) -> None:
        await asyncio.to_thread(target.write_bytes, b"mine")

    with pytest.raises(InvalidInputError, match="overwrite=True"):
        await client.download(video, target, on_progress=appear)
    assert target.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [target]
    await client.download(video, target, overwrite=True)
    assert target.read_bytes() == whole()


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "n" * 300, "n" * 250, "a/b"])
async def test_a_name_that_no_file_can_have_fails_alone(
    name: str, client: AsyncHeyGen, video: Video, tmp_path: Path
) -> None:
    bad, good = await client.download_many([(video, tmp_path / name), (video, tmp_path / "good")])
    assert isinstance(bad, InvalidInputError)
    assert good == tmp_path / "good"


async def test_a_full_disk_is_told_and_leaves_nothing(api: HeyGenEmulator, tmp_path: Path) -> None:
    api.storage.large = LARGE
    url = api.storage.presigned("/videos/v/video.mp4", seconds=10**9)  # the clock jumps while the child begins
    full = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    full += "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
    command = [sys.executable, "-c", full + PROGRAM, api.key, api.url, url, str(tmp_path / "a"), "plain"]
    process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
    _, said = await process.communicate()
    assert b"DownloadError" in said
    assert b"could not be written: File too large. Nothing was left there" in said
    assert list(tmp_path.iterdir()) == []


async def test_a_disk_that_is_full_at_the_flush(
    client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DownloadError, match="No space left on device"):
        await client.download(video, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


async def test_a_file_system_without_links(
    client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", unable)
    target = tmp_path / "a"
    assert (await client.download(video, target)).read_bytes() == whole()

    async def appear(*_: object) -> None:
        await asyncio.to_thread((tmp_path / "b").write_bytes, b"mine")

    with pytest.raises(InvalidInputError, match="overwrite=True"):
        await client.download(video, tmp_path / "b", on_progress=appear)
    assert {one.name for one in tmp_path.iterdir()} == {"a", "b"}


async def test_a_part_that_has_become_somebody_elses_target_is_not_touched(
    client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, theirs = tmp_path / ".a.part", tmp_path / "theirs"

    def finished_just_now(file: Any) -> None:
        if not theirs.exists():
            part.write_bytes(b"theirs, and whole")
            part.replace(theirs)

    monkeypatch.setattr("heygen_async._files.download_resume._lock", finished_just_now)
    assert (await client.download(video, tmp_path / "a")).read_bytes() == whole()
    assert theirs.read_bytes() == b"theirs, and whole"


@pytest.mark.parametrize("way", ["joined", "short"])
async def test_pieces_are_written_whole(
    way: str, client: AsyncHeyGen, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(file: int, pieces: list[bytes]) -> int:
        return os.write(file, b"".join(pieces)[:1000])

    if way == "joined":
        monkeypatch.setattr("heygen_async._files.download_resume._MAX_PIECES", 0)
    else:
        monkeypatch.setattr("os.writev", short)
    assert (await client.download(video, tmp_path / "a")).read_bytes() == whole()


async def test_many_and_one_of_them_bad(client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    items = [(video, tmp_path / f"{number}.mp4") for number in range(9)]
    items[4] = (str(video.video_url) + "x", tmp_path / "4.mp4")  # type: ignore[call-overload]
    ends = await client.download_many(items, concurrency=3, on_progress=lambda *now: seen.append(now))
    assert isinstance(ends[4], DownloadError)
    paths = [end for end in ends if isinstance(end, Path)]
    assert paths == [path for number, (_, path) in enumerate(items) if number != 4]
    assert {path.read_bytes() for path in paths} == {whole()}
    assert seen[-1] == (8 * LARGE, 8 * LARGE)
    assert len(list(tmp_path.iterdir())) == 8
    with pytest.raises(InvalidInputError, match="concurrency"):
        await client.download_many(items, concurrency=0)


@pytest.mark.parametrize("kind", [None, "reset_mid_body", "truncate", "stall", "ignore_range"])
async def test_a_stream_gives_each_byte_once(kind: Any, client: AsyncHeyGen, api: HeyGenEmulator, video: Video) -> None:
    api.storage.digests = True
    if kind is not None:
        api.fault(Fault("truncate", origin="storage", at=0.3))
        api.fault(Fault(kind, origin="storage", at=0.6))
    async with client.open_stream(video) as stream:
        assert (stream.total, stream.media_type) == (LARGE, "video/mp4")
        got = b"".join([chunk async for chunk in stream])
    assert got == whole()


async def test_a_stream_that_cannot_be_trusted_says_so(client: AsyncHeyGen, api: HeyGenEmulator, video: Video) -> None:
    api.fault(Fault("truncate", origin="storage", at=0.3))
    api.fault(Fault("new_etag", origin="storage"))
    async with client.open_stream(video) as stream:
        with pytest.raises(DownloadError, match="changed on the way: begin anew"):
            [chunk async for chunk in stream]
    api.storage.digests = True
    api.fault(Fault("garble", origin="storage"))
    async with client.open_stream(video) as stream:
        with pytest.raises(DownloadError, match="digest"):
            [chunk async for chunk in stream]
    api.fault(Fault("status", status=404, origin="storage"))
    with pytest.raises(DownloadError, match="answered 404"):
        async with client.open_stream(video):
            pass


async def test_a_stream_that_is_left_early_leaves_no_connection(
    client: AsyncHeyGen, api: HeyGenEmulator, video: Video
) -> None:
    files = open_files()
    async with client.open_stream(video) as stream:
        async for _ in stream:
            break
    await asyncio.sleep(1)
    assert open_files() - files == set()


@pytest.mark.parametrize(
    ("headers", "algorithm"),
    [
        ({"Repr-Digest": "sha-512=:{sha512}:, sha-256=:{sha256}:"}, "sha512"),
        ({"Digest": "SHA-256={sha256}"}, "sha256"),
        ({"x-amz-checksum-sha256": "{sha256}"}, "sha256"),
        ({"x-goog-hash": "crc32c=AAAAAA==, md5={md5}"}, "md5"),
        ({"Content-MD5": "{md5}"}, "md5"),
        ({"x-amz-checksum-sha256": "{sha256}-3"}, None),
        ({"Repr-Digest": "sha-256=:no base64:"}, None),
        ({"Repr-Digest": "sha-256=:{sha256}:", "Content-Encoding": "br"}, None),
        ({}, None),
    ],
)
def test_digests_as_servers_give_them(headers: dict[str, str], algorithm: str | None) -> None:
    from heygen_async._files import downloads

    content = whole()
    values = {name: hashlib.new(name, content).digest() for name in ("sha512", "sha256", "md5")}
    said = {name: base64.b64encode(value).decode() for name, value in values.items()}
    answer: Any = SimpleNamespace(status=200, headers={name: value.format(**said) for name, value in headers.items()})
    assert downloads._digest(answer) == (None if algorithm is None else (algorithm, values[algorithm]))
