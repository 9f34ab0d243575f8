"""Runs: an outcome for each row, options, and what ends a run."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_support import CLIP, hello, outcomes_by_key
from support import open_files, tasks

from heygen_async import (
    AsyncHeyGen,
    AuthenticationError,
    BadRequestError,
    InvalidInputError,
    JobFailedError,
    UnknownArgumentError,
)
from heygen_async.batch import Item, Run, run
from heygen_async.batch.kinds import KINDS as KINDS_OF_JOBS
from heygen_async.testing import HeyGenEmulator, Plan
from heygen_async.types.avatars import PromptAvatar
from heygen_async.types.files import UrlFile
from heygen_async.types.videos import AvatarVideo, CinematicVideo, ImageVideo


def test_the_kinds_and_the_description_of_kind_are_the_same() -> None:
    description = (Run.__doc__ or "").partition("kind: ")[2].partition("journal: ")[0]
    assert set(re.findall(r"`(\w+)`", description)) == KINDS_OF_JOBS.keys()


async def test_yields_an_outcome_for_every_row(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    batch = run(hello(35), heygen=client, output_dir=tmp_path / "new" / "out")
    outcomes = await outcomes_by_key(batch)
    assert len(outcomes) == len(api.ledger) == 35
    for key, outcome in outcomes.items():
        assert outcome.succeeded
        assert outcome.path == tmp_path / "new" / "out" / f"{key}.mp4"
        assert outcome.path.stat().st_size > 1000
        assert outcome.result.id == outcome.id
        assert (outcome.error, outcome.resumed, outcome.changed) == (None, False, False)
    assert batch.counts == {"completed": 35, "failed": 0, "planned": 0}
    assert (batch.running_jobs, batch.plan_limit) == (0, 10)
    assert 0 < batch.spent < 5


KINDS: list[tuple[str, Any]] = [
    ("videos", AvatarVideo(avatar_id="avatar_1", script="Hello.")),
    ("videos", {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello."}),
    ("videos", CinematicVideo(prompt="A street", avatar_id=["avatar_1"])),
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


@pytest.mark.parametrize(("kind", "body"), KINDS, ids=[f"{number}-{kind}" for number, (kind, _) in enumerate(KINDS)])
async def test_every_kind_is_created_downloaded_and_resumed(
    kind: str, body: Any, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    if kind == "templates":
        body = {**body, "template_id": (await client.templates.list()).data[0].id}
        template = await client.templates.get(body["template_id"])
        body["variables"] = template.variables
    outcomes = await outcomes_by_key(
        run([Item("one", body, kind)], heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out")
    )
    one = outcomes["one"]
    assert one.succeeded, one.error
    assert len(one.results) == len(one.ids) == (2 if kind == "video_translations" else 1)
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    if kind == "video_translations":
        assert files == ["one-1.mp4", "one-2.mp4"]
    assert sorted(path.name for path in one.paths) == files
    charged = len(api.ledger)
    second = await outcomes_by_key(
        run([Item("one", body, kind)], heygen=client, journal=tmp_path / "j", output_dir=tmp_path / "out")
    )
    assert (second["one"].state, second["one"].resumed, second["one"].ids) == ("completed", True, one.ids)
    assert type(second["one"].result) is type(one.result)
    assert [path.name for path in second["one"].paths] == [path.name for path in one.paths]
    assert len(api.ledger) == charged


async def test_a_failed_row_is_one_failed_outcome(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(fail_code="bad_script", fail_message="The script is rude.", count=1))
    rows: list[Any] = [
        *hello(3),
        ("nothing-said", AvatarVideo(avatar_id="avatar_1")),
        ("twice", AvatarVideo(avatar_id="avatar_1", script="One.")),
        Item("no-file", ImageVideo(image="none.png", script="Hello.", voice_id="voice_0001")),
        Item("unknown", {"type": "film"}),
        Item("bad-field", {"prompt": "x", "surprise": 1}, "video_agents"),
        Item("no-mapping", "text", "lipsyncs"),
        Item("bad-speech", {"text": "x", "voice_id": 7}, "voices"),
        Item("refused", {"video": CLIP, "output_languages": []}, "video_translations"),
        Item("strange", {"type": "avatar", "avatar_id": "avatar_1", "script": object()}),
        Item("number", {"type": "avatar", "avatar_id": "avatar_1", "script": 5}),
        Item("no-scenes", {"type": "studio", "scenes": 5}),
        Item("no-time", {"video": CLIP, "output_languages": ["French"], "end_time": "soon"}, "video_translations"),
    ]
    outcomes = await outcomes_by_key(run(rows, heygen=client))
    errors_by_key = {key: type(outcome.error) for key, outcome in outcomes.items() if not outcome.succeeded}
    failed = next(key for key in errors_by_key if key.startswith("row-"))
    assert errors_by_key.pop(failed) is JobFailedError
    assert isinstance(outcomes[failed].error, JobFailedError)
    assert outcomes[failed].error.failure_code == "bad_script"
    assert outcomes[failed].ids
    assert errors_by_key.pop("refused") is BadRequestError
    assert errors_by_key.pop("bad-field") is UnknownArgumentError
    assert errors_by_key == dict.fromkeys(
        (
            "nothing-said",
            "no-file",
            "unknown",
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


async def test_rejected_rows_do_not_delay_others(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    refused = [Item(f"bad-{i}", {"video": CLIP, "output_languages": []}, "video_translations") for i in range(40)]
    outcomes = await outcomes_by_key(run([*refused, *hello(3)], heygen=client))
    assert sum(outcome.succeeded for outcome in outcomes.values()) == 3
    assert len(outcomes) == 43


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("kind", "films"), ("concurrency", 0), ("download_concurrency", 0), ("engine", "magic"), ("budget", -1),
        ("budget", float("nan")), ("timeout", 0), ("timeout", -1),
    ],
)  # fmt: skip
def test_rejects_options_out_of_range(option: str, value: Any) -> None:
    with pytest.raises(InvalidInputError, match=option):
        run([], **{option: value})


async def test_an_error_of_the_source_ends_the_run(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    def rows() -> Iterator[tuple[str, AvatarVideo]]:
        yield hello(1)[0]
        raise OSError("the database is away")

    with pytest.raises(OSError, match="database is away"):
        await outcomes_by_key(run(rows(), heygen=client))


@pytest.mark.slow
async def test_an_invalid_api_key_ends_the_run(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    async with AsyncHeyGen("wrong", base_url=api.url) as other:
        with pytest.raises(AuthenticationError):
            await outcomes_by_key(run(hello(50), heygen=other, journal=tmp_path / "j"))
    assert len(api.requests) <= 3
    assert len(await outcomes_by_key(run(hello(50), heygen=client, journal=tmp_path / "j"))) == len(api.ledger) == 50


async def test_creates_and_closes_its_own_client(api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
    files = open_files()
    assert (await outcomes_by_key(run(hello(1))))["row-0"].succeeded
    assert not [name for name in open_files() - files if "socket" in name and name not in files][2:]


async def test_stopping_leaves_no_task_and_no_open_file(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    before, files = tasks(), open_files()
    async with contextlib.aclosing(aiter(run(hello(40), heygen=client, journal=tmp_path / "j"))) as stream:
        await anext(stream)
    assert {task for task in tasks() if "batch" in repr(task)} <= before
    assert not [name for name in open_files() - files if "j" in Path(name.partition(":")[2]).name.split("-")]
    charged = len(api.ledger)
    assert 0 < charged < 40
    outcomes = await outcomes_by_key(run(hello(40), heygen=client, journal=tmp_path / "j"))
    assert len(outcomes) == len(api.ledger) == 40
    assert sum(outcome.resumed for outcome in outcomes.values()) >= charged


async def test_a_dry_run_creates_nothing(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    await outcomes_by_key(run(hello(2), heygen=client, journal=tmp_path / "j"))
    charged = len(api.ledger)
    outcomes = await outcomes_by_key(run(hello(5), heygen=client, journal=tmp_path / "j", dry_run=True))
    assert sorted(outcome.state for outcome in outcomes.values()) == ["completed"] * 2 + ["planned"] * 3
    planned = outcomes["row-4"].estimate
    assert planned is not None
    assert (planned.sure, planned.usd) == ("likely", pytest.approx(0.0667 * 0.8))
    assert len(api.ledger) == charged
