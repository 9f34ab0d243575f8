"""Record histories of the workflow on a real server, for `test_replay.py`: `python record_histories.py`.

Run it after a change of the workflow that needs new histories, and keep the old ones: they are running workflows.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from temporal_support import Cluster, hello, temporal_server  # noqa: E402
from temporalio.client import WorkflowHistory  # noqa: E402

from heygen_async.testing import Fault, HeyGenEmulator, Plan  # noqa: E402


async def main() -> None:
    """Write a file for each course of a row."""
    with temporal_server() as address, TemporaryDirectory() as here:
        os.chdir(here)  # histories have the paths of files
        files = Path("files")
        files.mkdir()
        async with HeyGenEmulator(render_seconds=0.1, balance=1e6) as api, Cluster(api, address, files) as cluster:
            for course in (signalled, polled, failed, rejected, retried, cancelled, timed_out):
                await cluster.start_test(Path(mkdtemp(dir=here)))
                cluster.batch = course.__name__
                await course(cluster)
                write_history(course.__name__, await (await cluster.workflow("row-0")).fetch_history())


def write_history(name: str, history: WorkflowHistory) -> None:
    """Write a history without the name and the paths of this machine."""

    def without_stack(fields: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if name != "stackTrace"}

    text = json.dumps(json.loads(history.to_json(), object_hook=without_stack), indent=1) + "\n"
    (HERE / "histories" / f"{name}.json").write_text(text.replace(f"{os.getpid()}@{socket.gethostname()}", "worker"))


async def signalled(cluster: Cluster) -> None:
    await outcome(cluster)


async def polled(cluster: Cluster) -> None:
    for endpoint in list(cluster.api.state.endpoints):
        await cluster.heygen.webhooks.endpoints.delete(endpoint)
    cluster.api.plan(Plan(seconds=3.0, count=1))
    await outcome(cluster)


async def failed(cluster: Cluster) -> None:
    cluster.api.plan(Plan(fail_code="internal_error", count=1))
    await outcome(cluster)


async def rejected(cluster: Cluster) -> None:
    cluster.api.inject(Fault("status", operation="VideoCreate", status=400))
    await outcome(cluster)


async def retried(cluster: Cluster) -> None:
    cluster.api.inject(Fault("status", operation="VideoCreate", status=429, retry_after=0.2))
    await outcome(cluster)


async def cancelled(cluster: Cluster) -> None:
    cluster.api.plan(Plan(seconds=3600, count=1))
    running = asyncio.ensure_future(outcome(cluster))
    while not cluster.api.ledger:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.5)
    await (await cluster.workflow("row-0")).cancel()
    await running


async def timed_out(cluster: Cluster) -> None:
    cluster.api.plan(Plan(seconds=3600, count=1))
    await outcome(cluster, timeout=0.1)


async def outcome(cluster: Cluster, **options: Any) -> None:
    await cluster.outcomes(hello(1), **options)


if __name__ == "__main__":
    asyncio.run(main())
