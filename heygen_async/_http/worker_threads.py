"""Run blocking work in worker threads, safely under cancellation.

A thread cannot be stopped. If a cancelled task ended immediately, a file that its thread opens a moment later would
stay open. So these functions wait for the thread first, and raise the cancellation afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

import anyio

from .running_loop import running_loop


class _Closable(Protocol):
    @property
    def closed(self) -> bool: ...
    def close(self) -> object: ...


T = TypeVar("T")
Closable = TypeVar("Closable", bound=_Closable)

_ABANDON_AFTER = 0.03  # seconds


async def run_to_completion(work: Awaitable[T]) -> T:
    """Await the work to its end; a cancellation is raised only afterwards."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _wait_until_done(task)
        _retrieve_exception(task)
        raise


async def run_in_thread(function: Callable[..., T], *args: object) -> T:
    """Call the function in a thread, to its end. (`anyio.to_thread.run_sync` takes 0.1 ms longer.)"""
    return await run_to_completion(running_loop().run_in_executor(None, function, *args))


async def run_in_abandonable_thread(function: Callable[..., T], *args: object) -> T:
    """Call the function in a thread; a cancellation waits at most 30 ms for it, then abandons it.

    Only for functions whose late effects are harmless, such as a flush.
    """
    task = running_loop().run_in_executor(None, function, *args)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_retrieve_exception)
        await _wait_until_done(task, _ABANDON_AFTER)
        raise


@asynccontextmanager
async def open_in_thread(open_file: Callable[..., Closable], *args: object) -> AsyncGenerator[Closable]:
    """Open a file in a thread, and close it in a thread, even if the opening is cancelled."""
    opening = running_loop().run_in_executor(None, open_file, *args)
    try:
        file = await asyncio.shield(opening)
    except asyncio.CancelledError:
        await _wait_until_done(opening)
        if not opening.cancelled() and opening.exception() is None:
            await _close_in_thread(opening.result())
        raise
    try:
        yield file
    finally:
        await _close_in_thread(file)


async def _close_in_thread(file: _Closable) -> None:
    if not file.closed:
        await run_in_thread(file.close)


async def _wait_until_done(task: asyncio.Future[T], timeout: float | None = None) -> None:
    with anyio.CancelScope(shield=True):  # anyio's scopes cancel again at every await
        await asyncio.wait({task}, timeout=timeout)


def _retrieve_exception(task: asyncio.Future[T]) -> None:
    if not task.cancelled():
        task.exception()  # asyncio reports exceptions that nobody retrieved
