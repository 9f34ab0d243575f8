"""The file of a journal after a kill, a copy, a cut or a change by another program: a `JournalError`, and no job."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_support import hello, outcomes_by_key

from heygen_async import AsyncHeyGen, JournalError
from heygen_async.batch import run
from heygen_async.batch.journal import Journal
from heygen_async.batch.journal_entries import FIELDS
from heygen_async.testing import HeyGenEmulator

ROWS = 5
FOREIGN_VALUES = (None, "", "foreign", b"\xff\x00", -1, 1e300, "\ud7ff" * 50, "9" * 400, "[1]", "{}")


@pytest.fixture
async def killed(client: AsyncHeyGen, tmp_path: Path) -> Path:
    """A journal as a kill leaves it, with rows in several states; its jobs are in the emulator."""
    (tmp_path / "killed").mkdir()
    async with contextlib.aclosing(aiter(run(hello(ROWS), heygen=client, journal=tmp_path / "j"))) as stream:
        await anext(stream)
        for path in tmp_path.glob("j*"):
            shutil.copy(path, tmp_path / "killed")
    return tmp_path / "killed" / "j"


@pytest.fixture
async def closed(client: AsyncHeyGen, tmp_path: Path) -> Path:
    """The journal of a run that has ended."""
    await outcomes_by_key(run(hello(ROWS), heygen=client, journal=tmp_path / "j"))
    return tmp_path / "j"


async def refusal(path: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> str:
    """The error of a run with a damaged journal, which sends nothing."""
    requests = len(api.requests)
    with pytest.raises(JournalError) as caught:
        await outcomes_by_key(run(hello(ROWS), heygen=client, journal=path))
    assert len(api.requests) == requests
    return str(caught.value)


def damaged_copies(journal: Path) -> Iterator[tuple[Path, str, object]]:
    """Copies of a journal, each with a foreign value in one column of one row."""
    for column in FIELDS:
        for number, value in enumerate(FOREIGN_VALUES):
            copy = journal.with_name(f"{column}{number}")
            shutil.copy(journal, copy)
            with contextlib.closing(sqlite3.connect(copy)) as database, database:
                (before,) = database.execute(f"SELECT {column} FROM rows WHERE key = 'row-1'").fetchone()
                with contextlib.suppress(sqlite3.IntegrityError):
                    database.execute(f"UPDATE rows SET {column} = ? WHERE key = 'row-1'", (value,))
                changed = database.execute(
                    f"SELECT count(*) FROM rows WHERE key = 'row-1' AND {column} IS ?", (before,)
                )
                is_changed = changed.fetchone() == (0,)
            if is_changed:
                yield copy, column, value


async def test_a_foreign_value_in_any_column_is_a_journal_error(
    closed: Path, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    columns = set()
    for copy, column, value in damaged_copies(closed):
        message = await refusal(copy, client, api)
        assert "1 damaged of 5 rows" in message, (column, value)
        assert "The other 4 rows are whole" in message
        assert "recover=True (--recover)" in message
        columns.add(column)
    assert columns == set(FIELDS)
    assert len(api.ledger) == ROWS


async def test_names_the_damaged_rows(closed: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with contextlib.closing(sqlite3.connect(closed)) as database, database:
        database.execute("UPDATE rows SET state = 'planned'")
    message = await refusal(closed, client, api)
    assert "has 5 damaged of 5 rows ('row-0', 'row-1', 'row-2' and 2 more)" in message


async def test_a_value_beyond_the_limit_is_a_journal_error(
    closed: Path, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    for value in ("x", b"x"):
        with contextlib.closing(sqlite3.connect(closed)) as database, database:
            database.execute("UPDATE rows SET results = ? WHERE key = 'row-1'", (value * (9 << 20),))
        assert "larger than limits.journal_value" in await refusal(closed, client, api)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
async def test_an_impossible_name_is_a_journal_error(
    name: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    assert "cannot be opened" in await refusal(tmp_path / name, client, api)


async def test_a_journal_that_was_cut_is_a_journal_error(
    closed: Path, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    content = closed.read_bytes()
    for size in (0, 1, 50, 99, 100, 512, 4095, 4096, *range(5000, len(content), 4096), len(content) - 1):
        copy = closed.with_name(f"cut-{size}")
        copy.write_bytes(content[:size])
        message = await refusal(copy, client, api)
        assert "recover=True" in message, (size, message)
    assert len(api.ledger) == ROWS


async def test_pages_of_another_program_are_a_journal_error(
    closed: Path, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    content = closed.read_bytes()
    for page in range(len(content) // 4096):
        copy = closed.with_name(f"page-{page}")
        copy.write_bytes(content[: page * 4096] + b"\x5a" * 4096 + content[(page + 1) * 4096 :])
        with contextlib.suppress(JournalError):  # some pages are indexes
            await outcomes_by_key(run(hello(ROWS), heygen=client, journal=copy))
    assert len(api.ledger) == ROWS


async def test_a_killed_journal_without_its_log_is_refused(
    killed: Path, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    log = Path(f"{killed}-wal")
    for content in (None, b"", b"x", log.read_bytes()[:31], b"\0" * 5000):
        log.unlink(missing_ok=True)
        if content is not None:
            log.write_bytes(content)
        assert "recover=True (--recover)" in await refusal(killed, client, api)
    log.unlink(missing_ok=True)
    assert "5 rows can be read" in await refusal(killed, client, api)


async def test_a_killed_journal_with_its_log_continues(killed: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    outcomes = await outcomes_by_key(run(hello(ROWS), heygen=client, journal=killed))
    assert all(outcome.succeeded for outcome in outcomes.values())
    assert len(api.ledger) == ROWS


async def test_the_main_file_has_every_row_whatever_is_cut_from_the_log(
    killed: Path, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    log, choice = Path(f"{killed}-wal").read_bytes(), random.Random(6)
    for size in [32, len(log) - 1, *(choice.randrange(32, len(log)) for _ in range(20))]:
        copy = tmp_path / f"cut-{size}"
        shutil.copy(killed, copy)
        Path(f"{copy}-wal").write_bytes(log[:size])
        async with Journal(copy) as journal:
            entries = await journal.entries([key for key, _ in hello(ROWS)])
        assert {entry.state for entry in entries.values()} <= {"running", "completed"}
        assert len(entries) == ROWS
    assert len(api.ledger) == ROWS


async def test_a_log_without_its_journal_is_refused(killed: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    killed.unlink()
    assert "is missing, but j-wal, which belongs to it, is there" in await refusal(killed, client, api)
    assert not killed.exists()


async def test_a_journal_without_tables_is_refused(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "j")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE rows (key)")
        shutil.copy(tmp_path / "j", tmp_path / "alone")
    assert "has no tables" in await refusal(tmp_path / "alone", client, api)


async def test_a_journal_of_an_ended_run_is_one_file(closed: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    assert [path.name for path in closed.parent.glob("j*")] == ["j"]
    closed.rename(closed.with_name("moved"))
    outcomes = await outcomes_by_key(run(hello(ROWS), heygen=client, journal=closed.with_name("moved")))
    assert all(outcome.resumed for outcome in outcomes.values())
    assert len(api.ledger) == ROWS


async def test_a_file_named_like_a_database_in_memory_is_a_file(
    client: AsyncHeyGen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await outcomes_by_key(run(hello(1), heygen=client, journal=":memory:"))
    assert (tmp_path / ":memory:").stat().st_size
