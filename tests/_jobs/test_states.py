"""The words for a job's state: which of them end a wait, and how it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from forged_api import ForgedApi, forged_api

from heygen_async import AsyncHeyGen, JobFailedError, WaitTimeoutError
from heygen_async._jobs.registry import KINDS
from heygen_async._jobs.states import COMPLETED_WORDS, FAILED_WORDS
from heygen_async.testing.clock import Clock

URL = "https://example.com/v.mp4"
PATH = "/v3/videos/v_1"


def video(status: str | None, **fields: object) -> dict[str, object]:
    return {"data": {"id": "v_1", **({} if status is None else {"status": status}), **fields}}


@pytest_asyncio.fixture
async def forged() -> AsyncIterator[tuple[ForgedApi, AsyncHeyGen]]:
    """A server with prepared bodies, and its client, on a clock that jumps over every wait."""
    with Clock().autojump():
        async with forged_api(strict=False) as pair:
            yield pair


@pytest.mark.parametrize("state", sorted(FAILED_WORDS | {"CANCELED", "Expired"}))
async def test_a_word_for_a_bad_end_ends_the_wait_within_one_poll(
    state: str, forged: tuple[ForgedApi, AsyncHeyGen]
) -> None:
    api, client = forged
    api.give(video(state))
    with pytest.raises(JobFailedError, match="video v_1 failed") as caught:
        await client.wait_for_video("v_1")
    assert (caught.value.state, caught.value.id, len(api.requests)) == (state, "v_1", 1)
    assert "another job, which is charged too" in str(caught.value)


@pytest.mark.parametrize("state", sorted(COMPLETED_WORDS | {"DONE"}))
async def test_a_word_for_a_good_end_ends_the_wait_within_one_poll(
    state: str, forged: tuple[ForgedApi, AsyncHeyGen]
) -> None:
    api, client = forged
    api.give(video(state, video_url=URL))
    assert (await client.wait_for_video("v_1")).video_url == URL
    assert len(api.requests) == 1


@pytest.mark.parametrize("state", ["canceled", "done"])
async def test_bulk_statuses_know_the_words(state: str, forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    ids = ["v_1", "v_2"]
    api.bodies["/v3/videos/statuses"] = [{"data": [{"video_id": id, "status": state} for id in ids]}]
    for id in ids:
        api.bodies[f"/v3/videos/{id}"] = [{"data": {"id": id, "status": state, "video_url": URL}}]
    ends = await asyncio.gather(*map(client.wait_for_video, ids), return_exceptions=True)
    assert [getattr(end, "id", None) for end in ends] == ids
    assert {isinstance(end, JobFailedError) for end in ends} == {state == "canceled"}
    assert len(api.requests) <= 3


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_documented_states_keep_their_meaning(kind: Any) -> None:
    from heygen_async._jobs.states import phase_of

    for state in kind.documented_states - kind.end_states:
        assert phase_of(kind, state) == "running" or state == "not_found"


async def test_an_unknown_state_goes_on_and_is_logged_once(
    forged: tuple[ForgedApi, AsyncHeyGen], caplog: pytest.LogCaptureFixture
) -> None:
    api, client = forged
    api.bodies[PATH] = [video("polishing")] * 5 + [video("completed", video_url=URL)]
    with caplog.at_level(logging.WARNING, "heygen_async"):
        assert (await client.wait_for_video("v_1")).video_url == URL
    [message] = [record.getMessage() for record in caplog.records if "polishing" in record.getMessage()]
    assert "v_1" in message


async def test_a_missing_status_never_counts_as_done(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.give(video(None, video_url=URL))
    with pytest.raises(WaitTimeoutError) as caught:
        await client.wait_for_video("v_1", timeout=60)
    assert (caught.value.state, len(caught.value.history)) == ("none", 1)


async def test_history_has_each_state_with_its_time(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.bodies[PATH] = [*[video("pending")] * 2, *[video("processing")] * 2, video("failed")]
    with pytest.raises(JobFailedError) as caught:
        await client.wait_for_video("v_1")
    assert [state for state, _ in caught.value.history] == ["pending", "processing", "failed"]
    times = [seconds for _, seconds in caught.value.history]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(caught.value.elapsed, abs=0.5)


async def test_a_completed_job_is_polled_until_its_url_comes(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.bodies[PATH] = [*[video("completed")] * 3, video("completed", video_url=URL)]
    started = asyncio.get_running_loop().time()
    updates = [update async for update in client.watch_video("v_1")]
    assert (updates[-1].job.video_url, len(api.requests)) == (URL, 4)
    assert [update.next_poll_in for update in updates] == [2, 2, 2, None]
    assert asyncio.get_running_loop().time() - started == pytest.approx(6, abs=0.5)


@pytest.mark.parametrize(("timeout", "seconds"), [(600, 30), (7, 7)])
async def test_a_completed_job_without_its_url_is_returned_with_a_warning(
    timeout: float, seconds: float, forged: tuple[ForgedApi, AsyncHeyGen], caplog: pytest.LogCaptureFixture
) -> None:
    api, client = forged
    api.give(video("completed"))
    started = asyncio.get_running_loop().time()
    with caplog.at_level(logging.WARNING, "heygen_async"):
        done = await client.wait_for_video("v_1", timeout=timeout)
    assert (done.status, done.video_url) == ("completed", None)
    assert asyncio.get_running_loop().time() - started == pytest.approx(seconds, abs=0.5)
    assert "v_1 is completed, but has no video_url yet" in caplog.text


async def test_an_error_during_the_polls_for_a_result_loses_no_job(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.bodies[PATH] = [video("completed"), (403, {"error": {"code": "forbidden", "message": "No."}})]
    assert (await client.wait_for_video("v_1")).status == "completed"


@pytest.mark.parametrize(
    ("code", "message", "text", "advice"),
    [
        ("voice_unavailable", None, "The voice failed, expired or was canceled", "Choose another voice"),
        ("SCRIPT_TOO_SHORT", "Say more.", "Say more", "Write a longer script"),
        ("a_new_code", None, "HeyGen gave no reason (state failed)", "Correct the cause"),
        (None, "Out of luck", "Out of luck", "Correct the cause"),
    ],
)
async def test_a_failure_has_a_sentence_and_a_next_step(
    code: str | None, message: str | None, text: str, advice: str, forged: tuple[ForgedApi, AsyncHeyGen]
) -> None:
    api, client = forged
    api.give(video("failed", failure_code=code, failure_message=message))
    with pytest.raises(JobFailedError) as caught:
        await client.wait_for_video("v_1")
    error = caught.value
    assert (error.failure_code, error.failure_message) == (code, message)
    assert error.advice.startswith(advice)
    assert f": {text}. {error.advice} A failed video does not resume" in str(error)
