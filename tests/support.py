"""What several tests use: sample bytes, a Redis server, reading CSV files, tasks and open files of this process."""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import anyio
import pytest
from hypothesis import settings

from heygen_async._http.backoff import Backoff
from heygen_async.testing import Plan

#: The number of examples of every property test; when empty, each test has its own.
EXAMPLES = os.environ.get("HEYGEN_ASYNC_EXAMPLES", "")
#: A session that thinks before its video starts.
THINKING = Plan(kind="session", states=[("thinking", 6.0), ("generating", 0.0)])
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def examples(count: int) -> settings:
    """Return the settings of a property test that draws this many examples, unless a soak run draws more."""
    return settings(max_examples=int(EXAMPLES or count))


@contextmanager
def counted_steps(path: str, *, without: str = "no file") -> Generator[Counter[str]]:
    """Count how often functions of a file or folder are called or resumed, by their files' and their own names.

    Args:
        path: The file or folder.
        without: A file or folder in it whose functions do not count.
    """
    steps = Counter[str]()

    def count(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(path) and not code.co_filename.startswith(without):
            steps[f"{os.path.basename(code.co_filename)} {code.co_qualname}"] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield steps
    finally:
        sys.setprofile(before)


def open_files() -> set[str]:
    """What this process has open: sockets and files, by what they are."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            found.add(f"{number}:{os.readlink(f'/proc/self/fd/{number}')}")
        except OSError:
            continue
    return found


def tasks() -> set[asyncio.Task[object]]:
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


def cancellable(work: Coroutine[Any, Any, object], by: str) -> tuple[asyncio.Task[object], Callable[[], object]]:
    """A task that does it, and what cancels that: the task itself, or a scope of anyio's, which does so at every await."""
    scope = anyio.CancelScope()

    async def within() -> None:
        with scope:
            await work

    task = asyncio.ensure_future(work if by == "task" else within())
    return task, task.cancel if by == "task" else scope.cancel


@asynccontextmanager
async def redis_server() -> AsyncIterator[int]:
    """A Redis of our own, on a free port of loopback, which keeps nothing."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server, of Debian's package of that name, is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if b"Ready to accept connections" in line:
                break
        yield port
    finally:
        process.terminate()
        await process.communicate()


QUICK = Backoff(initial=0.01, maximum=0.02)


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def records(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


Command = Callable[..., Awaitable[tuple[int, list[str], str]]]
