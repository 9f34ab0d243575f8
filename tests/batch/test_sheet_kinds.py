"""Sheets of each of the ten kinds, by the command and by `run`, against the local HeyGen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sheet_support import ROWS, write_sheet
from support import Command, records

from heygen_async import AsyncHeyGen
from heygen_async.batch import run
from heygen_async.batch.kinds import KINDS
from heygen_async.batch.sheet_rows import Sheet
from heygen_async.testing import HeyGenEmulator


def test_every_kind_has_a_row() -> None:
    assert set(ROWS) == set(KINDS) - {"workflow_runs"}  # whose rows need a workflow


@pytest.mark.parametrize("kind", ROWS)
async def test_command_completes_a_sheet(kind: str, command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    write_sheet(tmp_path / "rows.csv", ROWS[kind])
    code, _, error = await command(tmp_path / "rows.csv", "--kind", kind)
    assert code == 0, error
    (result,) = records(tmp_path / "rows_results.csv")
    assert (result["status"], result["error"]) == ("completed", "")
    assert result[KINDS[kind].id_field]
    assert len(api.ledger) == 1


@pytest.mark.parametrize("kind", ROWS)
async def test_run_completes_a_sheet(kind: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_sheet(path, ROWS[kind])
    sheet = await asyncio.to_thread(Sheet, path, kind=kind)
    outcomes = [outcome async for outcome in run(sheet, heygen=client, kind=kind, journal=tmp_path / "journal")]
    assert [outcome.state for outcome in outcomes] == ["completed"]
    assert len(api.ledger) == 1
