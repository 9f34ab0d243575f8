"""Functions that the examples share: a client of HeyGen or of the local HeyGen, sample files, and progress lines."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import anyio.to_thread
from aiohttp import web

from heygen_async import AsyncHeyGen, HeyGenError

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncGenerator, Coroutine, Mapping

    from heygen_async import JobUpdate, Tool
    from heygen_async.agents import Confirm
    from heygen_async.types.base import JSONValue


@asynccontextmanager
async def open_heygen(render_seconds: float | None = None) -> AsyncGenerator[AsyncHeyGen]:
    """Open a client of HeyGen if `HEYGEN_API_KEY` is set, else of a local HeyGen that charges nothing.

    The clock of the local HeyGen jumps over every wait, unless `render_seconds` is the real duration of a job.
    """
    if os.environ.get("HEYGEN_API_KEY"):
        async with AsyncHeyGen() as heygen:
            yield heygen
        return
    from heygen_async.testing import HeyGenEmulator

    emulator = (
        HeyGenEmulator(autojump=True) if render_seconds is None else HeyGenEmulator(render_seconds=render_seconds)
    )
    async with emulator as local, AsyncHeyGen(local.key, base_url=local.url) as heygen:
        print(f"No HEYGEN_API_KEY: using a local HeyGen at {local.url}, which charges nothing.", file=sys.stderr)
        yield heygen


@asynccontextmanager
async def serve_asgi(app: Any, here: socket.socket) -> AsyncGenerator[None]:
    """Serve an ASGI app on an open socket."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[here]))
    while not server.started:  # uvicorn has no event for its start
        await asyncio.wait({task}, timeout=0.01)
        if task.done():
            raise RuntimeError("The app's server has ended before its start.") from task.exception()
    yield
    server.should_exit = True
    await task


@asynccontextmanager
async def serve_aiohttp(app: web.Application, here: socket.socket) -> AsyncGenerator[None]:
    """Serve an app of aiohttp on an open socket."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, here).start()
    yield
    await runner.cleanup()


def sample(name: str) -> Path:
    """Return the path of a sample file: `thumbnail.jpg`, `speech.wav` or `video.mp4`."""
    return Path(str(files("heygen_async.testing") / "media" / name))


def show(update: JobUpdate[Any]) -> None:
    """Print the state of a job after a poll."""
    share = "" if update.progress is None else f" {update.progress} %"
    print(f"{update.kind} {update.id}: {update.state}{share} ({update.elapsed:.0f} s)", file=sys.stderr)


def agents_arguments(about: str | None) -> tuple[str, str | None, Confirm | None]:
    """Read an agent's command line: return its task, its model, and the function that confirms charges."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", nargs="?", default="A short video of how tides work")
    parser.add_argument("--model", default=os.environ.get("AGENT_MODEL"))
    parser.add_argument("--yes", action="store_true", help="do not ask before anything is charged")
    arguments = parser.parse_args()
    return arguments.task, arguments.model, None if arguments.yes else confirm


async def confirm(tool: Tool, arguments: Mapping[str, JSONValue]) -> bool:
    """Ask at the terminal whether an agent may run a tool; the end of the input means no."""
    price = await tool.describe_price(arguments)
    print(f"The agent wants to run {tool.name} with {dict(arguments)} for {price}. May it? [y/N]", file=sys.stderr)
    try:
        return (await anyio.to_thread.run_sync(input, abandon_on_cancel=True)).strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def run(main: Coroutine[Any, Any, None]) -> NoReturn:
    """Run to the end. Print an error of HeyGen's on one line, and end with code 130 on Ctrl-C."""
    try:
        asyncio.run(main)
    except KeyboardInterrupt:
        sys.exit(130)
    except HeyGenError as error:
        sys.exit(f"error: {error}")
    sys.exit(0)
