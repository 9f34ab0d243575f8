"""Create the videos of a sheet on several machines: streaq's queue in Redis, with a limiter that the workers share.

python examples/rows_on_streaq.py fill rows.csv --redis redis://127.0.0.1:6379
python examples/rows_on_streaq.py work --redis redis://127.0.0.1:6379 --limit 20

A row's idempotency key is the id of its task, and its handle travels in the task. So a row that is filled in twice
creates one video, and so does a task that runs twice, at whatever time. When a worker dies, another one takes its tasks
after `--dead-after` seconds. The limiter lets the workers run as many jobs as the plan allows, not more.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias, cast

import msgspec
from local import open_heygen, run
from redis.asyncio import Redis
from streaq import StreaqRetry, Worker
from streaq.task import AsyncRegisteredTask

from heygen_async import HeyGenError
from heygen_async.batch.sheet_rows import Sheet
from heygen_async.distributed import JobHandle, RedisLimiter, Steps, errors, new_handle

MAX_JOB_SECONDS = 3600
Row: TypeAlias = AsyncRegisteredTask[[str, dict[str, Any], dict[str, Any]], list[str]]


def build_worker(redis: str, folder: Path, limit: int, dead_after: float) -> Worker[Steps]:
    """Return a worker whose tasks share one client and one limiter."""

    @asynccontextmanager
    async def open_steps() -> AsyncGenerator[Steps]:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        async with cast("Any", Redis).from_url(redis) as client, open_heygen(render_seconds=2) as heygen:
            yield Steps(heygen, limiter=RedisLimiter(client, limit))

    return Worker(redis, lifespan=open_steps, concurrency=limit, idle_timeout=dead_after)


def add_task(worker: Worker[Steps], folder: Path) -> Row:
    """Give the worker its task."""

    async def make_row(key: str, request: dict[str, Any], handle: dict[str, Any]) -> list[str]:
        """Create and download the video of one row. The task may run again after each of its steps."""
        steps = worker.context
        try:
            created = await steps.create((key, request), msgspec.convert(handle, JobHandle))
            return await steps.fetch(created, folder, timeout=MAX_JOB_SECONDS)
        except HeyGenError as error:
            if errors.is_final(error):
                raise
            raise StreaqRetry(str(error), delay=int(errors.retry_after(error) or 5) + 1) from None

    task: Row = worker.task(max_tries=None, timeout=2 * MAX_JOB_SECONDS, silent=True)(make_row)
    return task


async def fill(sheet: str, redis: str) -> None:
    """Put the rows into the queue. A row that waits there, or runs, is not put there again."""
    worker = build_worker(redis, Path(), 1, 60)
    task, count = add_task(worker, Path()), 0
    async with worker:
        async for item in Sheet(sheet):
            handle = await asyncio.to_thread(new_handle, item, batch=Path(sheet).name)
            row = task.enqueue(item.key, msgspec.to_builtins(item.request), msgspec.to_builtins(handle))
            row.id = handle.idempotency_key
            await row
            count += 1
    print(f"{count} rows are in the queue")


async def work(redis: str, folder: Path, limit: int, dead_after: float, *, burst: bool) -> None:
    """Take rows from the queue until it is empty (`burst`), or until the program is stopped."""
    worker = build_worker(redis, folder, limit, dead_after)
    add_task(worker, folder)
    worker.burst = burst
    await worker.run_async()
    print(f"{worker.counters['completed']} rows succeeded here, {worker.counters['failed']} failed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["fill", "work"])
    parser.add_argument("sheet", nargs="?", default="rows.csv", help="for fill")
    parser.add_argument("--redis", default="redis://127.0.0.1:6379")
    parser.add_argument("--output-dir", type=Path, default=Path("videos"))
    parser.add_argument("--limit", type=int, default=10, help="the plan's number of parallel jobs")
    parser.add_argument(
        "--dead-after", type=float, default=60, help="seconds until the rows of a dead worker are taken"
    )
    parser.add_argument(
        "--burst", action="store_true", help="end when the queue is empty; rows of a dead worker may follow"
    )
    arguments = parser.parse_args()
    if arguments.step == "fill":
        run(fill(arguments.sheet, arguments.redis))
    options = (arguments.output_dir, arguments.limit, arguments.dead_after)
    run(work(arguments.redis, *options, burst=arguments.burst))
