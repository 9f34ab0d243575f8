"""Measure uploads and downloads of 512 MiB against aiohttp's bare PUT and against curl, and the event loop's delay.

Every transfer runs in a process of its own on the second core, the storage on the first. The rounds are interleaved.
The floors read and write the same files. A direct upload sends its SHA-256 before its bytes, so its floor computes the
digest too. A finished download is flushed to the disk, so its floor is `curl -o` and a flush. The column `others` has
the times without the digest and without the flush.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from rows import Row, pin
from storage import storing

ROUNDS = 5
MIB = 1 << 20
SIZE = 512 * MIB
FORM = 32 * MIB  # bytes, the max of one form
HEARTBEAT = 0.01
GOAL = 1 / 0.9


async def chunks(path: Path) -> AsyncIterator[bytes]:
    import aiofiles

    async with aiofiles.open(path, "rb") as file:
        while chunk := await file.read(MIB):
            yield chunk


async def bare(url: str, path: Path, times: int = 1, *, digest: bool = False) -> None:
    """Send a file's 1 MiB chunks by aiohttp's PUT of an async generator."""
    import aiohttp

    if digest:
        with path.open("rb") as file:
            await asyncio.to_thread(hashlib.file_digest, file, "sha256")
    size = path.stat().st_size
    async with aiohttp.ClientSession() as session:
        for _ in range(times):
            headers = {"Content-Length": str(size)}
            async with session.put(f"{url}/put", data=chunks(path), headers=headers) as response:
                await response.read()


async def upload(url: str, path: Path, times: int = 1) -> None:
    from heygen_async import AsyncHeyGen

    async with AsyncHeyGen("key", base_url=url) as heygen:
        for _ in range(times):
            await heygen.assets.upload(path)


async def download(url: str, path: Path, size: int = SIZE) -> None:
    from heygen_async import AsyncHeyGen

    async with AsyncHeyGen("key", base_url=url) as heygen:
        await heygen.download(f"{url}/{size}", path)


async def curl(url: str, path: Path, *, flush: bool = False) -> None:
    subprocess.run(["curl", "-s", "-o", str(path), f"{url}/{SIZE}"], check=True)
    if flush:
        with path.open("rb+") as file:
            os.fsync(file.fileno())


async def heartbeat_delay(work: Awaitable[None]) -> float:
    """Return the 99th percentile of the delay of a 10 ms heartbeat during the work, in milliseconds."""
    delays: list[float] = []

    async def beat() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + HEARTBEAT
            await asyncio.sleep(HEARTBEAT)
            delays.append(loop.time() - due)

    heart = asyncio.ensure_future(beat())
    await work
    heart.cancel()
    return statistics.quantiles(delays, n=100)[98] * 1e3


async def max_heartbeat_delay(url: str, path: Path, large: Path) -> float:
    """Return the longer delay of an upload and a download of 1 GiB."""
    return max(await heartbeat_delay(upload(url, large)), await heartbeat_delay(download(url, path, 2 * SIZE)))


WORK: dict[str, Callable[[str, Path, Path], Awaitable[float | None]]] = {
    "forms, floor": lambda url, folder, _: bare(url, folder / "form.mp4", SIZE // FORM),
    "forms": lambda url, folder, _: upload(url, folder / "form.mp4", SIZE // FORM),
    "direct, bare": lambda url, folder, _: bare(url, folder / "large.mp4"),
    "direct, floor": lambda url, folder, _: bare(url, folder / "large.mp4", digest=True),
    "direct": lambda url, folder, _: upload(url, folder / "large.mp4"),
    "download, bare": lambda url, _, target: curl(url, target),
    "download, floor": lambda url, _, target: curl(url, target, flush=True),
    "download": lambda url, _, target: download(url, target),
    "heartbeat": lambda url, folder, target: max_heartbeat_delay(url, target, folder / "huge.mp4"),
}


def max_memory() -> float:
    """Return the max memory of this process so far, in MiB; rusage would count the process that forked it too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measure_one(name: str, url: str, folder: Path) -> dict[str, float]:
    """Run one transfer twice in this process; return the memory growth of the first run and the time of the second."""
    pin(1)
    small, target = folder / "small.mp4", folder / "target"
    asyncio.run(upload(url, small))
    asyncio.run(bare(url, small))
    asyncio.run(download(url, target, MIB))
    before, growth, seconds, delay = max_memory(), 0.0, 0.0, None
    for _ in range(2):
        target.unlink(missing_ok=True)
        started = time.perf_counter()
        delay = asyncio.run(WORK[name](url, folder, target))  # type: ignore[arg-type]
        seconds = time.perf_counter() - started
        growth = growth or max_memory() - before
    target.unlink(missing_ok=True)
    return {"seconds": seconds, "mib": growth, "delay": delay or 0.0}


def write_file(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.write(b"\0\0\0\x20ftypisom" + bytes(MIB - 12))
        for _ in range(size // MIB - 1):
            file.write(os.urandom(MIB))


def measure() -> list[Row]:
    """Return the rows of all transfers."""
    results: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as root, storing() as url:
        folder = Path(root)
        for name, size in (("small", MIB), ("form", FORM), ("large", SIZE), ("huge", 2 * SIZE)):
            write_file(folder / f"{name}.mp4", size)
        for _ in range(ROUNDS):
            for name in WORK:
                command = [sys.executable, __file__, name, url, root]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                results.setdefault(name, []).append(json.loads(done.stdout))
    ms = {name: statistics.median(run["seconds"] for run in runs) * 1e3 for name, runs in results.items()}
    mib = {name: statistics.median(run["mib"] for run in runs) for name, runs in results.items()}
    delay = statistics.median(run["delay"] for run in results["heartbeat"])
    rows: list[Row] = []
    for name, title, others in (
        ("forms", "upload, 512 MiB in forms of 32 MiB", {}),
        ("direct", "direct upload, 512 MiB and its SHA-256", {"PUT alone": ms["direct, bare"]}),
        ("download", "download, 512 MiB to disk, flushed", {"curl -o, not flushed": ms["download, bare"]}),
    ):
        rows.append(Row(title, "ms", ms[f"{name}, floor"], ms[name], GOAL, others))
        rows.append(Row(f"{title}: memory", "MiB", 16, mib[name], 1.0))
    rows.append(Row("a heartbeat of 10 ms beside 1 GiB: delay, p99", "ms", 50, delay, 1.0))
    return rows


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure_one(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
    else:
        for row in measure():
            print(row.line())
