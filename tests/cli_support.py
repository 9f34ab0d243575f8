"""Run commands in this process or in one of their own, against a local HeyGen."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from heygen_async.testing import HeyGenEmulator


class Result(NamedTuple):
    """How a command result."""

    code: int
    out: str
    err: str

    @property
    def response(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        (error,) = [one["error"] for one in map(json.loads, self.err.splitlines()) if "notice" not in one]
        return error

    @property
    def notices(self) -> list[dict[str, Any]]:
        return [json.loads(line)["notice"] for line in self.err.splitlines()]


class Stdin(io.TextIOWrapper):
    """Standard input, which may be a terminal's."""

    terminal = False

    def isatty(self) -> bool:
        return self.terminal


class Shell:
    """Runs commands against a local HeyGen, in whose time both live."""

    def __init__(self, api: HeyGenEmulator, runner: asyncio.Runner, run: Callable[..., Result]) -> None:
        self.api = api
        self.runner = runner
        self._run = run

    def __call__(self, command: str, *, stdin: str | None = None) -> Result:
        return self._run(shlex.split(command), stdin)


def environment(api: HeyGenEmulator) -> dict[str, str]:
    """A shell's; asyncio's debug mode would tell of the imports."""
    return {"HEYGEN_API_KEY": api.key, "HEYGEN_BASE_URL": api.url, "PYTHONASYNCIODEBUG": ""}


@asynccontextmanager
async def ended(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """Leave nothing of a process."""
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]


@asynccontextmanager
async def start_command(api: HeyGenEmulator, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of its own, of which nothing is left at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-m", "heygen_async", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | environment(api),
    )  # fmt: skip
    async with ended(process):
        yield process
