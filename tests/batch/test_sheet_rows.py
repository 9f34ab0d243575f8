"""Sheets: from cells to requests and keys."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, strategies as st
from support import Command, examples, read, records

import heygen_async.progress  # noqa: F401  its import of rich reads files, which no test may do on the loop
from heygen_async.batch import Item
from heygen_async.batch.sheet_file import RowError
from heygen_async.batch.sheet_rows import Sheet
from heygen_async.testing import HeyGenEmulator

DOCUMENTED = """title,output_language,url,folder_id
"Product Demo","Spanish","https://example.com/demo.mp4","folder_123"
"Onboarding","French","https://example.com/onboard.mp4",""
"Q4 Earnings","Japanese","https://example.com/q4.mp4",""
"""


def run_documented_script(source: Path, target: Path, api: HeyGenEmulator) -> None:
    """Do what the documentation's own program does, with the standard library alone."""
    import urllib.request

    with source.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        names = [*(reader.fieldnames or ()), "video_translation_id"]
        rows = []
        for row in reader:
            body: dict[str, Any] = {
                "video": {"type": "url", "url": row["url"]},
                "output_languages": [row["output_language"]],
                "title": row["title"],
            }
            if row.get("folder_id", "").strip():
                body["folder_id"] = row["folder_id"].strip()
            request = urllib.request.Request(
                f"{api.url}/v3/video-translations", msgspec.json.encode(body),
                {"X-Api-Key": api.key, "Content-Type": "application/json"},
            )  # fmt: skip
            with urllib.request.urlopen(request) as response:
                row["video_translation_id"] = msgspec.json.decode(response.read())["data"]["video_translation_ids"][0]
            rows.append(row)
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=names)
        writer.writeheader()
        writer.writerows(rows)


async def test_sends_the_requests_of_the_documented_script(
    command: Command, api: HeyGenEmulator, tmp_path: Path
) -> None:
    source = tmp_path / "bulk_translation_input.csv"
    api.add("folder", "folder_123")
    source.write_text(DOCUMENTED, encoding="utf-8")
    await asyncio.to_thread(run_documented_script, source, tmp_path / "theirs.csv", api)
    sent = [request.json for request in api.requests_for("VideoTranslateCreate")]
    code, out, error = await command(source, "--output-dir", tmp_path / "out")
    assert (code, len(out)) == (0, 3), error
    ours = read(tmp_path / "bulk_translation_results.csv")
    theirs = read(tmp_path / "theirs.csv")
    assert ours[0] == [*theirs[0], "status", "video_url", "error", "key", "path", "warning"]
    for mine, other in zip(ours[1:], theirs[1:], strict=True):
        assert mine[:4] == other[:4]
        assert mine[4].startswith("translation_")
        assert (mine[5], mine[6].partition("?")[0][-4:], mine[7]) == ("completed", ".mp4", "")
        assert mine[8] in {line.split("\t")[0] for line in out}
        assert mine[9] == str(tmp_path / "out" / f"{mine[8]}.mp4")
    asked = [request.json for request in api.requests_for("VideoTranslateCreate")][3:]
    by_title = {str(body["title"]): body for body in asked}
    for body in sent:  # ours are the same, with the marker in `callback_id`
        own_body = by_title[str(body["title"])]
        assert {name: value for name, value in own_body.items() if name != "callback_id"} == body
    assert len(list((tmp_path / "out").iterdir())) == 3
    code, _, error = await command(source)
    assert (code, "--resume" in error) == (2, True)
    code, out, _ = await command(source, "--resume", "--watch")
    assert (code, out) == (0, [])
    assert len(api.ledger) == 6


