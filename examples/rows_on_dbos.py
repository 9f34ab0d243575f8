"""Create the videos of a sheet on several machines: DBOS stores the steps of each row in SQLite or Postgres.

python examples/rows_on_dbos.py fill rows.csv --database sqlite:///rows.sqlite
python examples/rows_on_dbos.py work --database sqlite:///rows.sqlite --worker worker-1
python examples/rows_on_dbos.py rescue --database sqlite:///rows.sqlite --worker worker-2

On Python 3.12 and newer, DBOS needs SQLite 3.42 for such a file; Postgres is an alternative.

A row is a workflow whose id is the row's idempotency key, so a row that is filled in twice creates one video. A worker
that is killed continues its rows when it starts again: a step that has ended is not repeated, and a repeated create
gets the same video. The queue's concurrency is the plan's, over all workers.

The trap: DBOS returns the rows of a dead worker to a worker of the same name alone. When a machine does not come back,
its rows stay pending for ever, and no error says so. So give each worker a name that survives its restart, and watch
for rows that stay pending. `rescue` puts the rows of a worker back into the queue. Should the worker be alive, nothing
is paid for twice: both workers run the same steps on the same video.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

import msgspec
from dbos import DBOS, DBOSClient, EnqueueOptions
from local import open_heygen, run

from heygen_async.batch.sheet_rows import Sheet
from heygen_async.distributed import JobHandle, Steps, errors, idempotency_key

QUEUE = "rows"
VERSION = "1"  # DBOS continues a row with a worker of the same version; by default it is a digest of this file
UNFINISHED = ["PENDING", "ENQUEUED"]


def should_retry(error: BaseException) -> bool:
    """Return whether DBOS repeats a step."""
    return not errors.is_final(error)


step = DBOS.step(
    retries_allowed=True, max_attempts=100, interval_seconds=1.0, backoff_rate=1.1, should_retry=should_retry
)


class Worker:
    """The client and the options of this process, for the steps."""

    steps: Steps
    folder: Path


@step
async def prepare(key: str, request: dict[str, Any], batch: str) -> object:
    """Return the handle of a row. DBOS stores it before the row is created."""
    return msgspec.to_builtins(await Worker.steps.prepare((key, request), batch=batch))


@step
async def create(key: str, request: dict[str, Any], handle: object) -> object:
    """Create the row's video; return its handle with the id."""
    return msgspec.to_builtins(await Worker.steps.create((key, request), msgspec.convert(handle, JobHandle)))


@step
async def wait_and_fetch(handle: object) -> list[str]:
    """Wait for the row's video, and download it."""
    return await Worker.steps.fetch(msgspec.convert(handle, JobHandle), Worker.folder)


@DBOS.workflow()
async def make_row(key: str, request: dict[str, Any], batch: str) -> list[str]:
    """Create and download the video of one row."""
    handle = await prepare(key, request, batch)
    handle = await create(key, request, handle)
    return await wait_and_fetch(handle)


async def fill(sheet: str, client: DBOSClient) -> None:
    """Put the rows that are not in the database yet into it."""
    batch, new = Path(sheet).name, 0
    async for item in Sheet(sheet):
        id = await asyncio.to_thread(idempotency_key, item, batch=batch)
        if not await client.list_workflows_async(workflow_ids=[id]):
            options = EnqueueOptions(
                queue_name=QUEUE, workflow_name=make_row.__qualname__, workflow_id=id, app_version=VERSION
            )
            await client.enqueue_async(options, item.key, msgspec.to_builtins(item.request), batch)
            new += 1
    print(f"{new} rows are new in the database")


async def rescue(worker: str, client: DBOSClient) -> None:
    """Put the rows of a worker that does not come back into the queue again."""
    rows = await client.list_workflows_async(status="PENDING", executor_id=worker)
    for row in rows:
        await client.resume_workflow_async(row.workflow_id, queue_name=QUEUE)
    print(f"{len(rows)} rows of {worker} are in the queue again")


async def work(database: str, worker: str, folder: Path, limit: int, *, burst: bool) -> None:
    """Make rows until all are finished (`burst`), or until the program is stopped."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with open_heygen(render_seconds=2) as heygen:
        Worker.steps, Worker.folder = Steps(heygen), folder
        DBOS(config=dbos_config(database, worker))
        DBOS.launch()
        try:
            await DBOS.register_queue_async(QUEUE, global_concurrency=limit, polling_interval_sec=0.2)
            while not burst or await DBOS.list_workflows_async(status=UNFINISHED, limit=1):  # noqa: ASYNC110  of all workers
                await asyncio.sleep(0.2)
            failed = await DBOS.list_workflows_async(status="ERROR")
            done = await DBOS.list_workflows_async(status="SUCCESS")
        finally:
            DBOS.destroy()
        print(f"{len(done)} rows succeeded, {len(failed)} failed")


def dbos_config(database: str, worker: str) -> Any:
    """Return the configuration of DBOS for this process."""
    return {
        "name": "heygen-rows",
        "system_database_url": database,
        "executor_id": worker,
        "application_version": VERSION,
        "log_level": "WARNING",
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["fill", "work", "rescue"])
    parser.add_argument("sheet", nargs="?", default="rows.csv", help="for fill")
    parser.add_argument("--database", default="sqlite:///rows.sqlite", help="or postgresql://user:password@host/name")
    parser.add_argument("--worker", default="worker-1", help="the name of this worker, or of the one to rescue")
    parser.add_argument("--output-dir", type=Path, default=Path("videos"))
    parser.add_argument("--limit", type=int, default=10, help="the plan's number of parallel jobs")
    parser.add_argument("--burst", action="store_true", help="end when all rows are finished")
    arguments = parser.parse_args()
    if arguments.step == "work":
        run(work(arguments.database, arguments.worker, arguments.output_dir, arguments.limit, burst=arguments.burst))
    DBOS.migrate(arguments.database)
    client = DBOSClient(system_database_url=arguments.database)
    run(fill(arguments.sheet, client) if arguments.step == "fill" else rescue(arguments.worker, client))
