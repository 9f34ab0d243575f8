"""Opening local files: once, regular files only, and below a folder without following a link."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from agent_support import error_of, tool
from support import PNG, open_files

from heygen_async import AsyncHeyGen, InvalidInputError
from heygen_async._files import local_files
from heygen_async.testing import HeyGenEmulator

SWAPS = int(os.environ.get("HEYGEN_ASYNC_SWAPS", "400"))
INSIDE, OUTSIDE = PNG + b"inside", PNG + b"a secret of this machine"
LARGE_FILE = PNG + bytes(300_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a picture in a folder in it, and another picture outside."""
    for place, content in ((tmp_path / "mine" / "sub", INSIDE), (tmp_path / "outside", OUTSIDE)):
        place.mkdir(parents=True)
        (place / "a.png").write_bytes(content)
    return tmp_path / "mine"


def swap_until_done(folder: Path, swaps: int, done: threading.Event) -> None:
    """Put links and FIFOs in the place of a file and of its folder, and the originals back."""
    outside = folder.parent / "outside"
    file, sub, real = folder / "sub" / "a.png", folder / "sub", folder / "real"

    def to_link() -> None:
        spare = sub / "link"
        spare.symlink_to(outside / "a.png")
        spare.replace(file)

    def to_fifo() -> None:
        spare = sub / "fifo"
        os.mkfifo(spare)
        spare.replace(file)

    def to_file() -> None:
        spare = sub / "file"
        spare.write_bytes(INSIDE)
        spare.replace(file)

    def to_other_folder() -> None:
        sub.rename(real)
        sub.symlink_to(outside)

    def to_folder() -> None:
        sub.unlink()
        real.rename(sub)

    steps: list[Callable[[], None]] = [to_link, to_file, to_fifo, to_file, to_other_folder, to_folder]
    for number, step in enumerate(cycle(steps)):
        step()
        if number >= swaps and step in {to_file, to_folder}:
            break
    done.set()


@pytest.mark.skipif(sys.platform == "win32", reason="links and FIFOs")
async def test_swapped_files_lead_to_none_outside(folder: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    done = threading.Event()
    swapping = asyncio.ensure_future(asyncio.to_thread(swap_until_done, folder, SWAPS, done))
    upload = tool(client, "create_asset", spending="allow", files=folder)
    await upload(file="sub/a.png")
    while not done.is_set():
        await asyncio.gather(*[upload(file="sub/a.png") for _ in range(8)])
    await swapping
    assert "data" in await upload(file="sub/a.png")
    bodies = [request.body for request in api.requests_for("AssetCreate")]
    assert sum(OUTSIDE in body for body in bodies) == 0


@pytest.mark.parametrize("name", ["link.png", "sub_link/a.png", "way/../sub_link/a.png"])
@pytest.mark.parametrize("opens_below", [True, False], ids=["POSIX", "Windows"])
async def test_no_link_leads_out_of_the_folder(
    name: str,
    opens_below: bool,
    folder: Path,
    client: AsyncHeyGen,
    api: HeyGenEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_files, "_OPENS_BELOW", opens_below)
    (folder / "link.png").symlink_to(folder.parent / "outside" / "a.png")
    (folder / "sub_link").symlink_to(folder.parent / "outside")
    upload = tool(client, "create_asset", files=folder)
    assert "only local files below" in error_of(await upload(file=name))
    assert api.requests == []
    assert "data" in await upload(file="sub/a.png")
    assert "data" in await upload(file=str(folder / "sub" / "a.png"))


async def test_the_folder_itself_may_be_a_link(folder: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    upload = tool(client, "create_asset", files=link)
    for path in ("sub/a.png", str(link / "sub" / "a.png"), str(folder / "sub" / "a.png")):
        assert "data" in await upload(file=path)


@pytest.mark.parametrize("kind", ["fifo", "folder", "device"])
async def test_uploads_regular_files_only(
    kind: str, tmp_path: Path, client: AsyncHeyGen, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    asked = Path("/dev/zero") if kind == "device" else path
    real_stat = os.stat

    def stat(place: Any, *arguments: Any, **options: Any) -> os.stat_result:
        assert place not in {asked, str(asked)}, "the open file is asked, not its path"
        return real_stat(place, *arguments, **options)

    monkeypatch.setattr(os, "stat", stat)
    with pytest.raises(InvalidInputError, match=r"\(it is (not a regular file|a folder)\)"):
        await client.assets.upload(asked)
    assert api.requests == []


async def test_many_files_are_not_open_at_once(
    tmp_path: Path, client: AsyncHeyGen, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heygen_async._files.upload_batches.MAX_IDS", 10)
    paths = [tmp_path / f"{number}.png" for number in range(40)]
    for path in paths:
        path.write_bytes(LARGE_FILE)
    counts: list[int] = []

    async def count(*_: object) -> None:
        names = await asyncio.to_thread(open_files)
        counts.append(len([name for name in names if name.endswith(".png")]))

    results = await client.assets.upload_many(paths, on_progress=count, wait=False, concurrency=1)
    assert {type(result).__name__ for result in results} == {"AssetFile"}
    assert max(counts) == 10
    assert not [name for name in open_files() if name.endswith(".png")]
    assert counts[-1] == 1  # the stored files were closed


async def test_a_small_file_takes_one_hop_to_a_thread(
    tmp_path: Path, client: AsyncHeyGen, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(50_000))
    await client.assets.upload(path)
    loop, hops = asyncio.get_running_loop(), list[object]()
    run = loop.run_in_executor

    def run_in_executor(executor: None, function: Callable[..., object], *arguments: object) -> asyncio.Future[object]:
        hops.append(function)
        return run(executor, function, *arguments)

    async def run_sync(function: Callable[..., object], *arguments: object, **_: object) -> object:
        hops.append(function)
        return await run(None, function, *arguments)

    monkeypatch.setattr(loop, "run_in_executor", run_in_executor)
    monkeypatch.setattr("anyio.to_thread.run_sync", run_sync)
    await client.assets.upload(path)
    assert len(hops) == 1
