"""Download as a stream of chunks, for programs that send the bytes elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from .._http.transport import Transport
from .._http.worker_threads import run_in_thread
from ..types.tracebacks import strips_frames, strips_frames_of_methods
from .resumable_download import RestartRequiredError, ResumableDownload
from .url_renewal import RenewableUrl

if TYPE_CHECKING:
    from .url_renewal import Downloadable

_MAX_CHUNK_SIZE = 1 << 20  # bytes


@strips_frames_of_methods
class DownloadStream:
    """The bytes of a file, each once and in order: `async for chunk in stream`.

    Attributes:
        total: The size in bytes; None if the server does not send it.
        media_type: The content type; empty if the server does not send it.
    """

    def __init__(self, remote: ResumableDownload, first_chunk: bytes, chunks: AsyncGenerator[bytes]) -> None:
        self.total: int | None = remote.total
        self.media_type: str = remote.media_type
        self._remote = remote
        self._first_chunk = first_chunk
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the bytes in chunks of at most 1 MiB.

        Raises:
            DownloadError: The connection broke permanently, the file changed, or its checksum does not match.
        """
        checksum = self._remote.checksum
        digest = None if checksum is None else hashlib.new(checksum.algorithm, usedforsecurity=False)
        chunk = self._first_chunk
        while chunk:
            if digest is not None:
                await run_in_thread(digest.update, chunk)
            for start in range(0, len(chunk), _MAX_CHUNK_SIZE):
                yield chunk[start : start + _MAX_CHUNK_SIZE]
            try:
                chunk = await anext(self._chunks, b"")
            except RestartRequiredError as error:
                raise self._remote.error(f"{error}: start again") from None
        if digest is not None and checksum is not None and digest.digest() != checksum.digest:
            raise self._remote.error(
                "does not match the checksum that its server sends: discard the bytes and start again"
            )


@asynccontextmanager
@strips_frames
async def open_stream(
    transport: Transport, resource: Downloadable, *, url_field: str | None = None
) -> AsyncGenerator[DownloadStream]:
    """Open a stream. See `AsyncHeyGen.open_stream`."""
    remote = ResumableDownload(transport, RenewableUrl(transport, resource, url_field))
    async with aclosing(remote.chunks()) as chunks:
        try:
            first_chunk = await anext(chunks, b"")
        except RestartRequiredError as error:
            raise remote.error(str(error)) from None
        yield DownloadStream(remote, first_chunk, chunks)
