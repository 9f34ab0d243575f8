"""Signals: each command that runs for long ends in order, with an exit code of the table, whenever one arrives."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cli_support import ended, environment
from support import records

from heygen_async.testing import Fault, HeyGenEmulator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc shows when a process handles signals"),
]

MOMENTS = os.environ.get("HEYGEN_ASYNC_SIGNALS")  # for each command; with it, the time until the end is measured
MAX_SECONDS = 3.0
ROWS = 30
COMMANDS = {
    "batch": ("heygen_async", "batch", "rows.csv"),
    "listen": ("heygen_async", "listen", "--port", "0", "--register", "https://example.com/hook"),
    "mcp over stdio": ("heygen_async.mcp",),
    "mcp over http": ("heygen_async.mcp", "--http", "--port", "0"),
    "emulator": ("heygen_async.testing", "--port", "0"),
}
NUMBERS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)]
CASES = [(name, moment) for name in COMMANDS for moment in range(int(MOMENTS or 1))]


@asynccontextmanager
async def started(api: HeyGenEmulator, folder: Path, *command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    (folder / "rows.csv").write_text(
        "id,script,avatar_id\n" + "".join(f"{i},Hello,avatar_1\n" for i in range(ROWS)), encoding="utf-8"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=os.environ | environment(api),
    )  # fmt: skip
    async with ended(process):
        yield process


def handles_signals(process: asyncio.subprocess.Process) -> bool:
    """Whether the process has a handler of SIGTERM."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    (caught,) = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize(("name", "moment"), CASES)
async def test_a_signal_at_any_moment_ends_it_in_order(name: str, moment: int, tmp_path: Path) -> None:
    dice = random.Random(f"{name} {moment}")
    number, delay = dice.choice(NUMBERS), dice.uniform(0, 6 if MOMENTS else 2.5)
    async with HeyGenEmulator(render_seconds=3600) as api, started(api, tmp_path, *COMMANDS[name]) as process:
        while not handles_signals(process):
            await asyncio.sleep(0.01)
        await asyncio.sleep(delay)
        process.send_signal(number)
        start = time.monotonic()
        _, err = await process.communicate()
        seconds = time.monotonic() - start
        assert process.returncode in {0, 130}, (number, delay, err)
        assert b"Traceback" not in err
        assert api.state.endpoints == {}
        has_journal = (tmp_path / "rows.csv.journal").exists()
        assert has_journal >= bool(api.ledger)
        assert has_journal == (tmp_path / "rows_results.csv").exists()
        if MOMENTS:
            print(f"{name}: {number.name} after {delay:.2f} s ended it in {seconds:.2f} s with {process.returncode}")
            assert seconds < MAX_SECONDS


async def test_sigterm_ends_a_batch_as_ctrl_c_does(tmp_path: Path) -> None:
    async with (
        HeyGenEmulator(render_seconds=3600) as api,
        started(api, tmp_path, "heygen_async.batch", "rows.csv") as process,
    ):
        while len(api.ledger) < 10:
            await asyncio.sleep(0.01)
        process.terminate()
        _, error = await process.communicate()
    assert process.returncode == 130
    assert b"again with --resume." in error.splitlines()[-1]
    assert {row["status"] for row in records(tmp_path / "rows_results.csv")} >= {"running", "not started"}


async def test_a_batch_ends_in_order_when_its_terminal_is_closed(tmp_path: Path) -> None:
    import pty

    terminal, inner = pty.openpty()
    async with HeyGenEmulator(render_seconds=3600) as api:
        (tmp_path / "rows.csv").write_text("id,script,avatar_id\n1,Hi,avatar_1\n2,Hi,avatar_1\n", encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "heygen_async", "batch", "rows.csv", cwd=tmp_path, stdin=inner, stdout=inner,
            stderr=inner, start_new_session=True, env=os.environ | environment(api),
        )  # fmt: skip
        os.close(inner)
        while len(api.ledger) < 2:
            await asyncio.sleep(0.01)
        os.close(terminal)
        process.send_signal(signal.SIGHUP)
        assert await process.wait() == 130
    assert [row["id"] for row in records(tmp_path / "rows_results.csv")] == ["1", "2"]


async def test_a_hung_ending_is_cut_short(tmp_path: Path) -> None:
    """HeyGen accepts the request that deletes the endpoint, and never responds."""
    async with HeyGenEmulator() as api, started(api, tmp_path, *COMMANDS["listen"]) as process:
        assert process.stderr is not None
        await process.stderr.readline()
        api.inject(Fault("silent", operation="WebhookEndpointsDelete", count=None))
        process.terminate()
        await process.communicate()
        assert process.returncode in {0, 130}
