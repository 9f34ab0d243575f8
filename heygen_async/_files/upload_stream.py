"""One pass over a source during its upload: counts the bytes, reports progress, computes the SHA-256 if needed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing

from .file_sources import FileSource
from .transfer_progress import OnProgress, report_progress


class UploadStream:
    """One reading of a source; `done` is the number of bytes read so far.

    With `hash_content`, a thread hashes each chunk while the next one is sent.
    """

    def __init__(self, source: FileSource, on_progress: OnProgress | None, *, hash_content: bool = False) -> None:
        self.done = 0
        self._source = source
        self._on_progress = on_progress
        self._hash_content = hash_content
        self._digest = hashlib.sha256()
        self._hashing: asyncio.Future[None] | None = None

    async def read(self) -> AsyncGenerator[bytes]:
        """Yield the content.

        Progress is reported before each chunk is yielded, because the HTTP client may not resume this generator after
        the last chunk.
        """
        loop = asyncio.get_running_loop()
        async with aclosing(self._source.read()) as chunks:
            async for chunk in chunks:
                if self._hash_content:
                    self._hashing = loop.run_in_executor(None, self._digest.update, chunk)
                self.done += len(chunk)
                await report_progress(self._on_progress, self.done, self._source.size)
                yield chunk
                await self._wait_for_hash()

    async def sha256(self) -> str:
        """Return the SHA-256 in hex of everything that was read. Waits for the thread that hashes the last chunk."""
        await self._wait_for_hash()
        return self._digest.hexdigest()

    async def _wait_for_hash(self) -> None:
        if self._hashing is not None:
            await asyncio.shield(self._hashing)
