"""Run all benchmarks, each in a process of its own, and write results.md and results.png beside this file.

`python run.py` runs all of them, `python run.py NAME…` only some and writes nothing.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import msgspec
import picture
from rows import Row

HERE = Path(__file__).parent
MODULES = (
    "one_request", "one_create", "page_of_voices", "import_time", "commands", "tools", "mcp_server", "webhooks",
    "emulator", "event_stream", "small_files", "five_minutes", "transfers", "events", "waits", "rate_limits",
    "batch_rows", "batch",
)  # fmt: skip
HEAD = (
    "| row | floor | ours | ratio (quartiles) | goal | reached | others, in the same unit |\n"
    "|---|---|---|---|---|---|---|"
)
CURVE = (
    "## Many waits\n\nTime runs ten times faster than real time. The delays between polls are a tenth of those for "
    "a video (at most 1.2 s).\nJobs end between 5 and 15 s.\n\n"
)


def run_here(name: str) -> None:
    """Run one benchmark in this process, and print its rows and its curve as JSON."""
    measured = import_module(name).measure()
    rows, curve = measured if isinstance(measured, tuple) else (measured, "")
    print(json.dumps({"rows": msgspec.to_builtins(rows), "curve": curve}))


def run_module(name: str) -> tuple[list[Row], str]:
    """Run one benchmark in a process of its own; return its rows and its curve."""
    command = [sys.executable, "-P", __file__, "--here", name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    return msgspec.convert(result["rows"], list[Row]), result["curve"]


def main(names: list[str]) -> None:
    """Run the benchmarks with these names, or all of them; those that fail are named at the end."""
    rows: list[Row] = []
    curves = ""
    failed: list[str] = []
    for name in names or MODULES:
        try:
            found, curve = run_module(name)
        except subprocess.CalledProcessError:
            failed.append(name)
            continue
        rows += found
        curves += curve
        print("\n".join(row.line() for row in found), flush=True)
    if not names:
        write(rows, curves)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def write(rows: list[Row], curves: str) -> None:
    """Write the table and the picture."""
    introduction = (
        "# Results\n\nWritten by `nox -s bench`. Every ratio is of one run, on loopback, with the server on one core "
        "and the\nclient on the other. Figures are medians of rounds that take turns. The quartiles of the rounds "
        "stand beside them.\nAbsolute times depend on the machine and its load. "
        f"Python {platform.python_version()}, {platform.machine()}.\n\n"
    )
    table = "\n".join([HEAD, *(row.line() for row in rows)])
    (HERE / "results.md").write_text(
        introduction + "![six everyday works](results.png)\n\n" + table + "\n\n" + CURVE + curves + "\n",
        encoding="utf-8",
    )
    picture.draw(rows, HERE / "results.png")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        run_here(sys.argv[2])
    else:
        main(sys.argv[1:])
