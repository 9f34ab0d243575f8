"""Jobs and events as they come: one followed, many made, HeyGen's calls received."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, cast, get_args

import click
from click.shell_completion import CompletionItem

from .._jobs.registry import KINDS
from .._jobs.wait_methods import BatchKind
from ..client import AsyncHeyGen
from ..errors import InputRequiredError, JobFailedError, WaitTimeoutError
from ..operations.catalog import json_of
from . import flags, output
from .running import HUMAN, TIMEOUT, run

if TYPE_CHECKING:
    from ..types.webhooks import Event

_KINDS = [*dict.fromkeys(kind.wait for kind in KINDS)]
_PATH = "/webhooks"


@click.command(params=[HUMAN])
@click.argument("kind", metavar="KIND", type=click.Choice(_KINDS))
@click.argument("job_id")
@click.option("--kind", "batch_kind", type=click.Choice(get_args(BatchKind)), help="With batch: its resource.")
@click.option("--timeout", type=flags.duration, help=TIMEOUT)
def watch(kind: str, job_id: str, batch_kind: str | None, timeout: float | None, *, human: bool) -> int:
    """Follow a job until it ends: a line of JSON for each look, the last with the finished thing.

    KIND is video, session, translation, proofread, lipsync, avatar, voice, asset, render, batch, …
    """

    async def follow() -> None:
        options: dict[str, Any] = {"timeout": timeout} | ({"kind": batch_kind} if kind == "batch" else {})
        last: object = None
        async with AsyncHeyGen() as heygen:
            try:
                async for update in getattr(heygen, f"watch_{kind}")(job_id, **options):
                    last = update.job or last
                    if human:
                        progress = "" if update.progress is None else f" {update.progress} %"
                        output.tell_text(f"{update.elapsed:6.0f} s  {update.state}{progress}")
                    else:
                        output.tell_line(json_of(update))
            except (JobFailedError, InputRequiredError, WaitTimeoutError) as ended:
                ended.job = None  # the last line told it
                raise
        if human:
            output.tell({"data": json_of(last)}, human=True)

    return run(follow, human=human, fields={"kind"}, wait=f"wait_for_{kind}")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 for any that is free.")
@click.option("--register", metavar="URL", help="Register this public https URL, which leads here, until this ends.")
@click.option("--events", help="Register for these types alone, separated by commas.")
@click.option("--unsigned", is_flag=True, help="Take unsigned calls instead, such as those of a callback_url.")
@click.option("--count", type=click.IntRange(1), help="End after so many events.")
def listen(host: str, port: int, register: str | None, events: str | None, count: int | None, *, unsigned: bool) -> int:
    """Receive webhooks at http://HOST:PORT/webhooks, and print each verified event as a line of JSON.

    The endpoint's secret is HEYGEN_WEBHOOK_SECRET of the environment, or that of what --register makes.
    """
    secret = os.environ.get("HEYGEN_WEBHOOK_SECRET")
    if unsigned and register is not None:
        raise click.UsageError("--unsigned and --register do not go together: what HeyGen registers it signs.")
    if register is None and not (secret or unsigned):
        wrong = "is not set; set it, or give --register URL, or --unsigned for calls without secret."
        if secret is not None:
            wrong = "is empty; it should hold what endpoints create answered."
        raise click.UsageError(f"HEYGEN_WEBHOOK_SECRET {wrong}")
    named = [one.strip() for one in events.split(",")] if events else None
    listening = partial(_listen, None if unsigned else secret, host, port, register, named, count)
    return run(listening, key=register is not None)


async def _listen(
    secret: str | None, host: str, port: int, register: str | None, events: list[str] | None, count: int | None
) -> None:
    from aiohttp import web

    from ..webhooks.receiver import WebhookReceiver

    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    left = count or 0

    def tell(event: Event) -> None:
        nonlocal left
        try:
            output.tell_line({"event_id": event.event_id, "verified": event.verified, **event.raw})
        except click.exceptions.Exit:  # nobody reads any more: HeyGen is to deliver it again
            ended.set()
            raise ConnectionError("nobody reads what is printed") from None
        left -= 1
        if left == 0:
            ended.set()

    async with AsyncExitStack() as stack:
        try:  # before HeyGen is told of it
            here = stack.enter_context(socket.create_server((host, port)))
        except OSError as problem:
            raise click.UsageError(f"Port {port} of {host} cannot be had: {problem.strerror}.") from None
        address, number, *_ = here.getsockname()
        said = f"Listening on http://{address}:{number}{_PATH}"
        if register is not None:
            heygen = await stack.enter_async_context(AsyncHeyGen())
            endpoint = await heygen.webhooks.endpoints.create(url=register, events=cast("Any", events))
            stack.push_async_callback(heygen.webhooks.endpoints.delete, endpoint.endpoint_id)
            secret = endpoint.secret
            said = f"{endpoint.endpoint_id} leads {register} here. {said}"
        receiver = await stack.enter_async_context(WebhookReceiver(secret, acknowledge="after", max_attempts=1))
        receiver.on()(tell)
        app = web.Application()
        app.router.add_route("*", _PATH, receiver.aiohttp_handler)
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, here).start()
        output.notice("listening", said)
        await ended.wait()


class _Batch(click.Command):
    """A program with a parser of its own."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Its flags; what is none is the name of a file."""
        from ..batch import __main__ as program

        if not incomplete.startswith("-"):
            return [CompletionItem(incomplete, type="file")]
        known = set(re.findall(r"--[a-z][a-z-]*", program.parser().format_usage()))
        return [CompletionItem(name) for name in sorted(known) if name.startswith(incomplete)]


@click.command(cls=_Batch, context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def batch(ctx: click.Context, arguments: tuple[str, ...]) -> int:
    """A job for each row of a CSV or JSON Lines file, resumable."""
    from ..batch import __main__ as program

    parser = program.parser()
    parser.prog = ctx.command_path

    def refuse(message: str) -> Any:
        raise click.UsageError(message, ctx)

    cast("Any", parser).error = refuse
    parser.epilog = (
        "The key is HEYGEN_API_KEY of the environment. Exit codes: 0 all made, 1 some rows failed, the budget was "
        "reached or the run broke off, 2 wrong use or wrong rows (nothing was made), 3 not signed in or not allowed."
    )
    given = parser.parse_args(list(arguments))
    output.need_key()
    voice = program.JSONLines(partial(output.fail, command=ctx.command_path, fields=vars(given)))
    try:
        return asyncio.run(program.command(given, voice))
    except KeyboardInterrupt:
        output.notice("stopped", program.STOPPED)
        return output.STOPPED
