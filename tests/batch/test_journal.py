"""The journal's file: its lock, its format, and a disk that fails."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import shutil
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from batch_support import fail_journal_writes, hello, outcomes_by_key

from heygen_async import AsyncHeyGen, ConfigurationError
from heygen_async.batch import journal, run
from heygen_async.batch.journal import Journal
from heygen_async.batch.journal_entries import Entry
from heygen_async.batch.journal_file import open_file
from heygen_async.batch.kinds import BatchKind
from heygen_async.testing import HeyGenEmulator


async def test_a_second_run_cannot_use_the_journal(client: AsyncHeyGen, tmp_path: Path) -> None:
    async with contextlib.aclosing(aiter(run(hello(3), heygen=client, journal=tmp_path / "j"))) as stream:
        await anext(stream)
        with pytest.raises(ConfigurationError, match="another run"):
            await outcomes_by_key(run(hello(3), heygen=client, journal=tmp_path / "j"))


async def test_rejects_a_file_that_is_no_journal(client: AsyncHeyGen, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database " * 1000)
    with sqlite3.connect(tmp_path / "other") as other:
        other.execute("CREATE TABLE mine (a)")
    other.close()
    with sqlite3.connect(tmp_path / "newer") as newer:
        newer.execute("PRAGMA user_version=99")
    newer.close()
    for name, message in (
        ("text", "not a journal"),
        ("other", "not a journal"),
        ("newer", "not a journal of this"),
        ("none/j", "cannot be opened"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            await outcomes_by_key(run(hello(1), heygen=client, journal=tmp_path / name))


async def test_a_failing_disk_ends_the_run(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    fail_journal_writes(monkeypatch)
    with pytest.raises(ConfigurationError, match="disk I/O error"):
        await outcomes_by_key(run(hello(5), heygen=client, journal=tmp_path / "j"))
    monkeypatch.undo()
    await outcomes_by_key(run(hello(5), heygen=client, journal=tmp_path / "j"))
    assert len(api.ledger) == 5


async def test_a_cancelled_opening_releases_the_journal(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, opening = asyncio.get_running_loop(), asyncio.Event()
    original = Journal._open

    def open_and_report(self: Journal) -> Any:
        loop.call_soon_threadsafe(opening.set)
        return original(self)

    monkeypatch.setattr(Journal, "_open", open_and_report)
    cancelled_run = asyncio.ensure_future(
        outcomes_by_key(run([("1", hello(1)[0][1])], heygen=client, journal=tmp_path / "j"))
    )
    gc.disable()
    try:
        await opening.wait()
        cancelled_run.cancel()
        with pytest.raises(asyncio.CancelledError) as database:
            await cancelled_run
        monkeypatch.undo()
        outcomes = await outcomes_by_key(run([("1", hello(1)[0][1])], heygen=client, journal=tmp_path / "j"))
    finally:
        gc.enable()
    assert outcomes["1"].succeeded
    assert database


async def test_names_a_full_disk(client: AsyncHeyGen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Journal, pending: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(Journal, "_transaction", fails)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))
    with pytest.raises(ConfigurationError, match="cannot be written \\(the disk is full: free some space\\)"):
        await outcomes_by_key(run([("1", hello(1)[0][1])], heygen=client, journal=tmp_path / "j"))


async def test_continues_a_journal_of_the_previous_format(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    first = await outcomes_by_key(run(hello(2), heygen=client, journal=tmp_path / "j"))
    with sqlite3.connect(tmp_path / "j") as database:
        for column in ("attempt", "created_earlier", "possible_charges", "checksum"):
            database.execute(f"ALTER TABLE rows DROP COLUMN {column}")
        database.execute("PRAGMA user_version=2")
    database.close()
    second = await outcomes_by_key(run(hello(3), heygen=client, journal=tmp_path / "j"))
    assert {key: second[key].id for key in first} == {key: outcome.id for key, outcome in first.items()}
    assert len(api.ledger) == 3


async def test_a_row_takes_a_fixed_number_of_statements(
    client: AsyncHeyGen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = Counter[str]()

    def open_counted(*arguments: Any) -> sqlite3.Connection:
        database = open_file(*arguments)
        database.set_trace_callback(lambda text: statements.update([text.partition("(")[0]]))
        return database

    monkeypatch.setattr(journal, "open_file", open_counted)
    await outcomes_by_key(run(hello(30), heygen=client, journal=tmp_path / "j", output_dir=tmp_path))
    assert 3 * 30 <= statements["INSERT OR REPLACE INTO rows "] <= 5 * 30
    assert statements["INSERT OR IGNORE INTO jobs VALUES "] == 30
    assert 1 <= statements["COMMIT"] <= 3 * 30  # fewer where rows share a transaction


async def test_only_a_later_run_decodes_the_results(
    client: AsyncHeyGen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[bytes] = []
    original = BatchKind.decode_results

    def decode(kind: BatchKind, results: bytes) -> list[Any]:
        decoded.append(results)
        return original(kind, results)

    monkeypatch.setattr(BatchKind, "decode_results", decode)
    first = await outcomes_by_key(run(hello(3), heygen=client, journal=tmp_path / "j"))
    assert not decoded
    second = await outcomes_by_key(run(hello(3), heygen=client, journal=tmp_path / "j"))
    assert len(decoded) == 3
    assert {key: outcome.result for key, outcome in second.items()} == {key: first[key].result for key in first}


async def test_the_rows_of_one_moment_share_a_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    transactions: list[int] = []
    original = Journal._transaction

    def count(self: Journal, pending: Sequence[object]) -> None:
        transactions.append(len(pending))
        original(self, pending)  # type: ignore[arg-type]  statements

    async def put_soon(number: int) -> None:
        for _ in range(number % 3):
            await asyncio.sleep(0)
        await opened.put(Entry(key=str(number), kind="videos", digest=b""))

    monkeypatch.setattr(Journal, "_transaction", count)
    async with Journal(tmp_path / "j") as opened:
        await asyncio.gather(*map(put_soon, range(50)))
        assert transactions == [50]
        assert len(await opened.entries([str(number) for number in range(50)])) == 50
