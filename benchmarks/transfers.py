"""Uploads and downloads of 512 MiB, against aiohttp's bare PUT and against curl; and how late the event loop gets.

Every transfer runs in a process of its own on the second core, the storage on the first; the rounds are interleaved.
The floors read and write the same files. A direct upload sends its SHA-256 before its bytes, so its floor computes it
too; a download is on the disk when it is there, so its floor is `curl -o` and a flush. What the two cost without that
stands beside them.
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
FORM = 32 * MIB  # the most that one form may hold
HEARTBEAT = 0.01
GOAL = 1 / 0.9


async def chunks(path: Path) -> AsyncIterator[bytes]:
    import aiofiles

    async with aiofiles.open(path, "rb") as file:
        while chunk := await file.read(MIB):
            yield chunk


async def bare(url: str, path: Path, times: int = 1, *, digest: bool = False) -> None:
    """Aiohttp's PUT of an async generator of a file's 1 MiB chunks."""
    import aiohttp

    if digest:
        with path.open("rb") as file:
            await asyncio.to_thread(hashlib.file_digest, file, "sha256")
    size = path.stat().st_size
    async with aiohttp.ClientSession() as session:
        for _ in range(times):
            headers = {"Content-Length": str(size)}
            async with session.put(f"{url}/put", data=chunks(path), headers=headers) as answer:
                await answer.read()


async def uploaded(url: str, path: Path, times: int = 1) -> None:
    from heygen_async import AsyncHeyGen

    async with AsyncHeyGen("key", base_url=url) as heygen:
        for _ in range(times):
            await heygen.assets.upload(path)


async def downloaded(url: str, path: Path, size: int = SIZE) -> None:
    from heygen_async import AsyncHeyGen

    async with AsyncHeyGen("key", base_url=url) as heygen:
        await heygen.download(f"{url}/{size}", path)


async def curled(url: str, path: Path, *, flush: bool = False) -> None:
    subprocess.run(["curl", "-s", "-o", str(path), f"{url}/{SIZE}"], check=True)
    if flush:
        with path.open("rb+") as file:
            os.fsync(file.fileno())


async def beating(work: Awaitable[None]) -> float:
    """The 99th percentile of how late a heartbeat of 10 ms is meanwhile, in milliseconds."""
    late: list[float] = []

    async def beat() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + HEARTBEAT
            await asyncio.sleep(HEARTBEAT)
            late.append(loop.time() - due)

    heart = asyncio.ensure_future(beat())
    await work
    heart.cancel()
    return statistics.quantiles(late, n=100)[98] * 1e3


async def hearts(url: str, path: Path, large: Path) -> float:
    """The worse of an upload and a download of 1 GiB."""
    return max(await beating(uploaded(url, large)), await beating(downloaded(url, path, 2 * SIZE)))


WORK: dict[str, Callable[[str, Path, Path], Awaitable[float | None]]] = {
    "forms, floor": lambda url, folder, _: bare(url, folder / "form.mp4", SIZE // FORM),
    "forms": lambda url, folder, _: uploaded(url, folder / "form.mp4", SIZE // FORM),
    "direct, bare": lambda url, folder, _: bare(url, folder / "large.mp4"),
    "direct, floor": lambda url, folder, _: bare(url, folder / "large.mp4", digest=True),
    "direct": lambda url, folder, _: uploaded(url, folder / "large.mp4"),
    "download, bare": lambda url, _, target: curled(url, target),
    "download, floor": lambda url, _, target: curled(url, target, flush=True),
    "download": lambda url, _, target: downloaded(url, target),
    "heartbeat": lambda url, folder, target: hearts(url, target, folder / "huge.mp4"),
}


def highest() -> float:
    """The most memory that this process has held so far, in MiB (rusage would count what forked it)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def one(name: str, url: str, folder: Path) -> dict[str, float]:
    """What one costs in this process: memory is that of the first time, the time that of the second."""
    pin(1)
    small, target = folder / "small.mp4", folder / "target"
    asyncio.run(uploaded(url, small))
    asyncio.run(bare(url, small))
    asyncio.run(downloaded(url, target, MIB))
    before, grown, took, found = highest(), 0.0, 0.0, None
    for _ in range(2):
        target.unlink(missing_ok=True)
        began = time.perf_counter()
        found = asyncio.run(WORK[name](url, folder, target))  # type: ignore[arg-type]
        took = time.perf_counter() - began
        grown = grown or highest() - before
    target.unlink(missing_ok=True)
    return {"seconds": took, "mib": grown, "found": found or 0.0}


def file_of(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.write(b"\0\0\0\x20ftypisom" + bytes(MIB - 12))
        for _ in range(size // MIB - 1):
            file.write(os.urandom(MIB))


def measure() -> list[Row]:
    """All of them."""
    seen: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as made, storing() as url:
        folder = Path(made)
        for name, size in (("small", MIB), ("form", FORM), ("large", SIZE), ("huge", 2 * SIZE)):
            file_of(folder / f"{name}.mp4", size)
        for _ in range(ROUNDS):
            for name in WORK:
                command = [sys.executable, __file__, name, url, made]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                seen.setdefault(name, []).append(json.loads(done.stdout))
    ms = {name: statistics.median(run["seconds"] for run in runs) * 1e3 for name, runs in seen.items()}
    mib = {name: statistics.median(run["mib"] for run in runs) for name, runs in seen.items()}
    late = statistics.median(run["found"] for run in seen["heartbeat"])
    rows: list[Row] = []
    for name, title, beside in (
        ("forms", "upload, 512 MiB in forms of 32 MiB", {}),
        ("direct", "direct upload, 512 MiB and its SHA-256", {"PUT alone": ms["direct, bare"]}),
        ("download", "download, 512 MiB to disk, flushed", {"curl -o, not flushed": ms["download, bare"]}),
    ):
        rows.append(Row(title, "ms", ms[f"{name}, floor"], ms[name], GOAL, beside))
        rows.append(Row(f"{title}: memory", "MiB", 16, mib[name], 1.0))
    rows.append(Row("a heartbeat of 10 ms beside 1 GiB: late, p99", "ms", 50, late, 1.0))
    return rows


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(one(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
    else:
        for row in measure():
            print(row.line())
