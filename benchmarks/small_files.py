"""Measure the CPU time of small files: uploads of 50 KiB and downloads of 200 KiB, against the same calls bare.

Each floor makes the same requests by aiohttp, and handles each file by one call in a thread. An upload reads the file,
and hashes it where the SHA-256 is sent. A download writes the file, flushes it to the disk and renames it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path

import aiohttp
from rows import Row, cpu_of, medians, pin
from storage import BATCH, storing

from heygen_async import AsyncHeyGen

FILES = 300
ROUNDS = 7
CONCURRENCY = 4
UPLOADED = 50 << 10  # bytes
DOWNLOADED = 200 << 10
GOALS = {"assets.upload": 1.4, "assets.upload_many(wait=False)": 1.8, "download, flushed": 1.4}


async def in_parallel(work: Callable[[Path], Awaitable[object]], paths: Iterable[Path]) -> None:
    remaining = iter(paths)

    async def worker() -> None:
        for path in remaining:
            await work(path)

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))


class Bare:
    """The same requests by aiohttp alone."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def post(self, path: str, **options: object) -> object:
        async with self._session.post(f"{self._url}{path}", headers={"X-Api-Key": "key"}, **options) as response:  # type: ignore[arg-type]
            return json.loads(await response.read())["data"]

    async def upload(self, path: Path) -> None:
        content = await asyncio.to_thread(path.read_bytes)
        form = aiohttp.FormData()
        form.add_field("file", content, filename=path.name, content_type="image/png")
        await self.post("/v3/assets", data=form)

    async def upload_many(self, paths: list[Path]) -> None:
        def read(path: Path) -> tuple[bytes, str]:
            content = path.read_bytes()
            return content, hashlib.sha256(content).hexdigest()

        opened: dict[Path, tuple[bytes, str]] = {}

        async def hash_one(path: Path) -> None:
            opened[path] = await asyncio.to_thread(read, path)

        async def put(path: Path) -> None:
            headers = {"Content-Type": "image/png"}
            async with self._session.put(f"{self._url}/put", data=opened[path][0], headers=headers) as response:
                await response.read()

        for start in range(0, len(paths), BATCH):
            batch = paths[start : start + BATCH]
            await in_parallel(hash_one, batch)
            files = [
                {"filename": path.name, "content_type": "image/png", "size_bytes": UPLOADED, "checksum_sha256": sha256}
                for path, (_, sha256) in opened.items()
            ]
            await self.post("/v3/assets/direct-uploads/batches", json={"files": files})
            await in_parallel(put, batch)
            await self.post("/v3/assets/complete/batches", json={"batch_id": "batch_1"})
            opened.clear()

    async def download(self, path: Path) -> None:
        def store(content: bytes) -> None:
            part = path.with_suffix(".part")
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)

        async with self._session.get(f"{self._url}/{DOWNLOADED}") as response:
            await asyncio.to_thread(store, await response.read())


async def sample(url: str, folder: Path) -> dict[str, dict[str, float]]:
    """Return the median CPU microseconds of a file, by work and client."""
    paths = [folder / f"{number}.png" for number in range(FILES)]
    for path in paths:
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(UPLOADED - 8))
    targets = [folder / f"{number}.mp4" for number in range(FILES)]
    async with aiohttp.ClientSession() as session, AsyncHeyGen("key", base_url=url, allow_private_hosts=True) as heygen:
        bare = Bare(session, url)

        async def download(path: Path) -> None:
            await heygen.download(f"{url}/{DOWNLOADED}", path, overwrite=True)

        works: dict[str, tuple[Callable[[], Awaitable[object]], Callable[[], Awaitable[object]]]] = {
            "assets.upload": (
                partial(in_parallel, bare.upload, paths),
                partial(in_parallel, heygen.assets.upload, paths),
            ),
            "assets.upload_many(wait=False)": (
                partial(bare.upload_many, paths),
                partial(heygen.assets.upload_many, paths, concurrency=CONCURRENCY, wait=False),
            ),
            "download, flushed": (
                partial(in_parallel, bare.download, targets),
                partial(in_parallel, download, targets),
            ),
        }
        samples: dict[str, dict[str, list[float]]] = {name: {"floor": [], "ours": []} for name in works}
        for number in range(ROUNDS + 1):
            for name, (floor, ours) in works.items():
                times = {"floor": await cpu_of(floor, FILES), "ours": await cpu_of(ours, FILES)}
                if number:  # the first round warms up
                    for client, microseconds in times.items():
                        samples[name][client].append(microseconds)
    return {name: medians(one) for name, one in samples.items()}


def measure() -> list[Row]:
    """Return a row for each work."""
    logging.disable()
    pin(1)
    with tempfile.TemporaryDirectory() as root, storing() as url:
        found = asyncio.run(sample(url, Path(root)))
    return [
        Row(f"{FILES} small files: {name}", "µs CPU", times["floor"], times["ours"], GOALS[name])
        for name, times in found.items()
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
