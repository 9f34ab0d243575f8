"""Worker threads: a cancellation waits until nothing is left open."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO

import pytest
from support import cancellable, open_files

from heygen_async._http.worker_threads import open_in_thread, run_in_abandonable_thread, run_in_thread


class SlowFunction:
    """A function that ends when it is released."""

    def __init__(self) -> None:
        self.started, self.released, self.ended = threading.Event(), threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.started.set()
        self.released.wait(20)
        self.ended.set()


@pytest.mark.parametrize("run", [run_in_thread, run_in_abandonable_thread])
async def test_returns_the_result_and_raises_the_exception(run: Callable[..., Awaitable[int]]) -> None:
    assert await run(int, "7") == 7
    with pytest.raises(ValueError, match="invalid literal"):
        await run(int, "seven")


@pytest.mark.parametrize("by", ["task", "scope"])
async def test_cancellation_waits_for_the_end_of_the_function(by: str) -> None:
    function = SlowFunction()
    task, cancel = cancellable(run_in_thread(function), by)
    await asyncio.to_thread(function.started.wait, 20)
    cancel()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()
    function.released.set()
    await asyncio.wait({task})
    assert function.ended.is_set()


@pytest.mark.parametrize("by", ["task", "scope"])
async def test_cancellation_abandons_the_function(by: str) -> None:
    function = SlowFunction()
    task, cancel = cancellable(run_in_abandonable_thread(function), by)
    await asyncio.to_thread(function.started.wait, 20)
    cancel()
    await asyncio.wait({task})
    assert not function.ended.is_set()
    function.released.set()


async def test_file_is_closed_when_its_opening_is_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "slow.bin"
    path.write_bytes(b"content")
    started, released = threading.Event(), threading.Event()

    def open_slowly() -> IO[bytes]:
        started.set()
        released.wait(20)
        return path.open("rb")

    async def read() -> None:
        async with open_in_thread(open_slowly):
            raise AssertionError("the opening was cancelled")

    task = asyncio.ensure_future(read())
    await asyncio.to_thread(started.wait, 20)
    task.cancel()
    released.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not [name for name in open_files() if "slow.bin" in name]
