"""Result files: names, and files that this batch did not write."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from batch_support import hello, outcomes_by_key

from heygen_async import AsyncHeyGen, DownloadError, InvalidInputError
from heygen_async.batch import Item, run
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo, ImageVideo

HELLO = AvatarVideo(avatar_id="avatar_1", script="Hello.")


def picture(path: object) -> ImageVideo:
    return ImageVideo(image=str(path), script="Hello.", voice_id="voice_0001")


async def test_derives_unique_file_names_from_keys(client: AsyncHeyGen, tmp_path: Path) -> None:
    rows: list[Any] = [
        (key, AvatarVideo(avatar_id="avatar_1", script=key))
        for key in ("../../etc/passwd", "A", "a", "...", "ä b", "x" * 200)
    ]
    rows.append(Item("own", AvatarVideo(avatar_id="avatar_1", script="Hello."), path=tmp_path / "mine.mp4"))
    outcomes = await outcomes_by_key(run(rows, heygen=client, output_dir=tmp_path / "out"))
    assert all(outcome.succeeded for outcome in outcomes.values())
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert len({name.lower() for name in names}) == 6
    assert all(len(name) < 130 for name in names)
    assert outcomes["own"].path == tmp_path / "mine.mp4"
    assert outcomes["a"].path == tmp_path / "out" / "a.mp4"


async def test_shortens_names_by_bytes(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    keys = ["動画" * 44, "動画" * 44 + "二", "é" * 199, "動" * 60]
    outcomes = await outcomes_by_key(run([(key, HELLO) for key in keys], heygen=client, output_dir=tmp_path))
    assert [outcomes[key].error for key in keys] == [None] * 4
    names = os.listdir(tmp_path)
    assert len(names) == 4
    assert all(len(name.encode()) < 240 for name in names)
    assert f"{'動' * 60}.mp4" in names  # short enough to stay as it is


async def test_an_unwritable_path_fails_its_row_only(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    rows: list[Any] = [
        Item("long", HELLO, path=tmp_path / ("x" * 300)),
        Item("nearly", HELLO, path=tmp_path / ("x" * 248)),  # too long with the suffix during the download
        Item("nul", HELLO, path="a\0b"),
        Item("no-folder", HELLO, path=tmp_path / "none" / "a.mp4"),
        ("fine", HELLO),
    ]
    outcomes = await outcomes_by_key(run(rows, heygen=client, output_dir=tmp_path))
    assert [key for key, outcome in outcomes.items() if outcome.succeeded] == ["fine"]
    assert all(
        isinstance(outcome.error, DownloadError | InvalidInputError) for outcome in outcomes.values() if outcome.error
    )
    assert os.listdir(tmp_path) == ["fine.mp4"]


@pytest.mark.parametrize("engine", ["jobs", "api"])
async def test_an_oserror_fails_its_row_only(
    engine: Any, client: AsyncHeyGen, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heygen_async._files import request_files

    original = request_files.upload_files_in_body

    async def fail(transport: Any, body: Any, *args: Any) -> Any:
        if any(one.script == "Bad." for one in (body if isinstance(body, list) else [body])):
            raise OSError(5, "Input/output error")
        return await original(transport, body, *args)

    monkeypatch.setattr(request_files, "upload_files_in_body", fail)
    bad = AvatarVideo(avatar_id="avatar_1", script="Bad.")
    rows = [("good", HELLO), ("bad", bad), ("better", HELLO)]
    outcomes = await outcomes_by_key(run(rows, heygen=client, engine=engine))
    assert (outcomes["good"].succeeded, outcomes["better"].succeeded) == (True, True)
    assert (len(api.ledger), str(outcomes["bad"].error)) == (2, "[Errno 5] Input/output error")


async def test_names_the_field_of_an_unreadable_file(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    rows: list[Any] = [
        ("nul", picture("a\0b.png")),
        ("none", picture(tmp_path / "none.png")),
        ("pipe", picture(tmp_path / "pipe")),
        ("folder", picture(tmp_path)),
        ("fine", HELLO),
    ]
    async with asyncio.timeout(10_000):
        outcomes = await outcomes_by_key(run(rows, heygen=client))
    assert [key for key, outcome in outcomes.items() if outcome.succeeded] == ["fine"]
    for outcome in outcomes.values():
        assert outcome.succeeded or str(outcome.error).startswith("image is ")


async def test_keeps_a_foreign_file_and_creates_no_job(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    options: dict[str, Any] = {"heygen": client, "output_dir": out}
    first = await outcomes_by_key(run([("1", HELLO), ("2", HELLO)], journal=tmp_path / "j1", **options))
    assert all(outcome.succeeded for outcome in first.values())
    (out / "1.mp4").write_bytes(b"the first one's")
    rows = [("1", AvatarVideo(avatar_id="avatar_2", script="Other.")), ("3", HELLO)]
    outcomes = await outcomes_by_key(run(rows, journal=tmp_path / "j2", **options))
    assert (outcomes["1"].succeeded, outcomes["3"].succeeded, len(api.ledger)) == (False, True, 3)
    assert isinstance(outcomes["1"].error, DownloadError)
    assert "1.mp4 exists, and this batch did not write it for this row" in str(outcomes["1"].error)
    assert (out / "1.mp4").read_bytes() == b"the first one's"
    (out / "1.mp4").unlink()
    outcomes = await outcomes_by_key(run(rows, journal=tmp_path / "j2", **options))
    assert (outcomes["1"].succeeded, outcomes["1"].path, len(api.ledger)) == (True, out / "1.mp4", 4)


async def test_keeps_a_foreign_file_that_appears_during_the_job(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"heygen": client, "output_dir": tmp_path / "out", "journal": tmp_path / "j"}
    running = asyncio.ensure_future(outcomes_by_key(run([("1", HELLO)], **options)))
    while not api.ledger:
        await asyncio.sleep(0.01)
    (tmp_path / "out" / "1.mp4").write_bytes(b"mine")
    outcomes = await running
    assert (outcomes["1"].succeeded, bool(outcomes["1"].results), (tmp_path / "out" / "1.mp4").read_bytes()) == (
        False,
        True,
        b"mine",
    )
    (tmp_path / "out" / "1.mp4").unlink()
    outcomes = await outcomes_by_key(run([("1", HELLO)], **options))
    assert (outcomes["1"].succeeded, len(api.ledger)) == (True, 1)


async def test_the_next_run_notices_a_replaced_file(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    options: dict[str, Any] = {"heygen": client, "output_dir": tmp_path / "out", "journal": tmp_path / "j"}
    await outcomes_by_key(run([("1", HELLO), ("2", HELLO)], **options))
    (tmp_path / "out" / "1.mp4").write_bytes(b"another's")
    (tmp_path / "out" / "2.mp4").unlink()
    outcomes = await outcomes_by_key(run([("1", HELLO), ("2", HELLO)], **options))
    assert (outcomes["1"].succeeded, outcomes["1"].paths, outcomes["2"].succeeded, len(api.ledger)) == (
        False,
        [],
        True,
        2,
    )
    assert "this batch did not write it" in str(outcomes["1"].error)
    assert (tmp_path / "out" / "1.mp4").read_bytes() == b"another's"


async def test_removes_the_leftovers_of_a_killed_download(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"heygen": client, "output_dir": tmp_path / "out", "journal": tmp_path / "j"}
    await outcomes_by_key(run([("1", HELLO), ("2", HELLO)], **options))
    (tmp_path / "out" / ".1.mp4.part").hardlink_to(tmp_path / "out" / "1.mp4")
    for key in "12":
        (tmp_path / "out" / f".{key}.mp4.part.etag").write_text("x")
    assert (await outcomes_by_key(run([("1", HELLO), ("2", HELLO)], **options)))["1"].succeeded
    assert sorted(os.listdir(tmp_path / "out")) == ["1.mp4", "2.mp4"]


async def test_recognizes_files_in_a_moved_folder(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    options: dict[str, Any] = {"heygen": client, "journal": tmp_path / "j"}
    await outcomes_by_key(run([("1", HELLO)], output_dir=tmp_path / "a", **options))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    requests = len(api.requests)
    outcomes = await outcomes_by_key(run([("1", HELLO)], output_dir=tmp_path / "b", **options))
    assert (outcomes["1"].path, len(api.requests)) == (tmp_path / "b" / "1.mp4", requests)


async def test_a_changed_row_replaces_its_own_file(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    options: dict[str, Any] = {"heygen": client, "output_dir": tmp_path / "out", "journal": tmp_path / "j"}
    await outcomes_by_key(run([("1", HELLO)], **options))
    before = (tmp_path / "out" / "1.mp4").stat().st_ino
    outcomes = await outcomes_by_key(run([("1", AvatarVideo(avatar_id="avatar_2", script="Changed."))], **options))
    assert (outcomes["1"].succeeded, outcomes["1"].changed) == (True, True)
    assert (tmp_path / "out" / "1.mp4").stat().st_ino != before


async def test_the_next_run_repeats_a_failed_download(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.inject(Fault("status", status=403, origin="storage", count=None))
    outcomes = await outcomes_by_key(run(hello(2), heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out"))
    assert all(isinstance(outcome.error, DownloadError) and outcome.results for outcome in outcomes.values())
    api.clear_faults()
    outcomes = await outcomes_by_key(run(hello(2), heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out"))
    assert all(outcome.succeeded for outcome in outcomes.values())
    assert len(list((tmp_path / "out").iterdir())) == len(api.ledger) == 2


async def test_a_full_disk_fails_a_download_immediately(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("heygen_async._files.part_file._write", full)
    outcomes = await outcomes_by_key(run(hello(1), heygen=client, output_dir=tmp_path))
    assert isinstance(outcomes["row-0"].error, DownloadError)
    assert "No space left" in str(outcomes["row-0"].error)
    assert len([request for request in api.requests if request.origin == "storage"]) == 1


async def test_a_full_disk_leaves_no_incomplete_file(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, chunks: list[bytes]) -> None:
        os.write(descriptor, chunks[0])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("heygen_async._files.part_file._write", full)
    outcomes = await outcomes_by_key(run([("1", HELLO)], heygen=client, output_dir=tmp_path / "out"))
    assert "The incomplete file was removed" in str(outcomes["1"].error)
    assert os.listdir(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("kind", "engine", "recover"),
    [
        ("videos", "jobs", False),
        ("video_translations", "jobs", False),
        ("video_translations", "api", False),
        ("ai_clipping", "jobs", True),
        ("video_agents", "jobs", True),
    ],
)
async def test_files_of_a_lost_journal_are_recognised(
    kind: str, engine: str, recover: bool, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    clip = {"type": "url", "url": "https://example.com/a.mp4"}
    request: Any = {
        "videos": AvatarVideo(avatar_id="avatar_1", script="Hello."),
        "video_translations": {"video": clip, "output_languages": ["French (France)"]},
        "ai_clipping": {"video": clip},
        "video_agents": {"prompt": "A tour"},
    }[kind]
    rows = [(f"row-{i}", request) for i in range(3)]
    options: dict[str, Any] = {"heygen": client, "kind": kind, "engine": engine, "name": "tour", "output_dir": tmp_path}
    first = await outcomes_by_key(run(rows, **options))
    second = await outcomes_by_key(run(rows, **options, recover=recover, journal=tmp_path / "j"))
    assert [outcome.error for outcome in second.values()] == [None] * 3
    assert {outcome.path for outcome in first.values()} == {outcome.path for outcome in second.values()}
    assert len(api.ledger) == 3
    assert recover or all(outcome.created_earlier for outcome in second.values())


async def test_a_file_that_differs_from_an_earlier_jobs_is_kept(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"heygen": client, "name": "tour", "output_dir": tmp_path}
    await outcomes_by_key(run(hello(1), **options))
    (tmp_path / "row-0.mp4").write_bytes(b"mine")
    outcomes = await outcomes_by_key(run(hello(1), **options, journal=tmp_path / "j"))
    assert isinstance(outcomes["row-0"].error, DownloadError)
    assert (tmp_path / "row-0.mp4").read_bytes() == b"mine"
    assert {file.name for file in tmp_path.iterdir()} == {"row-0.mp4", "j"}
    assert len(api.ledger) == 1
    (tmp_path / "row-0.mp4").unlink()
    outcomes = await outcomes_by_key(run(hello(1), **options, journal=tmp_path / "j"))
    assert (outcomes["row-0"].error, len(api.ledger)) == (None, 1)


async def test_a_download_that_can_never_work_fails_at_once(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.inject(Fault("redirect", origin="storage", headers={"Location": "file:///etc/passwd"}, count=None))
    outcomes = await outcomes_by_key(run([("a", HELLO)], heygen=client, output_dir=tmp_path))
    assert isinstance(outcomes["a"].error, DownloadError)
    assert "file:///etc/passwd: only http and https URLs are fetched" in str(outcomes["a"].error)
    assert len([request for request in api.requests if request.origin == "storage"]) == 1
