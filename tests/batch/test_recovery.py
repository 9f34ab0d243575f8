"""Searching HeyGen's lists for the job of a request without a response."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from batch_support import CLIP, age_journal, hello, lose_response, outcomes_by_key

from heygen_async import AmbiguousRequestError, AsyncHeyGen
from heygen_async.batch import run
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.videos import AvatarVideo


@pytest.mark.parametrize("created", [True, False])
@pytest.mark.parametrize("kind", ["videos", "video_translations", "video_agents"])
async def test_searches_the_list_when_the_key_has_expired(
    kind: str, created: bool, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
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
        other = await client.videos.create(AvatarVideo(avatar_id="avatar_1", script="Another.", title="Another"))
    before = len(api.ledger)
    api.ledger.clear()
    api.state.random.seed(7)
    if kind == "video_translations":
        rows = [("row-0", {**rows[0][1], "output_languages": ["French (France)"]})]
    await lose_response(client, api, rows, tmp_path / "j", kind, created=created)
    age_journal(tmp_path / "j", 86_400)
    for job in api.state.jobs.values():  # the same day passes for the local HeyGen
        job.created_at -= 86_400
    outcomes = await outcomes_by_key(run(rows, heygen=client, kind=kind, journal=tmp_path / "j"))
    assert outcomes["row-0"].succeeded, outcomes["row-0"].error
    assert len(api.ledger) == 1
    assert outcomes["row-0"].id in api.ledger[0].id or kind == "video_agents"
    assert other
    assert before


@pytest.mark.parametrize("case", ["claimed by another row", "too many", "too old"])
async def test_does_not_adopt_another_session(
    case: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows: list[Any] = [("row-0", {"prompt": "A tour"}), ("row-1", {"prompt": "A tour"})]
    if case == "claimed by another row":
        await outcomes_by_key(run(rows[:1], heygen=client, kind="video_agents", journal=tmp_path / "j"))
    else:
        await client.video_agents.create(prompt="A tour")
    if case == "too old":
        for job in api.state.jobs.values():
            job.created_at -= 3600
    api.ledger.clear()
    await lose_response(client, api, rows[1:], tmp_path / "j", "video_agents", created=case != "too old")
    outcomes = await outcomes_by_key(run(rows[1:], heygen=client, kind="video_agents", journal=tmp_path / "j"))
    if case == "too many":
        assert isinstance(outcomes["row-1"].error, AmbiguousRequestError)
    else:
        assert outcomes["row-1"].succeeded, outcomes["row-1"].error
        assert outcomes["row-1"].id == api.ledger[0].id
    assert len(api.ledger) == 1


async def test_creates_no_second_job_when_none_can_be_found(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    speech = [("row-0", {"text": "Hello.", "voice_id": "voice_0000"})]
    await lose_response(client, api, speech, tmp_path / "j", "voices")
    for _ in range(2):
        outcomes = await outcomes_by_key(run(speech, heygen=client, kind="voices", journal=tmp_path / "j"))
        assert isinstance(outcomes["row-0"].error, AmbiguousRequestError)
        assert "retry_failed" in str(outcomes["row-0"].error)
    assert len(api.ledger) == 1
    outcomes = await outcomes_by_key(
        run(speech, heygen=client, kind="voices", journal=tmp_path / "j", retry_failed=True)
    )
    assert outcomes["row-0"].succeeded
    assert len(api.ledger) == 2


async def test_a_title_of_the_caller_does_not_identify_a_job(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows = [("row-0", AvatarVideo(avatar_id="avatar_1", script="Hello.", title="Tour"))]
    await lose_response(client, api, rows, tmp_path / "j", "videos")
    age_journal(tmp_path / "j", 86_400)
    for job in api.state.jobs.values():
        job.created_at -= 86_400
    outcomes = await outcomes_by_key(run(rows, heygen=client, journal=tmp_path / "j"))
    assert isinstance(outcomes["row-0"].error, AmbiguousRequestError)
    assert len(api.ledger) == 1


@pytest.mark.parametrize("kind", ["lost_response", "reset_before", "truncate", "status"])
async def test_finds_sessions_whose_responses_were_lost(kind: Any, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    fault = api.inject(Fault(kind, status=502, operation="VideoAgentCreate", count=None, probability=0.3, seed=1))
    rows = [(f"row-{i}", {"prompt": f"Tour {i}"}) for i in range(20)]
    outcomes = await outcomes_by_key(run(rows, heygen=client, kind="video_agents"))
    assert all(outcome.succeeded for outcome in outcomes.values()), [
        o.error for o in outcomes.values() if not o.succeeded
    ]
    assert len({outcome.id for outcome in outcomes.values()}) == 20
    assert len(api.ledger) == 20
    assert fault.hits > 2


async def test_a_search_survives_an_outage(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="VideoAgentCreate"))
    api.inject(Fault("status", status=502, operation="VideoAgentList", count=12))
    outcomes = await outcomes_by_key(run([("row-0", {"prompt": "A tour"})], heygen=client, kind="video_agents"))
    assert (outcomes["row-0"].succeeded, len(api.ledger)) == (True, 1)


@pytest.mark.parametrize("kind", ["video_translations", "ai_clipping", "videos"])
async def test_never_takes_the_job_of_another_batch(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    requests: dict[str, Any] = {
        "videos": hello(1)[0][1],
        "video_translations": {"video": CLIP, "output_languages": ["French (France)"]},
        "ai_clipping": {"video": CLIP},
    }
    rows = [("row-0", requests[kind])]
    await lose_response(client, api, rows, tmp_path / "killed", kind, created=False)
    other = await outcomes_by_key(run(rows, heygen=client, kind=kind, journal=tmp_path / "other"))
    assert len(api.ledger) == 1
    age_journal(tmp_path / "killed", 86_400)  # the key is forgotten, so that the lists decide
    outcomes = await outcomes_by_key(run(rows, heygen=client, kind=kind, journal=tmp_path / "killed"))
    assert outcomes["row-0"].succeeded
    assert set(outcomes["row-0"].ids).isdisjoint(other["row-0"].ids)
    assert len(api.ledger) == 2


@pytest.mark.parametrize("created", [True, False])
async def test_a_callback_id_of_the_caller_does_not_identify_a_job(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, created: bool
) -> None:
    rows = [("row-0", {"video": CLIP, "callback_id": "mine", "callback_url": "https://example.com/hook"})]
    await lose_response(client, api, rows, tmp_path / "j", "ai_clipping", created=created)
    outcomes = await outcomes_by_key(run(rows, heygen=client, kind="ai_clipping", journal=tmp_path / "j"))
    assert outcomes["row-0"].succeeded != created
    assert isinstance(outcomes["row-0"].error, AmbiguousRequestError) == created
    assert len(api.ledger) == 1


async def test_a_retried_row_does_not_take_the_job_that_failed(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows = [("row-0", {"video": CLIP})]
    options: dict[str, Any] = {"heygen": client, "kind": "ai_clipping", "journal": tmp_path / "j"}
    api.plan(Plan(fail_code="bad", count=1))
    assert not (await outcomes_by_key(run(rows, **options)))["row-0"].succeeded
    api.inject(Fault("silent", operation="AiClippingCreate"))
    retry = asyncio.ensure_future(outcomes_by_key(run(rows, **options, retry_failed=True)))
    while len(api.requests_for("AiClippingCreate")) < 2:
        await asyncio.sleep(0.01)
    retry.cancel()
    await asyncio.wait({retry})
    assert (await outcomes_by_key(run(rows, **options)))["row-0"].succeeded
    assert len(api.ledger) == 2


async def test_speech_that_may_have_been_charged_is_counted(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    speech = [(f"row-{i}", {"text": f"Hello {i}.", "voice_id": "voice_0000"}) for i in range(4)]
    api.inject(Fault("lost_response", operation="VoiceSpeechCreate", count=3))
    options: dict[str, Any] = {"heygen": client, "kind": "voices", "journal": tmp_path / "j", "concurrency": 1}
    for retry_failed in (False, False, True, False):
        batch = run(speech, **options, retry_failed=retry_failed)
        caplog.clear()
        outcomes = await outcomes_by_key(batch)
        assert sorted(outcome.possible_charges for outcome in outcomes.values()) == [0, 1, 1, 1]
        assert batch.report.warnings() == ["3 rows may have been charged without a result."]
        assert "3 rows may have been charged without a result." in caplog.messages
    assert all(outcome.succeeded for outcome in outcomes.values())
    assert len(api.ledger) == 7


async def test_a_changed_row_that_may_have_been_charged_is_counted(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    speech = [("row-0", {"text": "Hello.", "voice_id": "voice_0000"})]
    await lose_response(client, api, speech, tmp_path / "j", "voices")
    changed = [("row-0", {"text": "Hello again.", "voice_id": "voice_0000"})]
    outcomes = await outcomes_by_key(run(changed, heygen=client, kind="voices", journal=tmp_path / "j"))
    assert (outcomes["row-0"].succeeded, outcomes["row-0"].possible_charges, len(api.ledger)) == (True, 1, 2)


LOST: dict[str, Any] = {
    "videos": hello(1)[0][1],
    "video_translations": {"video": CLIP, "output_languages": ["French (France)", "German (Germany)"]},
    "hyperframes": {"project": {"type": "url", "url": "https://example.com/a.zip"}},
    "background_removals": {"video": CLIP},
    "ai_clipping": {"video": CLIP},
    "video_agents": {"prompt": "A tour"},
}


@pytest.mark.parametrize("days", [0, 2])
@pytest.mark.parametrize("kind", LOST)
async def test_a_recovered_run_finds_the_jobs_of_a_lost_journal(
    kind: str, days: int, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows = [(f"row-{i}", LOST[kind]) for i in range(3)]  # the prompts are the same, too
    options: dict[str, Any] = {"heygen": client, "kind": kind, "name": "tour"}
    first = await outcomes_by_key(run(rows, **options, journal=tmp_path / "lost"))
    charges = len(api.ledger)
    api.clock.advance(days * 86_400)
    batch = run(rows, **options, journal=tmp_path / "new", recover=True)
    second = await outcomes_by_key(batch)
    assert all(outcome.succeeded for outcome in second.values()), [outcome.error for outcome in second.values()]
    ids = [sorted(id for outcome in outcomes.values() for id in outcome.ids) for outcomes in (first, second)]
    assert (ids[0], len(api.ledger)) == (ids[1], charges)
    assert batch.report.possibly_charged == 0


async def test_a_recovered_run_counts_speech(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    speech = [(f"row-{i}", {"text": f"Hello {i}.", "voice_id": "voice_0000"}) for i in range(3)]
    options: dict[str, Any] = {"heygen": client, "kind": "voices"}
    await outcomes_by_key(run(speech[:2], **options, journal=tmp_path / "lost"))
    batch = run(speech, **options, journal=tmp_path / "new", recover=True)
    assert all(outcome.succeeded for outcome in (await outcomes_by_key(batch)).values())
    assert (len(api.ledger), batch.report.possibly_charged) == (5, 3)  # each of the three may be a double
    batch = run(speech, **options, journal=tmp_path / "new")
    await outcomes_by_key(batch)
    assert (len(api.ledger), batch.report.possibly_charged) == (5, 3)


async def test_a_recovered_run_sends_a_title_of_the_caller_under_its_key(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows = [("row-0", AvatarVideo(avatar_id="avatar_1", script="Hello.", title="Tour"))]
    await outcomes_by_key(run(rows, heygen=client, name="tour"))
    batch = run(rows, heygen=client, name="tour", journal=tmp_path / "new", recover=True)
    assert (await outcomes_by_key(batch))["row-0"].created_earlier
    assert (len(api.ledger), batch.report.possibly_charged) == (1, 0)


async def test_a_recovered_run_reads_each_list_once(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    rows = [(f"row-{i}", {"prompt": f"Tour {i}"}) for i in range(10)]
    options: dict[str, Any] = {"heygen": client, "kind": "video_agents", "name": "tour"}
    await outcomes_by_key(run(rows, **options))
    before = len(api.requests)
    outcomes = await outcomes_by_key(run(rows, **options, journal=tmp_path / "new", recover=True))
    assert all(outcome.resumed for outcome in outcomes.values())
    assert len(api.requests_for("VideoAgentList")) == 1
    assert len(api.ledger) == 10
    assert len(api.requests) - before < 60
