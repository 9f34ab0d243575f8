"""Workers that are killed, webhooks that are lost, duplicated and forged: one charge and one file a row.

`HEYGEN_ASYNC_DISTRIBUTED_ROWS` sets the number of rows.
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import pytest
from batch_process import inject_faults
from support import redis_server
from temporal_support import ROWS, check_charges, hello, kill_workers, long_run, new_name, start_worker, webhook_bridge
from temporalio.client import Client

from heygen_async import AsyncHeyGen, WebhookReceiver
from heygen_async.distributed.temporal import HeyGenPlugin, signal_events, submit
from heygen_async.testing import HeyGenEmulator

pytestmark = [long_run, pytest.mark.slow]

LIMIT = 20  # unfinished jobs that the plan allows
RENDER_SECONDS = 3.0
KILLS, WITHOUT_RESTART = 6, 2


@pytest.mark.parametrize("webhooks", ["all", "unreliable"])
async def test_killed_workers_charge_each_row_once(webhooks: str, temporal: str, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    async with (
        redis_server() as redis,
        HeyGenEmulator(
            render_seconds=RENDER_SECONDS, concurrency_limit=LIMIT, balance=1e6, record_requests=False
        ) as api,
        AsyncHeyGen(api.key, base_url=api.url) as heygen,
    ):
        client = await Client.connect(temporal, plugins=[HeyGenPlugin()])
        receiver = WebhookReceiver("whsec_unused", acknowledge="after_handlers")
        signal_events(receiver, client)
        async with webhook_bridge(api, receiver):
            if webhooks == "unreliable":
                api.deliveries.duplicate_share = api.deliveries.forged_share = 0.3
                receiver.receive = lose_some(receiver.receive)  # type: ignore[method-assign]
            inject_faults(api, seed=7, probability=0.05 / 7)
            queue = new_name()
            start = (api, temporal, queue, files)
            limiter = ("--redis", f"redis://127.0.0.1:{redis}", "--concurrency", str(LIMIT), "--poll", "5")
            workers = [await start_worker(*start, *limiter) for _ in range(3)]
            began = time.monotonic()
            killing = asyncio.ensure_future(
                kill_workers(workers, KILLS, WITHOUT_RESTART, random.Random(11), *start, *limiter)
            )
            rows = submit(
                client, hello(ROWS), heygen=heygen, journal=tmp_path / f"{queue}.journal",
                task_queue=queue, heartbeat_timeout=3.0,
            )  # fmt: skip
            outcomes = [outcome async for outcome in rows]
            elapsed = time.monotonic() - began
            await killing
            api.clear_faults()
            for worker in workers:
                await worker.stop()
    check_charges(api, outcomes, files, ROWS)
    floor = ROWS / LIMIT * RENDER_SECONDS
    print(f"webhooks {webhooks}: {ROWS} rows, {KILLS} kills, {elapsed:.0f} s; the plan's floor is {floor:.0f} s")


def lose_some(receive: Any) -> Any:
    """Lose three deliveries in ten, although HeyGen gets a 200 for them."""
    draw = random.Random(3)

    async def receive_or_lose(body: bytes, headers: Any) -> int:
        return 200 if draw.random() < 0.3 else await receive(body, headers)

    return receive_or_lose