async def test_maps_columns_and_sets_constants(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    source = tmp_path / "crm.csv"
    source.write_text(
        "\ufeffid,First Name,avatar,pace,notes\n7,Ada,avatar_1,1.2,x\n8,Grace,avatar_2,,\n", encoding="utf-8"
    )
    options = [
        "--map", "avatar=avatar_id", "--map", "pace=voice_settings.speed", "--set", "script=Hello {First Name}, welcome!",
        "--set", "title=For {First Name}", "--set", 'caption={"style": "default"}',
    ]  # fmt: skip
    code, out, error = await command(source, *options, "--dry-run")
    assert (code, len(out), not api.ledger) == (0, 2, True)
    assert "not sent: notes." in error
    assert "USD (likely: the script takes" in out[0]
    code, out, error = await command(source, *options)
    assert code == 0, error
    assert sorted(line.split("\t")[0] for line in out) == ["7", "8"]
    bodies = sorted((request.json for request in api.requests_for("VideoCreate")), key=lambda body: str(body["script"]))
    assert [body["script"] for body in bodies] == ["Hello Ada, welcome!", "Hello Grace, welcome!"]
    assert bodies[0]["voice_settings"] == {"speed": 1.2}
    assert "voice_settings" not in bodies[1]
    assert bodies[0]["caption"] == {"style": "default"}
    assert bodies[0]["title"] == "For Ada"
    results = records(tmp_path / "crm_results.csv")
    assert [(row["id"], row["notes"], row["status"]) for row in results] == [
        ("7", "x", "completed"),
        ("8", "", "completed"),
    ]


async def test_reads_json_lines(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    source = tmp_path / "agents.jsonl"
    source.write_text(
        '{"key": "a", "prompt": "A tour", "more": [1]}\n\n{"key": "b", "prompt": "Another"}\n', encoding="utf-8"
    )
    code, _, error = await command(source, "--kind", "video_agents")
    assert code == 0, error
    lines = [msgspec.json.decode(line) for line in (tmp_path / "agents_results.jsonl").read_text().splitlines()]
    assert [(line["key"], line["status"], line.get("more")) for line in lines] == [
        ("a", "completed", [1]),
        ("b", "completed", None),
    ]
    assert all(line["session_id"].startswith("session_") and line["video_url"] for line in lines)


async def test_sends_a_field_that_is_missing_in_the_first_line(
    command: Command, api: HeyGenEmulator, tmp_path: Path
) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text(
        '{"avatar_id": "avatar_1", "script": "Hello."}\n{"avatar_id": "avatar_1", "script": "Hi.", "resolution": "4k"}\n',
        encoding="utf-8",
    )
    assert (await command(source))[0] == 0
    bodies = {str(request.json["script"]): request.json for request in api.requests_for("VideoCreate")}
    assert ("resolution" in bodies["Hello."], bodies["Hi."]["resolution"]) == (False, "4k")


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=10,
    )
)
@examples(60)
def test_reads_any_sheet_as_the_csv_module_does(rows: list[list[str]]) -> None:
    """For any cells: the rows are those of the `csv` module, and each valid row has a unique key."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["script", "other"], *rows])
        sheet = Sheet(path, constants={"avatar_id": "avatar_1"})
        found = [(row.cells, row.item) for row in sheet.rows()]
        with path.open(newline="", encoding="utf-8") as file:
            database = [row for row in csv.reader(file) if any(cell.strip() for cell in row)][1:]
    assert len(found) == len(database)
    keys = [item.key for _, item in found if isinstance(item, Item)]
    assert len(set(keys)) == len(keys)
    for (row, item), cells in zip(found, database, strict=True):
        if isinstance(item, Item) and not cells[0].startswith(("[", "{")):
            assert item.request.script == cells[0]
            assert row["other"] == (cells[1] if len(cells) > 1 else "")
        else:
            assert isinstance(item, RowError) or cells[0].startswith(("[", "{"))


async def test_an_unsent_column_does_not_change_a_key(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    sheet.write_text("avatar_id,script\navatar_1,Hi\navatar_1,Ho\navatar_1,Hi\n", encoding="utf-8")
    assert (await command(sheet))[0] == 0
    sheet.write_text("note,script,avatar_id\nx,Hi,avatar_1\ny,Ho,avatar_1\nz,Hi,avatar_1\n", encoding="utf-8")
    code, out, error = await command(sheet, "--resume")
    assert (code, len(out), len(api.ledger)) == (0, 3, 3)
    assert "3 rows for videos, 3 of them from an earlier run; nothing remains to be paid." in error
    assert "WARNING" not in error


async def test_rejects_unknown_fields_at_any_depth(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    sheet.write_text("avatar_id,script,voice_settings.sped\na,Hi,1\na,Hi,\n", encoding="utf-8")
    code, _, error = await command(sheet)
    assert (code, api.requests) == (2, [])
    assert "line 2, column voice_settings.sped: '1'; expected one of " in error
    assert "(did you mean 'speed'?)" in error
    sheet.write_text('avatar_id,script,background\na,Hi,"{""type"": ""color"", ""colour"": ""x""}"\n', encoding="utf-8")
    assert (await command(sheet))[0] == 2
    sheet.write_text("avatar_id,script\na,Hi\n", encoding="utf-8")
    code, _, error = await command(sheet, "--set", "voice_settings.sped=1")
    assert (code, "voice_settings.sped" in error, api.requests) == (2, True, [])
    sheet.write_text("avatar_id,script\na,   \n", encoding="utf-8")
    code, _, error = await command(sheet)
    assert (code, "line 2, column script" in error, api.requests) == (2, True, [])


async def test_names_the_line_of_an_invalid_key(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    sheet.write_text(f'id,avatar_id,script\n"a\nb",a,Hi\n{"x" * 201},a,Hi\n', encoding="utf-8")
    code, _, error = await command(sheet)
    assert (code, api.requests) == (2, [])
    assert "line 2, column id: 'a\\nb'; expected 1 to 200 printable characters" in error
    assert "line 4, column id: " in error
