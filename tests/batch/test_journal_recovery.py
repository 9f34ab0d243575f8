"""Rebuilding a damaged journal: whole rows are kept, the others are searched for, and no row is paid twice."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from batch_support import hello, outcomes_by_key

from heygen_async import AsyncHeyGen, JournalError
from heygen_async.batch import run
from heygen_async.batch.journal import Journal
from heygen_async.testing import HeyGenEmulator

ROWS = 30


@pytest.fixture
async def journal(client: AsyncHeyGen, tmp_path: Path) -> Path:
    """The journal of a run that has ended."""
    await outcomes_by_key(run(hello(ROWS), heygen=client, journal=tmp_path / "j"))
    return tmp_path / "j"


def damage(path: Path, key: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE rows SET ids = '[\"other\"]' WHERE key = ?", (key,))


async def test_keeps_the_whole_rows_and_the_old_file(journal: Path, client: AsyncHeyGen) -> None:
    damage(journal, "row-7")
    damaged = journal.read_bytes()
    async with Journal(journal, recover=True) as rebuilt:
        assert rebuilt.is_recovering
        entries = await rebuilt.entries([key for key, _ in hello(ROWS)])
        ids = [id for entry in entries.values() for id in entry.ids or ()]
        assert await rebuilt.claimed(ids) == set(ids)
    assert sorted(entries) == sorted(key for key, _ in hello(ROWS) if key != "row-7")
    assert journal.with_name("j.damaged").read_bytes() == damaged
    assert sorted(path.name for path in journal.parent.glob("j*")) == ["j", "j.damaged"]


async def test_a_second_recovery_keeps_the_first_copy(journal: Path) -> None:
    for number, name in enumerate(["j.damaged", "j.damaged1"]):
        damage(journal, f"row-{number}")
        damaged = journal.read_bytes()
        async with Journal(journal, recover=True):
            pass
        assert journal.with_name(name).read_bytes() == damaged


async def test_keeps_the_rows_around_a_damaged_page(journal: Path) -> None:
    content = journal.read_bytes()
    kept = []
    for page in range(1, len(content) // 4096):
        copy = journal.with_name(f"page-{page}")
        copy.write_bytes(content[: page * 4096] + b"\x5a" * 4096 + content[(page + 1) * 4096 :])
        async with Journal(copy, recover=True) as rebuilt:
            kept.append(len(await rebuilt.entries([key for key, _ in hello(ROWS)])))
    assert max(kept) == ROWS
    assert 0 < sorted(kept)[1] < ROWS


async def test_stays_in_recovery_until_a_run_has_ended(journal: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    journal.write_bytes(b"")
    async with contextlib.aclosing(
        aiter(run(hello(ROWS), heygen=client, journal=journal, recover=True, concurrency=2))
    ) as stream:
        await anext(stream)
    async with Journal(journal) as interrupted:
        assert interrupted.is_recovering
    await outcomes_by_key(run(hello(ROWS), heygen=client, journal=journal))
    async with Journal(journal) as recovered:
        assert not recovered.is_recovering


async def test_a_recovery_that_was_killed_is_refused_again(
    journal: Path, client: AsyncHeyGen, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(journal, "row-7")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", die)
        async with Journal(journal, recover=True):
            pass
    with pytest.raises(JournalError):
        await outcomes_by_key(run(hello(ROWS), heygen=client, journal=journal))
    async with Journal(journal, recover=True) as rebuilt:
        assert len(await rebuilt.entries([key for key, _ in hello(ROWS)])) == ROWS - 1


async def test_does_not_touch_a_file_that_is_no_journal(client: AsyncHeyGen, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database " * 1000)
    with contextlib.closing(sqlite3.connect(tmp_path / "other")) as other, other:
        other.execute("CREATE TABLE mine (a)")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for name in before:
        with pytest.raises(JournalError, match="not a journal"):
            await outcomes_by_key(run(hello(1), heygen=client, journal=tmp_path / name, recover=True))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


async def test_a_journal_in_use_is_not_rebuilt(client: AsyncHeyGen, tmp_path: Path) -> None:
    async with contextlib.aclosing(aiter(run(hello(3), heygen=client, journal=tmp_path / "j"))) as stream:
        await anext(stream)
        with pytest.raises(JournalError, match="another run"):
            await outcomes_by_key(run(hello(3), heygen=client, journal=tmp_path / "j", recover=True))
    assert not list(tmp_path.glob("*.damaged"))


async def test_recovers_a_lost_log(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    async with contextlib.aclosing(aiter(run(hello(5), heygen=client, journal=tmp_path / "j"))) as stream:
        await anext(stream)
        shutil.copy(tmp_path / "j", tmp_path / "alone")
    outcomes = await outcomes_by_key(run(hello(5), heygen=client, journal=tmp_path / "alone", recover=True))
    assert all(outcome.succeeded for outcome in outcomes.values())
    assert len(api.ledger) == 5
