"""Measure the CPU time of commands in whole processes, against a script that sends one request by aiohttp."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

from rows import Row, pin
from server import serving

ROUNDS = 15
BARE = """
import asyncio, json, os, aiohttp
async def main():
    url, key = os.environ["HEYGEN_BASE_URL"] + "/v3/videos", os.environ["HEYGEN_API_KEY"]
    async with aiohttp.ClientSession() as session, session.get(url, headers={"X-Api-Key": key}) as response:
        print(json.dumps(await response.json()))
asyncio.run(main())
"""
PAGE = {"data": [{"id": "video_1", "status": "completed"}], "has_more": False, "next_token": None}
COMPLETION = {
    "_HEYGEN_ASYNC_COMPLETE": "bash_complete",
    "COMP_WORDS": "heygen-async video cre",
    "COMP_CWORD": "2",
}
#: The arguments, the variables and the goal of each command.
COMMANDS: dict[str, tuple[list[str], dict[str, str], float]] = {
    "`video list`": (["video", "list"], {}, 1.25),
    "`video create --help`": (["video", "create", "--help"], {}, 0.6),
    "`voice list --help`": (["voice", "list", "--help"], {}, 0.6),
    "completion by TAB": ([], COMPLETION, 0.5),
}


def cpu_time(command: list[str], variables: dict[str, str]) -> float:
    """Return the CPU milliseconds of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, **variables}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def measure() -> list[Row]:
    """Return a row for each command."""
    pin(1)
    rounds: dict[str, list[float]] = {name: [] for name in ("floor", *COMMANDS)}
    with serving(json.dumps(PAGE).encode()) as url:
        shared = {"HEYGEN_API_KEY": "key", "HEYGEN_BASE_URL": url}
        for number in range(ROUNDS + 1):
            times = {"floor": cpu_time([sys.executable, "-c", BARE], shared)}
            for name, (arguments, variables, _) in COMMANDS.items():
                times[name] = cpu_time([sys.executable, "-m", "heygen_async", *arguments], {**shared, **variables})
            if number:  # the first round compiles the package
                for name, milliseconds in times.items():
                    rounds[name].append(milliseconds)
    return [
        Row.of_rounds(f"command: {name}", "ms CPU", {"floor": rounds["floor"], "ours": rounds[name]}, goal)
        for name, (_, _, goal) in COMMANDS.items()
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
