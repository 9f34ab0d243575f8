"""Thousands of rows: memory and CPU of a worker in which they wait, memory of the program that submits them.

`HEYGEN_ASYNC_DISTRIBUTED_ROWS` sets their number; it is ten times as large.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest
from temporal_support import ROWS, hello, long_run, new_name, start_worker, webhook_bridge
from temporalio.client import Client

from heygen_async import AsyncHeyGen, WebhookReceiver
from heygen_async.distributed.temporal import HeyGenPlugin, signal_events, submit
from heygen_async.testing import HeyGenEmulator

pytestmark = [
    long_run,
    pytest.mark.slow,
    pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory and CPU are read from /proc"),
]
WAITING = SUBMITTED = ROWS * 10
IDLE_SECONDS = 20
#: Submits rows and prints a line after each tenth of them.
SUBMITTER = """
import asyncio, sys
from temporalio.client import Client
from heygen_async.distributed.temporal import HeyGenPlugin, submit

async def main(address, queue, count):
    client = await Client.connect(address, plugins=[HeyGenPlugin()])
    rows = ((f"row-{n}", {"type": "avatar", "avatar_id": "avatar_1", "script": f"Hello {n}."}) for n in range(count))
    ended = 0
    async for outcome in submit(client, rows, batch=queue, journal="rows.journal", task_queue=queue, ahead=50):
        assert outcome.succeeded, outcome.error
        ended += 1
        if ended % (count // 10) == 0:
            print(ended, flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def memory(pid: int) -> float:
    """The resident memory of a process in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def cpu(pid: int) -> float:
    """The CPU time of a process in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def test_waiting_rows_cost_a_worker_little(temporal: str, tmp_path: Path) -> None:
    queue, files = new_name(), tmp_path / "files"
    async with (
        HeyGenEmulator(render_seconds=1e6, concurrency_limit=WAITING, balance=1e6) as api,
        AsyncHeyGen(api.key, base_url=api.url) as heygen,
    ):
        client = await Client.connect(temporal, plugins=[HeyGenPlugin()])
        receiver = WebhookReceiver("whsec_unused", acknowledge="after_handlers", clock=api.clock.time)
        signal_events(receiver, client)
        async with webhook_bridge(api, receiver):
            worker = await start_worker(api, temporal, queue, files, "--poll", "3600")
            pid, before = worker.process.pid, memory(worker.process.pid)
            rows = submit(
                client, hello(WAITING), heygen=heygen, journal=tmp_path / f"{queue}.journal", task_queue=queue,
                ahead=WAITING, timeout=None,
            )  # fmt: skip
            following = asyncio.ensure_future(anext(outcomes := aiter(rows)))
            while len(api.ledger) < WAITING:
                await asyncio.sleep(0.1)
            await asyncio.sleep(5)  # for the last responses
            requests, used, start = len(api.requests), cpu(pid), time.monotonic()
            await asyncio.sleep(IDLE_SECONDS)
            share, waiting = (cpu(pid) - used) / (time.monotonic() - start), memory(pid)
            assert len(api.requests) == requests, "a waiting row sends requests"
            api.clock.advance(1e6)
            await heygen.users.me()  # a request shows the emulator its new time
            began = time.monotonic()
            ended = [await following] + [outcome async for outcome in outcomes]
            elapsed = time.monotonic() - began
            await worker.stop()
    assert len([outcome for outcome in ended if outcome.succeeded]) == WAITING
    per_row = (waiting - before) * 1024 / WAITING
    print(
        f"{WAITING} rows wait in one worker: {waiting:.0f} MiB ({before:.0f} MiB before, {per_row:.0f} KiB a row), "
        f"{share:.1%} of a CPU; all end in {elapsed:.0f} s"
    )
    assert per_row < 200


async def test_the_memory_of_a_submitter_is_flat(temporal: str, tmp_path: Path) -> None:
    queue = new_name()
    async with HeyGenEmulator(
        render_seconds=0.0, concurrency_limit=SUBMITTED, balance=1e6, record_requests=False
    ) as api:
        worker = await start_worker(api, temporal, queue, tmp_path / "files", "--poll", "0.1")
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SUBMITTER, temporal, queue, str(SUBMITTED),
            stdout=asyncio.subprocess.PIPE, cwd=tmp_path,
            env=os.environ | {"HEYGEN_API_KEY": api.key, "HEYGEN_BASE_URL": api.url},
        )  # fmt: skip
        assert process.stdout is not None
        samples = [memory(process.pid) async for _ in process.stdout]
        assert await process.wait() == 0
        elapsed = time.monotonic() - began
        await worker.stop()
        assert len(api.ledger) == SUBMITTED
    shown = " ".join(f"{sample:.0f}" for sample in samples)
    print(f"{SUBMITTED} rows submitted and ended in {elapsed:.0f} s; memory of the submitter in MiB: {shown}")
    assert samples[-1] < samples[1] * 1.1
