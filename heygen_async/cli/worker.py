"""`heygen-async worker`: execute the rows of batches that `batch --engine temporal` submits."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .._http.backoff import Backoff
from .._http.tasks import start_task
from . import exit_codes, output
from .listen import PATH, serve_receiver
from .running import CREDENTIALS_HELP, open_listener, run
from .signals import handle_signals
from .temporal import TEMPORAL_HELP, check_extra, connect, connection_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from temporalio.client import Client

    from ..distributed import Limiter

_SECRET_VARIABLE = "HEYGEN_WEBHOOK_SECRET"  # noqa: S105  its name
_POLL_GROWTH = 8.0  # the longest delay between polls, as a multiple of the first one
_EXIT_CODES = exit_codes.describe_exit_codes(
    exit_codes.DONE, exit_codes.FAILED, exit_codes.WRONG_USE, exit_codes.NOT_ALLOWED
)
_OPTIONS: list[click.Parameter] = [
    *connection_options(),
    click.Option(
        ["--output-dir"],
        type=click.Path(file_okay=False, path_type=Path),
        help="Download the results into this folder. Default: download none.",
    ),
    click.Option(
        ["--concurrency"],
        type=click.IntRange(1),
        help="The maximum of unfinished jobs, usually the plan's limit; of this worker, or with --redis of all.",
    ),
    click.Option(["--redis"], metavar="URL", help="With --concurrency: count the jobs of all workers in this Redis."),
    click.Option(
        ["--poll"],
        type=click.FloatRange(0.1),
        default=15.0,
        show_default=True,
        metavar="SECONDS",
        help="The delay before a job's first poll. It grows to eight times. With webhooks it can be long.",
    ),
    click.Option(["--host"], default="127.0.0.1", show_default=True, help="With --port: the address to listen on."),
    click.Option(
        ["--port"],
        type=click.IntRange(0, 65535),
        help=f"Receive webhooks at http://HOST:PORT{PATH}, and wake the rows of their jobs. The secret of the endpoint "
        f"is read from {_SECRET_VARIABLE}.",
    ),
]


@click.command(params=_OPTIONS, epilog=f"{CREDENTIALS_HELP} {TEMPORAL_HELP} {_EXIT_CODES}")
def worker(**options: Any) -> int:
    """Execute the rows of batches on Temporal until a signal.

    Start as many workers as you like, on any machines. When one dies, the others go on with its rows.
    """
    check_extra()
    if options["redis"] is not None and options["concurrency"] is None:
        raise click.UsageError("--redis needs --concurrency: the number of jobs to count.")
    secret = os.environ.get(_SECRET_VARIABLE)
    if options["port"] is not None and not secret:
        raise click.UsageError(f"--port needs the secret of the webhook endpoint in {_SECRET_VARIABLE}.")
    return run(partial(_work, options, secret or ""))


async def _work(options: Mapping[str, Any], secret: str) -> None:
    from temporalio.worker import Worker

    from ..distributed.temporal import HeyGenPlugin

    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        stack.enter_context(handle_signals(lambda: loop.call_soon_threadsafe(stopped.set), exit_codes.DONE))
        poll = Backoff(initial=options["poll"], factor=1.5, maximum=options["poll"] * _POLL_GROWTH, jitter=0.2)
        plugin = HeyGenPlugin(
            destination=options["output_dir"], limiter=await _create_limiter(stack, options), poll=poll
        )
        client = await connect(options, plugin)
        if options["port"] is not None:
            await _receive_webhooks(stack, client, secret, options["host"], options["port"])
        rows = Worker(client, task_queue=options["task_queue"])
        working, stopping = start_task(rows.run()), start_task(stopped.wait())
        output.print_notice("working", f"Working on the rows of {options['task_queue']!r} until a signal.")
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not working.done():
            await rows.shutdown()
        await working


async def _create_limiter(stack: AsyncExitStack, options: Mapping[str, Any]) -> Limiter | None:
    from ..distributed import LocalLimiter, RedisLimiter

    limit = options["concurrency"]
    if options["redis"] is None:
        return None if limit is None else LocalLimiter(limit)
    from redis.asyncio import Redis

    client: Any = Redis  # versions of redis differ in its types
    redis = client.from_url(options["redis"])
    stack.push_async_callback(redis.aclose)
    return RedisLimiter(redis, limit)


async def _receive_webhooks(stack: AsyncExitStack, client: Client, secret: str, host: str, port: int) -> None:
    from ..distributed.temporal import signal_events
    from ..webhooks.receiver import WebhookReceiver

    receiver = WebhookReceiver(secret, acknowledge="after_handlers")
    signal_events(receiver, client)
    listener = stack.enter_context(open_listener(host, port))
    stack.push_async_callback(receiver.aclose, timeout=1.0)
    await serve_receiver(stack, receiver, listener)
    address, number, *_ = listener.getsockname()
    output.print_notice("listening", f"Receiving webhooks at http://{address}:{number}{PATH}.")
