"""Event stores: an event is claimed by one process, and remembered when it is done."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from support import redis_server
from webhook_support import claim_of

from heygen_async import ConfigurationError
from heygen_async.webhooks.event_stores import EventStore, MemoryEventStore, RedisEventStore, SQLiteEventStore

StoreFactory = Callable[..., EventStore]


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[StoreFactory]:
    """Create views of one store, each with its own lifetime."""
    if request.param == "memory":
        yield MemoryEventStore
    elif request.param == "sqlite":
        stores: list[SQLiteEventStore] = []

        def open_store(**lifetime: float) -> SQLiteEventStore:
            stores.append(SQLiteEventStore(tmp_path / "events.db", **lifetime))
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
    await store.open()
    claims = [claim_of("evt_1", owner=str(number)) for number in range(20)]
    results = await asyncio.gather(*map(store.claim, claims))
    assert sorted(results) == ["busy"] * 19 + ["new"]
    winner = claims[results.index("new")]
    await store.release(winner)
    assert await store.claim(claims[0]) == "new"
    await store.mark_done(claims[0])
    await store.release(claims[0])  # a done event stays done
    assert [await store.claim(claim) for claim in claims[:2]] == ["done", "done"]


async def test_claims_and_done_events_expire(new_store: StoreFactory) -> None:
    store = new_store(lifetime=0.002)
    assert await store.claim(claim_of("evt_1", owner="dead", lease=0.002)) == "new"
    mine = claim_of("evt_1", lease=0.002)
    while await store.claim(mine) != "new":  # the lease of a process that died ends
        pass
    await store.mark_done(mine)
    while await store.claim(mine) != "new":
        pass


async def test_done_event_is_remembered_for_the_seconds_of_its_key(new_store: StoreFactory) -> None:
    store = new_store()
    await store.mark_done(claim_of("evt_1", lifetime=0.002))
    while await store.claim(claim_of("evt_1")) != "new":
        pass


async def test_keys_are_claimed_together_or_not_at_all(new_store: StoreFactory) -> None:
    store = new_store()
    assert await store.claim(claim_of("evt_2", owner="first")) == "new"
    assert await store.claim(claim_of("evt_1", "evt_2", owner="second")) == "busy"
    assert await store.claim(claim_of("evt_1", owner="third")) == "new"
    await store.mark_done(claim_of("evt_2", owner="first"))
    assert await store.claim(claim_of("evt_4", "evt_2", owner="second")) == "done"
    assert await store.claim(claim_of("evt_4", owner="third")) == "new"


async def test_release_frees_only_the_own_claim(new_store: StoreFactory) -> None:
    store = new_store()
    late = claim_of("evt_1", owner="late", lease=0.002)
    assert await store.claim(late) == "new"
    while await store.claim(claim_of("evt_1", owner="next")) != "new":  # the lease of the first has ended
        pass
    await store.release(late)
    assert await store.claim(claim_of("evt_1", owner="third")) == "busy"


async def test_owner_renews_its_claim(new_store: StoreFactory) -> None:
    store = new_store()
    assert await store.claim(claim_of("evt_1", lease=300)) == "new"
    assert await store.claim(claim_of("evt_1", lease=0.002)) == "new"
    while await store.claim(claim_of("evt_1", owner="next")) != "new":
        pass


def test_redis_values_may_be_bytes_or_text() -> None:
    program = """
import asyncio
from unittest.mock import AsyncMock
from heygen_async.webhooks.event_stores import Claim, RedisEventStore
for value in (b"done", "done", b"busy:1", "busy:1", None):
    client = AsyncMock(set=AsyncMock(return_value=None), get=AsyncMock(return_value=value), eval=AsyncMock(return_value=0))
    print(asyncio.run(RedisEventStore(client).claim(Claim({"key": 1.0}, "owner", 1.0))))
"""
    run = subprocess.run([sys.executable, "-bb", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["done", "done", "busy", "busy", "busy"]


async def test_redis_that_does_not_respond_is_an_error_at_the_start() -> None:
    from redis.asyncio import Redis

    async with redis_server() as port:
        pass
    async with Redis(port=port) as client:
        with pytest.raises(ConfigurationError, match="event store in Redis does not respond"):
            await RedisEventStore(client).open()


async def test_sqlite_shares_and_keeps_done_events(tmp_path: Path) -> None:
    first, second = SQLiteEventStore(tmp_path / "events.db"), SQLiteEventStore(tmp_path / "events.db")
    results = await asyncio.gather(
        *((first if number % 2 else second).claim(claim_of("evt_1", owner=str(number))) for number in range(40))
    )
    assert results.count("new") == 1
    await first.mark_done(claim_of("evt_1"))
    await first.aclose()
    assert await second.claim(claim_of("evt_1")) == "done"
    await second.aclose()


async def test_sqlite_keeps_the_done_events_of_the_previous_version(tmp_path: Path) -> None:
    path, later = tmp_path / "events.db", time.time() + 3600

    def write_old_table() -> None:
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE events (id TEXT PRIMARY KEY, state TEXT, expiry REAL) WITHOUT ROWID")
        database.executemany(
            "INSERT INTO events VALUES (?, ?, ?)", [("evt_1", "done", later), ("evt_2", "busy", later)]
        )
        database.commit()
        database.close()

    await asyncio.to_thread(write_old_table)
    store = SQLiteEventStore(path)
    assert [await store.claim(claim_of(id)) for id in ("evt_1", "evt_2")] == ["done", "new"]
    await store.aclose()


async def test_memory_store_forgets_the_oldest_events() -> None:
    store = MemoryEventStore(max_events=10)
    for number in range(30):
        await store.mark_done(claim_of(f"id {number}", f"body {number}"))
    assert [await store.claim(claim_of(f"id {number}")) for number in (0, 19, 20, 29)] == ["new", "new", "new", "done"]


async def test_memory_store_keeps_long_ids_as_digests() -> None:
    store = MemoryEventStore()
    tracemalloc.start()
    for number in range(20):
        await store.mark_done(claim_of(f"{number}" * 1_000_000))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 1_000_000


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
async def test_sqlite_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "events.db"
    store = SQLiteEventStore(path)
    await store.open()
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (path.parent, *path.parent.iterdir())}
    assert modes == {"new": 0o700, "events.db": 0o600, "events.db-wal": 0o600, "events.db-shm": 0o600}
    await store.aclose()
