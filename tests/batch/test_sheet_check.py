"""The check of a whole sheet before the first job."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from support import PNG, Command

from heygen_async.testing import HeyGenEmulator


async def test_reports_invalid_rows_before_any_request(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text(
        "id,avatar_id,script,voice_settings.speed,type,prompt\n"
        "1,a,Hello,1,,\n"
        "2,,Hello,1,,\n"
        '3,a,"two\nlines",fast,,\n'
        "4,a,Hello,9,,\n"
        "5,a,,1,,\n"
        "1,a,Hello,1,,\n"
        ",a,Hello,1,,\n"
        "8,a,Hello,1,film,\n"
        "9,a,Hello,1,,A prompt\n"
        "10,a,Hello,1,,,,,\n",
        encoding="utf-8",
    )
    code, out, error = await command(source)
    assert (code, out, api.requests) == (2, [], [])
    message = dict(re.match(r"line (\d+)(?:, column ([\w.]+))?:", line).groups() for line in error.splitlines()[:-1])  # type: ignore[union-attr]
    assert message == {
        "3": "avatar_id", "4": "voice_settings.speed", "6": "voice_settings.speed", "7": "script", "8": "id", "9": "id",
        "10": "type", "11": "prompt", "12": None,
    }  # fmt: skip
    assert "9 of 10 rows are invalid. This run created no job." in error
    assert "line 3, column avatar_id: the cell is empty; it is required" in error
    assert "line 7, column script: the cell is empty; expected exactly one of script" in error
    assert "line 9, column id: the cell is empty; expected a key" in error
    assert not (tmp_path / "rows.csv.journal").exists()


@pytest.mark.parametrize(
    ("sheet", "options", "message"),
    [
        ("id,avatar_id,script\n1,,Hi\n", [], "1 of 1 row is invalid. This run created no job."),
        ("id,avatar_id,script\n1,,Hi\n2,a,Hi\n", [], "1 of 2 rows is invalid. This run created no job."),
        (
            "id,who,script,notes\n1,a,Hi,\n",
            [],
            "line 2: there is no column avatar_id; it is required. Name the column for it with --map COLUMN=avatar_id (not used: who, notes), or set it for all rows with --set avatar_id=VALUE",
        ),
        ("id,words\n1,Hi\n", ["--set", "avatar_id=a"], "there is no column script; expected exactly one of script"),
        ("id,avatar_id,script\n1,a,Hi\n", ["--set", "fps=1"], "--set is 'fps'; expected a field of videos"),
        ("id,avatar_id,script\n1,a,Hi\n", ["--map", "id=fps"], "--map is 'fps'; expected a field of videos"),
        ("id,avatar_id\n1,a\n", ["--set", "script={who}"], "line 2, column --set: '{who}'; expected the name of a"),
        ("id,title\n1,a\n", ["--kind", "video_agents", "--map", "title=prompt", "--set", "files=[{}]"], "files"),
    ],
)
async def test_names_the_column_and_the_line(
    sheet: str, options: list[str], message: str, command: Command, api: HeyGenEmulator, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text(sheet, encoding="utf-8")
    code, out, error = await command(tmp_path / "rows.csv", *options)
    assert (code, out, api.requests) == (2, [], [])
    assert message in error
    assert "Object missing" not in error


async def test_reports_unreadable_local_files_before_any_request(
    command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    Path("there.png").write_bytes(PNG)
    Path("empty.png").touch()
    os.mkfifo("pipe.png")
    rows = ["there.png", "none.png", "empty.png", "pipe.png", "a\0b.png", "https://e.com/a.png"]
    sheet.write_text(
        "id,photo,script,voice_id\n" + "".join(f"{i},{name},Hi,voice_0001\n" for i, name in enumerate(rows)),
        encoding="utf-8",
    )
    code, out, error = await command(sheet, "--map", "photo=image", "--files", ".")
    assert (code, out, api.requests) == (2, [], [])
    assert [line.partition(": ")[0] for line in error.splitlines()[:-1]] == [
        f"line {line}, column photo" for line in (3, 4, 5, 6)
    ]
    assert "line 3, column photo: './none.png'; expected a file that can be read (No such file or directory)" in error
    assert "(the file is empty)" in error
    assert "(it is not a regular file)" in error


async def test_needs_no_local_files_of_created_jobs(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    Path("a.png").write_bytes(PNG)
    sheet.write_text("id,image,script,voice_id\n1,a.png,Hi,voice_0001\n", encoding="utf-8")
    assert (await command(sheet, "--files", "."))[0] == 0
    Path("a.png").unlink()
    code, _, error = await command(sheet, "--files", ".", "--resume")
    assert (code, len(api.ledger)) == (0, 1), error


async def test_reports_journal_rows_that_are_not_in_the_sheet(
    command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    assert (await command(sheet))[0] == 0
    sheet.write_text("id,avatar_id,script\n1,avatar_1,Hi\n2b,avatar_1,Ho\n", encoding="utf-8")
    code, _, error = await command(sheet, "--resume", "--dry-run")
    assert code == 0
    assert "rows.csv.journal has 2 rows not in this sheet. A row is identified by its id." in error
    assert "1 row of the sheet will be charged again" in error
    assert "2 rows for videos, 1 of them from an earlier run; about 0.0267 USD for the rest" in error


async def test_the_price_of_a_dry_run_names_the_jobs_of_unknown_price(
    command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    sheet.write_text("id,avatar_id,script,audio_url\n1,a,Hi,\n2,a,,https://example.com/a.mp3\n", encoding="utf-8")
    code, out, error = await command(sheet, "--dry-run")
    assert (code, api.ledger) == (0, [])
    assert "about 0.0267 USD plus 1 job of unknown price in total (unknown: the length is not known;" in error
    assert ["1 job of unknown price" in line for line in out] == [False, True]
