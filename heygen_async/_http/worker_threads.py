"""Work in threads that a cancellation must not tear: nobody could clean up what is still being made there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import aiofiles
import anyio

if TYPE_CHECKING:
    from aiofiles.threadpool.binary import AsyncBufferedIOBase

T = TypeVar("T")

_A_MOMENT = 0.03  # seconds


async def uninterrupted(work: Awaitable[T]) -> T:
    """Let the work come to its end before a cancellation goes on."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _ended(task)
        _seen(task)
        raise


async def _ended(task: asyncio.Future[T], timeout: float | None = None) -> None:
    with anyio.CancelScope(shield=True):  # a scope of anyio's cancels what is in it again and again
        await asyncio.wait({task}, timeout=timeout)


def _seen(task: asyncio.Future[T]) -> None:
    if not task.cancelled():
        task.exception()  # so that asyncio does not report it


async def finished(work: Callable[..., T], *args: object) -> T:
    """Do this in a thread, to its end. (anyio's own way costs a tenth of a millisecond more.)"""
    return await uninterrupted(asyncio.get_running_loop().run_in_executor(None, work, *args))


async def soon_abandoned(work: Callable[..., T], *args: object) -> T:
    """Do this in a thread, for whose end a cancellation waits for a moment only: what it still does harms nobody."""
    doing = asyncio.get_running_loop().run_in_executor(None, work, *args)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        doing.add_done_callback(_seen)
        await _ended(doing, _A_MOMENT)
        raise


@asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[AsyncBufferedIOBase]:
    """A file to be read, opened and closed in a thread, and closed whatever happens while it is being opened."""
    opening = asyncio.ensure_future(aiofiles.open(path, "rb"))
    try:
        file = cast("AsyncBufferedIOBase", await asyncio.shield(opening))
    except asyncio.CancelledError:
        await _ended(opening)
        if not opening.cancelled() and opening.exception() is None:
            await uninterrupted(opening.result().close())
        raise
    try:
        yield file
    finally:
        await uninterrupted(file.close())
