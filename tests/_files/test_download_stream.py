"""Downloads as streams of chunks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from download_support import VIDEO_SIZE, video_content
from support import open_files

from heygen_async import AsyncHeyGen, DownloadError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import Video


async def test_large_body_arrives_in_small_chunks(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.storage.large = 10 << 20
    async with client.open_stream(api.storage.presigned("/videos/v/video.mp4")) as stream:
        sizes = [len(chunk) async for chunk in stream]
    assert sum(sizes) == 10 << 20
    assert max(sizes) <= 1 << 20


@pytest.mark.parametrize("kind", [None, "reset_mid_body", "truncate", "stall", "ignore_range"])
async def test_yields_each_byte_once_over_breaks(
    kind: Any, client: AsyncHeyGen, api: HeyGenEmulator, video: Video
) -> None:
    api.storage.digests = True
    if kind is not None:
        api.inject(Fault("truncate", origin="storage", position=0.3))
        api.inject(Fault(kind, origin="storage", position=0.6))
    async with client.open_stream(video) as stream:
        assert (stream.total, stream.media_type) == (VIDEO_SIZE, "video/mp4")
        got = b"".join([chunk async for chunk in stream])
    assert got == video_content()


async def test_changed_or_damaged_stream_is_an_error(client: AsyncHeyGen, api: HeyGenEmulator, video: Video) -> None:
    api.inject(Fault("truncate", origin="storage", position=0.3))
    api.inject(Fault("new_etag", origin="storage"))
    async with client.open_stream(video) as stream:
        with pytest.raises(DownloadError, match="changed during the download: start again"):
            [chunk async for chunk in stream]
    api.storage.digests = True
    api.inject(Fault("corrupt", origin="storage"))
    async with client.open_stream(video) as stream:
        with pytest.raises(DownloadError, match="checksum"):
            [chunk async for chunk in stream]
    api.inject(Fault("status", status=404, origin="storage"))
    with pytest.raises(DownloadError, match="refused with status 404"):
        async with client.open_stream(video):
            pass


async def test_stream_left_early_leaves_no_connection(client: AsyncHeyGen, api: HeyGenEmulator, video: Video) -> None:
    files = open_files()
    async with client.open_stream(video) as stream:
        async for _ in stream:
            break
    await asyncio.sleep(1)
    assert open_files() - files == set()
