"""Writing files: never through a link, into a named pipe, or into a file of another user."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from support import Command

from heygen_async import AsyncHeyGen, DownloadError
from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links and named pipes")

PRECIOUS = b"precious"
REASONS = {
    "link": "is a symbolic link",
    "dangling": "is a symbolic link",
    "second_name": "has a second name (a hard link)",
    "pipe": "is not a regular file",
    "foreign": "belongs to another user",
}


@pytest.fixture(params=REASONS)
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "foreign" and os.geteuid():
        pytest.skip("only root can give a file to another user")
    return str(request.param)


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file that nobody named."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    path = folder / "victim"
    path.write_bytes(PRECIOUS)
    return path


def plant(kind: str, path: Path, victim: Path) -> None:
    """Put something under a name that the SDK uses."""
    if kind == "link":
        path.symlink_to(victim)
    elif kind == "dangling":
        path.symlink_to(victim.with_name("new"))
    elif kind == "second_name":
        path.hardlink_to(victim)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(PRECIOUS)
        os.chown(path, 12345, 12345)


def assert_untouched(kind: str, path: Path, victim: Path) -> None:
    assert victim.read_bytes() == PRECIOUS
    assert os.listdir(victim.parent) == ["victim"]
    assert path.is_symlink() == (kind in {"link", "dangling"})
    assert path.is_fifo() == (kind == "pipe")
    if kind == "foreign":
        assert path.read_bytes() == PRECIOUS


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("name", [".a.mp4.part", ".a.mp4.part.etag"])
async def test_download_writes_to_its_own_files_alone(
    name: str, kind: str, resume: bool, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, victim: Path
) -> None:
    url = api.storage.presigned("/videos/v/video.mp4")
    plant(kind, tmp_path / name, victim)
    with pytest.raises(DownloadError, match="cannot be written") as caught:
        await client.download(url, tmp_path / "a.mp4", resume=resume)
    assert f"{name} {REASONS[kind]}" in str(caught.value)
    assert not (tmp_path / "a.mp4").exists()
    assert_untouched(kind, tmp_path / name, victim)


@pytest.mark.parametrize(
    "name", [".rows_results.csv.new", *(f"rows.csv.journal{suffix}" for suffix in ("", "-wal", "-shm", "-journal"))]
)
async def test_batch_writes_to_its_own_files_alone(
    name: str, kind: str, command: Command, api: HeyGenEmulator, tmp_path: Path, victim: Path
) -> None:
    sheet = tmp_path / "rows.csv"
    sheet.write_text("id,avatar_id,script\n1,avatar_1,Hi\n", encoding="utf-8")
    plant(kind, tmp_path / name, victim)
    code, out, error = await command(sheet, "--resume")
    assert (code, out, api.requests) == (2, [], [])
    assert f"{name} {REASONS[kind]}" in error
    assert_untouched(kind, tmp_path / name, victim)


async def test_download_replaces_a_link_and_does_not_follow_it(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, victim: Path
) -> None:
    target = tmp_path / "a.mp4"
    plant("link", target, victim)
    await client.download(api.storage.presigned("/videos/v/video.mp4"), target, overwrite=True)
    assert target.stat().st_size > len(PRECIOUS)
    assert_untouched("", target, victim)


async def test_results_replace_a_link_and_do_not_follow_it(
    command: Command, api: HeyGenEmulator, tmp_path: Path, victim: Path
) -> None:
    sheet, results = tmp_path / "rows.csv", tmp_path / "rows_results.csv"
    sheet.write_text("id,avatar_id,script\n1,avatar_1,Hi\n", encoding="utf-8")
    plant("link", results, victim)
    code, _, error = await command(sheet, "--resume")
    assert code == 0, error
    assert results.read_bytes().startswith(b"id,avatar_id")
    assert_untouched("", results, victim)


@pytest.mark.parametrize("overwrite", [False, True])
async def test_download_never_publishes_a_link_that_replaced_its_part_file(
    overwrite: bool, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, victim: Path
) -> None:
    part, target = tmp_path / ".a.mp4.part", tmp_path / "a.mp4"

    def replace() -> None:
        part.unlink()
        part.symlink_to(victim)

    with pytest.raises(DownloadError, match="replaced by another file"):
        await client.download(
            api.storage.presigned("/videos/v/video.mp4"),
            target,
            overwrite=overwrite,
            on_progress=lambda *_: asyncio.to_thread(replace),
        )
    assert victim.read_bytes() == PRECIOUS
    assert not os.path.lexists(target)


async def test_link_at_the_target_is_an_existing_file(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, victim: Path
) -> None:
    plant("dangling", tmp_path / "a.mp4", victim)
    with pytest.raises(ValueError, match="overwrite=True"):
        await client.download(api.storage.presigned("/videos/v/video.mp4"), tmp_path / "a.mp4")
    assert api.requests == []


async def test_download_continues_after_a_kill_between_its_two_names(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    target = tmp_path / "a.mp4"
    url = api.storage.presigned("/videos/v/video.mp4")
    content = (await client.download(url, target)).read_bytes()
    (tmp_path / ".a.mp4.part").hardlink_to(target)
    contents = list[bytes]()

    async def read(*_: object) -> None:
        contents.append(await asyncio.to_thread(target.read_bytes))

    await client.download(url, target, overwrite=True, on_progress=read)
    assert {*contents, target.read_bytes()} == {content}
    assert target.stat().st_nlink == 1
    assert os.listdir(tmp_path) == [target.name]
