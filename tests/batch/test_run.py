"""Batches: rows in, outcomes out, nothing twice, whatever ends in between."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import errno
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from blockbuster import BlockBuster
from hypothesis import given, strategies as st
from support import PNG, Command, examples, open_files, read, records, tasks

import heygen_async.progress  # noqa: F401  its import reads files, which no test may do on the loop
from heygen_async import (
    AmbiguousRequestError,
    AsyncHeyGen,
    AuthenticationError,
    Backoff,
    BadRequestError,
    ConfigurationError,
    DownloadError,
    InsufficientCreditError,
    InvalidInputError,
    JobFailedError,
    QuotaExceededError,
    ServerError,
    WaitTimeoutError,
)
from heygen_async.__main__ import main
from heygen_async.batch import Item, Outcome, Run, estimate, run
from heygen_async.batch.capacity import JobCapacity
from heygen_async.batch.journal import Journal
from heygen_async.batch.sheet import Sheet
from heygen_async.batch.sheet_file import RowError
from heygen_async.errors import BudgetExceededError
from heygen_async.pricing import speaking_time
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.avatars import PromptAvatar
from heygen_async.types.files import UrlFile
from heygen_async.types.videos import (
    AvatarIII,
    AvatarInput,
    AvatarScene,
    AvatarVideo,
    CinematicVideo,
    ImageVideo,
    StudioVideo,
    VideoScene,
)

CLIP = UrlFile(url="https://example.com/clip.mp4")


def hello(count: int, words: str = "Hello") -> list[tuple[str, AvatarVideo]]:
    return [(f"row-{i}", AvatarVideo(avatar_id="a", script=f"{words} {i}.")) for i in range(count)]


async def ends(batch: Run) -> dict[str, Outcome]:
    found = [outcome async for outcome in batch]
    assert len({outcome.key for outcome in found}) == len(found)
    return {outcome.key: outcome for outcome in found}


@pytest.fixture
def api_limit() -> int:
    return 10


@pytest.fixture
async def api(api_limit: int) -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator(autojump=True, concurrency_limit=api_limit, balance=1e5) as emulator:
        yield emulator


# -- what it makes


async def test_every_row_has_its_outcome(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    batch = run(hello(35), heygen=client, output_dir=tmp_path / "new" / "out")
    done = await ends(batch)
    assert len(done) == len(api.ledger) == 35
    for key, outcome in done.items():
        assert outcome.succeeded
        assert outcome.path == tmp_path / "new" / "out" / f"{key}.mp4"
        assert outcome.path.stat().st_size > 1000
        assert outcome.result.id == outcome.id
        assert (outcome.error, outcome.resumed, outcome.changed) == (None, False, False)
    assert batch.counts == {"completed": 35, "failed": 0, "planned": 0}
    assert (batch.running_jobs, batch.plan_limit) == (0, 10)
    assert 0 < batch.spent < 5


KINDS: list[tuple[str, Any]] = [
    ("videos", AvatarVideo(avatar_id="a", script="Hello.")),
    ("videos", {"type": "avatar", "avatar_id": "a", "script": "Hello."}),
    ("videos", CinematicVideo(prompt="A street", avatar_id=["a"])),
    ("video_agents", {"prompt": "A tour"}),
    ("video_translations", {"video": CLIP, "output_languages": ["French (France)", "German (Germany)"]}),
    ("lipsyncs", {"video": CLIP, "audio": UrlFile(url="https://example.com/a.mp3")}),
    ("hyperframes", {"project": UrlFile(url="https://example.com/p.zip")}),
    ("background_removals", {"video": CLIP}),
    ("ai_clipping", {"video": CLIP}),
    ("templates", {"template_id": "template_0001", "variables": {}}),
    ("avatars", PromptAvatar(name="Ada", prompt="A scientist")),
    ("avatars", {"type": "prompt", "name": "Ada", "prompt": "A scientist"}),
    ("voices", {"text": "Hello.", "voice_id": "voice_0000"}),
]


@pytest.mark.parametrize(
    ("kind", "request_"), KINDS, ids=[f"{number}-{kind}" for number, (kind, _) in enumerate(KINDS)]
)
async def test_everything_that_is_made_slowly(
    kind: str, request_: Any, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    if kind == "templates":
        request_ = {**request_, "template_id": (await client.templates.list()).data[0].id}
        template = await client.templates.get(request_["template_id"])
        request_["variables"] = template.variables
    done = await ends(
        run([Item("one", request_, kind)], heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out")
    )
    one = done["one"]
    assert one.succeeded, one.error
    assert len(one.results) == len(one.ids) == (2 if kind == "video_translations" else 1)
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    if kind == "video_translations":
        assert files == ["one-1.mp4", "one-2.mp4"]
    assert sorted(path.name for path in one.paths) == files
    charged = len(api.ledger)
    again = await ends(
        run([Item("one", request_, kind)], heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out")
    )
    assert (again["one"].state, again["one"].resumed, again["one"].ids) == ("completed", True, one.ids)
    assert type(again["one"].result) is type(one.result)
    assert [path.name for path in again["one"].paths] == [path.name for path in one.paths]
    assert len(api.ledger) == charged


async def test_one_failure_is_one_failed_outcome(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(fail_code="bad_script", fail_message="The script is rude.", count=1))
    rows: list[Any] = [
        *hello(3),
        ("nothing-said", AvatarVideo(avatar_id="a")),
        ("twice", AvatarVideo(avatar_id="a", script="One.")),
        Item("no-file", ImageVideo(image="none.png", script="Hello.", voice_id="v")),
        Item("unknown", {"type": "film"}),
        Item("bad-field", {"prompt": "x", "surprise": 1}, "video_agents"),
        Item("no-mapping", "text", "lipsyncs"),
        Item("bad-speech", {"text": "x", "voice_id": 7}, "voices"),
        Item("refused", {"video": CLIP, "output_languages": []}, "video_translations"),
        Item("strange", {"type": "avatar", "avatar_id": "a", "script": object()}),
        Item("number", {"type": "avatar", "avatar_id": "a", "script": 5}),
        Item("no-scenes", {"type": "studio", "scenes": 5}),
        Item("no-time", {"video": CLIP, "output_languages": ["French"], "end_time": "soon"}, "video_translations"),
    ]
    done = await ends(run(rows, heygen=client))
    wrong = {key: type(outcome.error) for key, outcome in done.items() if not outcome.succeeded}
    failed = next(key for key in wrong if key.startswith("row-"))
    assert wrong.pop(failed) is JobFailedError
    assert isinstance(done[failed].error, JobFailedError)
    assert done[failed].error.failure_code == "bad_script"
    assert done[failed].ids
    assert wrong.pop("refused") is BadRequestError
    assert wrong == dict.fromkeys(
        (
            "nothing-said",
            "no-file",
            "unknown",
            "bad-field",
            "no-mapping",
            "bad-speech",
            "strange",
            "number",
            "no-scenes",
            "no-time",
        ),
        InvalidInputError,
    )
    assert len(api.ledger) == 4


async def test_refused_rows_hold_nobody_up(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    refused = [Item(f"bad-{i}", {"video": CLIP, "output_languages": []}, "video_translations") for i in range(40)]
    done = await ends(run([*refused, *hello(3)], heygen=client))
    assert sum(outcome.succeeded for outcome in done.values()) == 3
    assert len(done) == 43


async def test_a_quota_fails_its_row_and_leaves_it_open(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.inject(Fault("status", status=429, code="quota_exceeded", operation="VideoCreate", count=None))
    done = await ends(run(hello(3), heygen=client, journal=tmp_path / "j"))
    assert {type(outcome.error) for outcome in done.values()} == {QuotaExceededError}
    assert len(api.requests_for("VideoCreate")) == 3
    api.clear_faults()
    done = await ends(run(hello(3), heygen=client, journal=tmp_path / "j"))
    assert all(outcome.succeeded for outcome in done.values())


async def test_a_long_outage_leaves_its_rows_open(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.inject(Fault("status", status=500, operation="VideoCreate", count=None))
    done = await ends(run(hello(2), heygen=client, journal=tmp_path / "j"))
    assert {type(outcome.error) for outcome in done.values()} == {ServerError}
    api.clear_faults()
    done = await ends(run(hello(2), heygen=client, journal=tmp_path / "j"))
    assert all(outcome.succeeded for outcome in done.values())
    assert len(api.ledger) == 2


async def test_keys_are_each_there_once(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    outcomes = [outcome async for outcome in run([*hello(2), *hello(1)], heygen=client)]
    assert len([outcome for outcome in outcomes if outcome.succeeded]) == 2
    (twice,) = [outcome for outcome in outcomes if not outcome.succeeded]
    assert "an earlier row has the same one" in str(twice.error)
    for wrong in ("row", ("a", "b", "c"), None):
        with pytest.raises(InvalidInputError, match="requests"):
            await ends(run([wrong], heygen=client))  # type: ignore[list-item]
    assert len(api.ledger) == 2


async def test_a_bad_key_fails_its_row_alone(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    request = hello(1)[0][1]
    rows: list[Any] = [(key, request) for key in ("a", "", "a" * 201, "a\nb", None, True, 7, 0)]
    rows.append(Item("no-films", request, "films"))
    outcomes = [outcome async for outcome in run(rows, heygen=client)]
    assert {outcome.key for outcome in outcomes if outcome.succeeded} == {"a", "7", "0"}
    told = sorted(str(outcome.error) for outcome in outcomes if not outcome.succeeded)
    assert len(told) == 6
    assert sum("key is" in error and "printable characters" in error for error in told) == 5
    assert any("key is ''" in error and "row 2 of the source" in error for error in told)
    assert any("kind is 'films'" in error and "row 9 of the source" in error for error in told)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("kind", "films"), ("concurrency", 0), ("download_concurrency", 0), ("engine", "magic"), ("budget", -1),
        ("budget", float("nan")), ("timeout", 0), ("timeout", -1),
    ],
)  # fmt: skip
def test_options_that_can_never_be(option: str, value: Any) -> None:
    with pytest.raises(InvalidInputError, match=option):
        run([], **{option: value})


async def test_any_source_is_read_as_there_is_room(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    read = 0

    async def rows() -> AsyncIterator[tuple[str, AvatarVideo]]:
        nonlocal read
        for row in hello(300):
            read += 1
            yield row

    batch = run(rows(), heygen=client, concurrency=5)
    seen = 0
    async for _ in batch:
        seen += 1
        assert read <= seen + 5 + 2 * 64 + 5
        assert batch.running_jobs <= 5
    assert seen == 300
    read = 0
    async with contextlib.aclosing(aiter(run(rows(), heygen=client))) as slowly:
        for seen in range(1, 20):
            await anext(slowly)
            await asyncio.sleep(100)  # while outcomes pile up
            assert read <= seen + 10 + 2 * 64 + 5
    with pytest.raises(ConfigurationError, match="iterated over before"):
        await ends(batch)


async def test_a_source_that_breaks_ends_the_run(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    def rows() -> Iterator[tuple[str, AvatarVideo]]:
        yield hello(1)[0]
        raise OSError("the database is away")

    with pytest.raises(OSError, match="database is away"):
        await ends(run(rows(), heygen=client))


async def test_a_refused_key_ends_the_run(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    async with AsyncHeyGen("wrong", base_url=api.url) as other:
        with pytest.raises(AuthenticationError):
            await ends(run(hello(50), heygen=other, journal=tmp_path / "j"))
    assert len(api.requests) <= 3
    assert len(await ends(run(hello(50), heygen=client, journal=tmp_path / "j"))) == len(api.ledger) == 50


async def test_a_client_of_its_own(api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    monkeypatch.setenv("HEYGEN_API_URL", api.url)
    files = open_files()
    assert (await ends(run(hello(1))))["row-0"].succeeded
    assert not [name for name in open_files() - files if "socket" in name and name not in files][2:]


async def test_stopping_leaves_nothing_behind(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    before, files = tasks(), open_files()
    async with contextlib.aclosing(aiter(run(hello(40), heygen=client, journal=tmp_path / "j"))) as outcomes:
        await anext(outcomes)
    assert {task for task in tasks() if "batch" in repr(task)} <= before
    assert not [name for name in open_files() - files if "j" in Path(name.partition(":")[2]).name.split("-")]
    made = len(api.ledger)
    assert 0 < made < 40
    done = await ends(run(hello(40), heygen=client, journal=tmp_path / "j"))
    assert len(done) == len(api.ledger) == 40
    assert sum(outcome.resumed for outcome in done.values()) >= made


# -- room


async def test_the_plans_limit_is_found_and_never_answers_twice_in_a_row(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    batch = run(hello(400), heygen=client)
    assert len(await ends(batch)) == 400
    answers = [request.status for request in api.requests_for("VideoCreate")]
    assert answers.count(429) <= 8
    assert not [pair for pair in pairwise(answers) if pair == (429, 429)]
    assert loop.time() - began < 1.1 * 400 / 10 * 60
    assert batch.plan_limit == 10


async def test_a_plan_that_grows_is_felt(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    batch = run(hello(300), heygen=client)
    seen = 0
    async for _ in batch:
        seen += 1
        if seen == 60:
            api.state.concurrency_limit = 25
    assert batch.plan_limit is not None
    assert batch.plan_limit > 20


async def test_slots_that_others_hold(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for _ in range(10):
        await client.videos.create(AvatarVideo(avatar_id="a", script="Mine."))
    assert len(await ends(run(hello(12), heygen=client))) == 12
    assert len(api.ledger) == 22


@given(st.integers(1, 12), st.lists(st.integers(0, 3), min_size=1, max_size=200))
@examples(60)
def test_room_never_asks_twice_into_a_full_plan(limit: int, turns: list[int]) -> None:
    """Whatever the order of answers and ends: one refusal, then none until a job has ended."""

    async def play() -> None:
        capacity, running, refused, full = JobCapacity(), 0, 0, False
        entering: set[asyncio.Task[None]] = set()
        for turn in turns:
            if turn < 2:
                task = asyncio.ensure_future(capacity.acquire())
                entering.add(task)
                await asyncio.sleep(0)
            for task in [task for task in entering if task.done()]:
                entering.discard(task)
                if running < limit:
                    running += 1
                    full = False
                    capacity.accepted(1)
                else:
                    assert not full, "asked twice into a full plan"
                    refused, full = refused + 1, True
                    capacity.rejected(1000.0)
            if turn == 2 and running:
                running -= 1
                full = False
                capacity.ended(1)
            await asyncio.sleep(0)
        for task in entering:
            task.cancel()
        await asyncio.gather(*entering, return_exceptions=True)
        assert capacity.running_jobs == running <= limit

    asyncio.run(play())


# -- the journal


async def test_what_is_finished_is_not_asked_for_again(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    first = await ends(run(hello(8), heygen=client, journal=tmp_path / "j"))
    asked = len(api.requests)
    again = await ends(run(hello(8), heygen=client, journal=tmp_path / "j"))
    assert len(api.requests) == asked
    assert {key: outcome.result for key, outcome in again.items()} == {key: o.result for key, o in first.items()}
    assert all(outcome.resumed for outcome in again.values())
    assert stat.S_IMODE((tmp_path / "j").stat().st_mode) == 0o600
    await ends(run(hello(8), heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out"))
    assert len(list((tmp_path / "out").iterdir())) == 8  # fetched later
    assert len(api.ledger) == 8


async def test_a_row_whose_content_changed_is_a_new_job(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    rows: list[Any] = [*hello(2), ("picture", ImageVideo(image=picture, script="Hello.", voice_id="v"))]
    first = await ends(run(rows, heygen=client, journal=tmp_path / "j"))
    rows[1] = ("row-1", AvatarVideo(avatar_id="a", script="Something else."))
    picture.write_bytes(PNG + b"1")
    again = await ends(run(rows, heygen=client, journal=tmp_path / "j"))
    assert {key for key, outcome in again.items() if outcome.changed} == {"row-1", "picture"}
    assert again["row-1"].id != first["row-1"].id
    assert "has changed" in caplog.text
    assert len(api.ledger) == 5
    with sqlite3.connect(tmp_path / "j") as kept:  # what was paid for is not forgotten
        assert {ids for (ids,) in kept.execute("SELECT ids FROM replaced")} == {
            f'["{first["row-1"].id}"]', f'["{first["picture"].id}"]'
        }  # fmt: skip
    kept.close()


async def test_files_are_needed_once(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    rows: list[Any] = [("picture", ImageVideo(image=picture, script="Hello.", voice_id="v"))]
    first = await ends(run(rows, heygen=client, journal=tmp_path / "j"))
    picture.unlink()
    again = await ends(run(rows, heygen=client, journal=tmp_path / "j"))
    assert (again["picture"].succeeded, again["picture"].id, len(api.ledger)) == (True, first["picture"].id, 1)


async def test_the_same_file_is_uploaded_once(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    rows = [(f"row-{i}", ImageVideo(image=picture, script=f"Hello {i}.", voice_id="v")) for i in range(20)]
    done = await ends(run(rows, heygen=client))
    assert all(outcome.succeeded for outcome in done.values())
    assert len(api.requests_for("AssetCreate")) == 1


async def test_failed_rows_stay_failed_until_they_are_retried(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.plan(Plan(fail_code="bad_script", fail_message="The script is rude.", count=2))
    first = await ends(run(hello(4), heygen=client, journal=tmp_path / "j"))
    wrong = {key for key, outcome in first.items() if not outcome.succeeded}
    again = await ends(run(hello(4), heygen=client, journal=tmp_path / "j"))
    assert {key for key, outcome in again.items() if not outcome.succeeded} == wrong
    for key in wrong:
        assert isinstance(again[key].error, JobFailedError)
        assert (str(again[key].error), again[key].ids) == (str(first[key].error), first[key].ids)
        assert again[key].error.failure_code == "bad_script"  # type: ignore[union-attr]
    assert len(api.ledger) == 4
    last = await ends(run(hello(4), heygen=client, journal=tmp_path / "j", retry_failed=True))
    assert all(outcome.succeeded for outcome in last.values())
    assert len(api.ledger) == 6


async def test_two_runs_on_one_journal(client: AsyncHeyGen, tmp_path: Path) -> None:
    async with contextlib.aclosing(aiter(run(hello(3), heygen=client, journal=tmp_path / "j"))) as outcomes:
        await anext(outcomes)
        with pytest.raises(ConfigurationError, match="another run"):
            await ends(run(hello(3), heygen=client, journal=tmp_path / "j"))


async def test_a_journal_that_is_none(client: AsyncHeyGen, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database " * 1000)
    with sqlite3.connect(tmp_path / "other") as other:
        other.execute("CREATE TABLE mine (a)")
    other.close()
    with sqlite3.connect(tmp_path / "newer") as newer:
        newer.execute("PRAGMA user_version=99")
    newer.close()
    for name, told in (
        ("text", "no journal"),
        ("other", "no journal"),
        ("newer", "no journal of this"),
        ("none/j", "cannot be opened"),
    ):
        with pytest.raises(ConfigurationError, match=told):
            await ends(run(hello(1), heygen=client, journal=tmp_path / name))


def disk_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no job can be written down that is under way."""
    real = Journal._transaction

    def fails(self: Any, pending: Any) -> None:
        if any("running" in values for _, values in pending):
            raise sqlite3.OperationalError("disk I/O error")
        real(self, pending)

    monkeypatch.setattr(Journal, "_transaction", fails)


