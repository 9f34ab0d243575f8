"""Rows made on several machines: a queue in Redis, by arq, and the promise of a journal kept by idempotency keys.

python examples/batch_on_arq.py fill rows.csv --redis redis://127.0.0.1:6379
python examples/batch_on_arq.py work --redis redis://127.0.0.1:6379

A row's content names its job in the queue and is its idempotency key at HeyGen. So a row that is put in twice is made
once, and when a worker dies, the next one that takes the row gets the same video, not a second one (for 24 hours, as
long as HeyGen keeps a key).
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
from heygen_async.batch.sheet import Sheet
from heygen_async.testing import HeyGenEmulator

if TYPE_CHECKING:
    from arq.typing import WorkerCoroutine


async def make(context: dict[str, Any], key: str, request: dict[str, Any]) -> str:
    """One row: its video, in the folder. It may be run again after any of its steps."""
    heygen: AsyncHeyGen = context["heygen"]
    try:
        created = await heygen.videos.create(request, idempotency_key=key)
    except RateLimitError as full:  # other machines hold the plan's slots
        raise Retry(defer=full.retry_after or 5) from None
    video = await heygen.wait_for_video(created)
    await heygen.download(video, context["folder"] / f"{key}.mp4", overwrite=True)
    return video.id


async def fill(sheet: str, redis: str) -> None:
    """Put the rows that are not there yet into the queue."""
    rows = Sheet(sheet)
    pool = await create_pool(RedisSettings.from_dsn(redis))
    new = 0
    async for item in rows:
        row = msgspec.to_builtins(item.request)
        new += await pool.enqueue_job("make", item.key, row, _job_id=item.key) is not None
    await pool.aclose()
    print(f"{new} rows are new in the queue")


async def work(redis: str, folder: Path, timeout: int, *, burst: bool) -> None:
    """Make rows until there are none (`burst`), or for ever."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        key, url = os.environ.get("HEYGEN_API_KEY"), None
        if not key:
            local = await stack.enter_async_context(HeyGenEmulator(render_seconds=2))
            key, url = local.key, local.url
            print(f"No HEYGEN_API_KEY: using a local HeyGen at {url}, which charges nothing.", file=sys.stderr)
        heygen = await stack.enter_async_context(AsyncHeyGen(key, base_url=url))
        worker = Worker(
            [func(cast("WorkerCoroutine", make), max_tries=100, timeout=timeout)],
            redis_settings=RedisSettings.from_dsn(redis),
            ctx={"heygen": heygen, "folder": folder},
            burst=burst,
            max_jobs=10,
            handle_signals=False,
        )
        stack.push_async_callback(worker.close)
        await worker.async_run()
        print(f"{worker.jobs_complete} rows were made here, {worker.jobs_failed} failed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["fill", "work"])
    parser.add_argument("sheet", nargs="?", default="rows.csv", help="for fill")
    parser.add_argument("--redis", default="redis://127.0.0.1:6379")
    parser.add_argument("--output-dir", type=Path, default=Path("videos"))
    parser.add_argument("--timeout", type=int, default=1800, help="seconds until a row whose worker died is another's")
    parser.add_argument("--burst", action="store_true", help="end when the queue is empty")
    given = parser.parse_args()
    if given.step == "fill":
        run(fill(given.sheet, given.redis))
    run(work(given.redis, given.download_to, given.timeout, burst=given.burst))
