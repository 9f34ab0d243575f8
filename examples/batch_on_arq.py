"""Create the videos of a sheet on several machines: arq's queue in Redis, with idempotency keys in place of a journal.

python examples/batch_on_arq.py fill rows.csv --redis redis://127.0.0.1:6379
python examples/batch_on_arq.py work --redis redis://127.0.0.1:6379

The digest of a row's content is the id of its job in the queue, and its idempotency key at HeyGen. A row that is queued
twice creates one video. When a worker dies, the next worker that takes the row gets the same video. This holds for 24
hours, as long as HeyGen keeps a key.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
from arq import Retry, create_pool
from arq.connections import RedisSettings
from arq.worker import Worker, func
from local import run

from heygen_async import AsyncHeyGen, RateLimitError
from heygen_async.batch.sheet_rows import Sheet
from heygen_async.testing import HeyGenEmulator

if TYPE_CHECKING:
    from arq.typing import WorkerCoroutine


async def create_video(context: dict[str, Any], key: str, request: dict[str, Any]) -> str:
    """Create and download the video of one row. The job may run again after each of its steps."""
    heygen: AsyncHeyGen = context["heygen"]
    try:
        created = await heygen.videos.create(request, idempotency_key=key)
    except RateLimitError as full:  # other machines use the plan's whole concurrency
        raise Retry(defer=full.retry_after or 5) from None
    video = await heygen.wait_for_video(created)
    await heygen.download(video, context["folder"] / f"{key}.mp4", overwrite=True)
    return video.id


async def fill(sheet: str, redis: str) -> None:
    """Put the rows that are not in the queue yet into it."""
    rows = Sheet(sheet)
    pool = await create_pool(RedisSettings.from_dsn(redis))
    new = 0
    async for item in rows:
        row = msgspec.to_builtins(item.request)
        new += await pool.enqueue_job("create_video", item.key, row, _job_id=item.key) is not None
    await pool.aclose()
    print(f"{new} rows are new in the queue")


async def work(redis: str, folder: Path, timeout: int, *, burst: bool) -> None:
    """Take rows from the queue until it is empty (`burst`), or until the program is stopped."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        key, url = os.environ.get("HEYGEN_API_KEY"), None
        if not key:
            local = await stack.enter_async_context(HeyGenEmulator(render_seconds=2))
            key, url = local.key, local.url
            print(f"No HEYGEN_API_KEY: using a local HeyGen at {url}, which charges nothing.", file=sys.stderr)
        heygen = await stack.enter_async_context(AsyncHeyGen(key, base_url=url))
        worker = Worker(
            [func(cast("WorkerCoroutine", create_video), max_tries=100, timeout=timeout)],
            redis_settings=RedisSettings.from_dsn(redis),
            ctx={"heygen": heygen, "folder": folder},
            burst=burst,
            max_jobs=10,
            handle_signals=False,
        )
        stack.push_async_callback(worker.close)
        await worker.async_run()
        print(f"{worker.jobs_complete} rows succeeded here, {worker.jobs_failed} failed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["fill", "work"])
    parser.add_argument("sheet", nargs="?", default="rows.csv", help="for fill")
    parser.add_argument("--redis", default="redis://127.0.0.1:6379")
    parser.add_argument("--output-dir", type=Path, default=Path("videos"))
    parser.add_argument(
        "--timeout", type=int, default=1800, help="seconds until another worker takes the row of a dead one"
    )
    parser.add_argument("--burst", action="store_true", help="end when the queue is empty")
    arguments = parser.parse_args()
    if arguments.step == "fill":
        run(fill(arguments.sheet, arguments.redis))
    run(work(arguments.redis, arguments.output_dir, arguments.timeout, burst=arguments.burst))
