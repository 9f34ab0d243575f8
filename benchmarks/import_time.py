"""Measure the import time in whole processes, against that of msgspec, anyio and asyncio, which the SDK needs."""

from __future__ import annotations

import subprocess
import sys
import time

from rows import Row, medians, pin

ROUNDS = 21
FLOOR_MS = 39.0  # on the machine where the goals were set; only the ratio is used
OPEN = (
    "import asyncio, heygen_async\n"
    "async def main():\n"
    "    async with heygen_async.AsyncHeyGen('key'): pass\n"
    "asyncio.run(main())"
)
PROGRAMS = {
    "bare": "pass",
    "floor": "import msgspec, anyio, asyncio",
    "ours": "import heygen_async, sys; assert 'aiohttp' not in sys.modules",
    "aiohttp": "import aiohttp",
    "opened": OPEN,
    "generated": "import runwayml",
    "requests": "import requests, pydantic",
    "help": "import sys; sys.argv = ['heygen-async', '--help']; from heygen_async.__main__ import main; main()",
}


def run_time(program: str) -> float:
    """Return the milliseconds of a whole process."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - started) * 1e3


def measure() -> list[Row]:
    """Return the rows of the import and of a client that is built and opened, less the time of a bare interpreter."""
    pin(1)
    samples: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for number in range(ROUNDS + 1):
        for name, program in PROGRAMS.items():
            milliseconds = run_time(program)
            if number:
                samples[name].append(milliseconds)
    times = medians(samples)
    bare = times.pop("bare")
    net = {name: max(value - bare, 0.01) for name, value in times.items()}
    floor = net["floor"]
    others = {
        "aiohttp alone": net["aiohttp"],
        "generated (runwayml)": net["generated"],
        "requests + pydantic": net["requests"],
    }
    return [
        Row("import heygen_async", "ms", floor, net["ours"], 45 / FLOOR_MS, others),
        Row("import, build and open a client", "ms", floor, net["opened"], 150 / FLOOR_MS, {"bare Python": bare}),
        Row("heygen-async --help, against the bare import", "ms", bare + net["ours"], bare + net["help"], 1.5, {}),
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
