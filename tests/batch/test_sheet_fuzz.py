"""Sheets, mutated at random: each is completed or refused with a reason, never with a traceback.

`HEYGEN_ASYNC_SHEETS` sets the number of sheets (`nox -s soak -- sheets` reads 2,000); `HEYGEN_ASYNC_SEED` draws others.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from pathlib import Path

import pytest
from sheet_support import ROWS, write_sheet
from support import Command, records

from heygen_async.testing import HeyGenEmulator

COUNT = int(os.environ.get("HEYGEN_ASYNC_SHEETS", "40"))
SEED = os.environ.get("HEYGEN_ASYNC_SEED", "")
CELLS = (
    "", " ", "[" * 5000, '{"a":' * 5000, "[" * 200 + "]" * 200, '{"a": 1}', "[1, 2]", "=1+1", "-1", "1e999", "nan",
    "\ud7ff\x00", "é" * 300, '"', "'", "{name}", "null", "true", "9" * 400, "a;b;c", "{", "[}", "../a", "\t=1",
)  # fmt: skip
COLUMNS = ("", "x", "key", "id", "type", "a.b", "a..b", ".", "request", "callback_id", "title.x", "{x}", "=1", "files")


def mutated(row: dict[str, str], draw: random.Random) -> dict[str, str]:
    """Return a row with one to three changes of its columns and cells."""
    changed = dict(row)
    for _ in range(draw.randint(1, 3)):
        column = draw.choice(list(changed) or ["x"])
        match draw.choice(["cell", "column", "nested", "drop", "rename"]):
            case "cell":
                changed[column] = draw.choice(CELLS)
            case "column":
                changed[draw.choice(COLUMNS)] = draw.choice(CELLS)
            case "nested":
                changed[f"{column}.{draw.choice(['a', 'b.c', 'type', 'url'])}"] = draw.choice(CELLS)
            case "drop":
                changed.pop(column, None)
            case _:
                changed[draw.choice(COLUMNS)] = changed.pop(column, "")
    return changed


def break_text(text: str, draw: random.Random) -> str:
    """Return the text of a sheet, now and then cut off or with other characters."""
    if draw.random() < 0.7 or not text:
        return text
    place = draw.randrange(len(text))
    return text[:place] + draw.choice(["", '"', "\n", "\r", ",", "\x00", "[" * 5000, "\ufeff"]) + text[place:]


@pytest.mark.slow
async def test_mutated_sheets_are_completed_or_refused(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    draw = random.Random(SEED)
    for number in range(COUNT):
        kind = draw.choice(list(ROWS))
        path = tmp_path / f"{number}.{draw.choice(['csv', 'jsonl'])}"
        row = mutated(dict(ROWS[kind]), draw)
        await asyncio.to_thread(write_sheet, path, row)
        text = await asyncio.to_thread(path.read_text, encoding="utf-8")
        await asyncio.to_thread(path.write_text, break_text(text, draw), encoding="utf-8", newline="")
        constants = (
            ["--set", f"{draw.choice([*ROWS[kind], 'x.y'])}={draw.choice(CELLS)}"] if draw.random() < 0.2 else []
        )
        jobs = len(api.ledger)
        code, _, error = await command(path, "--kind", kind, *constants)
        shown = (number, kind, row, constants, error[-300:])
        assert "Traceback" not in error, shown
        assert code in {0, 2, 5}, shown
        if code == 2:  # refused
            assert len(api.ledger) == jobs, shown
            assert error.strip(), shown


async def refusal(command: Command, path: Path, text: str, *options: str) -> str:
    path.write_text(text, encoding="utf-8")
    code, _, error = await command(path, *options)
    assert code == 2, error
    assert "created no job" in error
    return error


@pytest.mark.parametrize("cell", ["[" * 5000, '{"a":' * 5000, "[" * 500 + "]" * 500])
async def test_deep_json_names_line_and_column(cell: str, command: Command, tmp_path: Path) -> None:
    quoted = cell.replace('"', '""')
    text = f'avatar_id,script,voice_settings\na,Hi,\na,Ho,"{quoted}"\n'
    error = await refusal(command, tmp_path / "rows.csv", text)
    assert "line 3, column voice_settings" in error
    assert "expected JSON with at most 100 levels" in error
    assert len(error) < 800


async def test_deep_json_line_is_refused(command: Command, tmp_path: Path) -> None:
    good = json.dumps({"avatar_id": "avatar_1", "script": "Hi"})
    text = f'{good}\n{{"avatar_id": {"[" * 20000}{"]" * 20000}}}\n'
    assert "line 2: not a JSON object" in await refusal(command, tmp_path / "rows.jsonl", text)


@pytest.mark.parametrize("columns", ["voice_settings,voice_settings.speed", "voice_settings.speed,voice_settings"])
async def test_clashing_columns_name_both(columns: str, command: Command, tmp_path: Path) -> None:
    error = await refusal(command, tmp_path / "rows.csv", f"avatar_id,script,{columns}\na,Hi,1,1\n")
    assert "line 2, column voice_settings.speed: '1'; expected no value, because column voice_settings fills" in error


async def test_cell_in_json_constant_is_one_value(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    name = '", "type": "image'
    path = tmp_path / "rows.csv"
    path.write_text(f'avatar_id,script,name,speed\na,Hi,"{name.replace(chr(34), chr(34) * 2)}",1.2\n', encoding="utf-8")
    constants = (
        "--set",
        'background={"type": "color", "value": "{name}"}',
        "--set",
        'voice_settings={"speed": {speed}}',
    )
    code, _, error = await command(path, "--set", "voice_id=voice_0000", *constants)
    sent = api.requests_for("VideoCreate")
    assert code in {0, 5}, error
    assert sent[0].json["background"] == {"type": "color", "value": name}
    assert sent[0].json["voice_settings"] == {"speed": 1.2}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
async def test_formulas_are_text_in_results(start: str, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f'avatar_id,script,note\navatar_1,Hi,"{start}1+1"\n', encoding="utf-8")
    assert (await command(path))[0] == 0
    assert records(tmp_path / "rows_results.csv")[0]["note"] == f"'{start}1+1"
    assert (await command(path, "--resume", "--raw"))[0] == 0
    assert records(tmp_path / "rows_results.csv")[0]["note"] == f"{start}1+1"
