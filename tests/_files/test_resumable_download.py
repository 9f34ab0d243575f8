"""Resumable downloads: continued where they broke, started again when the file has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from download_support import raw_server, requested_ranges, video_content

from heygen_async import AsyncHeyGen, DownloadError, Timeout
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
