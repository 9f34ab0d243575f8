"""What every test runs under: a detector of blocking calls, and an end at which nothing is left behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from blockbuster import BlockBuster, blockbuster_ctx

from heygen_async import AsyncHeyGen
from heygen_async.backoff import Backoff
from heygen_async.testing import HeyGenEmulator

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture(autouse=True)
def no_blocking_calls() -> Iterator[BlockBuster]:
    """A blocking call of the SDK on the event loop fails the test; the emulator's own are no concern."""
    with blockbuster_ctx("heygen_async", excluded_modules=["heygen_async.testing"]) as detector:
        yield detector


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEYGEN_API_KEY", "HEYGEN_API_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest_asyncio.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    """A local HeyGen whose clock jumps."""
    async with HeyGenEmulator(autojump=True) as emulator:
        yield emulator


@pytest_asyncio.fixture
async def client(api: HeyGenEmulator) -> AsyncIterator[AsyncHeyGen]:
    async with AsyncHeyGen(api.key, base_url=api.url) as made:
        yield made


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


QUICK = Backoff(initial=0.01, maximum=0.02)
