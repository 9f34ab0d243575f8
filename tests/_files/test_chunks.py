"""Chunks: small ones are handled together."""

from __future__ import annotations

from collections.abc import AsyncIterator

from heygen_async._files.chunks import batch_chunks


async def chunks_of(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield bytes(size)


async def test_small_chunks_are_batched_up_to_the_size() -> None:
    batches = [[len(chunk) for chunk in batch] async for batch in batch_chunks(chunks_of(4, 4, 4, 20, 1), 10)]
    assert batches == [[4, 4, 4], [20], [1]]


async def test_no_chunks_are_no_batch() -> None:
    assert [batch async for batch in batch_chunks(chunks_of(), 10)] == []
