"""Idempotency keys that depend on the row alone, so that they survive the journal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from batch_support import hello, outcomes_by_key
from hypothesis import given, strategies as st
from support import PNG

from heygen_async import AsyncHeyGen, InvalidInputError
from heygen_async.batch import Item, idempotency_key, run
from heygen_async.testing import HeyGenEmulator, Plan
from heygen_async.types.files import UrlFile
from heygen_async.types.videos import AvatarVideo, ImageVideo

CLIP = {"type": "url", "url": "https://example.com/a.mp4"}
PERMANENT: list[Any] = [("row-0", {"video": CLIP}), ("row-1", {"video": CLIP, "layers": ["mask"]})]
#: Rows of each kind whose key HeyGen honours.
KEYED: dict[str, Any] = {
    "videos": {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello."},
    "templates": {"template_id": "", "variables": {}},
    "video_translations": {"video": CLIP, "output_languages": ["French (France)", "German (Germany)"]},
    "lipsyncs": {"video": CLIP, "audio": {"type": "url", "url": "https://example.com/a.mp3"}},
    "avatars": {"type": "prompt", "name": "Ada", "prompt": "A woman at a desk"},
    "hyperframes": {"project": {"type": "url", "url": "https://example.com/a.zip"}},
    "background_removals": {"video": CLIP},
}
KEYS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=200)
SCRIPTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
IDENTITIES = st.tuples(KEYS, KEYS, SCRIPTS, st.integers(1, 1 << 40))


def key_of(batch: str, key: str, script: str, attempt: int) -> str:
    return idempotency_key((key, AvatarVideo(avatar_id="a", script=script)), batch=batch, attempt=attempt)


@given(IDENTITIES, IDENTITIES)
def test_keys_are_equal_exactly_for_the_same_batch_key_content_and_attempt(one: Any, other: Any) -> None:
    assert key_of(*one) == key_of(*one)
    assert (key_of(*one) == key_of(*other)) == (one == other)


@given(IDENTITIES, st.integers(0, 3), st.data())
def test_each_part_changes_the_key(identity: Any, place: int, data: st.DataObject) -> None:
    changed = list(identity)
    changed[place] = data.draw(
        [KEYS, KEYS, SCRIPTS, st.integers(1, 1 << 40)][place].filter(lambda x: x != identity[place])
    )
    assert key_of(*identity) != key_of(*changed)


@given(IDENTITIES)
def test_a_key_is_one_that_the_api_takes(identity: Any) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_:.-]{1,255}", key_of(*identity))


def test_a_key_is_the_same_on_every_platform_and_version() -> None:
    row = Item("Zoë 1", {"avatar_id": "a", "script": "Grüße\n", "type": "avatar", "voice_settings": {"speed": 1.1}})
    assert idempotency_key(row, batch="tour.db", attempt=2) == "row-2950ba1d81b5abb9577fd32fbeda93bf63e54f410811fa51"


def test_the_same_content_in_another_form_has_the_same_key(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "moved.png").write_bytes(PNG)
    (tmp_path / "other.png").write_bytes(PNG + b"1")
    forms: list[Any] = [
        AvatarVideo(avatar_id="a", script="x", title=None), {"script": "x", "avatar_id": "a", "type": "avatar"},
    ]  # fmt: skip
    images = [ImageVideo(image=tmp_path / f"{name}.png", script="x") for name in ("a", "moved", "other")]
    clips: list[Any] = [{"video": UrlFile(url=CLIP["url"])}, {"video": CLIP["url"]}, {"video": CLIP, "title": None}]
    assert len({idempotency_key(("1", form), batch="b") for form in forms}) == 1
    assert len({idempotency_key(("1", form), batch="b", kind="background_removals") for form in clips}) == 1
    keys = [idempotency_key(("1", image), batch="b") for image in images]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    "arguments", [{"batch": ""}, {"batch": "b" * 256}, {"batch": "a\0b"}, {"batch": "b", "attempt": 0}]
)
def test_rejects_invalid_arguments(arguments: Any) -> None:
    with pytest.raises(InvalidInputError):
        idempotency_key(hello(1)[0], **arguments)


async def test_a_run_sends_these_keys(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    await outcomes_by_key(run(hello(2), heygen=client, journal=tmp_path / "tour.db"))
    await outcomes_by_key(run(hello(2), heygen=client, name="other"))
    sent = [request.headers["Idempotency-Key"] for request in api.requests_for("VideoCreate")]
    assert sorted(sent) == sorted(idempotency_key(row, batch=name) for row in hello(2) for name in ("tour.db", "other"))


@pytest.mark.parametrize("kind", KEYED)
async def test_a_lost_journal_costs_nothing_within_a_day(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    request = dict(KEYED[kind])
    if kind == "templates":
        request["template_id"] = (await client.templates.list()).data[0].id
    rows: list[Any] = [("row-0", request)]
    first = await outcomes_by_key(run(rows, heygen=client, kind=kind, journal=tmp_path / "j"))
    charges = len(api.ledger)
    for file in tmp_path.glob("j*"):
        file.unlink()
    batch = run(rows, heygen=client, kind=kind, journal=tmp_path / "j")
    second = await outcomes_by_key(batch)
    assert second["row-0"].ids == first["row-0"].ids
    assert second["row-0"].succeeded, second["row-0"].error
    assert len(api.ledger) == charges
    if kind != "avatars":  # a look does not show its creation time
        assert second["row-0"].created_earlier
        assert batch.report.warnings() == ["1 row was answered by jobs created earlier; again=True makes new ones."]


@pytest.mark.parametrize("kind", ["video_translations", "lipsyncs"])
async def test_a_lost_journal_of_the_api_engine_costs_nothing(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    request = KEYED[kind] if kind == "lipsyncs" else KEYED[kind] | {"output_languages": ["French (France)"]}
    rows: list[Any] = [(f"row-{i}", request | {"title": f"{i}"}) for i in range(5)]
    options: dict[str, Any] = {"heygen": client, "kind": kind, "engine": "api", "name": "tour"}
    first = await outcomes_by_key(run(rows, **options))
    second = await outcomes_by_key(run(rows, **options))
    assert {key: outcome.ids for key, outcome in first.items()} == {key: o.ids for key, o in second.items()}
    assert (len(api.ledger), all(outcome.created_earlier for outcome in second.values())) == (5, True)


async def test_the_same_batch_a_day_later_creates_new_jobs(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    for day in range(4):
        for attempt in range(2):  # the journal of each day is lost once
            batch = run(
                PERMANENT,
                heygen=client,
                kind="background_removals",
                journal=tmp_path / f"{day}-{attempt}",
                name="daily",
            )
            outcomes = await outcomes_by_key(batch)
            assert all(outcome.succeeded for outcome in outcomes.values())
            assert batch.report.created_earlier == 2 * attempt
        assert len(api.ledger) == 2 * (day + 1)
        api.clock.advance(86_400)


async def test_a_request_id_of_the_caller_is_kept(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    rows = [("row-0", {"video": CLIP, "request_id": "mine"})]
    for _ in range(2):
        await outcomes_by_key(run(rows, heygen=client, kind="background_removals"))
        api.clock.advance(10 * 86_400)
    assert len(api.ledger) == 1


async def test_runs_without_a_name_are_different_batches(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for _ in range(2):
        await outcomes_by_key(run(hello(1), heygen=client))
    assert len(api.ledger) == 2


async def test_another_batch_with_the_same_rows_gets_its_own_jobs(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    one = await outcomes_by_key(run(hello(2), heygen=client, journal=tmp_path / "one"))
    other = await outcomes_by_key(run(hello(2), heygen=client, journal=tmp_path / "other"))
    assert {outcome.id for outcome in one.values()}.isdisjoint(outcome.id for outcome in other.values())
    assert len(api.ledger) == 4


async def test_again_creates_new_jobs_for_rows_that_earlier_jobs_answered(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    await outcomes_by_key(run(hello(2), heygen=client, name="tour"))
    await outcomes_by_key(run(hello(3), heygen=client, name="tour", journal=tmp_path / "j"))
    assert len(api.ledger) == 3
    batch = run(hello(3), heygen=client, name="tour", journal=tmp_path / "j", again=True)
    await outcomes_by_key(batch)
    assert (len(api.ledger), batch.report.warnings()) == (5, [])
    await outcomes_by_key(run(hello(3), heygen=client, name="tour", journal=tmp_path / "j", again=True))
    assert len(api.ledger) == 5  # the journal has them now
    await outcomes_by_key(run(hello(3), heygen=client, name="tour", again=True))
    assert len(api.ledger) == 8


async def test_each_deliberate_retry_is_a_new_job(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.plan(Plan(fail_code="bad_script", count=2))
    options: dict[str, Any] = {"heygen": client, "journal": tmp_path / "tour"}
    for fails in (True, True, False):
        outcomes = await outcomes_by_key(run(hello(1), **options, retry_failed=True))
        assert outcomes["row-0"].succeeded != fails
    assert len(api.ledger) == 3
    for succeeded in (False, False, True):  # a lost journal leads through the same jobs
        options["journal"] = tmp_path / "lost"
        outcomes = await outcomes_by_key(run(hello(1), **options, name="tour", retry_failed=True))
        assert outcomes["row-0"].succeeded == succeeded
    assert len(api.ledger) == 3
