"""Resumable downloads: continued where they broke, started again when the file has changed."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from download_support import raw_server, requested_ranges, video_content

from heygen_async import AsyncHeyGen, DownloadError, Timeout
from heygen_async._files.file_store import StoredResponse
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import Video

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["reset_mid_body", "truncate", "lost_response", "reset_before", "stall"])
@pytest.mark.parametrize("position", [0.0, 0.01, 0.5, 0.99])
async def test_continues_after_every_kind_of_break(
    kind: str, position: float, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.inject(Fault(kind, origin="storage", count=3, position=position))  # type: ignore[arg-type]
    path = await client.download(video, tmp_path / "tour.mp4")
    assert path.read_bytes() == video_content()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["ignore_range", "new_etag"])
async def test_starts_again_when_the_file_has_changed(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.inject(Fault("truncate", origin="storage", position=0.7))
    api.inject(Fault(kind, origin="storage"))  # type: ignore[arg-type]
    path = await client.download(video, tmp_path / "tour.mp4")
    expected = video_content() if kind == "ignore_range" else video_content()[:-1] + b"\x01"
    assert path.read_bytes() == expected


@pytest.mark.parametrize("status", [416, 429, 503])
async def test_retries_transient_statuses(
    status: int, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.inject(Fault("status", status=status, origin="storage", count=2))
    assert (await client.download(video, tmp_path / "a")).read_bytes() == video_content()


@pytest.mark.parametrize(("retries", "tries"), [(0, 1), (2, 3), (None, 9)])
async def test_counts_only_attempts_in_a_row_without_a_byte(
    retries: int | None, tries: int, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    limited = client.with_options(max_retries=retries)
    api.inject(Fault("truncate", origin="storage", position=0.5))
    await limited.download(video, tmp_path / "a")  # a break after some bytes does not count
    before = len(requested_ranges(api))
    api.inject(Fault("reset_before", origin="storage", count=None))
    with pytest.raises(DownloadError, match="was not downloaded completely"):
        await limited.download(video, tmp_path / "b")
    assert len(requested_ranges(api)) - before == tries
    with pytest.raises(DownloadError, match="was not downloaded completely"):
        async with limited.open_stream(video):
            pass
    assert len(requested_ranges(api)) - before == 2 * tries


@pytest.mark.parametrize("kind", ["silent", "stall", "expired", "slow"])
async def test_total_timeout_limits_the_whole_download(
    kind: Any, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    if kind == "expired":
        api.clock.advance(7200)
        api.inject(Fault("silent", operation="VideoGet", count=None))
    elif kind == "slow":  # each attempt brings some bytes
        for number in range(1, 9):
            api.inject(Fault("stall", origin="storage", position=number / 10))
    else:
        api.inject(Fault(kind, origin="storage", count=None, position=0.5))
    short = client.with_options(timeout=Timeout(total=3, connect=1, read=1))

    async def read() -> None:
        async with short.open_stream(video) as stream:
            async for _ in stream:
                pass

    for fetched in (short.download(video, tmp_path / "a"), read()):
        began = api.clock.time()
        with pytest.raises(DownloadError, match="was not downloaded completely within the client's timeout of 3 s"):
            await fetched
        assert api.clock.time() - began < 3.2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("etag", ["none", "weak"])
async def test_starts_again_without_a_strong_etag(
    etag: str, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.storage.etags = etag  # type: ignore[assignment]
    api.inject(Fault("truncate", origin="storage", position=0.5, count=3))
    assert (await client.download(video, tmp_path / "a")).read_bytes() == video_content()
    assert requested_ranges(api) == [None] * 4
    api.inject(Fault("truncate", origin="storage", position=0.5))
    async with client.open_stream(video) as stream:
        with pytest.raises(DownloadError, match="sends no strong ETag to continue with: start again"):
            [chunk async for chunk in stream]


@pytest.mark.parametrize("kind", ["short", "long", "corrupt", "wrong_digest"])
@pytest.mark.parametrize("times", [1, None])
async def test_rejects_a_body_of_another_length_or_checksum(
    kind: Any, times: int | None, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.storage.digests = True
    api.inject(Fault(kind, origin="storage", count=times))
    if times is None:
        with pytest.raises(
            DownloadError, match="longer than its server announced|not match the checksum that its server sends"
        ):
            await client.download(video, tmp_path / "a")
        assert list(tmp_path.iterdir()) == []
    else:
        assert (await client.download(video, tmp_path / "a")).read_bytes() == video_content()


@pytest.mark.parametrize("kind", ["short", "long"])
async def test_starts_again_after_a_rest_of_another_length(
    kind: Any, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.inject(Fault("truncate", origin="storage", position=0.4))
    api.inject(Fault(kind, origin="storage"))
    assert (await client.download(video, tmp_path / "a")).read_bytes() == video_content()


async def test_ignores_an_etag_that_cannot_be_sent_back(client: AsyncHeyGen, tmp_path: Path) -> None:
    async with raw_server(b'HTTP/1.1 200 OK\r\nETag: "\xe9"\r\nContent-Length: 4\r\n\r\nbody') as (url, _):
        path = await client.download(url, tmp_path / "a")
    assert path.read_bytes() == b"body"


async def test_sends_a_non_ascii_etag_back_unchanged(client: AsyncHeyGen, tmp_path: Path) -> None:
    etag = '"é"'.encode()
    first = b"HTTP/1.1 200 OK\r\nETag: " + etag + b"\r\nContent-Length: 4\r\n\r\nbo"
    rest = b"HTTP/1.1 206 OK\r\nETag: " + etag + b"\r\nContent-Range: bytes 2-3/4\r\nContent-Length: 2\r\n\r\ndy"
    async with raw_server(first, rest) as (url, requests):
        path = await client.download(url, tmp_path / "a")
    assert path.read_bytes() == b"body"
    assert b"If-Range: " + etag in requests[1]


@pytest.mark.parametrize(
    "content_range", ["bytes 2-3/" + "9" * 5000, "bytes " + "9" * 5000 + "-3/4", "bytes ²-3/4", "much"]
)
async def test_starts_again_after_an_invalid_content_range(
    content_range: str, client: AsyncHeyGen, tmp_path: Path
) -> None:
    head = b'ETag: "a"\r\nContent-Length: '
    first = b"HTTP/1.1 200 OK\r\n" + head + b"4\r\n\r\nbo"
    rest = b"HTTP/1.1 206 OK\r\nContent-Range: " + content_range.encode() + b"\r\n" + head + b"2\r\n\r\ndy"
    async with raw_server(first, rest, b"HTTP/1.1 200 OK\r\n" + head + b"4\r\n\r\nbody") as (url, _):
        assert (await client.download(url, tmp_path / "a")).read_bytes() == b"body"


HEAD = b'HTTP/1.1 200 OK\r\nETag: "a"\r\n'
PART = b'HTTP/1.1 206 Partial Content\r\nETag: "a"\r\n'
WHOLE = HEAD + b"Content-Length: 4\r\n\r\nbody"


def chunked(*chunks: bytes) -> bytes:
    """The last header and a chunked body without its end."""
    return b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(item), item) for item in chunks)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br", "zstd", "GZIP", "gzip, identity", "unknown"])
@pytest.mark.parametrize("cut", [0, 20])
async def test_refuses_a_compressed_file(coding: str, cut: int, client: AsyncHeyGen, tmp_path: Path) -> None:
    packed = gzip.compress(b"1\n00:00 --> 00:01\nHello.\n" * 100)
    packed = packed[: len(packed) - cut]
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(packed)}\r\n\r\n"
    async with raw_server(head.encode() + packed, head.encode() + packed) as (url, requests):
        with pytest.raises(DownloadError, match=f"with Content-Encoding {coding.lower()!r}.* asks for identity"):
            await client.download(url, tmp_path / "a.srt")
        with pytest.raises(DownloadError, match="asks for identity"):
            async with client.open_stream(url):
                pass
    assert all(b"Accept-Encoding: identity" in request for request in requests)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("coding", ["gzip", "gzip, chunked", "deflate"])
async def test_refuses_a_compressed_transfer(coding: str, client: AsyncHeyGen, tmp_path: Path) -> None:
    packed = gzip.compress(b"Hello.")
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed) if "chunked" in coding else packed
    async with raw_server(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n".encode() + body) as (url, _):
        with pytest.raises(DownloadError, match=f"with Transfer-Encoding {coding!r}"):
            await client.download(url, tmp_path / "a.srt")
    assert list(tmp_path.iterdir()) == []


async def test_end_of_a_range_that_was_not_requested_is_no_whole_file(client: AsyncHeyGen, tmp_path: Path) -> None:
    end = b"HTTP/1.1 416 No\r\nContent-Range: bytes */0\r\nContent-Length: 0\r\n\r\n"
    async with raw_server(end, WHOLE) as (url, _):
        assert (await client.download(url, tmp_path / "a")).read_bytes() == b"body"


async def test_compressed_rest_does_not_complete_a_file(client: AsyncHeyGen, tmp_path: Path) -> None:
    rest = PART + b"Content-Encoding: gzip\r\nContent-Range: bytes 2-3/4\r\nContent-Length: 2\r\n\r\ndy"
    async with raw_server(WHOLE[:-2], rest) as (url, _):
        with pytest.raises(DownloadError, match="asks for identity"):
            await client.download(url, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("coding", [b"", b"identity", b"Identity"])
async def test_accepts_the_identity_coding(coding: bytes, client: AsyncHeyGen, tmp_path: Path) -> None:
    async with raw_server(WHOLE.replace(b"\r\n\r\n", b"\r\nContent-Encoding: " + coding + b"\r\n\r\n")) as (url, _):
        assert (await client.download(url, tmp_path / "a")).read_bytes() == b"body"


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(PART + b"Content-Range: bytes 2-2/3\r\nContent-Length: 1\r\n\r\nd", id="smaller size"),
        pytest.param(PART + b"Content-Range: bytes 2-4/5\r\nContent-Length: 3\r\n\r\ndyX", id="larger size"),
        pytest.param(HEAD + b"Content-Length: 3\r\n\r\nbod", id="smaller whole"),
        pytest.param(HEAD + b"Content-Length: 5\r\n\r\nbodyX", id="larger whole"),
        pytest.param(PART + b"Content-Range: bytes 2-3/4\r\nContent-Length: 3\r\n\r\ndyX", id="length against range"),
        pytest.param(PART + b"Content-Range: bytes 2-3/4\r\n" + chunked(b"dyX"), id="more bytes than the range"),
        pytest.param(PART + b"Content-Range: bytes 2-3/*\r\n" + chunked(b"dyX"), id="more bytes, unknown size"),
        pytest.param(PART + b"Content-Range: bytes 2-4/4\r\n" + chunked(b"dyX"), id="range beyond the size"),
        pytest.param(PART + b"Content-Range: bytes 3-2/4\r\n" + chunked(b"dy"), id="reversed range"),
        pytest.param(PART + b"Content-Range: bytes 1-3/4\r\n" + chunked(b"Xdy"), id="other start"),
        pytest.param(
            PART.replace(b'"a"', b'"b"') + b"Content-Range: bytes 2-3/4\r\n" + chunked(b"XY"), id="other ETag"
        ),
        pytest.param(b"HTTP/1.1 416 No\r\nContent-Range: bytes */2\r\nContent-Length: 0\r\n\r\n", id="at an early end"),
        pytest.param(PART + b"Content-Range: bytes 2-\r\nContent-Length: 2\r\n\r\nXY", id="no range"),
    ],
)
async def test_rest_of_another_file_starts_the_download_again(rest: bytes, client: AsyncHeyGen, tmp_path: Path) -> None:
    async with raw_server(WHOLE[:-2], rest, WHOLE) as (url, requests):
        assert (await client.download(url, tmp_path / "a")).read_bytes() == b"body"
    assert [b"If-Range" in request for request in requests] == [False, True, False]


async def test_short_rest_is_continued(client: AsyncHeyGen, tmp_path: Path) -> None:
    first = PART + b"Content-Range: bytes 1-2/4\r\nContent-Length: 2\r\n\r\nod"
    last = PART + b"Content-Range: bytes 3-3/4\r\nContent-Length: 1\r\n\r\ny"
    async with raw_server(WHOLE[:-3], first, last) as (url, _):
        assert (await client.download(url, tmp_path / "a")).read_bytes() == b"body"


@pytest.mark.parametrize("total", [b"3", b"5"])
async def test_later_download_compares_the_size_with_the_first_response(
    total: bytes, client: AsyncHeyGen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heygen_async._files.downloads._WRITE_SIZE", 1)
    rest = PART + b"Content-Range: bytes 2-2/" + total + b"\r\nContent-Length: 1\r\n\r\nX"
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    async with raw_server(WHOLE[:-2], missing, rest, WHOLE) as (url, requests):
        with pytest.raises(DownloadError, match="refused with status 404"):
            await client.download(url, tmp_path / "a", resume=True)
        path = await client.download(url, tmp_path / "a", resume=True)
    assert path.read_bytes() == b"body"
    assert b"Range: bytes=2-" in requests[2]
    assert list(tmp_path.iterdir()) == [path]


async def test_endless_rest_ends_at_the_announced_size(client: AsyncHeyGen, tmp_path: Path) -> None:
    endless = PART + b"Content-Range: bytes 2-3/4\r\n" + chunked(b"dy", *[bytes(1 << 16)] * 64)
    async with raw_server(*[WHOLE[:-2], endless] * 8) as (url, _):
        with pytest.raises(DownloadError, match="is longer than its server announced, in every attempt"):
            await client.download(url, tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


async def test_a_silence_that_is_rounded_to_just_below_its_limit_ends_the_attempt() -> None:
    """On a turned clock, a timer for the rest of 0.1 ps would be due again and again."""
    closed: list[bool] = []
    answer = SimpleNamespace(status=200, headers={}, close=lambda: closed.append(True))
    stored = StoredResponse(cast("Any", SimpleNamespace(response=answer)), 60.0)
    stored._timer.cancel()
    stored._waiting_since = asyncio.get_running_loop().time() - 60.0 + 1e-4
    stored._check_silence()
    assert closed == [True]
    assert stored._timer.cancelled()
