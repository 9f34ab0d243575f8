"""The steps of a row: what each takes and returns, and what it does when HeyGen or the row is not as usual."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from batch_support import CLIP

from heygen_async import (
    AsyncHeyGen,
    DownloadError,
    InsufficientCreditError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    RateLimitError,
)
from heygen_async.batch import idempotency_key as key_in_batches, run
from heygen_async.distributed import Item, JobHandle, Steps, errors, idempotency_key, new_handle
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.videos import AvatarVideo

ROW: tuple[str, Any] = ("row-1", AvatarVideo(avatar_id="avatar_1", script="Hello."))
TALK = Item("talk", {"video": CLIP, "output_languages": ["French (France)", "German (Germany)"]}, "video_translations")
DAY = 25 * 3600.0


@pytest.fixture
def steps(client: AsyncHeyGen) -> Steps:
    return Steps(client)


async def created(steps: Steps, row: Any = ROW) -> JobHandle:
    return await steps.create(row, await steps.prepare(row, batch="tours"))


async def test_handle_is_known_before_anything_is_created(steps: Steps, api: HeyGenEmulator) -> None:
    handle = await steps.prepare(ROW, batch="tours")
    assert not api.ledger
    assert handle.idempotency_key == idempotency_key(ROW, batch="tours")
    assert handle.mark.startswith("row-1 ")
    assert abs(handle.requested_at - api.clock.time()) < 2
    assert (handle.kind, handle.key, handle.ids, handle.id) == ("videos", "row-1", (), None)
    stored = json.loads(json.dumps(msgspec.to_builtins(handle)))
    assert msgspec.convert(stored, JobHandle) == handle
    with_ids = await steps.create(ROW, handle)
    (request,) = api.requests_for("VideoCreate")
    assert request.json["title"] == handle.mark
    assert request.headers["Idempotency-Key"] == handle.idempotency_key
    assert with_ids.ids == (api.ledger[0].id,)


async def test_a_row_over_json_has_the_same_key() -> None:
    key, request = ROW
    travelled = json.loads(json.dumps([key, msgspec.to_builtins(request)]))
    assert idempotency_key((travelled[0], travelled[1]), batch="tours") == idempotency_key(ROW, batch="tours")
    assert idempotency_key is key_in_batches


async def test_a_batch_and_the_steps_share_a_row(
    steps: Steps, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    handle = await created(steps)
    outcomes = [outcome async for outcome in run([ROW], heygen=client, journal=tmp_path / "j", name="tours")]
    assert [outcome.id for outcome in outcomes] == [handle.id]
    assert len(api.ledger) == 1


async def test_create_without_a_handle_finds_the_job_at_any_age(steps: Steps, api: HeyGenEmulator) -> None:
    first = await steps.create(ROW, batch="tours")
    api.clock.advance(30 * DAY)
    assert (await steps.create(ROW, batch="tours")).ids == first.ids
    assert (await steps.create(ROW, batch="other")).ids != first.ids
    assert len(api.ledger) == 2


async def test_a_worker_whose_machine_slept_for_a_day_pays_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    async with HeyGenEmulator() as api, AsyncHeyGen(api.key, base_url=api.url) as client:
        steps = Steps(client)
        handle = await steps.prepare(ROW, batch="tours")
        first = await steps.create(ROW, handle)
        api.clock.advance(DAY)
        wall_clock = time.time
        monkeypatch.setattr(time, "time", lambda: wall_clock() + DAY)  # the event loop's clock stood still
        assert (await steps.create(ROW, handle)).ids == first.ids
        assert len(api.ledger) == 1


async def test_create_with_a_new_handle_sends_one_request(steps: Steps, api: HeyGenEmulator) -> None:
    handle = await steps.prepare(ROW, batch="tours")
    before = len(api.requests)
    assert await steps.create(ROW, done := await steps.create(ROW, handle)) is done
    assert len(api.requests) == before + 1


async def test_next_attempt_is_another_job(steps: Steps, api: HeyGenEmulator) -> None:
    handles = [await steps.prepare(ROW, batch="tours", attempt=attempt) for attempt in (1, 2)]
    ids = {(await steps.create(ROW, handle)).ids for handle in handles}
    assert len(ids) == len(api.ledger) == 2


async def test_429_is_raised_at_once_with_its_pause(steps: Steps, api: HeyGenEmulator) -> None:
    handle = await steps.prepare(ROW, batch="tours")
    api.inject(Fault("status", operation="VideoCreate", status=429, retry_after=7.0))
    with pytest.raises(RateLimitError) as caught:
        await steps.create(ROW, handle)
    assert (errors.retry_after(caught.value), errors.is_final(caught.value)) == (7.0, False)
    assert len(api.requests_for("VideoCreate")) == 1
    assert (await steps.create(ROW, handle)).ids


async def test_missing_credit_is_not_final(steps: Steps, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", operation="VideoCreate", status=402, code="insufficient_credit"))
    with pytest.raises(InsufficientCreditError) as caught:
        await created(steps)
    assert not errors.is_final(caught.value)


async def test_invalid_rows_are_refused_before_anything_is_sent(steps: Steps, api: HeyGenEmulator) -> None:
    request_count = len(api.requests_for("VideoCreate"))
    for row, message in (
        (("row-1", {"avatar_id": "a", "scirpt": "Hello."}), "scirpt"),
        (("", ROW[1]), "key is ''"),
        (Item("row-1", {"text": "Hello.", "voice_id": "v"}, "voices"), "create_speech"),
    ):
        with pytest.raises(InvalidInputError, match=message) as caught:
            await steps.prepare(row, batch="tours")
        assert errors.is_final(caught.value)
    handle = await steps.prepare(ROW, batch="tours")
    with pytest.raises(InvalidInputError, match="the handle of 'row-2'"):
        await steps.create(("row-2", ROW[1]), handle)
    with pytest.raises(InvalidInputError, match="batch"):
        await steps.create(ROW)
    with pytest.raises(InvalidInputError, match="the handle that prepare returned"):
        await steps.create(Item("row-1", {"prompt": "A tour"}, "video_agents"), batch="tours")
    with pytest.raises(InvalidInputError, match="create its job first"):
        await steps.poll(handle)
    assert len(api.requests_for("VideoCreate")) == request_count


async def test_handle_needs_no_client_and_then_searches_first(steps: Steps, api: HeyGenEmulator) -> None:
    first = await created(steps)
    api.clock.advance(DAY)
    handle = new_handle(ROW, batch="tours")
    assert handle.requested_at == 0
    found = await steps.create(ROW, handle)
    assert (found.ids, len(api.ledger)) == (first.ids, 1)
    assert found.requested_at > first.requested_at


async def test_poll_tells_the_state_and_the_next_poll(steps: Steps, api: HeyGenEmulator) -> None:
    handle = await created(steps)
    poll = await steps.poll(handle)
    assert (poll.is_completed, poll.state) == (False, "pending")
    assert poll.next_poll_in is not None
    assert poll.next_poll_in > 0
    assert msgspec.convert(msgspec.to_builtins(poll), type(poll)) == poll
    await steps.wait(handle)
    poll = await steps.poll(handle)
    assert (poll.is_completed, poll.state, poll.next_poll_in) == (True, "completed", None)


async def test_many_polls_share_bulk_requests(steps: Steps, api: HeyGenEmulator) -> None:
    handles = [await created(steps, (f"row-{i}", ROW[1])) for i in range(10)]
    before = len(api.requests)
    polls = await asyncio.gather(*map(steps.poll, handles))
    assert [poll.is_completed for poll in polls] == [False] * 10
    assert len(api.requests) - before <= 2


async def test_poll_follows_a_session_to_its_video(steps: Steps, api: HeyGenEmulator, tmp_path: Path) -> None:
    handle = await created(steps, Item("tour", {"prompt": "A tour"}, "video_agents"))
    states = []
    while not (poll := await steps.poll(handle)).is_completed:
        states.append(poll.state)
        api.clock.advance(poll.next_poll_in or 0)
    assert states
    assert await steps.fetch(handle, tmp_path) == [str(tmp_path / "tour.mp4")]


async def test_job_that_the_api_does_not_show_yet_is_running(steps: Steps, api: HeyGenEmulator) -> None:
    handle = await created(steps)
    api.inject(Fault("status", operation="VideoGet", status=404, code="not_found", count=None))
    assert not (await steps.poll(handle)).is_completed
    api.clock.advance(60)
    with pytest.raises(NotFoundError):
        await steps.poll(handle)


@pytest.mark.parametrize("step", ["poll", "wait", "fetch"])
async def test_failed_job_is_final(step: str, steps: Steps, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.plan(Plan(fail_code="bad_script"))
    handle = await created(steps)
    api.clock.advance(600)
    with pytest.raises(JobFailedError) as caught:
        await (steps.fetch(handle, tmp_path) if step == "fetch" else getattr(steps, step)(handle))
    assert errors.is_final(caught.value)


async def test_fetch_is_atomic_and_repeatable(steps: Steps, api: HeyGenEmulator, tmp_path: Path) -> None:
    handle = await created(steps)
    (path,) = await steps.fetch(handle, tmp_path)  # waits
    content = Path(path).read_bytes()
    assert content[4:8] == b"ftyp"
    api.inject(Fault("reset_mid_body", origin="storage", count=None))
    with pytest.raises(DownloadError) as caught:
        await steps.fetch(handle, tmp_path)
    assert not errors.is_final(caught.value)
    assert Path(path).read_bytes() == content  # the file of the first step
    api.clear_faults()
    assert await steps.fetch(handle, tmp_path / "own.mp4") == [str(tmp_path / "own.mp4")]


async def test_fetch_passes_names_and_bytes_to_a_store(steps: Steps) -> None:
    handle = await created(steps, TALK)
    stored: dict[str, bytes] = {}

    async def store(name: str, stream: Any) -> None:
        stored[name] = b"".join([chunk async for chunk in stream])

    assert await steps.fetch(handle, store) == ["talk-1.mp4", "talk-2.mp4"] == list(stored)
    assert all(content[4:8] == b"ftyp" for content in stored.values())
    with pytest.raises(InvalidInputError, match="an existing folder, for 2 files"):
        await steps.fetch(handle, "talk.mp4")


async def test_client_waits_for_a_handle_or_an_id_of_any_kind(client: AsyncHeyGen, steps: Steps) -> None:
    video = await created(steps)
    session = await created(steps, Item("tour", {"prompt": "A tour"}, "video_agents"))
    talk = await created(steps, TALK)
    kit = await client.brand_kits.create(url="https://example.com")
    assert (await client.wait_for(video)).id == video.id
    assert (await client.wait_for(session)).status == "completed"
    assert (await client.wait_for_video(video)).id == video.id
    assert (await client.wait_for(kit)).brand_kit_id == kit.brand_kit_id
    assert (await client.wait_for(kit.brand_kit_id, kind="brand_kit")).brand_kit_id == kit.brand_kit_id
    assert len(await client.wait_for_all([talk, video])) == 3
    with pytest.raises(InvalidInputError, match="wait_for_all"):
        await client.wait_for(talk)
    with pytest.raises(InvalidInputError, match="kind is 'vidoes'"):
        await client.wait_for("id_1", kind="vidoes")
