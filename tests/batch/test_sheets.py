"""Sheets: what is read from them, what is told before anything is paid for, and what the results say."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from support import PNG, Command, records

from heygen_async.testing import Fault, HeyGenEmulator, Plan

#: What the first versions made of {"avatar_id": "a", "script": "Hi", "note": "x"}, of such a row with Ho and y, and of the first.
OLD_KEYS = ["2d9beb4fe6a556783cc5", "6967aee657430cd546f3", "2d9beb4fe6a556783cc5-2"]
ROWS = "id,avatar_id,script\n1,a,Hi\n2,a,Ho\n3,a,Ha\n"


@pytest.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator(autojump=True, balance=1e5) as emulator:
        yield emulator


@pytest.fixture
def sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def results(path: Path, name: str = "rows_results.csv") -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in records(path.with_name(name))}


# -- what the results say


async def test_results_tell_what_the_journal_does_not(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    api.inject(Fault("status", status=403, origin="storage", count=None))
    code, _, _ = await command(sheet, "--download-to", "out")
    assert code == 1
    for row in results(sheet).values():
        assert (row["status"], row["path"], bool(row["video_url"])) == ("failed", "", True)
        assert "refused with status 403" in row["error"]
    api.clear_faults()
    code, _, _ = await command(sheet, "--download-to", "out", "--resume")
    assert code == 0
    assert {key: (row["status"], row["error"], row["path"]) for key, row in results(sheet).items()} == {
        key: ("completed", "", os.path.join("out", f"{key}.mp4")) for key in "123"
    }


async def test_results_tell_of_waits_that_ran_out(
    command: Command, api: HeyGenEmulator, sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.plan(Plan(seconds=9000, count=1))
    assert (await command(sheet))[0] == 1
    assert sorted(row["status"] for row in results(sheet).values()) == ["completed", "completed", "failed"]
    (late,) = [row for row in results(sheet).values() if row["status"] == "failed"]
    assert "7200" in late["error"]
    assert late["video_id"]


async def test_results_tell_of_rows_that_are_unclear(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    api.inject(Fault("lost_response", path="/v3/*/batches"))
    code, _, error = await command(sheet, "--engine", "api")
    assert (code, "3 of 3 rows failed; rows_results.csv says why" in error.replace(f"{sheet.parent}/", "")) == (1, True)
    assert all(row["status"] == "failed" and row["error"] for row in results(sheet).values())


async def test_results_name_all_files_of_a_row(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    sheet.write_text(
        "key,video,output_languages\nx,https://e.com/a.mp4,French (France);German (Germany)\n", encoding="utf-8"
    )
    assert (await command(sheet, "--of", "video_translations", "--download-to", "out"))[0] == 0
    (row,) = records(sheet.with_name("rows_results.csv"))
    assert (row["key"], row["path"]) == ("x", "out/x-1.mp4;out/x-2.mp4")
    sheet.write_text("id,key,path,avatar_id,script\n1,mine,too,a,Hi\n", encoding="utf-8")
    assert (await command(sheet, "--key", "id", "--journal", "j", "--output", "r.csv"))[0] == 0
    (row,) = records(Path("r.csv"))
    assert (row["key"], row["path"], row["row_key"], row["row_path"]) == ("mine", "too", "1", "")
    lines = sheet.with_suffix(".jsonl")
    lines.write_text('{"id": 0, "avatar_id": "a", "script": "Hi"}\n', encoding="utf-8")
    assert (await command(lines, "--download-to", "out"))[0] == 0  # and 0 is a key
    told = msgspec.json.decode(lines.with_name("rows_results.jsonl").read_text())
    assert (told["key"], told["paths"]) == ("0", ["out/0.mp4"])


# -- what is told before anything is paid for


async def test_files_that_are_not_there_are_told_before_anything_is_made(
    command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    Path("there.png").write_bytes(PNG)
    Path("empty.png").touch()
    os.mkfifo("pipe.png")
    rows = ["there.png", "none.png", "empty.png", "pipe.png", "a\0b.png", "https://e.com/a.png"]
    sheet.write_text(
        "id,photo,script,voice_id\n" + "".join(f"{i},{name},Hi,v\n" for i, name in enumerate(rows)), encoding="utf-8"
    )
    code, out, error = await command(sheet, "--map", "photo=image")
    assert (code, out, api.requests) == (2, [], [])
    assert [line.partition(": ")[0] for line in error.splitlines()[:-1]] == [
        f"line {line}, column photo" for line in (3, 4, 5, 6)
    ]
    assert "line 3, column photo: 'none.png'; expected a file that can be read (No such file or directory)" in error
    assert "(the file is empty)" in error
    assert "(not a regular file)" in error


async def test_files_of_rows_that_were_made_may_be_gone(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    Path("a.png").write_bytes(PNG)
    sheet.write_text("id,image,script,voice_id\n1,a.png,Hi,v\n", encoding="utf-8")
    assert (await command(sheet))[0] == 0
    Path("a.png").unlink()
    code, _, error = await command(sheet, "--resume")
    assert (code, len(api.ledger)) == (0, 1), error


async def test_another_column_is_no_other_row(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    sheet.write_text("avatar_id,script\na,Hi\na,Ho\na,Hi\n", encoding="utf-8")
    assert (await command(sheet))[0] == 0
    sheet.write_text("note,script,avatar_id\nx,Hi,a\ny,Ho,a\nz,Hi,a\n", encoding="utf-8")
    code, out, error = await command(sheet, "--resume")
    assert (code, len(out), len(api.ledger)) == (0, 3, 3)
    assert "3 rows for videos, 3 of them begun by an earlier run; nothing is left to pay for." in error
    assert "WARNING" not in error


async def test_rows_that_are_not_in_the_sheet_any_more_are_told(
    command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    assert (await command(sheet))[0] == 0
    sheet.write_text("id,avatar_id,script\n1,a,Hi\n2b,a,Ho\n", encoding="utf-8")
    code, _, error = await command(sheet, "--resume", "--dry-run")
    assert code == 0
    assert "rows.csv.journal has 2 rows not in this sheet, where a row is known by its id." in error
    assert "1 row of the sheet will be paid for anew" in error
    assert "2 rows for videos, 1 of them begun by an earlier run; about 0.03 USD for the rest" in error


async def test_fields_that_there_are_not_are_refused_wherever_they_stand(
    command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    sheet.write_text("avatar_id,script,voice_settings.sped\na,Hi,1\na,Hi,\n", encoding="utf-8")
    code, _, error = await command(sheet)
    assert (code, api.requests) == (2, [])
    assert "line 2, column voice_settings.sped: '1'; expected nothing: there is no such field; known fields: " in error
    sheet.write_text('avatar_id,script,background\na,Hi,"{""type"": ""color"", ""colour"": ""x""}"\n', encoding="utf-8")
    assert (await command(sheet))[0] == 2
    sheet.write_text("avatar_id,script\na,Hi\n", encoding="utf-8")
    code, _, error = await command(sheet, "--set", "voice_settings.sped=1")
    assert (code, "voice_settings.sped" in error, api.requests) == (2, True, [])
    sheet.write_text("avatar_id,script\na,   \n", encoding="utf-8")
    code, _, error = await command(sheet)
    assert (code, "line 2, column script" in error, api.requests) == (2, True, [])


# -- what a file may look like


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'id,avatar_id,script\n1,a,Hi\n\n2,a,"Ho\n3,a,Ha\n', 'line 4: a quotation mark (") opens in this row and is never'),
        (b'id,avatar_id,script\n1,a,"Hi\n2,a,"Ho"\n', 'line 2: a quotation mark (") is misplaced'),
        (b"id,avatar_id,script\n1,a,Hi\n2,a," + b"x" * 140_000 + b"\n", "line 3: a cell has more than 131,072 characters"),
        (b'id,"avatar_id,script\n1,a,Hi\n', 'line 1: a quotation mark (") opens'),
        ("id,avatar_id,script\n1,a,Hi\n2,a,Grüße\n".encode("cp1252"), "line 3 (byte 0xfc) is not UTF-8"),
    ],
)  # fmt: skip
async def test_what_is_no_csv_is_told_with_its_line(
    content: bytes, told: str, command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    sheet.write_bytes(content)
    code, out, error = await command(sheet)
    assert (code, out, api.requests) == (2, [], [])
    assert told in error
    assert ('in Excel, save it as "CSV UTF-8"' in error) == ("byte" in told)


@pytest.mark.parametrize(
    ("content", "encoding", "options"),
    [
        ('id;avatar_id;script\n1;a;"Hi, you"\n', "utf-8-sig", []),
        ('"id";"avatar_id";"script"\n1;a;Hi, you\n', "utf-8", []),
        ("id\tavatar_id\tscript\n1\ta\tHi, you\n", "utf-16", []),
        ("id|avatar_id|script\n1|a|Hi, you\n", "utf-8", ["--delimiter", "|"]),
        ("id\tavatar_id\tscript\n1\ta\tHi, you\n", "utf-8", ["--delimiter", "tab"]),
        ('id,avatar_id,script,,\n\n,,,,\n1,a,"Hi, you",,\n   ,,\n', "utf-8", []),
    ],
)
async def test_sheets_of_all_sorts(
    content: str, encoding: str, options: list[str], command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    sheet.write_bytes(content.encode(encoding))
    code, _, error = await command(sheet, *options)
    assert code == 0, error
    assert [request.json["script"] for request in api.requests_for("VideoCreate")] == ["Hi, you"]
    delimiter = next(one for one in "|;\t," if one in content.replace(", ", ""))
    assert sheet.with_name("rows_results.csv").read_text().splitlines()[0].split(delimiter)[:3] == [
        "id", "avatar_id", "script"
    ]  # fmt: skip
    assert (await command(sheet, "--delimiter", "two"))[0] == 2


# -- runs that end early


async def test_a_pipe_is_no_sheet(command: Command, sheet: Path) -> None:
    os.mkfifo("pipe.csv")
    code, _, error = await command("pipe.csv")
    assert (code, "pipe.csv is a pipe" in error) == (2, True)


async def test_a_key_that_can_be_none_is_told_with_its_line(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    sheet.write_text(f'id,avatar_id,script\n"a\nb",a,Hi\n{"x" * 201},a,Hi\n', encoding="utf-8")
    code, _, error = await command(sheet)
    assert (code, api.requests) == (2, [])
    assert "line 2, column id: 'a\\nb'; expected 1 to 200 printable characters" in error
    assert "line 4, column id: " in error


async def test_a_refused_key_leaves_nothing(
    command: Command, api: HeyGenEmulator, sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "wrong")
    assert (await command(sheet))[0] == 2
    assert os.listdir() == ["rows.csv"]
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    assert (await command(sheet))[0] == 0


@pytest.mark.parametrize("program", ["heygen_async.batch", "heygen_async batch"])
async def test_nobody_reads_on(program: str, sheet: Path) -> None:
    sheet.write_text("id,script,avatar_id\n" + "".join(f"{i},Hello,a\n" for i in range(30)), encoding="utf-8")
    async with HeyGenEmulator(render_seconds=0.1) as api:
        made = await asyncio.create_subprocess_shell(
            f"{sys.executable} -m {program} {sheet}; echo $? >&2", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | {"HEYGEN_API_KEY": api.key, "HEYGEN_API_URL": api.url},
        )  # fmt: skip
        assert made.stdout is not None
        await made.stdout.readline()
        made.stdout._transport.close()  # type: ignore[attr-defined]
        assert made.stderr is not None
        error = (await made.stderr.read()).decode()
        await made.wait()
    assert ("Traceback" in error, "Exception ignored" in error, "BrokenPipe" in error) == (False, False, False)
    assert "Nobody reads stdout any more." in error
    assert "Go on with --resume." in error
    assert error.splitlines()[-1] == "1"


async def test_lost_batches_are_searched_for_with_one_list(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    sheet.write_text("id,script,avatar_id\n" + "".join(f"{i},Hello {i},a\n" for i in range(250)), encoding="utf-8")
    api.inject(Fault("stall", path="/v3/*/batches", count=None))
    dying = asyncio.ensure_future(command(sheet, "--engine", "api"))
    while len(api.ledger) < 250:
        await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.wait({dying})
    api.clear_faults()
    code, _, error = await command(sheet, "--engine", "api", "--resume")
    assert (code, len(api.ledger)) == (0, 250), error
    assert len(api.requests_for("VideoList")) <= 4
    assert {row["status"] for row in results(sheet).values()} == {"completed"}
