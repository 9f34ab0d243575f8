"""Event stores: an event is claimed by one process, and remembered when it is done."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from support import redis_server

from heygen_async.webhooks.event_stores import EventStore, MemoryEventStore, RedisEventStore, SQLiteEventStore

StoreFactory = Callable[..., EventStore]


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[StoreFactory]:
    """Create views of one store, each with its own lease and lifetime."""
    if request.param == "memory":
        yield MemoryEventStore
    elif request.param == "sqlite":
        stores: list[SQLiteEventStore] = []

        def open_store(**lives: float) -> SQLiteEventStore:
            stores.append(SQLiteEventStore(tmp_path / "events.db", **lives))
            return stores[-1]

        yield open_store
        for store in stores:
            await store.aclose()
    else:
        from redis.asyncio import Redis

        async with redis_server() as port, Redis(port=port) as client:
            yield partial(RedisEventStore, client)


async def test_one_of_many_claims_succeeds(new_store: StoreFactory) -> None:
    store = new_store()
    claims = await asyncio.gather(*(store.claim("evt_1") for _ in range(20)))
    assert sorted(claims) == ["busy"] * 19 + ["new"]
    await store.release("evt_1")
    assert await store.claim("evt_1") == "new"
    await store.mark_done("evt_1")
    await store.release("evt_1")  # a done event stays done
    assert [await store.claim("evt_1") for _ in range(2)] == ["done", "done"]


async def test_claims_and_done_events_expire(new_store: StoreFactory) -> None:
    store = new_store(lease=0.002, lifetime=0.002)
    assert await store.claim("evt_1") == "new"
    while await store.claim("evt_1") != "new":  # the lease of a process that died ends
        pass
    await store.mark_done("evt_1")
    while await store.claim("evt_1") != "new":
        pass


def test_redis_values_may_be_bytes_or_text() -> None:
    program = """
import asyncio
from unittest.mock import AsyncMock
from heygen_async.webhooks.event_stores import RedisEventStore
for value in (b"done", "done", b"busy:1", "busy:1", None):
    client = AsyncMock(set=AsyncMock(return_value=None), get=AsyncMock(return_value=value))
    print(asyncio.run(RedisEventStore(client).claim("evt_1")))
"""
    run = subprocess.run([sys.executable, "-bb", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["done", "done", "busy", "busy", "busy"]


async def test_sqlite_shares_and_keeps_done_events(tmp_path: Path) -> None:
    first, second = SQLiteEventStore(tmp_path / "events.db"), SQLiteEventStore(tmp_path / "events.db")
    claims = await asyncio.gather(*((first if n % 2 else second).claim("evt_1") for n in range(40)))
    assert claims.count("new") == 1
    await first.mark_done("evt_1")
    await first.aclose()
    assert await second.claim("evt_1") == "done"
    await second.aclose()


async def test_memory_store_forgets_the_oldest_events() -> None:
    store = MemoryEventStore(max_events=10)
    for number in range(30):
        await store.mark_done(str(number))
    assert [await store.claim(str(number)) for number in (0, 19, 20, 29)] == ["new", "new", "new", "done"]