async def test_a_disk_that_fails_ends_the_run(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    disk_fails(monkeypatch)
    with pytest.raises(ConfigurationError, match="disk I/O error"):
        await ends(run(hello(5), heygen=client, journal=tmp_path / "j"))
    monkeypatch.undo()
    await ends(run(hello(5), heygen=client, journal=tmp_path / "j"))
    assert len(api.ledger) == 5


# -- answers that are lost


def older(journal: Path, seconds: float) -> None:
    """As if its requests had been sent so long ago."""
    with sqlite3.connect(journal) as kept:
        kept.execute("UPDATE rows SET submitted_at = submitted_at - ?", (seconds,))
    kept.close()


async def lose(
    client: AsyncHeyGen, api: HeyGenEmulator, rows: list[Any], journal: Path, kind: str, *, made: bool = True
) -> None:
    """A run that dies when the answer to its only request is lost, or before the request has arrived."""
    operation = {
        "videos": "VideoCreate",
        "video_agents": "VideoAgentCreate",
        "video_translations": "VideoTranslateCreate",
        "voices": "VoiceSpeechCreate",
        "avatars": "AvatarCreate",
    }[kind]
    api.inject(Fault("stall" if made else "silent", operation=operation))
    dying = asyncio.ensure_future(ends(run(rows, heygen=client, kind=kind, journal=journal)))
    asked = len(api.requests_for(operation))
    while len(api.requests_for(operation)) == asked:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    assert len(api.ledger) == made


@pytest.mark.parametrize("made", [True, False])
async def test_a_lost_answer_is_asked_for_under_the_same_key(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, made: bool
) -> None:
    await lose(client, api, hello(1), tmp_path / "j", "videos", made=made)
    done = await ends(run(hello(1), heygen=client, journal=tmp_path / "j"))
    assert (done["row-0"].succeeded, done["row-0"].resumed) == (True, True)
    keys = {request.headers["Idempotency-Key"] for request in api.requests_for("VideoCreate")}
    assert (len(api.ledger), len(keys), len(api.requests_for("VideoCreate"))) == (1, 1, 2)


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("kind", ["videos", "video_translations", "video_agents"])
async def test_past_the_keys_life_the_list_is_searched(
    kind: str, made: bool, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows: list[Any] = hello(1)
    if kind == "video_agents":
        rows = [("row-0", {"prompt": "A tour"})]
        other = await client.video_agents.create(prompt="Another tour")
    elif kind == "video_translations":
        rows = [("row-0", {"video": CLIP, "output_languages": ["French (France)", "German (Germany)"]})]
        other = (
            await client.video_translations.create(video=CLIP, output_languages=["French (France)"])
        ).video_translation_ids[0]
    else:
        other = await client.videos.create(AvatarVideo(avatar_id="a", script="Another.", title="Another"))
    before = len(api.ledger)
    api.ledger.clear()
    api.state.random.seed(7)
    if kind == "video_translations":
        rows = [("row-0", {**rows[0][1], "output_languages": ["French (France)"]})]
    await lose(client, api, rows, tmp_path / "j", kind, made=made)
    older(tmp_path / "j", 86_400)
    for job in api.state.jobs.values():  # a day has passed there too
        job.made -= 86_400
    done = await ends(run(rows, heygen=client, kind=kind, journal=tmp_path / "j"))
    assert done["row-0"].succeeded, done["row-0"].error
    assert len(api.ledger) == 1
    assert done["row-0"].id in api.ledger[0].id or kind == "video_agents"
    assert other
    assert before


@pytest.mark.parametrize("case", ["claimed by another row", "too many", "too old"])
async def test_another_session_is_not_taken_for_ones_own(
    case: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows: list[Any] = [("row-0", {"prompt": "A tour"}), ("row-1", {"prompt": "A tour"})]
    if case == "claimed by another row":
        await ends(run(rows[:1], heygen=client, kind="video_agents", journal=tmp_path / "j"))
    else:
        await client.video_agents.create(prompt="A tour")
    if case == "too old":
        for job in api.state.jobs.values():
            job.made -= 3600
    api.ledger.clear()
    await lose(client, api, rows[1:], tmp_path / "j", "video_agents", made=case != "too old")
    done = await ends(run(rows[1:], heygen=client, kind="video_agents", journal=tmp_path / "j"))
    if case == "too many":
        assert isinstance(done["row-1"].error, AmbiguousRequestError)
    else:
        assert done["row-1"].succeeded, done["row-1"].error
        assert done["row-1"].id == api.ledger[0].id
    assert len(api.ledger) == 1


async def test_what_cannot_be_found_again_is_not_made_twice(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    speech = [("row-0", {"text": "Hello.", "voice_id": "voice_0000"})]
    await lose(client, api, speech, tmp_path / "j", "voices")
    for _ in range(2):
        done = await ends(run(speech, heygen=client, kind="voices", journal=tmp_path / "j"))
        assert isinstance(done["row-0"].error, AmbiguousRequestError)
        assert "retry_failed" in str(done["row-0"].error)
    assert len(api.ledger) == 1
    done = await ends(run(speech, heygen=client, kind="voices", journal=tmp_path / "j", retry_failed=True))
    assert done["row-0"].succeeded
    assert len(api.ledger) == 2


async def test_a_lost_answer_is_not_retried_at_once(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="VoiceSpeechCreate"))
    speech = [("row-0", {"text": "Hello.", "voice_id": "voice_0000"})]
    done = await ends(run(speech, heygen=client, kind="voices", retry_failed=True))
    assert isinstance(done["row-0"].error, AmbiguousRequestError)
    assert len(api.ledger) == 1


async def test_rows_of_a_batch_that_was_refused_are_rows_again(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows: list[Any] = [(f"row-{i}", {"video": CLIP, "output_languages": ["French (France)"]}) for i in range(3)]
    api.state.balance = 0.1
    options: dict[str, Any] = {"heygen": client, "kind": "video_translations", "journal": tmp_path / "j"}
    pausing = asyncio.ensure_future(ends(run(rows, engine="api", **options)))
    await asyncio.sleep(30)
    pausing.cancel()
    await asyncio.wait({pausing})
    api.state.balance = 100.0
    batch = run(rows[:0], **options)
    await ends(batch)
    assert batch.spent == 0  # what was refused is not spent
    await lose(client, api, rows[:1], tmp_path / "j", "video_translations")
    done = await ends(run(rows, **options))
    assert all(outcome.succeeded for outcome in done.values())
    assert len(api.ledger) == len({outcome.id for outcome in done.values()}) == 3
    assert len(api.requests_for("VideoTranslateBatchesCreate")) == 1


async def test_titles_of_ones_own_do_not_tell(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    rows = [("row-0", AvatarVideo(avatar_id="a", script="Hello.", title="Tour"))]
    await lose(client, api, rows, tmp_path / "j", "videos")
    older(tmp_path / "j", 86_400)
    for job in api.state.jobs.values():
        job.made -= 86_400
    done = await ends(run(rows, heygen=client, journal=tmp_path / "j"))
    assert isinstance(done["row-0"].error, AmbiguousRequestError)
    assert len(api.ledger) == 1


@pytest.mark.parametrize("kind", ["lost_response", "reset_before", "truncate", "status"])
async def test_sessions_whose_answers_are_lost_are_found(kind: Any, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    fault = api.inject(Fault(kind, status=502, operation="VideoAgentCreate", count=None, probability=0.3, seed=1))
    rows = [(f"row-{i}", {"prompt": f"Tour {i}"}) for i in range(20)]
    done = await ends(run(rows, heygen=client, kind="video_agents"))
    assert all(outcome.succeeded for outcome in done.values()), [o.error for o in done.values() if not o.succeeded]
    assert len({outcome.id for outcome in done.values()}) == 20
    assert len(api.ledger) == 20
    assert fault.hits > 2


async def test_a_search_rides_out_an_outage_too(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="VideoAgentCreate"))
    api.inject(Fault("status", status=502, operation="VideoAgentList", count=12))
    done = await ends(run([("row-0", {"prompt": "A tour"})], heygen=client, kind="video_agents"))
    assert (done["row-0"].succeeded, len(api.ledger)) == (True, 1)


async def test_speech_that_was_paid_for_is_kept(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heygen_async.batch.row_executor import RowExecutor

    async def dies(self: RowExecutor, row: Any) -> None:
        raise RuntimeError("the process dies here")

    speech = [("row-0", {"text": "Hello.", "voice_id": "voice_0000"})]
    monkeypatch.setattr(RowExecutor, "finish", dies)
    with pytest.raises(RuntimeError, match="dies here"):
        await ends(run(speech, heygen=client, kind="voices", journal=tmp_path / "j"))
    monkeypatch.undo()
    done = await ends(run(speech, heygen=client, kind="voices", journal=tmp_path / "j", output_dir=tmp_path))
    assert done["row-0"].succeeded
    assert done["row-0"].result.audio_url
    assert (len(api.ledger), done["row-0"].path) == (1, tmp_path / "row-0.wav")


async def test_an_outage_of_minutes_is_ridden_out(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    batch = aiter(run(hello(30), heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out"))
    done = [await anext(batch)]
    await api.down()
    down = asyncio.ensure_future(asyncio.sleep(600))
    down.add_done_callback(lambda _: asyncio.ensure_future(api.up()))
    done += [outcome async for outcome in batch]
    assert len(done) == len(api.ledger) == 30
    assert [outcome.error for outcome in done if not outcome.succeeded] == []


async def test_a_wait_that_is_too_long_goes_on_in_the_next_run(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.plan(Plan(seconds=5000))
    done = await ends(run(hello(1), heygen=client, journal=tmp_path / "j", timeout=60))
    assert isinstance(done["row-0"].error, WaitTimeoutError)
    again = await ends(run(hello(1), heygen=client, journal=tmp_path / "j"))
    assert (again["row-0"].succeeded, again["row-0"].resumed, len(api.ledger)) == (True, True, 1)


async def test_a_download_that_fails_is_tried_by_the_next_run(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.inject(Fault("status", status=403, origin="storage", count=None))
    done = await ends(run(hello(2), heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out"))
    assert all(isinstance(outcome.error, DownloadError) and outcome.results for outcome in done.values())
    api.clear_faults()
    done = await ends(run(hello(2), heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out"))
    assert all(outcome.succeeded for outcome in done.values())
    assert len(list((tmp_path / "out").iterdir())) == len(api.ledger) == 2


async def test_names_of_files(client: AsyncHeyGen, tmp_path: Path) -> None:
    rows: list[Any] = [
        (key, AvatarVideo(avatar_id="a", script=key)) for key in ("../../etc/passwd", "A", "a", "...", "ä b", "x" * 200)
    ]
    rows.append(Item("own", AvatarVideo(avatar_id="a", script="Hello."), path=tmp_path / "mine.mp4"))
    done = await ends(run(rows, heygen=client, output_dir=tmp_path / "out"))
    assert all(outcome.succeeded for outcome in done.values())
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert len({name.lower() for name in names}) == 6
    assert all(len(name) < 130 for name in names)
    assert done["own"].path == tmp_path / "mine.mp4"
    assert done["a"].path == tmp_path / "out" / "a.mp4"


# -- HeyGen's own batches


@pytest.mark.parametrize("kind", ["videos", "video_translations", "lipsyncs"])
async def test_the_apis_own_batches(kind: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    rows: list[Any] = hello(250)
    if kind != "videos":
        more: dict[str, Any] = (
            {"output_languages": ["French (France)"]} if kind == "video_translations" else {"audio": CLIP}
        )
        rows = [(f"row-{i}", {"video": CLIP, "title": f"t{i}", **more}) for i in range(250)]
    api.plan(Plan(fail_code="bad", fail_message="It is bad.", count=3))
    options: dict[str, Any] = {
        "heygen": client,
        "kind": kind,
        "engine": "api",
        "journal": tmp_path / "j",
        "output_dir": tmp_path / "out",
    }
    done = await ends(run(rows, **options))
    failed = [outcome for outcome in done.values() if not outcome.succeeded]
    assert len(failed) == 3
    assert all(isinstance(outcome.error, JobFailedError) and outcome.ids for outcome in failed)
    assert len(api.ledger) == len({outcome.id for outcome in done.values()}) == 250
    posts = [request for request in api.requests if request.method == "POST"]
    assert len(posts) == 3
    assert len(list((tmp_path / "out").iterdir())) == 247
    asked = len(api.requests)
    again = await ends(run(rows, **options))
    assert len(api.requests) == asked
    assert {key: outcome.ids for key, outcome in again.items()} == {key: outcome.ids for key, outcome in done.items()}


async def test_what_fits_in_no_batch(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    rows = [
        Item("agent", {"prompt": "A tour"}, "video_agents"),
        Item("two", {"video": CLIP, "output_languages": ["French (France)", "German (Germany)"]}, "video_translations"),
    ]
    done = await ends(run(rows, heygen=client, engine="api"))
    assert {type(outcome.error) for outcome in done.values()} == {InvalidInputError}
    assert not api.requests


@pytest.mark.parametrize("fault", ["lost_response", "reset_before", "status", "corrupt"])
@pytest.mark.parametrize("kind", ["videos", "video_translations"])
async def test_a_batch_whose_answer_is_lost(
    fault: Any, kind: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows: list[Any] = hello(12)
    if kind != "videos":
        rows = [(f"row-{i}", {"video": CLIP, "output_languages": ["French (France)"]}) for i in range(12)]
    api.inject(Fault(fault, status=503, retry_after=2, path="/v3/*/batches", count=1))
    options: dict[str, Any] = {"heygen": client, "kind": kind, "engine": "api", "journal": tmp_path / "j"}
    done = await ends(run(rows, **options))
    if kind == "videos" and fault in {"lost_response", "corrupt"}:  # it may be there, so it is not made again
        assert {isinstance(outcome.error, AmbiguousRequestError) for outcome in done.values()} == {True}
        done = await ends(run(rows, **options))
    elif kind == "videos" and fault == "reset_before":  # it is not there, but may be queued: a person decides
        for _ in range(2):
            assert {isinstance(outcome.error, AmbiguousRequestError) for outcome in done.values()} == {True}
            done = await ends(run(rows, **options))
        assert not api.ledger
        done = await ends(run(rows, **options, retry_failed=True))
    assert all(outcome.succeeded for outcome in done.values()), [outcome.error for outcome in done.values()]
    assert len(api.ledger) == 12


async def test_a_batch_that_was_refused_was_not_lost(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.state.balance = 0.1
    options: dict[str, Any] = {"heygen": client, "engine": "api", "journal": tmp_path / "j"}
    pausing = asyncio.ensure_future(ends(run(hello(3), **options)))
    await asyncio.sleep(30)
    pausing.cancel()
    await asyncio.wait({pausing})
    api.state.balance = 100.0
    with pytest.raises(BudgetExceededError):
        await ends(run(hello(3), budget=0.0, **options))
    done = await ends(run(hello(3), **options))
    assert all(outcome.succeeded for outcome in done.values()), [outcome.error for outcome in done.values()]
    assert len(api.ledger) == 3


async def test_a_look_that_is_refused_sends_no_batch_again(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    api.plan(Plan(seconds=20, count=1))
    api.plan(Plan(seconds=600))
    api.inject(Fault("status", status=400, operation="VideoBatchesGet", after=8))
    done = await ends(run(hello(3), heygen=client, engine="api", journal=tmp_path / "j"))
    assert all(outcome.succeeded for outcome in done.values()), [outcome.error for outcome in done.values()]
    assert len(api.ledger) == 3
    assert len(api.requests_for("VideoBatchesCreate")) == 1


async def test_a_batch_is_looked_at_as_often_as_the_client_says(api: HeyGenEmulator) -> None:
    api.plan(Plan(seconds=600))
    async with AsyncHeyGen(api.key, base_url=api.url, poll=Backoff(initial=50.0, maximum=50.0, jitter=0.0)) as client:
        assert len(await ends(run(hello(3), heygen=client, engine="api"))) == 3
    assert len(api.requests_for("VideoBatchesGet")) <= 600 / 50 + 1


async def test_an_outage_does_not_outlast_the_timeout_of_a_batch(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=503, operation="VideoBatchesGet", count=None))
    began = asyncio.get_running_loop().time()
    done = await ends(run(hello(2), heygen=client, engine="api", timeout=300))
    assert {type(outcome.error) for outcome in done.values()} == {WaitTimeoutError}
    assert asyncio.get_running_loop().time() - began < 2 * 300 + 120


async def test_one_bad_row_of_a_batch_fails_alone(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    rows: list[Any] = [(f"row-{i}", {"video": CLIP, "output_languages": ["French (France)"]}) for i in range(30)]
    rows[17] = ("row-17", {"video": CLIP, "output_languages": ["French (France)"], "mode": "magic"})
    done = await ends(run(rows, heygen=client, kind="video_translations", engine="api", journal=tmp_path / "j"))
    assert [key for key, outcome in done.items() if not outcome.succeeded] == ["row-17"]
    assert isinstance(done["row-17"].error, BadRequestError)
    assert len(api.ledger) == 29


async def test_a_batch_that_is_forgotten(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.plan(Plan(seconds=600))
    running = asyncio.ensure_future(ends(run(hello(3), heygen=client, engine="api", journal=tmp_path / "j")))
    await asyncio.sleep(60)
    api.state.batches.clear()
    done = await running
    assert all(outcome.succeeded for outcome in done.values())
    assert len(api.ledger) == 3


async def test_a_part_of_a_lost_batch_is_found(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    rows: list[Any] = [(f"row-{i}", {"video": CLIP, "output_languages": ["French (France)"]}) for i in range(3)]
    options: dict[str, Any] = {
        "heygen": client, "kind": "video_translations", "engine": "api", "journal": tmp_path / "j"
    }  # fmt: skip
    api.inject(Fault("stall", path="/v3/*/batches"))
    dying = asyncio.ensure_future(ends(run(rows, **options)))
    while not api.ledger:
        await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.wait({dying})
    done = await ends(run(rows[1:], **options)) | await ends(run(rows, **options))
    assert all(outcome.succeeded for outcome in done.values()), [outcome.error for outcome in done.values()]
    for key, outcome in done.items():
        assert api.state.jobs[str(outcome.id)].facts["callback_id"].startswith(f"{key} ")
    assert len(api.ledger) == 3


async def test_a_full_disk_is_not_waited_for(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("heygen_async._files.part_file.PartFile._append", full)
    done = await ends(run(hello(1), heygen=client, output_dir=tmp_path))
    assert isinstance(done["row-0"].error, DownloadError)
    assert "No space left" in str(done["row-0"].error)
    assert len([request for request in api.requests if request.origin == "storage"]) == 1


async def test_a_batch_is_taken_up_by_the_other_engine(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    stream = aiter(run(hello(20), heygen=client, engine="api", journal=tmp_path / "j"))
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    done = await ends(run(hello(30), heygen=client, journal=tmp_path / "j"))
    assert all(outcome.succeeded for outcome in done.values())
    assert len(api.ledger) == len({outcome.id for outcome in done.values()}) == 30


# -- money


async def test_a_budget_stops_new_jobs(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    rows = [(f"row-{i}", CinematicVideo(prompt="A street", avatar_id=["a"])) for i in range(10)]
    done = []
    with pytest.raises(BudgetExceededError, match="3 more rows|more rows") as stopped:
        async for outcome in run(rows, heygen=client, journal=tmp_path / "j", budget=50.0):
            done.append(outcome)
    assert (len(done), len(api.ledger), stopped.value.held, stopped.value.spent) == (7, 7, 3, 49.0)
    with pytest.raises(BudgetExceededError):  # what was begun counts in the next run too
        await ends(run(rows, heygen=client, journal=tmp_path / "j", budget=50.0))
    assert len(api.ledger) == 7
    assert len(await ends(run(rows, heygen=client, journal=tmp_path / "j", budget=70.0))) == 10


async def test_the_balance_counts_when_it_says_more(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    # By the table a short script costs less than a cent; the local HeyGen takes a dollar for each.
    refused = [("refused", {"video": CLIP, "output_languages": []})]
    batch = run([Item(*refused[0], "video_translations")], heygen=client, budget=30.0)
    await ends(batch)
    assert batch.spent == 0  # what is refused costs nothing
    with pytest.raises(BudgetExceededError):
        await ends(run(hello(200), heygen=client, budget=30.0))
    assert 30 <= len(api.ledger) <= 50


async def test_estimates_count_when_they_say_more(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    rows = [(f"row-{i}", CinematicVideo(prompt="A street", avatar_id=["a"])) for i in range(25)]
    batch = run(rows, heygen=client, budget=1000.0)
    await ends(batch)
    assert batch.spent == 175.0


async def test_no_credit_pauses_the_batch(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.state.balance = 5.0
    paused: list[InsufficientCreditError] = []

    def more_money(error: InsufficientCreditError) -> None:
        paused.append(error)
        asyncio.get_running_loop().call_later(3600, lambda: setattr(api.state, "balance", 100.0))

    done = await ends(run(hello(30), heygen=client, on_pause=more_money))
    assert all(outcome.succeeded for outcome in done.values())
    assert (len(api.ledger), len(paused)) == (30, 1)
    assert len(api.requests_for("VideoCreate")) < 60


async def test_a_dry_run_makes_nothing(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    await ends(run(hello(2), heygen=client, journal=tmp_path / "j"))
    made = len(api.ledger)
    done = await ends(run(hello(5), heygen=client, journal=tmp_path / "j", dry_run=True))
    assert sorted(outcome.state for outcome in done.values()) == ["completed"] * 2 + ["planned"] * 3
    planned = done["row-4"].estimate
    assert planned is not None
    assert (planned.sure, planned.usd) == ("likely", pytest.approx(0.0667 * 0.8))
    assert len(api.ledger) == made


@pytest.mark.parametrize(
    ("kind", "request_", "usd", "sure"),
    [
        ("videos", AvatarVideo(avatar_id="a", script="word " * 150), 0.0667 * 60, "likely"),
        ("videos", AvatarVideo(avatar_id="a", script="word " * 150, resolution="4k"), 0.0833 * 60, "likely"),
        ("videos", AvatarVideo(avatar_id="a", script="word " * 150, engine=AvatarIII()), 0.0167 * 60, "likely"),
        (
            "videos",
            ImageVideo(image=CLIP, script='word <break time="1.5s"/> word <break time="500ms"/>'),
            0.05 * 2.8,
            "likely",
        ),
        ("videos", {"type": "avatar", "avatar_id": "a", "audio_url": "https://e.com/a.mp3"}, 0.0667 * 60, "guess"),
        ("videos", CinematicVideo(prompt="x", avatar_id=["a"]), 7.0, "exact"),
        (
            "videos",
            StudioVideo(
                scenes=[AvatarScene(input=AvatarInput(avatar_id="a", script="word " * 75)), VideoScene(source=CLIP)]
            ),
            0.0667 * 30 + 0.05 * 60,
            "guess",
        ),
        ("video_agents", {"prompt": "A 30-second tour"}, 0.0333 * 30, "likely"),
        ("video_agents", {"prompt": "A tour of 2 minutes"}, 0.0333 * 120, "likely"),
        ("video_agents", {"prompt": "A tour"}, 0.0333 * 60, "guess"),
        ("video_translations", {"video": CLIP, "output_languages": ["a", "b"]}, 0.0333 * 120, "guess"),
        (
            "video_translations",
            {"video": CLIP, "output_languages": ["a"], "mode": "precision", "start_time": 5, "end_time": 15},
            0.667,
            "likely",
        ),
        (
            "video_translations",
            {"video": CLIP, "output_languages": ["a"], "translate_audio_only": True},
            0.0167 * 60,
            "guess",
        ),
        ("lipsyncs", {"video": CLIP, "audio": CLIP, "mode": "precision"}, 0.0667 * 60, "guess"),
        ("hyperframes", {"project": CLIP, "fps": 60, "resolution": "4k"}, 0.30, "guess"),
        ("voices", {"text": "word " * 150, "voice_id": "v"}, 0.000667 * 60, "likely"),
        ("avatars", {"type": "digital_twin"}, 1.0, "exact"),
        ("avatars", {"type": "prompt"}, 0.0, "unknown"),
        ("ai_clipping", {"video": CLIP}, 0.0, "unknown"),
    ],
    ids=range(19),
)
def test_estimates(kind: str, request_: Any, usd: float, sure: str) -> None:
    found = estimate(kind, request_)
    assert (found.usd, found.sure) == (pytest.approx(usd, rel=1e-3), sure)
    assert found.why


def test_speaking_time() -> None:
    assert speaking_time("word " * 300) == pytest.approx(120)
    assert speaking_time("") == 0


# -- sheets, and the command line

DOCUMENTED = """title,output_language,url,folder_id
"Product Demo","Spanish","https://example.com/demo.mp4","folder_123"
"Onboarding","French","https://example.com/onboard.mp4",""
"Q4 Earnings","Japanese","https://example.com/q4.mp4",""
"""


def the_documentations_script(source: Path, target: Path, api: HeyGenEmulator) -> None:
    """What the documentation's own program does, with nothing but the standard library."""
    import urllib.request

    with source.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        names = [*(reader.fieldnames or ()), "video_translation_id"]
        rows = []
        for row in reader:
            asked: dict[str, Any] = {
                "video": {"type": "url", "url": row["url"]},
                "output_languages": [row["output_language"]],
                "title": row["title"],
            }
            if row.get("folder_id", "").strip():
                asked["folder_id"] = row["folder_id"].strip()
            request = urllib.request.Request(
                f"{api.url}/v3/video-translations", msgspec.json.encode(asked),
                {"X-Api-Key": api.key, "Content-Type": "application/json"},
            )  # fmt: skip
            with urllib.request.urlopen(request) as answer:
                row["video_translation_id"] = msgspec.json.decode(answer.read())["data"]["video_translation_ids"][0]
            rows.append(row)
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=names)
        writer.writeheader()
        writer.writerows(rows)


async def test_the_documentations_sheet_and_script(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    source = tmp_path / "bulk_translation_input.csv"
    source.write_text(DOCUMENTED, encoding="utf-8")
    await asyncio.to_thread(the_documentations_script, source, tmp_path / "theirs.csv", api)
    sent = [request.json for request in api.requests_for("VideoTranslateCreate")]
    code, out, error = await command(source, "--download-to", tmp_path / "out")
    assert (code, len(out)) == (0, 3), error
    ours = read(tmp_path / "bulk_translation_results.csv")
    theirs = read(tmp_path / "theirs.csv")
    assert ours[0] == [*theirs[0], "status", "video_url", "error", "key", "path"]
    for mine, other in zip(ours[1:], theirs[1:], strict=True):
        assert mine[:4] == other[:4]
        assert mine[4].startswith("translation_")
        assert (mine[5], mine[6].partition("?")[0][-4:], mine[7]) == ("completed", ".mp4", "")
        assert mine[8] in {line.split("\t")[0] for line in out}
        assert mine[9] == str(tmp_path / "out" / f"{mine[8]}.mp4")
    asked = [request.json for request in api.requests_for("VideoTranslateCreate")][3:]
    by_title = {str(body["title"]): body for body in asked}
    for body in sent:  # the same requests, with the key by which a lost one is found again
        twin = by_title[str(body["title"])]
        assert {name: value for name, value in twin.items() if name != "callback_id"} == body
    assert len(list((tmp_path / "out").iterdir())) == 3
    code, _, error = await command(source)
    assert (code, "--resume" in error) == (2, True)
    code, out, _ = await command(source, "--resume", "--watch")
    assert (code, out) == (0, [])
    assert len(api.ledger) == 6


async def test_a_crm_export(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    source = tmp_path / "crm.csv"
    source.write_text(
        "\ufeffid,First Name,avatar,pace,notes\n7,Ada,avatar_1,1.2,x\n8,Grace,avatar_2,,\n", encoding="utf-8"
    )
    options = [
        "--map", "avatar=avatar_id", "--map", "pace=voice_settings.speed", "--set", "script=Hello {First Name}, welcome!",
        "--set", "title=For {First Name}", "--set", 'caption={"style": "default"}',
    ]  # fmt: skip
    code, out, error = await command(source, *options, "--dry-run")
    assert (code, len(out), not api.ledger) == (0, 2, True)
    assert "not sent: notes." in error
    assert "USD (likely: the script takes" in out[0]
    code, out, error = await command(source, *options)
    assert code == 0, error
    assert sorted(line.split("\t")[0] for line in out) == ["7", "8"]
    bodies = sorted((request.json for request in api.requests_for("VideoCreate")), key=lambda body: str(body["script"]))
    assert [body["script"] for body in bodies] == ["Hello Ada, welcome!", "Hello Grace, welcome!"]
    assert bodies[0]["voice_settings"] == {"speed": 1.2}
    assert "voice_settings" not in bodies[1]
    assert bodies[0]["caption"] == {"style": "default"}
    assert bodies[0]["title"] == "For Ada"
    results = records(tmp_path / "crm_results.csv")
    assert [(row["id"], row["notes"], row["status"]) for row in results] == [
        ("7", "x", "completed"),
        ("8", "", "completed"),
    ]


async def test_json_lines(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    source = tmp_path / "agents.jsonl"
    source.write_text(
        '{"key": "a", "prompt": "A tour", "more": [1]}\n\n{"key": "b", "prompt": "Another"}\n', encoding="utf-8"
    )
    code, _, error = await command(source, "--of", "video_agents")
    assert code == 0, error
    lines = [msgspec.json.decode(line) for line in (tmp_path / "agents_results.jsonl").read_text().splitlines()]
    assert [(line["key"], line["status"], line.get("more")) for line in lines] == [
        ("a", "completed", [1]),
        ("b", "completed", None),
    ]
    assert all(line["session_id"].startswith("session_") and line["video_url"] for line in lines)


async def test_a_field_that_the_first_line_has_not_is_sent_too(
    command: Command, api: HeyGenEmulator, tmp_path: Path
) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text(
        '{"avatar_id": "a", "script": "Hello."}\n{"avatar_id": "a", "script": "Hi.", "resolution": "4k"}\n',
        encoding="utf-8",
    )
    assert (await command(source))[0] == 0
    bodies = {str(request.json["script"]): request.json for request in api.requests_for("VideoCreate")}
    assert ("resolution" in bodies["Hello."], bodies["Hi."]["resolution"]) == (False, "4k")


async def test_results_are_called_what_they_are(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    (tmp_path / "ROWS.CSV").write_text("id,avatar_id,script\n1,a,Hi\n", encoding="utf-8")
    code, _, error = await command(tmp_path / "ROWS.CSV")
    assert (code, records(tmp_path / "ROWS_results.csv")[0]["status"]) == (0, "completed"), error


async def test_wrong_rows_are_told_before_anything_is_made(
    command: Command, api: HeyGenEmulator, tmp_path: Path
) -> None:
    source = tmp_path / "rows.csv"
    source.write_text(
        "id,avatar_id,script,voice_settings.speed,type,prompt\n"
        "1,a,Hello,1,,\n"
        "2,,Hello,1,,\n"
        '3,a,"two\nlines",fast,,\n'
        "4,a,Hello,9,,\n"
        "5,a,,1,,\n"
        "1,a,Hello,1,,\n"
        ",a,Hello,1,,\n"
        "8,a,Hello,1,film,\n"
        "9,a,Hello,1,,A prompt\n"
        "10,a,Hello,1,,,,,\n",
        encoding="utf-8",
    )
    code, out, error = await command(source)
    assert (code, out, api.requests) == (2, [], [])
    told = dict(re.match(r"line (\d+)(?:, column ([\w.]+))?:", line).groups() for line in error.splitlines()[:-1])  # type: ignore[union-attr]
    assert told == {
        "3": "avatar_id", "4": "voice_settings.speed", "6": "voice_settings.speed", "7": "script", "8": "id", "9": "id",
        "10": "type", "11": "prompt", "12": None,
    }  # fmt: skip
    assert "9 of 10 rows are wrong. Nothing was made." in error
    assert "line 3, column avatar_id: the cell is empty; it is required" in error
    assert "line 7, column script: the cell is empty; expected exactly one of script" in error
    assert "line 9, column id: the cell is empty; expected a key" in error
    assert not (tmp_path / "rows.csv.journal").exists()


async def test_a_sheet_that_cannot_be_read(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, content, told in (
        ("a.csv", b"", "must name the columns"),
        ("b.csv", b"a,a\n", "each of them once"),
        ("c.jsonl", b"[1]\n", "no JSON object"),
        ("d.csv", b"script\n\xff\xfe\n", "UTF-8"),
    ):
        (tmp_path / name).write_bytes(content)
        code, _, error = await command(tmp_path / name)
        assert (code, told in error) == (2, True), error
    (tmp_path / "e.csv").write_text("script\nHello\n", encoding="utf-8")
    for wrong in (
        ["--key", "none"],
        ["--map", "none=script"],
        ["--set", "none=1"],
        ["--set", "script={none}"],
        ["--of", "films"],
        ["--set", "x"],
    ):
        code, _, error = await command(tmp_path / "e.csv", *wrong)
        assert code == 2, error
    code, _, error = await command(tmp_path / "none.csv")
    assert (code, "cannot be read" in error) == (2, True)
    monkeypatch.setenv("HEYGEN_API_KEY", "")
    code, _, error = await command(tmp_path / "e.csv", "--set", "avatar_id=a")
    assert (code, "HEYGEN_API_KEY" in error) == (2, True)


@pytest.mark.parametrize(
    ("sheet", "options", "told"),
    [
        ("id,avatar_id,script\n1,,Hi\n", [], "1 of 1 row is wrong. Nothing was made."),
        ("id,avatar_id,script\n1,,Hi\n2,a,Hi\n", [], "1 of 2 rows is wrong. Nothing was made."),
        (
            "id,who,script,notes\n1,a,Hi,\n",
            [],
            "line 2: there is no column avatar_id; it is required. Name the column for it with --map COLUMN=avatar_id (not used: who, notes), or set it for all rows with --set avatar_id=VALUE",
        ),
        ("id,words\n1,Hi\n", ["--set", "avatar_id=a"], "there is no column script; expected exactly one of script"),
        ("id,avatar_id,script\n1,a,Hi\n", ["--set", "fps=1"], "--set is 'fps'; expected a field of videos"),
        ("id,avatar_id,script\n1,a,Hi\n", ["--map", "id=fps"], "--map is 'fps'; expected a field of videos"),
        ("id,avatar_id\n1,a\n", ["--set", "script={who}"], "line 2, column --set: '{who}'; expected the name of a"),
        ("id,title\n1,a\n", ["--of", "video_agents", "--map", "title=prompt", "--set", "files=[{}]"], "files"),
    ],
)
async def test_what_is_wrong_is_told_by_column_and_row(
    sheet: str, options: list[str], told: str, command: Command, api: HeyGenEmulator, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text(sheet, encoding="utf-8")
    code, out, error = await command(tmp_path / "rows.csv", *options)
    assert (code, out, api.requests) == (2, [], [])
    assert told in error
    assert "Object missing" not in error


async def test_the_results_of_another_run_stay(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    source, other = tmp_path / "rows.csv", tmp_path / "rows_results.csv"
    source.write_text("id,avatar_id,script\n1,a,Hi\n", encoding="utf-8")
    other.write_text("precious", encoding="utf-8")
    code, _, error = await command(source)
    assert (code, api.requests) == (2, [])
    assert f"{other} is there: another run wrote it. Name another --output" in error
    code, _, _ = await command(source, "--dry-run", "--download-to", tmp_path / "out")
    assert code == 0
    assert {path.name for path in tmp_path.iterdir()} == {source.name, other.name}
    assert other.read_text() == "precious"
    for itself in (source, tmp_path / "rows.csv.journal"):
        code, _, error = await command(source, "--output", itself, "--resume")
        assert (code, "itself. Name another --output" in error) == (2, True)
    code, _, _ = await command(source, "--output", tmp_path / "new.csv")
    assert (code, other.read_text(), len(records(tmp_path / "new.csv"))) == (0, "precious", 1)
    for again in ("--resume", "--retry-failed"):
        code, _, _ = await command(source, again)
        assert (code, records(other)[0]["status"]) == (0, "completed")
    assert len(api.ledger) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--output", "none/results.csv"], "none/results.csv cannot be written (No such file or directory)"),
        (["--output", "rows.csv/results.csv"], "rows.csv/results.csv cannot be written (Not a directory)"),
        (["--output", "."], "--output . is a folder; name a file."),
        (["--output", "x" * 300], "cannot be written (File name too long)"),
        (
            ["--download-to", "rows.csv/out"],
            "The folder rows.csv/out for downloads cannot be created (Not a directory)",
        ),
        (["--download-to", "rows.csv"], "The folder rows.csv for downloads cannot be created (File exists)"),
        (["--journal", "none/j"], "The journal none/j cannot be opened (No such file or directory)"),
        (["--journal", "rows.csv/j"], "The journal rows.csv/j cannot be opened (Not a directory)"),
        (["--journal", "x" * 300], "cannot be opened (File name too long)"),
        (["--journal", ".", "--resume"], "The journal . cannot be opened (Is a directory)"),
        (["--journal", "j"], "The journal j cannot be written ("),
    ],
)
async def test_files_that_cannot_be_written_are_told_before_anything_is_made(
    options: list[str],
    told: str,
    command: Command,
    api: HeyGenEmulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("id,avatar_id,script\n1,a,Hi\n", encoding="utf-8")
    Path("j-wal").mkdir()  # where the database wants a file
    code, out, error = await command("rows.csv", *options)
    assert (code, out, api.requests) == (2, [], [])
    assert told in error.splitlines()[-1]
    assert not any(path.name.startswith(".") for path in tmp_path.iterdir())
    assert not Path("j").exists()


async def test_a_folder_is_no_sheet(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (".", "..", tmp_path):
        code, _, error = await command(folder)
        assert (code, error) == (2, f"{folder} cannot be read (Is a directory).\n")


async def test_results_that_cannot_be_written_in_the_end(
    command: Command, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "rows.csv", tmp_path / "r.csv"
    source.write_text("id,avatar_id,script\n1,a,Hi\n", encoding="utf-8")
    real, full = Path.replace, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(Path, "replace", lambda _, __: (_ for _ in ()).throw(full))
    code, out, error = await command(source, "--output", target)
    assert (code, len(out), len(api.ledger)) == (1, 1, 1)
    assert f"{target} cannot be written ({full.strerror})" in error
    assert error.endswith("go on with --resume.\n")
    assert not target.exists()
    monkeypatch.setattr(Path, "replace", real)
    code, _, _ = await command(source, "--output", target, "--resume")
    assert (code, len(records(target)), len(api.ledger)) == (0, 1, 1)


async def test_exit_codes_and_a_budget(command: Command, api: HeyGenEmulator, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text(
        "id,prompt,avatar_id,type\n" + "".join(f"{i},A street,a,cinematic_avatar\n" for i in range(4)), encoding="utf-8"
    )
    code, _, error = await command(source, "--budget", "15")
    assert (code, "2 more rows" in error, len(api.ledger)) == (3, True, 2)
    api.plan(Plan(fail_code="bad", fail_message="It is bad.", count=1))
    code, out, _ = await command(source, "--resume", "--engine", "api", "--concurrency", "50")
    assert (code, len(api.ledger)) == (1, 4)
    assert sum("It is bad." in line for line in out) == 1
    rows = records(tmp_path / "rows_results.csv")
    assert sorted(row["status"] for row in rows) == ["completed"] * 3 + ["failed"]
    assert any("It is bad" in row["error"] for row in rows)
    code, _, _ = await command(source, "--retry-failed")
    assert (code, len(api.ledger)) == (0, 5)


async def test_a_refused_key_and_a_run_that_breaks_off(
    command: Command, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    source = tmp_path / "rows.csv"
    source.write_text("id,avatar_id,script\n" + "".join(f"{i},a,Hi\n" for i in range(20)), encoding="utf-8")
    monkeypatch.setenv("HEYGEN_API_KEY", "wrong")
    code, out, error = await command(source)
    assert (code, out, api.ledger) == (2, [], [])
    assert "401" in error
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    disk_fails(monkeypatch)
    code, _, error = await command(source, "--resume")
    assert (code, len(api.ledger) > 0) == (1, True)
    assert "cannot be written (disk I/O error). When that is set right, go on with --resume." in error


@pytest.mark.parametrize("program", ["heygen_async.batch", "heygen_async batch"])
async def test_ctrl_c_says_how_to_go_on(program: str, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("id,script,avatar_id\n" + "".join(f"{i},Hello,a\n" for i in range(20)), encoding="utf-8")
    async with HeyGenEmulator(render_seconds=3600) as slow:
        made = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *program.split(), str(source), stderr=subprocess.PIPE,
            env=os.environ | {"HEYGEN_API_KEY": slow.key, "HEYGEN_API_URL": slow.url},
        )  # fmt: skip
        while len(slow.ledger) < 10:
            await asyncio.sleep(0.01)
        made.send_signal(signal.SIGINT)
        _, error = await made.communicate()
    assert made.returncode == 130
    assert b"Go on with --resume." in error.splitlines()[-1]
    if program == "heygen_async batch":
        told = [msgspec.json.decode(line) for line in error.splitlines()]
        assert {"notice"} == {name for one in told for name in one}
        assert told[-1]["notice"]["code"] == "stopped"
    rows = records(tmp_path / "rows_results.csv")
    assert {row["status"] for row in rows} >= {"running", "not started"}


class CommandLine:
    """`heygen-async batch sheet.csv …`, against a local HeyGen that lives in its loop."""

    def __init__(self, api: HeyGenEmulator, run_it: Callable[[list[str]], tuple[int, str, str]]) -> None:
        self.api = api
        self._run_it = run_it

    def __call__(self, *arguments: str) -> tuple[int, list[Any], list[Any], dict[str, Any]]:
        """The exit code, the lines of stdout, the notices, and the error."""
        code, out, err = self._run_it(["batch", "sheet.csv", *arguments])
        told = [msgspec.json.decode(line) for line in err.splitlines()]
        error = told.pop()["error"] if code else {}
        return code, [msgspec.json.decode(line) for line in out.splitlines()], [one["notice"] for one in told], error


@pytest.fixture
def in_json(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    no_blocking_calls: BlockBuster,
) -> Iterator[CommandLine]:
    no_blocking_calls.deactivate()  # the local HeyGen runs below the command's frames
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sheet.csv").write_text("id,avatar_id,script\n1,a,Hi\n2,a,Ho\n3,a,Ha\n", encoding="utf-8")

    def run_it(arguments: list[str]) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["heygen-async", *arguments])
        code = main()
        out, err = capfd.readouterr()
        return code, out, err

    with asyncio.Runner() as runner:
        api = runner.run(HeyGenEmulator(autojump=True, balance=1e5).start())
        monkeypatch.setattr(asyncio, "run", runner.run)
        monkeypatch.setenv("HEYGEN_API_KEY", api.key)
        monkeypatch.setenv("HEYGEN_API_URL", api.url)
        yield CommandLine(api, run_it)
        runner.run(api.stop())


def test_the_command_lines_own_codes_when_nothing_is_made(
    in_json: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, _, notices, error = in_json("--concurrency", "0")
    assert (code, error["code"], error["hint"]) == (2, "usage_error", "heygen-async batch --help")
    assert error["message"].startswith("--concurrency is 0")
    code, _, _, error = in_json("--set", "fps=1")
    assert (code, error["code"]) == (2, "usage_error")
    assert error["message"].startswith("--set is 'fps'")
    monkeypatch.setenv("HEYGEN_API_KEY", "wrong")
    code, out, notices, error = in_json("--journal", "other")
    assert (code, error["status"], out, in_json.api.ledger) == (3, 401, [], [])
    assert error["code"] == "unauthorized"
    assert {notice["code"] for notice in notices} == {"batch"}
    monkeypatch.setenv("HEYGEN_API_KEY", "")
    for options in ((), ("--dry-run",)):
        code, _, _, error = in_json(*options)
        assert (code, error["code"]) == (3, "unauthorized")
    monkeypatch.setenv("HEYGEN_API_KEY", in_json.api.key)
    (tmp_path / "sheet.csv").write_text("id,avatar_id,script\n1,a,\n2,,Hi\n3,a,Hi\n", encoding="utf-8")
    code, _, notices, error = in_json("--output", "new.csv")
    assert (code, len(notices), error) == (
        2,
        2,
        {"code": "usage_error", "message": "2 of 3 rows are wrong. Nothing was made."},
    )


def test_the_command_lines_own_codes_when_rows_are_made(in_json: CommandLine) -> None:
    code, out, notices, error = in_json("--budget", "0.00001")
    assert (code, out, error["code"], len(notices)) == (1, [], "budget_exceeded", 2)
    assert "does not cover 3 more rows" in error["message"]
    in_json.api.plan(Plan(fail_code="bad", fail_message="It is bad.", count=1))
    code, out, _, error = in_json("--resume")
    assert (code, len(out), error["code"]) == (1, 3, "rows_failed")
    assert error["message"].startswith("1 of 3 rows failed; sheet_results.csv says why.")
    code, out, notices, error = in_json("--retry-failed")
    assert (code, len(out), error) == (0, 3, {})
    assert len(in_json.api.ledger) == 4


def test_a_run_that_breaks_off_is_no_wrong_use(in_json: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:

    disk_fails(monkeypatch)
    code, _, _, error = in_json()
    assert (code, error["code"]) == (1, "broken_off")
    assert error["message"].endswith("go on with --resume.")


def test_what_is_logged_is_a_notice(in_json: CommandLine, tmp_path: Path) -> None:
    assert in_json()[0] == 0
    (tmp_path / "sheet.csv").write_text("id,avatar_id,script\n1,a,Changed\n", encoding="utf-8")
    code, _, notices, _ = in_json("--resume")
    assert code == 0
    assert any("has changed" in notice["message"] for notice in notices)
    assert any(notice["message"].startswith("1 row for videos") for notice in notices)


def test_its_help_tells_its_own_codes(in_json: CommandLine, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        in_json("--help")
    said = " ".join(capfd.readouterr().out.split())
    assert (ended.value.code, "3 not signed in or not allowed" in said) == (0, True)


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=10,
    )
)
@examples(60)
def test_any_sheet_is_read_as_csv_reads_it(rows: list[list[str]]) -> None:
    """Whatever stands in the cells: each row has a key of its own, and its line is the one that it begins on."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["script", "other"], *rows])
        sheet = Sheet(path, constants={"avatar_id": "a"})
        found = [(row.cells, row.item) for row in sheet.rows()]
        with path.open(newline="", encoding="utf-8") as file:
            kept = [row for row in csv.reader(file) if any(cell.strip() for cell in row)][1:]
    assert len(found) == len(kept)
    keys = [item.key for _, item in found if isinstance(item, Item)]
    assert len(set(keys)) == len(keys)
    for (row, item), cells in zip(found, kept, strict=True):
        if isinstance(item, Item) and not cells[0].startswith(("[", "{")):
            assert item.request.script == cells[0]
            assert row["other"] == (cells[1] if len(cells) > 1 else "")
        else:
            assert isinstance(item, RowError) or cells[0].startswith(("[", "{"))


async def test_help_is_whole(command: Command) -> None:
    code, said, _ = await command("--help")
    told = "\n".join(said)
    assert code == 0
    assert all(f"--{word}" in told for word in "resume retry-failed dry-run concurrency download-to watch".split())
