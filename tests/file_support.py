"""Sample files, sources and helpers of the upload and download tests."""

from __future__ import annotations

import asyncio
import hashlib
import io
import random
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from support import PNG

from heygen_async.testing import HeyGenEmulator

LARGE = 3_000_000

CONTENT = PNG + random.Random(7).randbytes(LARGE)

DIGEST = hashlib.sha256(CONTENT).hexdigest()


def usable_assets(api: HeyGenEmulator) -> list[dict[str, Any]]:
    return [asset for asset in api.state.assets.values() if asset["usable"]]


async def stream_chunks(content: bytes = CONTENT, step: int = 70_000) -> AsyncIterator[bytes]:
    """Yield chunks that can be read once, with empty ones between them."""
    for start in range(0, len(content), step):
        yield content[start : start + step]
        yield b""


class AsyncReader:
    """An open file with an async `read` and without `seek`."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)

    async def read(self, size: int = -1, /) -> bytes:
        return self._inner.read(size)


class CountingExecutor(ThreadPoolExecutor):
    """The event loop's threads, and the number of calls that were made in them."""

    calls = 0

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return super().submit(*args, **kwargs)


def count_thread_calls() -> CountingExecutor:
    """Count from now on what the running event loop calls in a thread."""
    executor = CountingExecutor()
    asyncio.get_running_loop().set_default_executor(executor)
    return executor
