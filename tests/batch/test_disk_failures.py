"""Kills of a batch whose disk is full or whose folder is read-only: no row is paid twice, and no file is torn."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import pytest
from batch_process import KILLS, Ended, check_files, check_paid_once, run_batch

from heygen_async.testing import HeyGenEmulator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for files, and no read-only folders"),
]

DISK_KILLS = KILLS * 3 // 10
ROWS = 10 + DISK_KILLS


def check_refusal(ended: Ended, *reasons: str) -> None:
    """Check that a run that did not start or go on says that it cannot write, and not that rows are lost."""
    if ended.error:
        name, text = ended.error
        assert name == "JournalError", text
        assert any(reason in text for reason in reasons), text
        assert "recover=True" not in text


async def test_a_full_disk(tmp_path: Path) -> None:
    choice, failures = random.Random(6), 0
    (tmp_path / "journal").mkdir()
    async with HeyGenEmulator(record_requests=False, render_seconds=1.0, concurrency_limit=4, balance=1e6) as api:
        for number in range(DISK_KILLS):
            used = (tmp_path / "journal/j").stat().st_size if (tmp_path / "journal/j").exists() else 0
            limit = choice.choice([used + 4096 * choice.randrange(4), choice.randrange(4096, used + 65536)])
            limit, kill_after = (limit, choice.uniform(0.2, 0.8)) if number else (4096, None)  # the first ends itself
            ended = await run_batch(api, kill_after, rows=ROWS, folder=tmp_path, max_file_size=limit)
            check_refusal(ended, "cannot be written", "cannot be opened")
            failures += bool(ended.error)
        check_paid_once(api, await run_batch(api, None, rows=ROWS, folder=tmp_path), ROWS)
    check_files(tmp_path, ROWS)
    print(f"full disk: {failures} of {DISK_KILLS} runs could not write")
    assert failures


async def test_a_read_only_folder(tmp_path: Path) -> None:
    choice, failures = random.Random(6), 0
    folder = tmp_path / "journal"
    folder.mkdir()
    async with HeyGenEmulator(record_requests=False, render_seconds=1.0, concurrency_limit=4, balance=1e6) as api:
        for number in range(DISK_KILLS):
            modes = choice.choice([(0o500, 0o700), (0o700, 0o500), (0o500, 0o500)]) if number else (0o500, 0o500)
            folder.chmod(modes[0])
            kill_after = choice.uniform(0.2, 0.8) if number else None  # the first ends itself
            task = asyncio.ensure_future(run_batch(api, kill_after, rows=ROWS, folder=tmp_path))
            await asyncio.wait({task}, timeout=choice.uniform(0.3, 0.8))
            folder.chmod(modes[1])
            ended = await task
            check_refusal(ended, "is read-only", "Permission denied", "readonly database")
            failures += bool(ended.error)
        folder.chmod(0o700)
        check_paid_once(api, await run_batch(api, None, rows=ROWS, folder=tmp_path), ROWS)
    check_files(tmp_path, ROWS)
    print(f"read-only folder: {failures} of {DISK_KILLS} runs could not write")
    assert failures
