"""The stored video and the raw servers of the download tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from heygen_async import AsyncHeyGen
from heygen_async.testing import HeyGenEmulator
from heygen_async.testing.storage import media
from heygen_async.types.videos import Video

VIDEO_SIZE = 3_000_000


def video_content(version: int = 0) -> bytes:
    body = media("video.mp4")
    body = (body * (VIDEO_SIZE // len(body) + 1))[:VIDEO_SIZE]
    return body[:-1] + bytes([version]) if version else body


def requested_ranges(api: HeyGenEmulator) -> list[str | None]:
    """The `Range` headers that the storage received."""
    return [request.headers.get("Range") for request in api.requests if request.origin == "storage"]


DOWNLOAD_PROGRAM = """
import asyncio, sys
from heygen_async import AsyncHeyGen
async def main():
    async with AsyncHeyGen(sys.argv[1], base_url=sys.argv[2]) as heygen:
        await heygen.download(sys.argv[3], sys.argv[4], resume=sys.argv[5] == "resume")
asyncio.run(main())
"""


@asynccontextmanager
async def raw_server(*responses: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve these responses, one for each connection; yield the URL and the requests that arrive."""
    remaining, requests = list(responses), list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(remaining.pop(0))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"HTTP://127.0.0.1:{server.sockets[0].getsockname()[1]}/", requests


async def etag_of_video(client: AsyncHeyGen, video: Video) -> str:
    async with aiohttp.ClientSession() as session, session.get(str(video.video_url)) as response:
        return response.headers["ETag"]
