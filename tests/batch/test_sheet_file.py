"""A sheet's file: encodings, delimiters, and invalid CSV."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support import Command

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
        ('id;avatar_id;script\n1;a;"Hi, you"\n', "utf-8-sig", []),
        ('"id";"avatar_id";"script"\n1;a;Hi, you\n', "utf-8", []),
        ("id\tavatar_id\tscript\n1\ta\tHi, you\n", "utf-16", []),
        ("id|avatar_id|script\n1|a|Hi, you\n", "utf-8", ["--delimiter", "|"]),
        ("id\tavatar_id\tscript\n1\ta\tHi, you\n", "utf-8", ["--delimiter", "tab"]),
        ('id,avatar_id,script,,\n\n,,,,\n1,a,"Hi, you",,\n   ,,\n', "utf-8", []),
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
        assert (code, error) == (2, f"{folder} cannot be read (Is a directory).\n")
