"""A sheet's file: encodings, delimiters, and invalid CSV."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support import Command

from heygen_async import ConfigurationError, Limits
from heygen_async.batch.sheet_file import SheetFile
from heygen_async.testing import HeyGenEmulator


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'id,avatar_id,script\n1,a,Hi\n\n2,a,"Ho\n3,a,Ha\n', 'line 4: a quotation mark (") opens in this row and is never'),
        (b'id,avatar_id,script\n1,a,"Hi\n2,a,"Ho"\n', 'line 2: a quotation mark (") is misplaced'),
        (b"id,avatar_id,script\n1,a,Hi\n2,a," + b"x" * 140_000 + b"\n", "line 3: a cell has more than 131,072 characters"),
        (b'id,"avatar_id,script\n1,a,Hi\n', 'line 1: a quotation mark (") opens'),
        ("id,avatar_id,script\n1,a,Hi\n2,a,Grüße\n".encode("cp1252"), "line 3 (byte 0xfc) is not UTF-8"),
    ],
)  # fmt: skip
async def test_names_the_line_of_invalid_csv(
    content: bytes, message: str, command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    sheet.write_bytes(content)
    code, out, error = await command(sheet)
    assert (code, out, api.requests) == (2, [], [])
    assert message in error
    assert ('in Excel, save it as "CSV UTF-8"' in error) == ("byte" in message)


@pytest.mark.parametrize(
    ("content", "encoding", "options"),
    [
        ('id;avatar_id;script\n1;avatar_1;"Hi, you"\n', "utf-8-sig", []),
        ('"id";"avatar_id";"script"\n1;avatar_1;Hi, you\n', "utf-8", []),
        ("id\tavatar_id\tscript\n1\tavatar_1\tHi, you\n", "utf-16", []),
        ("id|avatar_id|script\n1|avatar_1|Hi, you\n", "utf-8", ["--delimiter", "|"]),
        ("id\tavatar_id\tscript\n1\tavatar_1\tHi, you\n", "utf-8", ["--delimiter", "tab"]),
        ('id,avatar_id,script,,\n\n,,,,\n1,avatar_1,"Hi, you",,\n   ,,\n', "utf-8", []),
    ],
)
async def test_detects_delimiter_and_encoding(
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


async def test_rejects_a_pipe(command: Command, sheet: Path) -> None:
    os.mkfifo("pipe.csv")
    code, _, error = await command("pipe.csv")
    assert (code, "pipe.csv is a pipe" in error) == (2, True)


async def test_rejects_an_unreadable_sheet(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, content, message in (
        ("a.csv", b"", "must name the columns"),
        ("b.csv", b"a,a\n", "each of them once"),
        ("c.jsonl", b"[1]\n", "not a JSON object"),
        ("d.csv", b"script\n\xff\xfe\n", "UTF-8"),
    ):
        (tmp_path / name).write_bytes(content)
        code, _, error = await command(tmp_path / name)
        assert (code, message in error) == (2, True), error
    (tmp_path / "e.csv").write_text("script\nHello\n", encoding="utf-8")
    for wrong in (
        ["--key", "none"],
        ["--map", "none=script"],
        ["--set", "none=1"],
        ["--set", "script={none}"],
        ["--kind", "films"],
        ["--set", "x"],
    ):
        code, _, error = await command(tmp_path / "e.csv", *wrong)
        assert code == 2, error
    code, _, error = await command(tmp_path / "none.csv")
    assert (code, "cannot be read" in error) == (2, True)
    monkeypatch.setenv("HEYGEN_API_KEY", "")
    code, _, error = await command(tmp_path / "e.csv", "--set", "avatar_id=a")
    assert (code, "HEYGEN_API_KEY" in error) == (2, True)


async def test_rejects_a_folder(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (".", "..", tmp_path):
        code, _, error = await command(folder)
        assert (code, error) == (2, f"{folder} cannot be read (it is a folder).\n")


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("rows.csv", "avatar_id,script\na,Hello\na," + "x" * 100 + "\na,Bye\n", 3),
        (
            "rows.jsonl",
            '{"avatar_id": "avatar_1", "script": "Hello"}\n{"avatar_id": "avatar_1", "script": "' + "x" * 100 + '"}\n',
            2,
        ),
    ],
)
def test_a_line_over_the_limit_is_not_read_into_memory(name: str, content: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    *rows, (number, error) = SheetFile(path, limits=Limits(sheet_line=80)).rows()
    assert [cells["script"] for _, cells in rows if isinstance(cells, dict)] == ["Hello"]
    assert (number, str(error)) == (
        line, f"line {line}: a line has more than 80 characters (limits.sheet_line). Nothing after it was read"
    )  # fmt: skip


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_a_first_line_over_the_limit_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("a" * 100, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="a line has more than 80 characters"):
        SheetFile(path, limits=Limits(sheet_line=80))


@pytest.mark.parametrize(
    ("name", "content"), [("rows.csv", "key,script\n1,{}\n2,Bye\n"), ("rows.jsonl", '{{"key": 1, "script": "{}"}}\n')]
)
def test_a_cell_over_the_limit_is_an_error_of_its_row(name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content.format("x" * 30), encoding="utf-8")
    (_, error), *_ = SheetFile(path, limits=Limits(sheet_cell=20)).rows()
    assert "column script: the cell has more than 20 characters (limits.sheet_cell)" in str(error)


def test_a_pipe_in_place_of_a_sheet_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rows.csv")
    with pytest.raises(ConfigurationError, match="is a pipe"):
        SheetFile(tmp_path / "rows.csv")
