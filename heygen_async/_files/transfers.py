"""What uploads and downloads share: the size of a piece, how progress is told, many at a time, digests off the loop."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from inspect import isawaitable
from pathlib import Path
from typing import TypeAlias, TypeVar

import anyio.to_thread

from ..errors import HeyGenError, InvalidInputError

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 4  # files of one call
CHUNK = 2 << 20  # bytes; a thread hop a chunk is what smaller ones would pay for
_SHOWN_EVERY = 0.25  # seconds, at least, while bytes come
_HASHED_AT_ONCE = 8 << 20  # bytes; a cancellation waits for so many at most

#: Called with the bytes that are done and the bytes in all (None when nobody knows); may be async.
OnProgress: TypeAlias = "Callable[[int, int | None], Awaitable[object] | object]"


async def tell(on_progress: OnProgress | None, done: int, total: int | None) -> None:
    """Tell of progress, to whoever wants to know."""
    if on_progress is not None:
        said = on_progress(done, total)
        if isawaitable(said):
            await said


class Tally:
    """The progress of many transfers as that of one: the bytes in all grow as they begin."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._tell = on_progress
        self._each: list[tuple[int, int]] = []  # done, and in all

    def one(self) -> OnProgress | None:
        """The callback for one of them."""
        if self._tell is None:
            return None
        number = len(self._each)
        self._each.append((0, 0))

        async def told(done: int, total: int | None) -> None:
            self._each[number] = done, total or done
            await tell(self._tell, sum(done for done, _ in self._each), sum(total for _, total in self._each))

        return told


async def each(
    work: Callable[[T], Awaitable[R]], items: Iterable[T], at_once: int, *, stop: bool = False
) -> list[R | HeyGenError]:
    """What became of each item, in their order, with at most so many at a time; an error stands in its item's place.

    Args:
        stop: Let the first error end the others, and raise it.
    """
    if at_once < 1:
        raise InvalidInputError("concurrency", at_once, "a whole number, 1 or more")
    left = enumerate(items)
    ends: dict[int, R | HeyGenError] = {}

    async def worker() -> None:
        for number, item in left:
            try:
                ends[number] = await work(item)
            except HeyGenError as error:
                if stop:
                    raise
                ends[number] = error

    count = min(at_once, len(items)) if isinstance(items, Sequence) else at_once
    workers = [asyncio.ensure_future(worker()) for _ in range(count)]
    try:
        await asyncio.gather(*workers)
    finally:
        for one in workers:
            one.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [ends[number] for number in sorted(ends)]


async def gathered(chunks: AsyncIterable[bytes], size: int) -> AsyncIterator[list[bytes]]:
    """Small pieces in lists that are worth a hop to a thread: `size` bytes, or what came in a quarter of a second."""
    now = asyncio.get_running_loop().time
    pieces: list[bytes] = []
    there, due = 0, now() + _SHOWN_EVERY
    async for chunk in chunks:
        pieces.append(chunk)
        there += len(chunk)
        if there >= size or now() >= due:
            yield pieces
            pieces, there, due = [], 0, now() + _SHOWN_EVERY
    if pieces:
        yield pieces


async def file_digest(path: Path, algorithm: str) -> bytes:
    """The digest of a file, computed in a thread, a few MiB at a time."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    buffer = memoryview(bytearray(256 << 10))

    def some(start: int) -> int:
        with path.open("rb", buffering=0) as file:
            file.seek(start)
            end = start + _HASHED_AT_ONCE
            while start < end and (read := file.readinto(buffer)):
                digest.update(buffer[:read])
                start += read
        return start

    done, before = 0, -1
    while done > before:
        done, before = await anyio.to_thread.run_sync(some, done), done
    return digest.digest()
