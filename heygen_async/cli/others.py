"""The commands that are no operations: files, events, many jobs at once, and what a shell needs besides."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from click.shell_completion import get_completion_class

from ..catalogue import json_of
from ..client import AsyncHeyGen
from ..errors import HeyGenError
from ..threads import finished
from ..waits import Waits
from . import flags, output
from .operations import HUMAN, QUIET

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ..models.webhooks import Event

_ASSETS = {
    "video": "video_url",
    "captioned": "captioned_video_url",
    "subtitle": "subtitle_url",
    "gif": "gif_url",
    "thumbnail": "thumbnail_url",
}
_KINDS = [name.removeprefix("watch_") for name in vars(Waits) if name.startswith("watch_")]
_PATH = "/webhooks"


def _run(doing: Callable[[], Coroutine[Any, Any, int]], *, human: bool = False) -> int:
    output.need_key()
    try:
        return asyncio.run(doing())
    except HeyGenError as problem:
        return output.fail(problem, human=human)


def _transfer_bars(*, quiet: bool) -> Any:
    """Bars of transfers at a terminal."""
    if quiet or not sys.stderr.isatty():
        return nullcontext()
    from ..progress import Bars

    return Bars(transient=True)


# -- files


@click.command("download", params=[HUMAN, QUIET])
@click.argument("video_id")
@click.option("--output-path", type=click.Path(path_type=Path), help="Where to; by default VIDEO_ID.mp4, here.")
@click.option("--asset", type=click.Choice([*_ASSETS]), default="video", help="Which of its files.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--resume", is_flag=True, help="Go on with what an interrupted download left.")
def video_download(
    video_id: str, output_path: Path | None, asset: str, *, force: bool, resume: bool, human: bool, quiet: bool
) -> int:
    """Fetch a finished video into a file, which is there under its name only when it is whole."""

    async def download() -> int:
        async with AsyncHeyGen() as heygen:
            video = await heygen.videos.get(video_id)
            url = getattr(video, _ASSETS[asset]) or ""
            suffix = Path(url.partition("?")[0]).suffix or ".mp4"
            target = output_path or Path(f"{video_id}{suffix}")
            if not force and await finished(target.exists):
                raise click.UsageError(f"{target} is there; --force replaces it, --output-path names another.")
            with _transfer_bars(quiet=quiet) as bars:
                path = await heygen.download(
                    video,
                    target,
                    field=_ASSETS[asset],
                    overwrite=force,
                    resume=resume,
                    on_progress=bars.bytes(target.name) if bars else None,
                )
        shown = str(output_path or path)
        output.tell({"asset": asset, "message": f"Downloaded {asset} to {shown}", "path": shown}, human=human)
        return output.DONE

    return _run(download, human=human)


@click.command(params=[HUMAN, QUIET])
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--no-wait", is_flag=True, help="Do not wait until HeyGen has processed it.")
def upload(files: tuple[Path, ...], *, no_wait: bool, human: bool, quiet: bool) -> int:
    """Upload files of any size; each answers with its `asset_id`. Several are uploaded at the same time."""

    async def send() -> int:
        async with AsyncHeyGen() as heygen:
            with _transfer_bars(quiet=quiet) as bars:
                if len(files) == 1:
                    asset = await heygen.assets.upload(
                        files[0], wait=not no_wait, on_progress=bars.bytes(files[0].name) if bars else None
                    )
                    output.tell({"data": json_of(asset)}, human=human)
                    return output.DONE
                ends = await heygen.assets.upload_many(
                    files, wait=not no_wait, on_progress=bars.bytes(f"{len(files)} files") if bars else None
                )
        code = output.DONE
        for path, end in zip(files, ends, strict=True):
            if isinstance(end, HeyGenError):
                code = output.fail(end)
            else:
                output.tell_line({"path": str(path), "asset_id": end.asset_id})
        return code

    return _run(send, human=human)


# -- jobs and events


@click.command(params=[HUMAN])
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("job_id")
@click.option("--of", help="With batch: whose it is: videos, video_translations, lipsyncs or assets.")
@click.option("--timeout", type=flags.duration, help="How long it may take (10m, 1h); by default 20m.")
def watch(kind: str, job_id: str, of: str | None, timeout: float | None, *, human: bool) -> int:
    """Follow a job until it ends: a line of JSON for each look, the last with the finished thing."""

    async def follow() -> int:
        options: dict[str, Any] = {"timeout": timeout} | ({"of": of} if kind == "batch" else {})
        async with AsyncHeyGen() as heygen:
            async for update in getattr(heygen, f"watch_{kind}")(job_id, **options):
                if human:
                    progress = "" if update.progress is None else f" {update.progress} %"
                    click.echo(f"{update.elapsed:6.0f} s  {update.state}{progress}")
                else:
                    output.tell_line(json_of(update))
        return output.DONE

    return _run(follow, human=human)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 for any that is free.")
@click.option("--register", metavar="URL", help="Register this public https URL, which leads here, until this ends.")
@click.option("--events", help="Register for these types alone, separated by commas.")
@click.option("--unsigned", is_flag=True, help="Take the unsigned calls of a callback_url too.")
@click.option("--count", type=click.IntRange(1), help="End after so many events.")
def listen(host: str, port: int, register: str | None, events: str | None, count: int | None, *, unsigned: bool) -> int:
    """Receive webhooks at http://HOST:PORT/webhooks, and print each verified event as a line of JSON.

    The endpoint's secret is HEYGEN_WEBHOOK_SECRET of the environment, or that of what --register makes.
    """
    secret = os.environ.get("HEYGEN_WEBHOOK_SECRET")
    if secret is None and register is None and not unsigned:
        raise click.UsageError(
            "HEYGEN_WEBHOOK_SECRET is not set; set it, or give --register URL, or --unsigned for calls without secret."
        )
    if register is not None:
        output.need_key()
    try:
        return asyncio.run(_listen(secret, host, port, register, events.split(",") if events else None, count))
    except HeyGenError as problem:
        return output.fail(problem)


async def _listen(
    secret: str | None, host: str, port: int, register: str | None, events: list[str] | None, count: int | None
) -> int:
    from aiohttp import web

    from ..receiver import WebhookReceiver

    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    left = count or 0

    async with AsyncExitStack() as stack:
        if register is not None:
            heygen = await stack.enter_async_context(AsyncHeyGen())
            endpoint = await heygen.webhooks.endpoints.create(url=register, events=cast("Any", events))
            stack.push_async_callback(heygen.webhooks.endpoints.delete, endpoint.endpoint_id)
            secret = endpoint.secret
        receiver = await stack.enter_async_context(WebhookReceiver(secret))

        def tell(event: Event) -> None:
            nonlocal left
            output.tell_line({"event_id": event.event_id, "verified": event.verified, **event.raw})
            left -= 1
            if left == 0:
                ended.set()

        receiver.on()(tell)
        app = web.Application()
        app.router.add_route("*", _PATH, receiver.aiohttp_handler)
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as problem:
            raise click.UsageError(f"Port {port} of {host} cannot be had: {problem.strerror}.") from None
        address = cast("tuple[str, int]", runner.addresses[0])
        output.notice("listening", f"Listening on http://{address[0]}:{address[1]}{_PATH}")
        await ended.wait()
    return output.DONE


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
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
    given = parser.parse_args(list(arguments))
    if not given.dry_run:
        output.need_key()
    return asyncio.run(program.command(given, program.JSONLines()))


# -- the rest


@click.group(no_args_is_help=False)
def auth() -> None:
    """Whose key it is."""


@auth.command(params=[HUMAN])
def status(*, human: bool) -> int:
    """Whose key HEYGEN_API_KEY is, and what may still be spent; exit code 3 when HeyGen does not take it."""

    async def ask() -> int:
        async with AsyncHeyGen() as heygen:
            user = await heygen.users.me()
        output.tell(
            {"data": {"authenticated": True, "source": "HEYGEN_API_KEY", **cast("Any", json_of(user))}}, human=human
        )
        return output.DONE

    return _run(ask, human=human)


@click.command(params=[HUMAN])
@click.argument("method", type=click.Choice(["GET", "POST", "PUT", "PATCH", "DELETE"], case_sensitive=False))
@click.argument("path")
@click.option("-d", "--data", type=flags.json, help="The body as JSON: text, a file's path, or -.")
@click.option("--idempotency-key", help="Where the endpoint honours one.")
def api(method: str, path: str, data: Any, idempotency_key: str | None, *, human: bool) -> int:
    """Ask any endpoint (`api GET /v3/users/me`), and print its answer whole, with what this version does not know."""

    async def ask() -> int:
        async with AsyncHeyGen() as heygen:
            answer = await heygen.request(method, path, json=data, idempotency_key=idempotency_key)
        output.tell(answer, human=human)
        return output.DONE

    return _run(ask, human=human)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """The script that completes commands: eval "$(heygen-async completion bash)"."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  click has all three
    click.echo(kind(ctx.find_root().command, {}, output.PROGRAM, "_HEYGEN_ASYNC_COMPLETE").source())
    return output.DONE
