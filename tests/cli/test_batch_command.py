"""The batch command: its exit codes, its two outputs, and interruptions."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from batch_support import fail_journal_writes
from blockbuster import BlockBuster
from support import Command, records

import heygen_async.progress  # noqa: F401  its import reads files, which no test may do on the loop
from heygen_async.__main__ import main
from heygen_async.testing import Fault, HeyGenEmulator, Plan

PROGRAMS = ["heygen_async.batch", "heygen_async batch"]


@pytest.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator(autojump=True, concurrency_limit=10, balance=1e5) as emulator:
        yield emulator


@pytest.fixture
def sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rows.csv"
    path.write_text("id,avatar_id,script\n1,avatar_1,Hi\n2,avatar_1,Ho\n3,avatar_1,Ha\n", encoding="utf-8")
    return path


async def test_exit_codes_of_a_budget_and_of_failed_rows(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text(
        "id,prompt,avatar_id,type\n" + "".join(f"{i},A street,avatar_1,cinematic_avatar\n" for i in range(4)),
        encoding="utf-8",
    )
    code, _, error = await command(source, "--budget", "15")
    assert (code, "2 more rows" in error, len(api.ledger)) == (6, True, 2)
    api.plan(Plan(fail_code="bad", fail_message="It is bad.", count=1))
    code, out, _ = await command(source, "--resume", "--engine", "api", "--concurrency", "50")
    assert (code, len(api.ledger)) == (5, 4)
    assert sum("It is bad." in line for line in out) == 1
    rows = records(tmp_path / "rows_results.csv")
    assert sorted(row["status"] for row in rows) == ["completed"] * 3 + ["failed"]
    assert any("It is bad" in row["error"] for row in rows)
    code, _, _ = await command(source, "--retry-failed")
    assert (code, len(api.ledger)) == (0, 5)


async def test_exit_codes_of_a_rejected_key_and_of_an_incomplete_run(
    command: Command, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("id,avatar_id,script\n" + "".join(f"{i},avatar_1,Hi\n" for i in range(20)), encoding="utf-8")
    monkeypatch.setenv("HEYGEN_API_KEY", "wrong")
    code, out, error = await command(source)
    assert (code, out, api.ledger) == (3, [], [])
    assert "401" in error
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    fail_journal_writes(monkeypatch)
    code, _, error = await command(source, "--resume")
    assert (code, len(api.ledger) > 0) == (1, True)
    assert "again. Correct this, then continue with --resume." in error


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
async def test_ctrl_c_names_the_option_that_resumes(program: str, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("id,script,avatar_id\n" + "".join(f"{i},Hello,avatar_1\n" for i in range(20)), encoding="utf-8")
    async with HeyGenEmulator(render_seconds=3600) as slow:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *program.split(), str(source), stderr=subprocess.PIPE,
            env=os.environ | {"HEYGEN_API_KEY": slow.key, "HEYGEN_BASE_URL": slow.url},
        )  # fmt: skip
        while len(slow.ledger) < 10:
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, error = await process.communicate()
    assert process.returncode == 130
    assert b"again with --resume." in error.splitlines()[-1]
    if program == "heygen_async batch":
        lines = [msgspec.json.decode(line) for line in error.splitlines()]
        assert {"notice"} == {name for one in lines for name in one}
        assert lines[-1]["notice"]["code"] == "stopped"
    rows = records(tmp_path / "rows_results.csv")
    assert {row["status"] for row in rows} >= {"running", "not started"}


class CommandLine:
    """`heygen-async batch sheet.csv …`, against a local HeyGen that lives in its loop."""

    def __init__(self, api: HeyGenEmulator, run: Callable[[list[str]], tuple[int, str, str]]) -> None:
        self.api = api
        self.run = run

    def __call__(self, *arguments: str) -> tuple[int, list[Any], list[Any], dict[str, Any]]:
        """The exit code, the lines of stdout, the notices, and the error."""
        code, out, err = self.run(["batch", "sheet.csv", *arguments])
        lines = [msgspec.json.decode(line) for line in err.splitlines()]
        error = lines.pop()["error"] if code else {}
        return code, [msgspec.json.decode(line) for line in out.splitlines()], [one["notice"] for one in lines], error


@pytest.fixture
def run_json(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    no_blocking_calls: BlockBuster,
) -> Iterator[CommandLine]:
    no_blocking_calls.deactivate()  # the local HeyGen runs below the command's frames
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sheet.csv").write_text(
        "id,avatar_id,script\n1,avatar_1,Hi\n2,avatar_1,Ho\n3,avatar_1,Ha\n", encoding="utf-8"
    )

    def run(arguments: list[str]) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["heygen-async", *arguments])
        code = main()
        out, err = capfd.readouterr()
        return code, out, err

    with asyncio.Runner() as runner:
        api = runner.run(HeyGenEmulator(autojump=True, balance=1e5).start())
        monkeypatch.setattr(asyncio, "run", runner.run)
        monkeypatch.setenv("HEYGEN_API_KEY", api.key)
        monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
        yield CommandLine(api, run)
        runner.run(api.stop())


def test_reports_errors_before_a_job_is_created_as_json(
    run_json: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, _, notices, error = run_json("--concurrency", "0")
    assert (code, error["code"], error["hint"]) == (2, "usage_error", "heygen-async batch --help")
    assert error["message"].startswith("--concurrency is 0")
    code, _, _, error = run_json("--set", "fps=1")
    assert (code, error["code"]) == (2, "usage_error")
    assert error["message"].startswith("--set is 'fps'")
    monkeypatch.setenv("HEYGEN_API_KEY", "wrong")
    code, out, notices, error = run_json("--journal", "other")
    assert (code, error["status"], out, run_json.api.ledger) == (3, 401, [], [])
    assert error["code"] == "unauthorized"
    assert {notice["code"] for notice in notices} == {"batch"}
    monkeypatch.setenv("HEYGEN_API_KEY", "")
    for options in ((), ("--dry-run",)):
        code, _, _, error = run_json(*options)
        assert (code, error["code"]) == (3, "unauthorized")
    monkeypatch.setenv("HEYGEN_API_KEY", run_json.api.key)
    (tmp_path / "sheet.csv").write_text("id,avatar_id,script\n1,avatar_1,\n2,,Hi\n3,avatar_1,Hi\n", encoding="utf-8")
    code, _, notices, error = run_json("--output", "new.csv")
    assert (code, len(notices), error) == (
        2,
        2,
        {
            "code": "usage_error",
            "message": "2 of 3 rows are invalid. This run created no job. Correct the rows and run again.",
        },
    )


def test_reports_failed_rows_and_the_budget_as_json(run_json: CommandLine) -> None:
    code, out, notices, error = run_json("--budget", "0.00001")
    assert (code, out, error["code"], len(notices)) == (6, [], "budget_exceeded", 2)
    assert "does not cover 3 more rows" in error["message"]
    run_json.api.plan(Plan(fail_code="bad", fail_message="It is bad.", count=1))
    code, out, _, error = run_json("--resume")
    assert (code, len(out), error["code"]) == (5, 3, "rows_failed")
    assert error["message"].startswith("1 of 3 rows failed; sheet_results.csv gives the reasons.")
    code, out, notices, error = run_json("--retry-failed")
    assert (code, len(out), error) == (0, 3, {})
    assert len(run_json.api.ledger) == 4


def test_an_incomplete_run_is_a_failure_and_not_wrong_use(
    run_json: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_journal_writes(monkeypatch)
    code, _, _, error = run_json()
    assert (code, error["code"]) == (1, "incomplete")
    assert error["message"].endswith("continue with --resume.")


def test_log_messages_become_notices(run_json: CommandLine, tmp_path: Path) -> None:
    assert run_json()[0] == 0
    (tmp_path / "sheet.csv").write_text("id,avatar_id,script\n1,avatar_1,Changed\n", encoding="utf-8")
    code, _, notices, _ = run_json("--resume")
    assert code == 0
    assert any("has changed" in notice["message"] for notice in notices)
    assert any(notice["message"].startswith("1 row for videos") for notice in notices)


def test_help_lists_the_exit_codes(run_json: CommandLine) -> None:
    code, out, _ = run_json.run(["batch", "--help"])
    assert (code, "5 rows of a batch failed" in " ".join(out.split())) == (0, True)


async def test_help_lists_the_options(command: Command) -> None:
    code, lines, _ = await command("--help")
    text = "\n".join(lines)
    assert code == 0
    assert all(f"--{word}" in text for word in "resume retry-failed dry-run concurrency output-dir watch".split())


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
async def test_closed_stdout_ends_the_run(program: str, sheet: Path) -> None:
    sheet.write_text("id,script,avatar_id\n" + "".join(f"{i},Hello,avatar_1\n" for i in range(30)), encoding="utf-8")
    async with HeyGenEmulator(render_seconds=0.1) as api:
        process = await asyncio.create_subprocess_shell(
            f"{sys.executable} -m {program} {sheet}; echo $? >&2", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | {"HEYGEN_API_KEY": api.key, "HEYGEN_BASE_URL": api.url},
        )  # fmt: skip
        assert process.stdout is not None
        await process.stdout.readline()
        process.stdout._transport.close()  # type: ignore[attr-defined]
        assert process.stderr is not None
        error = (await process.stderr.read()).decode()
        await process.wait()
    assert ("Traceback" in error, "Exception ignored" in error, "BrokenPipe" in error) == (False, False, False)
    assert "Standard output was closed." in error
    assert "again with --resume." in error
    assert error.splitlines()[-1] == "1"


async def test_a_rejected_key_leaves_no_files(
    command: Command, api: HeyGenEmulator, sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "wrong")
    assert (await command(sheet))[0] == 3
    assert os.listdir() == ["rows.csv"]
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    assert (await command(sheet))[0] == 0


def test_names_rows_of_earlier_jobs_as_json(run_json: CommandLine, tmp_path: Path) -> None:
    assert run_json()[0] == 0
    (tmp_path / "sheet.csv.journal").unlink()
    code, out, notices, _ = run_json("--output", "second.csv")
    assert (code, len(run_json.api.ledger)) == (0, 3)
    assert [row["created_earlier"] for row in out] == [True] * 3
    assert notices[-1]["message"].endswith("3 rows were answered by jobs created earlier; --again makes new ones.")


def test_names_rows_that_may_have_been_charged_as_json(run_json: CommandLine, tmp_path: Path) -> None:
    rows = "".join(f"{number},voice_0000,Hello {number}\n" for number in range(3))
    (tmp_path / "sheet.csv").write_text(f"id,voice_id,text\n{rows}", encoding="utf-8")
    run_json.api.inject(Fault("lost_response", operation="VoiceSpeechCreate", count=3))
    code, out, notices, _ = run_json("--kind", "voices")
    assert (code, [row["possible_charges"] for row in out]) == (5, [1] * 3)
    assert notices[-1]["message"].endswith("3 rows may have been charged without a result.")
