"""The chunks in which files are read, sent and written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator

#: Bytes. Each chunk costs one hop to a worker thread, so smaller chunks are slower.
CHUNK_SIZE = 2 << 20
_MAX_BATCH_SECONDS = 0.25


async def batch_chunks(chunks: AsyncIterable[bytes], size: int) -> AsyncIterator[list[bytes]]:
    """Collect small chunks into lists of about `size` bytes, so that one hop to a thread handles several.

    When bytes arrive slowly, a smaller list is yielded every 0.25 seconds, so that progress stays visible.
    """
    now = asyncio.get_running_loop().time
    batch: list[bytes] = []
    batch_size, due = 0, now() + _MAX_BATCH_SECONDS
    async for chunk in chunks:
        batch.append(chunk)
        batch_size += len(chunk)
        if batch_size >= size or now() >= due:
            yield batch
            batch, batch_size, due = [], 0, now() + _MAX_BATCH_SECONDS
    if batch:
        yield batch
