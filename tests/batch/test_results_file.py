"""The results of a sheet."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import msgspec
import pytest
from batch_support import results_by_key
from support import Command, records

from heygen_async import Backoff
from heygen_async.testing import Fault, HeyGenEmulator, Plan


async def test_contains_failures_that_are_not_in_the_journal(
    command: Command, api: HeyGenEmulator, sheet: Path
) -> None:
    api.inject(Fault("status", status=403, origin="storage", count=None))
    code, _, _ = await command(sheet, "--output-dir", "out")
    assert code == 5
    for row in results_by_key(sheet).values():
        assert (row["status"], row["path"], bool(row["video_url"])) == ("failed", "", True)
        assert "refused with status 403" in row["error"]
    api.clear_faults()
    code, _, _ = await command(sheet, "--output-dir", "out", "--resume")
    assert code == 0
    assert {key: (row["status"], row["error"], row["path"]) for key, row in results_by_key(sheet).items()} == {
        key: ("completed", "", os.path.join("out", f"{key}.mp4")) for key in "123"
    }


@pytest.mark.slow
async def test_contains_jobs_that_exceeded_the_timeout(
    command: Command, api: HeyGenEmulator, sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heygen_async.batch.kinds.SHARED_POLL", Backoff(initial=300, maximum=300))
    api.plan(Plan(seconds=9000, count=1))
    assert (await command(sheet))[0] == 5
    assert sorted(row["status"] for row in results_by_key(sheet).values()) == ["completed", "completed", "failed"]
    (late,) = [row for row in results_by_key(sheet).values() if row["status"] == "failed"]
    assert "7200" in late["error"]
    assert late["video_id"]


SPEECH = "id,voice_id,text\n1,voice_0000,Hi\n2,voice_0000,Ho\n3,voice_0000,Ha\n"  # HeyGen recognises no repeat of it


async def test_contains_rows_with_an_unknown_outcome(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    sheet.write_text(SPEECH, encoding="utf-8")
    api.inject(Fault("lost_response", operation="VoiceSpeechCreate", count=3))
    code, _, error = await command(sheet, "--kind", "voices")
    assert (
        code,
        "3 of 3 rows failed; rows_results.csv gives the reasons" in error.replace(f"{sheet.parent}/", ""),
    ) == (5, True)
    assert all(row["status"] == "failed" and row["error"] for row in results_by_key(sheet).values())


async def test_names_rows_that_may_have_been_charged(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    sheet.write_text(SPEECH, encoding="utf-8")
    api.inject(Fault("lost_response", operation="VoiceSpeechCreate", count=3))
    _, out, error = await command(sheet, "--kind", "voices")
    assert all(line.endswith("\tmay have been charged without a result") for line in out)
    assert "3 rows may have been charged without a result." in error
    assert {row["warning"] for row in results_by_key(sheet).values()} == {
        "A request may have been charged without a result."
    }


async def test_names_rows_that_earlier_jobs_answered(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    await command(sheet)
    sheet.with_name("rows.csv.journal").unlink()
    code, out, error = await command(sheet, "--output", "second.csv")
    assert (code, len(api.ledger)) == (0, 3)
    assert all(line.endswith("\tcreated earlier") for line in out)
    assert "3 rows were answered by jobs created earlier; --again makes new ones." in error
    assert "again=True" not in error
    assert {row["warning"] for row in records(Path("second.csv"))} == {"The job was created earlier."}
    code, _, error = await command(sheet, "--output", "second.csv", "--again")
    assert (code, len(api.ledger), "nothing remains to be paid" in error) == (0, 6, False)
    assert {row["warning"] for row in records(Path("second.csv"))} == {""}


async def test_a_batch_name_outlives_the_journals(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    await command(sheet, "--name", "tour")
    await command(sheet, "--name", "tour", "--journal", "other", "--output", "other.csv")
    assert len(api.ledger) == 3


async def test_names_all_files_of_a_row(command: Command, api: HeyGenEmulator, sheet: Path) -> None:
    sheet.write_text(
        "key,video,output_languages\nx,https://e.com/a.mp4,French (France);German (Germany)\n", encoding="utf-8"
    )
    assert (await command(sheet, "--kind", "video_translations", "--output-dir", "out"))[0] == 0
    (row,) = records(sheet.with_name("rows_results.csv"))
    assert (row["key"], row["path"]) == ("x", "out/x-1.mp4;out/x-2.mp4")
    sheet.write_text("id,key,path,avatar_id,script\n1,mine,too,avatar_1,Hi\n", encoding="utf-8")
    assert (await command(sheet, "--key", "id", "--journal", "j", "--output", "r.csv"))[0] == 0
    (row,) = records(Path("r.csv"))
    assert (row["key"], row["path"], row["row_key"], row["row_path"]) == ("mine", "too", "1", "")
    lines = sheet.with_suffix(".jsonl")
    lines.write_text('{"id": 0, "avatar_id": "avatar_1", "script": "Hi"}\n', encoding="utf-8")
    assert (await command(lines, "--output-dir", "out"))[0] == 0  # the number 0 is a valid key
    message = msgspec.json.decode(lines.with_name("rows_results.jsonl").read_text())
    assert (message["key"], message["paths"]) == ("0", ["out/0.mp4"])


async def test_has_the_suffix_of_its_format(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    (tmp_path / "ROWS.CSV").write_text("id,avatar_id,script\n1,avatar_1,Hi\n", encoding="utf-8")
    code, _, error = await command(tmp_path / "ROWS.CSV")
    assert (code, records(tmp_path / "ROWS_results.csv")[0]["status"]) == (0, "completed"), error


async def test_keeps_the_results_of_another_run(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    source, other = tmp_path / "rows.csv", tmp_path / "rows_results.csv"
    source.write_text("id,avatar_id,script\n1,avatar_1,Hi\n", encoding="utf-8")
    other.write_text("precious", encoding="utf-8")
    code, _, error = await command(source)
    assert (code, api.requests) == (2, [])
    assert f"{other} of another run exist. Move them away, or name another --output" in error
    code, _, _ = await command(source, "--dry-run", "--output-dir", tmp_path / "out")
    assert code == 0
    assert {path.name for path in tmp_path.iterdir()} == {source.name, other.name}
    assert other.read_text() == "precious"
    for itself in (source, tmp_path / "rows.csv.journal"):
        code, _, error = await command(source, "--output", itself, "--resume")
        assert (code, "itself. Name another --output" in error) == (2, True)
    code, _, _ = await command(source, "--output", tmp_path / "new.csv")
    assert (code, other.read_text(), len(records(tmp_path / "new.csv"))) == (0, "precious", 1)
    for second in ("--resume", "--retry-failed"):
        code, _, _ = await command(source, second)
        assert (code, records(other)[0]["status"]) == (0, "completed")
    assert len(api.ledger) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--output", "none/results.csv"], "none/results.csv cannot be written (No such file or directory)"),
        (["--output", "rows.csv/results.csv"], "rows.csv/results.csv cannot be written (Not a directory)"),
        (["--output", "."], "--output . is a folder; name a file."),
        (["--output", "x" * 300], "cannot be written (File name too long)"),
        (
            ["--output-dir", "rows.csv/out"],
            "The folder rows.csv/out for downloads cannot be created (Not a directory)",
        ),
        (["--output-dir", "rows.csv"], "The folder rows.csv for downloads cannot be created (File exists)"),
        (["--journal", "none/j"], "The journal none/j cannot be opened (No such file or directory)"),
        (["--journal", "rows.csv/j"], "The journal rows.csv/j cannot be opened (Not a directory)"),
        (["--journal", "x" * 300], "cannot be opened (File name too long)"),
        (["--journal", ".", "--resume"], "The journal . cannot be opened (. is a folder, "),
        (["--journal", "j"], "The journal j cannot be opened (j-wal is a folder, "),
    ],
)
async def test_reports_unwritable_files_before_any_request(
    options: list[str],
    message: str,
    command: Command,
    api: HeyGenEmulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("id,avatar_id,script\n1,avatar_1,Hi\n", encoding="utf-8")
    Path("j-wal").mkdir()  # SQLite needs a file of this name
    code, out, error = await command("rows.csv", *options)
    assert (code, out, api.requests) == (2, [], [])
    assert message in error.splitlines()[-1]
    assert not any(path.name.startswith(".") for path in tmp_path.iterdir())
    assert not Path("j").exists()


async def test_resumes_after_results_could_not_be_written(
    command: Command, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "rows.csv", tmp_path / "r.csv"
    source.write_text("id,avatar_id,script\n1,avatar_1,Hi\n", encoding="utf-8")
    original, full = Path.replace, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(Path, "replace", lambda _, __: (_ for _ in ()).throw(full))
    code, out, error = await command(source, "--output", target)
    assert (code, len(out), len(api.ledger)) == (1, 1, 1)
    assert f"{target} cannot be written ({full.strerror})" in error
    assert error.endswith("continue with --resume.\n")
    assert not target.exists()
    monkeypatch.setattr(Path, "replace", original)
    code, _, _ = await command(source, "--output", target, "--resume")
    assert (code, len(records(target)), len(api.ledger)) == (0, 1, 1)
