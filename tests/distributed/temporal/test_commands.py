"""`heygen-async batch --engine temporal` and `heygen-async worker`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click
import pytest
from support import records
from temporal_support import Cluster, new_name, start_worker

from heygen_async.cli.batch import batch, execute
from heygen_async.cli.batch_reports import JSONReport
from heygen_async.cli.worker import worker

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

SHEET = "id,avatar_id,script\n1,avatar_1,Hello Ada.\n2,avatar_1,Hello Bo.\n"
Batch = Callable[..., Awaitable[int]]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(SHEET)
    return path


@pytest.fixture
def run_batch(cluster: Cluster, monkeypatch: pytest.MonkeyPatch, sheet: Path) -> Batch:
    """Run the command in this process; return its exit code."""
    monkeypatch.setenv("HEYGEN_API_KEY", cluster.api.key)
    monkeypatch.setenv("HEYGEN_BASE_URL", cluster.api.url)

    async def run(*options: str) -> int:
        arguments = [str(sheet), "--engine", "temporal", "--address", cluster.address, "--task-queue", cluster.queue]
        parsed = await asyncio.to_thread(
            lambda: batch.make_context("batch", [*arguments, "--name", cluster.batch, *options]).params
        )
        return await execute(parsed, JSONReport())

    return run


async def test_a_sheet_is_submitted_followed_and_resumed(
    cluster: Cluster, run_batch: Batch, sheet: Path, capsys: Any
) -> None:
    assert await run_batch() == 0
    outcomes = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(outcome["key"] for outcome in outcomes) == ["1", "2"]
    assert sorted(outcome["paths"] for outcome in outcomes) == [[str(cluster.files / f"{key}.mp4")] for key in "12"]
    rows = records(sheet.with_name("rows_results.csv"))
    assert [(row["id"], row["status"], row["path"]) for row in rows] == [
        (key, "completed", str(cluster.files / f"{key}.mp4")) for key in "12"
    ]
    assert await run_batch("--resume") == 0
    assert len(cluster.api.ledger) == 2


async def test_options_of_the_workers_are_refused(
    cluster: Cluster, run_batch: Batch, tmp_path: Path, capsys: Any
) -> None:
    assert await run_batch("--output-dir", str(tmp_path / "files")) == 2
    assert "heygen-async worker" in capsys.readouterr().err
    assert await run_batch("--concurrency", "3") == 2
    assert not cluster.api.requests_for("VideoCreate")


async def test_a_budget_and_a_dry_run_submit_nothing(cluster: Cluster, run_batch: Batch) -> None:
    assert await run_batch("--dry-run") == 0
    assert await run_batch("--budget", "0") == 6
    assert not cluster.api.requests_for("VideoCreate")


async def test_a_server_that_is_not_there_is_named(run_batch: Batch, capsys: Any) -> None:
    assert await run_batch("--address", "127.0.0.1:1") == 1
    assert "127.0.0.1:1" in capsys.readouterr().err


async def test_a_worker_executes_rows_until_a_signal(cluster: Cluster, tmp_path: Path) -> None:
    queue, files = new_name(), tmp_path / "files"
    process = await start_worker(cluster.api, cluster.address, queue, files, "--poll", "0.5", "--concurrency", "5")
    outcomes = await cluster.outcomes(
        [("row-0", {"type": "avatar", "avatar_id": "avatar_1", "script": "Hi."})], task_queue=queue
    )
    assert outcomes["row-0"].path == files / "row-0.mp4"
    await process.stop()
    assert process.process.returncode == 0, process.errors


@pytest.mark.parametrize("options", [["--redis", "redis://127.0.0.1"], ["--port", "0"]])
async def test_a_worker_refuses_half_of_an_option(options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEYGEN_WEBHOOK_SECRET", raising=False)
    with pytest.raises(click.UsageError):
        worker.main(options, standalone_mode=False)


async def test_the_example_works_on_its_own_rows(cluster: Cluster, sheet: Path) -> None:
    example = Path(__file__).parents[3] / "examples" / "rows_on_temporal.py"
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(example), "--work", "rows.csv", "--address", cluster.address, "--poll", "1",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=sheet.parent,
    )  # fmt: skip
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert sorted(output.decode().splitlines()) == [f"{key} completed videos/{key}.mp4" for key in "12"]
