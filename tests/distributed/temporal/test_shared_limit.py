"""Three workers share the plan's concurrency through Redis, instead of finding it by rejected requests."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from support import redis_server
from temporal_support import ROWS, check_charges, hello, long_run, new_name, start_worker, webhook_bridge
from temporalio.client import Client

from heygen_async import AsyncHeyGen, WebhookReceiver
from heygen_async.distributed.temporal import HeyGenPlugin, signal_events, submit
from heygen_async.testing import HeyGenEmulator

pytestmark = [long_run, pytest.mark.slow]

LIMIT = 20
RENDER_SECONDS = 2.0


async def test_a_shared_limit_avoids_rejections(temporal: str, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    queue = new_name()
    async with (
        redis_server() as redis,
        HeyGenEmulator(render_seconds=RENDER_SECONDS, concurrency_limit=LIMIT, balance=1e6) as api,
        AsyncHeyGen(api.key, base_url=api.url) as heygen,
    ):
        client = await Client.connect(temporal, plugins=[HeyGenPlugin()])
        receiver = WebhookReceiver("whsec_unused", acknowledge="after_handlers")
        signal_events(receiver, client)
        limiter = ("--redis", f"redis://127.0.0.1:{redis}", "--concurrency", str(LIMIT))
        async with webhook_bridge(api, receiver):
            workers = [await start_worker(api, temporal, queue, files, *limiter, "--poll", "5") for _ in range(3)]
            began = time.monotonic()
            rows = submit(client, hello(ROWS), heygen=heygen, journal=tmp_path / f"{queue}.journal", task_queue=queue)
            outcomes = [outcome async for outcome in rows]
            elapsed = time.monotonic() - began
            for worker in workers:
                await worker.stop()
        check_charges(api, outcomes, files, ROWS)
        rejections = sum(request.status == 429 for request in api.requests_for("VideoCreate"))
    floor = ROWS / LIMIT * RENDER_SECONDS
    print(f"{ROWS} rows, {rejections} rejections, {elapsed:.0f} s; the plan's floor is {floor:.0f} s")
    assert rejections < 5
