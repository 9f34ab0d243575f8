"""Batches and this machine's files: what they read, where their results go, and whose a file is."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from heygen_async import AsyncHeyGen, ConfigurationError, DownloadError, InvalidInputError
from heygen_async.batch import Item, Outcome, Run, run
from heygen_async.batch.journal import Journal
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo, ImageVideo

HELLO = AvatarVideo(avatar_id="a", script="Hello.")


@pytest.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator(autojump=True, balance=1e5) as emulator:
        yield emulator


async def ends(batch: Run) -> dict[str, Outcome]:
    return {outcome.key: outcome async for outcome in batch}


def picture(path: object) -> ImageVideo:
    return ImageVideo(image=str(path), script="Hello.", voice_id="v")


async def test_long_names_are_shortened_by_what_file_systems_count(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    keys = ["動画" * 44, "動画" * 44 + "二", "é" * 199, "動" * 60]
    done = await ends(run([(key, HELLO) for key in keys], heygen=client, output_dir=tmp_path))
    assert [done[key].error for key in keys] == [None] * 4
    names = os.listdir(tmp_path)
    assert len(names) == 4
    assert all(len(name.encode()) < 240 for name in names)
    assert f"{'動' * 60}.mp4" in names  # which was short enough


async def test_a_path_that_can_be_no_file_is_one_failed_row(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows: list[Any] = [
        Item("long", HELLO, path=tmp_path / ("x" * 300)),
        Item("nearly", HELLO, path=tmp_path / ("x" * 248)),  # what is put around it while it is fetched is too long
        Item("nul", HELLO, path="a\0b"),
        Item("no-folder", HELLO, path=tmp_path / "none" / "a.mp4"),
        ("fine", HELLO),
    ]
    done = await ends(run(rows, heygen=client, output_dir=tmp_path))
    assert [key for key, outcome in done.items() if outcome.succeeded] == ["fine"]
    assert all(
        isinstance(outcome.error, DownloadError | InvalidInputError) for outcome in done.values() if outcome.error
    )
    assert os.listdir(tmp_path) == ["fine.mp4"]


@pytest.mark.parametrize("engine", ["jobs", "api"])
async def test_any_oserror_of_a_row_is_its_own(
    engine: Any, client: AsyncHeyGen, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heygen_async._files import request_files

    real = request_files.upload_files_in_body

    async def fails(transport: Any, body: Any, *more: Any) -> Any:
        if any(one.script == "Bad." for one in (body if isinstance(body, list) else [body])):
            raise OSError(5, "Input/output error")
        return await real(transport, body, *more)

    monkeypatch.setattr(request_files, "upload_files_in_body", fails)
    bad = AvatarVideo(avatar_id="a", script="Bad.")
    rows = [("good", HELLO), ("bad", bad), ("better", HELLO)]
    done = await ends(run(rows, heygen=client, engine=engine))
    assert (done["good"].succeeded, done["better"].succeeded) == (True, True)
    assert (len(api.ledger), str(done["bad"].error)) == (2, "[Errno 5] Input/output error")


async def test_what_is_no_readable_file_is_told_with_its_field(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    rows: list[Any] = [
        ("nul", picture("a\0b.png")),
        ("none", picture(tmp_path / "none.png")),
        ("pipe", picture(tmp_path / "pipe")),
        ("folder", picture(tmp_path)),
        ("fine", HELLO),
    ]
    async with asyncio.timeout(10_000):
        done = await ends(run(rows, heygen=client))
    assert [key for key, outcome in done.items() if outcome.succeeded] == ["fine"]
    for outcome in done.values():
        assert outcome.succeeded or str(outcome.error).startswith("image is ")


# -- whose a file is


async def test_a_file_of_another_run_stays_and_nothing_is_paid_for_it(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    options: dict[str, Any] = {"heygen": client, "output_dir": out}
    first = await ends(run([("1", HELLO), ("2", HELLO)], journal=tmp_path / "j1", **options))
    assert all(outcome.succeeded for outcome in first.values())
    (out / "1.mp4").write_bytes(b"the first one's")
    rows = [("1", AvatarVideo(avatar_id="b", script="Other.")), ("3", HELLO)]
    done = await ends(run(rows, journal=tmp_path / "j2", **options))
    assert (done["1"].succeeded, done["3"].succeeded, len(api.ledger)) == (False, True, 3)
    assert isinstance(done["1"].error, DownloadError)
    assert "1.mp4 exists, and this batch did not write it for this row" in str(done["1"].error)
    assert (out / "1.mp4").read_bytes() == b"the first one's"
    (out / "1.mp4").unlink()
    done = await ends(run(rows, journal=tmp_path / "j2", **options))
    assert (done["1"].succeeded, done["1"].path, len(api.ledger)) == (True, out / "1.mp4", 4)


async def test_a_name_that_is_taken_while_the_job_runs(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"heygen": client, "output_dir": tmp_path / "out", "journal": tmp_path / "j"}
    running = asyncio.ensure_future(ends(run([("1", HELLO)], **options)))
    while not api.ledger:
        await asyncio.sleep(0.01)
    (tmp_path / "out" / "1.mp4").write_bytes(b"mine")
    done = await running
    assert (done["1"].succeeded, bool(done["1"].results), (tmp_path / "out" / "1.mp4").read_bytes()) == (
        False,
        True,
        b"mine",
    )
    (tmp_path / "out" / "1.mp4").unlink()
    done = await ends(run([("1", HELLO)], **options))
    assert (done["1"].succeeded, len(api.ledger)) == (True, 1)


async def test_a_file_that_is_not_its_own_is_noticed_by_the_next_run(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"heygen": client, "output_dir": tmp_path / "out", "journal": tmp_path / "j"}
    await ends(run([("1", HELLO), ("2", HELLO)], **options))
    (tmp_path / "out" / "1.mp4").write_bytes(b"another's")
    (tmp_path / "out" / "2.mp4").unlink()
    done = await ends(run([("1", HELLO), ("2", HELLO)], **options))
    assert (done["1"].succeeded, done["1"].paths, done["2"].succeeded, len(api.ledger)) == (False, [], True, 2)
    assert "this batch did not write it" in str(done["1"].error)
    assert (tmp_path / "out" / "1.mp4").read_bytes() == b"another's"


async def test_a_kill_just_after_a_file_has_its_name_leaves_nothing_in_the_end(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"heygen": client, "output_dir": tmp_path / "out", "journal": tmp_path / "j"}
    await ends(run([("1", HELLO), ("2", HELLO)], **options))
    (tmp_path / "out" / ".1.mp4.part").hardlink_to(tmp_path / "out" / "1.mp4")
    for key in "12":
        (tmp_path / "out" / f".{key}.mp4.part.etag").write_text("x")
    assert (await ends(run([("1", HELLO), ("2", HELLO)], **options)))["1"].succeeded
    assert sorted(os.listdir(tmp_path / "out")) == ["1.mp4", "2.mp4"]


async def test_a_folder_that_moved_is_known_again(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    options: dict[str, Any] = {"heygen": client, "journal": tmp_path / "j"}
    await ends(run([("1", HELLO)], output_dir=tmp_path / "a", **options))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    asked = len(api.requests)
    done = await ends(run([("1", HELLO)], output_dir=tmp_path / "b", **options))
    assert (done["1"].path, len(api.requests)) == (tmp_path / "b" / "1.mp4", asked)


async def test_a_changed_row_replaces_its_own_file(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    options: dict[str, Any] = {"heygen": client, "output_dir": tmp_path / "out", "journal": tmp_path / "j"}
    await ends(run([("1", HELLO)], **options))
    before = (tmp_path / "out" / "1.mp4").stat().st_ino
    done = await ends(run([("1", AvatarVideo(avatar_id="b", script="Changed."))], **options))
    assert (done["1"].succeeded, done["1"].changed) == (True, True)
    assert (tmp_path / "out" / "1.mp4").stat().st_ino != before


async def test_a_disk_that_fills_up_keeps_no_parts(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heygen_async._files.part_file import PartFile

    real = PartFile._append

    def full(self: PartFile, pieces: list[bytes], etag: str | None) -> None:
        real(self, pieces, etag)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PartFile, "_append", full)
    done = await ends(run([("1", HELLO)], heygen=client, output_dir=tmp_path / "out"))
    assert "The incomplete file was removed" in str(done["1"].error)
    assert os.listdir(tmp_path / "out") == []


# -- the journal's own file


async def test_a_journal_is_free_when_opening_it_was_cancelled(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, opening = asyncio.get_running_loop(), asyncio.Event()
    real = Journal._open

    def slowly(self: Journal) -> Any:
        loop.call_soon_threadsafe(opening.set)
        return real(self)

    monkeypatch.setattr(Journal, "_open", slowly)
    dying = asyncio.ensure_future(ends(run([("1", HELLO)], heygen=client, journal=tmp_path / "j")))
    gc.disable()
    try:
        await opening.wait()
        dying.cancel()
        with pytest.raises(asyncio.CancelledError) as kept:
            await dying
        monkeypatch.undo()
        done = await ends(run([("1", HELLO)], heygen=client, journal=tmp_path / "j"))
    finally:
        gc.enable()
    assert done["1"].succeeded
    assert kept


async def test_a_full_disk_is_called_so(client: AsyncHeyGen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Journal, pending: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(Journal, "_transaction", fails)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))
    with pytest.raises(ConfigurationError, match="cannot be written \\(the disk is full: free some space\\)"):
        await ends(run([("1", HELLO)], heygen=client, journal=tmp_path / "j"))
