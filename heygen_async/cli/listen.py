"""`heygen-async listen`: receive webhooks and print the events."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import click

from .._http.tasks import start_task
from .._http.worker_threads import run_in_abandonable_thread
from ..client import AsyncHeyGen
from ..errors import HeyGenError
from . import output
from .command_names import PROGRAM
from .exit_codes import DONE, STOPPED
from .flags import split_names
from .output import CommandError
from .running import open_listener, run
from .signals import handle_signals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..types.webhooks import Endpoint, Event
    from ..webhooks.receiver import WebhookReceiver

PATH = "/webhooks"
_API_SECONDS = 1.0  # for a response of HeyGen after a signal; the process exits 2.5 s after it
_CLOSE_SECONDS = 0.2  # for requests and handlers that still run then


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--register", metavar="URL", help="Register the public https URL of this command until it stops.")
@click.option("--events", multiple=True, help="With --register: only these event types, separated by commas.")
@click.option("--unsigned", is_flag=True, help="Accept unsigned calls, such as those to a callback_url.")
@click.option("--count", type=click.IntRange(1), help="Stop after this number of events.")
def listen(
    host: str, port: int, register: str | None, events: tuple[str, ...], count: int | None, *, unsigned: bool
) -> int:
    """Receive webhooks at http://HOST:PORT/webhooks and print each verified event as a line of JSON.

    The secret is read from the environment variable HEYGEN_WEBHOOK_SECRET, or is that of the endpoint that --register
    creates.
    """
    secret = os.environ.get("HEYGEN_WEBHOOK_SECRET")
    if unsigned and register is not None:
        raise click.UsageError("--unsigned and --register exclude each other: HeyGen signs calls to its endpoints.")
    if register is None and not (secret or unsigned):
        problem = "is not set; set it, or pass --register URL, or --unsigned for calls without a signature."
        if secret is not None:
            problem = "is empty; set it to the secret in the response of `webhook endpoints create`."
        raise click.UsageError(f"HEYGEN_WEBHOOK_SECRET {problem}")
    work = partial(_listen, None if unsigned else secret, host, port, register, split_names(events) or None, count)
    return run(work, needs_key=register is not None)


async def _listen(
    secret: str | None, host: str, port: int, register: str | None, events: list[str] | None, count: int | None
) -> None:
    from ..webhooks.receiver import WebhookReceiver

    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    async with AsyncExitStack() as stack:  # closes in the opposite order: the endpoint first
        stack.enter_context(handle_signals(lambda: loop.call_soon_threadsafe(stopped.set), DONE))
        listener = stack.enter_context(open_listener(host, port))  # The port is open before HeyGen knows the URL.
        if register is not None:
            secret = secrets.token_hex()  # until HeyGen has returned the real one
        receiver = WebhookReceiver(secret, acknowledge="after_handlers", max_attempts=1, concurrency=1)
        receiver.on()(_event_printer(stopped, count))
        stack.push_async_callback(receiver.aclose, timeout=_CLOSE_SECONDS)
        await serve_receiver(stack, receiver, listener)
        address, number, *_ = listener.getsockname()
        message = f"Listening on http://{address}:{number}{PATH}"
        if register is not None:
            endpoint = await _register(stack, stopped, register, events)
            if endpoint.secret:
                receiver.add_secret(endpoint.secret, grace=0)
            message = f"{endpoint.endpoint_id} sends the events of {register} here. {message}"
        output.print_notice("listening", message)
        await stopped.wait()


def _event_printer(stopped: asyncio.Event, count: int | None) -> Callable[[Event], Awaitable[None]]:
    """Return a handler that prints events and stops the command after `count` of them."""
    remaining = count or 0

    async def print_event(event: Event) -> None:
        nonlocal remaining
        line = {"event_id": event.event_id, "verified": event.verified, **event.raw}
        try:
            await run_in_abandonable_thread(output.print_json_line, line)  # The reader of stdout may be slow.
        except click.exceptions.Exit:  # Nobody reads stdout: fail, so that HeyGen delivers the event again.
            stopped.set()
            raise ConnectionError("stdout is closed") from None
        remaining -= 1
        if remaining == 0:
            stopped.set()

    return print_event


async def _register(stack: AsyncExitStack, stopped: asyncio.Event, url: str, events: list[str] | None) -> Endpoint:
    """Register the URL as a webhook endpoint until the stack closes. After a signal, wait a second for the response."""
    heygen = await stack.enter_async_context(AsyncHeyGen())
    creating = start_task(heygen.webhooks.endpoints.create(url=url, events=cast("Any", events)))
    stopping = start_task(stopped.wait())
    try:
        await asyncio.wait({creating, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({creating}, timeout=_API_SECONDS)
        if not creating.done():
            raise CommandError(
                "stopped",
                f"Stopped before HeyGen responded. {url} may be registered.",
                f"{PROGRAM} webhook endpoints list",
                exit_code=STOPPED,
            )
    finally:
        creating.cancel()
        stopping.cancel()
    endpoint = creating.result()
    stack.push_async_callback(_unregister, heygen, endpoint)
    return endpoint


async def _unregister(heygen: AsyncHeyGen, endpoint: Endpoint) -> None:
    """Delete the endpoint, within a second."""
    try:
        async with asyncio.timeout(_API_SECONDS):
            await heygen.webhooks.endpoints.delete(endpoint.endpoint_id)
    except (HeyGenError, TimeoutError) as error:
        reason = str(error) or f"HeyGen did not respond within {_API_SECONDS:.0f} s."
        advice = f"Delete it: {PROGRAM} webhook endpoints delete {endpoint.endpoint_id}"
        output.print_notice("registered", f"{endpoint.endpoint_id} is still registered: {reason} {advice}")


async def serve_receiver(stack: AsyncExitStack, receiver: WebhookReceiver, listener: socket.socket) -> None:
    """Serve a receiver of webhooks at `PATH` until the stack closes."""
    from aiohttp import web

    app = web.Application()
    app.router.add_route("*", PATH, receiver.aiohttp_handler)
    runner = web.AppRunner(app, shutdown_timeout=_CLOSE_SECONDS)  # for requests that are half-sent
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener).start()
