"""What importing costs, as whole processes: against msgspec, anyio and asyncio, which the SDK could not do without."""

from __future__ import annotations

import subprocess
import sys
import time

from rows import Row, medians, pin

ROUNDS = 21
FLOOR_MS = 39.0  # of the machine on which the goals were set; the ratio is what counts
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
    "help": "import sys; sys.argv = ['heygen-async', '--help']; from heygen_async.__main__ import main; main()",
}


def spent(program: str) -> float:
    """Milliseconds of a whole process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1e3


def measure() -> list[Row]:
    """The import, and a client built and opened; both without what a bare interpreter costs."""
    pin(1)
    samples: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for number in range(ROUNDS + 1):
        for name, program in PROGRAMS.items():
            took = spent(program)
            if number:
                samples[name].append(took)
    times = medians(samples)
    bare = times.pop("bare")
    net = {name: max(value - bare, 0.01) for name, value in times.items()}
    floor = net["floor"]
    return [
        Row("import heygen_async", "ms", floor, net["ours"], 45 / FLOOR_MS, {"aiohttp alone": net["aiohttp"]}),
        Row("import, build and open a client", "ms", floor, net["opened"], 150 / FLOOR_MS, {"bare Python": bare}),
        Row("heygen-async --help, against the bare import", "ms", bare + net["ours"], bare + net["help"], 1.5, {}),
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
