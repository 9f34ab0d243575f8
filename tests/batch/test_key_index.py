"""Unique keys of rows, and the memory of a long source."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from batch_support import hello, outcomes_by_key

from heygen_async import AsyncHeyGen, ConfigurationError
from heygen_async.batch import Item, key_index, run
from heygen_async.batch.sheet_check import check_sheet
from heygen_async.batch.sheet_rows import Sheet
from heygen_async.testing import HeyGenEmulator

HEADER = "id,avatar_id,script\n"


def write_rows(path: Path, count: int) -> Sheet:
    path.write_text(HEADER + "".join(f"crm-{n},a,Hello {n}\n" for n in range(count)), encoding="utf-8")
    return Sheet(path)


def held_bytes(path: Path, rows: int) -> int:
    """Return the maximum of the bytes that the check of a sheet holds."""
    sheet = write_rows(path, rows)
    tracemalloc.start()
    try:
        assert check_sheet(sheet).rows == rows
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def count_statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the statements of the indexes that are opened from now on."""
    statements = Counter[str]()
    original = key_index._open

    def open_counted() -> sqlite3.Connection:
        database = original()
        database.set_trace_callback(lambda text: statements.update([text.split(" ")[0]]))
        return database

    monkeypatch.setattr(key_index, "_open", open_counted)
    return statements


def test_a_long_sheet_is_checked_in_the_memory_of_a_short_one(tmp_path: Path) -> None:
    held_bytes(tmp_path / "first.csv", 1_000)  # fills the caches
    short, long = held_bytes(tmp_path / "short.csv", 1_000), held_bytes(tmp_path / "long.csv", 4_000)
    assert long - short < 60_000


def test_a_unique_key_takes_one_statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = count_statements(monkeypatch)
    assert check_sheet(write_rows(tmp_path / "rows.csv", 1_200)).rows == 1_200
    assert statements == {"INSERT": 1_200}


def test_names_both_lines_of_a_key(tmp_path: Path) -> None:
    sheet = write_rows(tmp_path / "rows.csv", 700)
    with sheet.path.open("a", encoding="utf-8") as file:
        file.write("new,a,Hello\ncrm-3,a,Hello\nnew,a,Hello\nnew,a,Hello\n")
    checked = check_sheet(sheet)
    assert [str(error) for error in checked.errors] == [
        "line 703, column id: 'crm-3'; expected a unique key; line 5 has the same one",
        "line 704, column id: 'new'; expected a unique key; line 702 has the same one",
        "line 705, column id: 'new'; expected a unique key; line 702 has the same one",
    ]
    assert checked.rows == 704


def test_numbers_the_rows_with_the_same_request(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("avatar_id,script\n" + "a,Hello\na,Bye\n" * 300 + "a,Hello\n", encoding="utf-8")
    keys = [row.item.key for row in Sheet(path).rows() if isinstance(row.item, Item)]
    hello_key, bye_key = keys[:2]
    assert keys[2:4] == [f"{hello_key}-2", f"{bye_key}-2"]
    assert keys[-1] == f"{hello_key}-301"
    assert len(set(keys)) == 601


async def test_names_both_rows_of_a_key(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    rows = [*hello(120), hello(120)[1]]
    failed = [outcome async for outcome in run(rows, heygen=client, dry_run=True) if outcome.error is not None]
    assert [outcome.key for outcome in failed] == [rows[1][0]]
    assert "row 2 of the source has the same one (row 121)" in str(failed[0].error)


async def test_names_the_reason_when_the_keys_cannot_be_stored(
    client: AsyncHeyGen, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> sqlite3.Connection:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(key_index, "_open", fail)
    with pytest.raises(ConfigurationError, match="temporary file .database or disk is full.. Free some space"):
        await outcomes_by_key(run(hello(2), heygen=client))
    assert not api.requests
