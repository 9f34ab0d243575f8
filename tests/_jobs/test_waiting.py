"""Waiting for one job: the ends of a wait, transient errors, and the number of polls."""

from __future__ import annotations

import asyncio

import pytest
from support import PNG, THINKING, tasks

from heygen_async import (
    AsyncHeyGen,
    AuthenticationError,
    Backoff,
    ConfigurationError,
    InputRequiredError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    WaitTimeoutError,
)
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.videos import AvatarVideo, Video, VideoStatus

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")


@pytest.mark.parametrize("thinks", [True, False])
async def test_waits_from_a_session_to_its_video(thinks: bool, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    if thinks:
        api.plan(THINKING)
    session = await client.video_agents.create(prompt="A tour")
    assert (session.video_id is None) == thinks
    video = await client.wait_for_video(session)
    assert (video.status, video.video_url is not None) == (VideoStatus.COMPLETED, True)
    assert (await client.wait_for_session(session)).video_id == video.id


@pytest.mark.parametrize("argument", ["id", "created", "video"])
async def test_waits_for_an_id_a_created_struct_or_the_job_itself(argument: str, client: AsyncHeyGen) -> None:
    created = await client.videos.create(SCRIPT)
    job = {"id": created.video_id, "created": created, "video": await client.videos.get(created.video_id)}[argument]
    assert (await client.wait_for_video(job)).id == created.video_id


async def test_returns_a_finished_video_without_a_request(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    video = Video(id="v", status=VideoStatus.COMPLETED)
    assert await client.wait_for_video(video) is video
    assert api.requests == []


async def test_create_and_wait_returns_the_finished_video(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    assert (await client.videos.create_and_wait(SCRIPT)).status == "completed"
    assert (await client.video_agents.create_and_wait(prompt="A tour", timeout=900)).status == "completed"


async def test_closing_the_client_during_create_and_wait_reports_the_id(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    waiting = asyncio.create_task(client.videos.create_and_wait(SCRIPT))
    await asyncio.sleep(1)
    await client.aclose()
    with pytest.raises(ConfigurationError, match="closed") as caught:
        await waiting
    assert api.ledger[0].id in str(caught.value)


async def test_refuses_an_invalid_timeout_before_the_create(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(InvalidInputError, match="timeout is 0; expected a number of seconds above 0"):
        await client.videos.create_and_wait(SCRIPT, timeout=0)
    assert api.requests == []


async def test_a_five_minute_video_costs_at_most_35_polls(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(seconds=300))
    created = await client.videos.create(SCRIPT)
    await client.wait_for_video(created)
    assert len(api.requests_for("VideoGet")) <= 35


async def test_reports_every_poll_to_on_update(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    updates = []
    api.plan(THINKING)
    session = await client.video_agents.create(prompt="A tour")

    async def on_update(update: object) -> None:
        updates.append(update)

    await client.wait_for_video(session, on_update=on_update)
    states = list(dict.fromkeys((update.kind, update.state) for update in updates))
    assert states == [
        ("video agent session", "thinking"),
        ("video agent session", "generating"),
        ("video", "pending"),
        ("video", "processing"),
        ("video", "completed"),
    ]
    assert updates[0].progress is not None
    assert [update.poll_count for update in updates] == list(range(1, len(updates) + 1))
    assert updates[-1].next_poll_in is None
    assert all(update.next_poll_in > 0 for update in updates[:-1])


async def test_watch_yields_the_polls_until_the_end(client: AsyncHeyGen) -> None:
    created = await client.videos.create(SCRIPT)
    assert [update.state async for update in client.watch_video(created)][-1] == "completed"
    session = await client.video_agents.create(prompt="A tour")
    assert [update.state async for update in client.watch_session(session)][-1] == "completed"


async def test_a_failed_video_raises_its_code_and_message(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(fail_code="content_policy", fail_message="Not allowed."))
    created = await client.videos.create(SCRIPT)
    with pytest.raises(
        JobFailedError, match=rf"video {created.video_id} failed with content_policy: Not allowed\."
    ) as caught:
        await client.wait_for_video(created)
    assert (caught.value.failure_code, caught.value.failure_message) == ("content_policy", "Not allowed.")
    assert caught.value.job.status == "failed"


async def test_a_failed_session_raises_the_agents_message(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="session", fail_message="I cannot do that."))
    session = await client.video_agents.create(prompt="A tour")
    for wait in (client.wait_for_session, client.wait_for_video):
        with pytest.raises(JobFailedError, match="I cannot do that"):
            await wait(session)


async def test_times_out_at_the_deadline(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    loop = asyncio.get_running_loop()
    created = await client.videos.create(SCRIPT)
    started = loop.time()
    with pytest.raises(WaitTimeoutError, match="wait again with the same id") as caught:
        await client.wait_for_video(created, timeout=20)
    assert loop.time() - started == pytest.approx(20, abs=0.1)
    assert (caught.value.id, caught.value.job.id) == (created.video_id, created.video_id)
    assert (await client.wait_for_video(caught.value.id)).status == "completed"


async def test_the_id_of_a_session_resumes_a_wait_that_timed_out(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(THINKING)
    session = await client.video_agents.create(prompt="A tour")
    with pytest.raises(WaitTimeoutError) as caught:
        await client.wait_for_video(session, timeout=1)
    assert caught.value.id == session.session_id
    assert (await client.wait_for_video(caught.value.id)).status == "completed"
    last = [update async for update in client.watch_video(caught.value.id)][-1]
    assert (last.kind, last.state) == ("video", "completed")
    with pytest.raises(NotFoundError, match="/v3/videos/no_such"):
        await client.wait_for_video("no_such")


async def test_the_request_for_a_finished_asset_keeps_the_timeout(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    asset = await client.assets.create(PNG)
    api.inject(Fault("silent", operation="AssetGet", count=None))
    started = asyncio.get_running_loop().time()
    with pytest.raises(WaitTimeoutError, match="is finished, but requesting its result took too long") as caught:
        await client.wait_for_asset(asset, timeout=2)
    assert asyncio.get_running_loop().time() - started == pytest.approx(2, abs=0.1)
    assert caught.value.id == asset.asset_id


async def test_the_shortest_wait_polls_once(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.videos.create(SCRIPT)
    with pytest.raises(WaitTimeoutError, match=r"last state: \w+, polls: 1") as caught:
        await client.wait_for_video(created, timeout=1)
    assert caught.value.job.id == created.video_id


async def test_the_deadline_holds_while_the_api_is_silent(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    loop = asyncio.get_running_loop()
    created = await client.videos.create(SCRIPT)
    api.inject(Fault("silent", count=None))
    started = loop.time()
    with pytest.raises(WaitTimeoutError) as caught:
        await client.wait_for_video(created, timeout=17)
    assert loop.time() - started == pytest.approx(17, abs=0.1)
    assert caught.value.job is None
    assert "could not be polled for 17 s (polls: 1; 1 got no response). When HeyGen can be reached again, wait" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("fault", "result", "last_error", "advice"),
    [
        (Fault("reset_before", count=None), "no complete response", "APIConnectionError", "When HeyGen can be reached"),
        (Fault("status", status=503, count=None), "status 503", "ServerError", "When it works again, wait again"),
        (Fault("status", status=429, retry_after=50, count=None), "status 429 (rate limited)", "RateLimitError",
         "HeyGen limits the rate of requests. With fewer requests or a longer timeout, wait again"),
    ],
    ids=["no connection", "503", "429"],
)  # fmt: skip
async def test_a_timeout_without_any_state_says_what_the_polls_got(
    fault: Fault, result: str, last_error: str, advice: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    created = await client.videos.create(SCRIPT)
    api.inject(fault)
    fault.hits = 0
    with pytest.raises(WaitTimeoutError) as caught:
        await client.wait_for_video(created, timeout=60)
    message = str(caught.value)
    assert message.startswith(
        f"The video {created.video_id} could not be polled for 60 s (polls: {fault.hits}; {fault.hits} got {result}; "
        f"last error: {last_error}: GET /v3/videos/"
    )
    assert advice in message
    assert "goes on" not in message
    assert f"wait again with the same id: wait_for_video('{created.video_id}')." in message
    assert message.endswith("To create it again would start another job, which is charged too.")
    assert api.key not in message
    assert caught.value.poll_count == fault.hits > 1


async def test_a_timeout_says_what_the_polls_after_the_last_state_got(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.videos.create(SCRIPT)
    waiting = asyncio.create_task(client.wait_for_video(created, timeout=60))
    await asyncio.sleep(20)
    fault = api.inject(Fault("status", status=503, operation="VideoGet", count=None))
    with pytest.raises(WaitTimeoutError) as caught:
        await waiting
    assert f"; since that state, {fault.hits} got status 503; last error: ServerError: " in str(caught.value)
    assert "It may still be running at HeyGen; wait again" in str(caught.value)
    assert caught.value.state != "unknown"


async def test_a_timeout_of_shared_polls_says_whether_a_response_came(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(seconds=9000))
    ids = [(await client.videos.create(SCRIPT)).video_id for _ in range(3)]

    async def responses_reported() -> set[bool]:
        waits = [client.wait_for_video(id, timeout=200) for id in ids]
        ends = await asyncio.gather(*waits, return_exceptions=True)
        assert all(isinstance(end, WaitTimeoutError) for end in ends)
        return {"has not ended after 200 s (last state: " in str(end) for end in ends}

    assert await responses_reported() == {True}
    api.inject(Fault("status", status=503, count=None))
    assert await responses_reported() == {False}


@pytest.mark.parametrize(
    "fault",
    [
        Fault("reset_before", operation="VideoGet", count=4),
        Fault("reset_mid_body", operation="VideoGet", count=4),
        Fault("truncate", operation="VideoGet", count=4),
        Fault("corrupt", operation="VideoGet", count=2),
        Fault("html", operation="VideoGet", count=4),
        Fault("silent", operation="VideoGet", count=2),
        Fault("status", status=503, operation="VideoGet", count=4),
        Fault("status", status=429, code="rate_limit_exceeded", retry_after=9, operation="VideoGet", count=4),
    ],
    ids=lambda fault: f"{fault.kind} {fault.status}",
)
async def test_a_transient_error_of_a_poll_costs_only_time(
    fault: Fault, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    created = await client.videos.create(SCRIPT)
    api.inject(fault)
    fault.hits = 0
    assert (await client.wait_for_video(created)).status == "completed"
    assert fault.hits == fault.count


async def test_a_wait_survives_an_outage_of_five_minutes(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.videos.create(SCRIPT)
    waiting = asyncio.create_task(client.wait_for_video(created))
    await asyncio.sleep(5)
    await api.down()
    await asyncio.sleep(300)
    await api.up()
    assert (await waiting).status == "completed"


async def test_obeys_retry_after_between_polls(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.videos.create(SCRIPT)
    api.inject(Fault("status", status=429, code="rate_limit_exceeded", retry_after=25, operation="VideoGet"))
    await client.wait_for_video(created)
    first, second = api.requests_for("VideoGet")[:2]
    assert second.time - first.time >= 25


async def test_a_permanent_error_ends_a_wait(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=401, code="unauthorized"))
    with pytest.raises(AuthenticationError):
        await client.wait_for_video("video_1")


async def test_deleting_the_video_ends_its_wait(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.videos.create(SCRIPT)
    waiting = asyncio.create_task(client.wait_for_video(created))
    await asyncio.sleep(10)
    await client.videos.delete(created.video_id)
    with pytest.raises(NotFoundError):
        await waiting


async def test_an_unknown_status_does_not_end_a_wait(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(states=[("pending", 5), ("almost_done", 60), ("completed", 0)], unknown=True))
    created = await client.videos.create(SCRIPT)
    states = [update.state async for update in client.watch_video(created)]
    assert "almost_done" in states
    assert states[-1] == "completed"


async def test_returns_a_session_that_needs_input(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="session", question="Which voice?"))
    created = await client.video_agents.create(prompt="A tour", mode="chat")
    session = await client.wait_for_session(created)
    assert session.status == "waiting_for_input"
    assert session.messages[0].content == "Which voice?"
    with pytest.raises(InputRequiredError, match="send_message"):
        await client.wait_for_video(created)
    await client.video_agents.send_message(created.session_id, message="The calm one.")
    assert (await client.wait_for_video(created)).status == "completed"


async def test_a_session_deleted_during_rendering_ends_with_its_video(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.video_agents.create(prompt="A tour")
    waits = [asyncio.create_task(wait(created)) for wait in (client.wait_for_session, client.wait_for_video)]
    while (await client.video_agents.get(created.session_id)).video_id is None:
        await asyncio.sleep(1)
    await asyncio.sleep(12)
    api.inject(Fault("status", status=404, code="not_found", operation="VideoAgentGet", count=None))
    session, video = await asyncio.gather(*waits)
    assert (session.status, video.status) == ("completed", "completed")
    assert session.video_id == video.id


async def test_a_session_without_a_video_counts_as_failed(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="session", states=[("thinking", 5), ("completed", 0)]))
    created = await client.video_agents.create(prompt="A tour")
    with pytest.raises(JobFailedError, match="without a video"):
        await client.wait_for_video(created)


async def test_polls_again_when_the_session_names_its_video_too_early(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.video_agents.create(prompt="A tour")
    api.inject(Fault("status", status=404, code="video_not_found", operation="VideoGet", count=2))
    assert (await client.wait_for_video(created)).status == "completed"


async def test_cancelling_stops_the_polls_only(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.video_agents.create(prompt="A tour")
    before = tasks()
    waiting = asyncio.create_task(client.wait_for_video(created))
    await asyncio.sleep(10)
    requests_before = len(api.requests)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(60)
    assert len(api.requests) == requests_before
    assert tasks() <= before


@pytest.mark.parametrize("turns", range(0, 40, 3))
async def test_cancelling_at_any_step_leaves_nothing_behind(
    turns: int, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    created = await client.videos.create(SCRIPT)
    waiting = asyncio.create_task(client.wait_for_video(created.video_id))
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await client.wait_for_video(created)).status == "completed"


async def test_stop_on_cancel_stops_the_session(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.video_agents.create(prompt="A tour")
    waiting = asyncio.create_task(client.wait_for_session(created, stop_on_cancel=True))
    await asyncio.sleep(10)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(api.requests_for("VideoAgentStop")) == 1
    assert (await client.video_agents.get(created.session_id)).status == "failed"


async def test_a_stop_that_fails_does_not_hide_the_cancellation(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.video_agents.create(prompt="A tour")
    waiting = asyncio.create_task(client.wait_for_session(created, stop_on_cancel=True))
    await asyncio.sleep(10)
    api.inject(Fault("status", status=500, operation="VideoAgentStop", count=None))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_an_error_in_on_update_ends_its_own_wait_only(client: AsyncHeyGen) -> None:
    created = await client.videos.create(SCRIPT)

    def crash(update: object) -> None:
        raise ZeroDivisionError

    other = asyncio.create_task(client.wait_for_video(created))
    with pytest.raises(ZeroDivisionError):
        await client.wait_for_video(created, on_update=crash)
    assert (await other).status == "completed"


async def test_poll_schedules_of_a_client_and_of_a_wait(api: HeyGenEmulator) -> None:
    steady = Backoff(initial=20, factor=1, maximum=20, jitter=0)
    async with AsyncHeyGen(api.key, base_url=api.url, poll=steady) as client:
        await client.wait_for_video(await client.videos.create(SCRIPT))
        assert len(api.requests_for("VideoGet")) == 3
        await client.wait_for_video(await client.videos.create(SCRIPT), poll=Backoff(initial=70, maximum=70, jitter=0))
        assert len(api.requests_for("VideoGet")) == 4


@pytest.mark.parametrize("invalid_id", ["", "   ", None, 7, object()])
async def test_refuses_an_invalid_id_without_a_request(
    invalid_id: object, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    for wait in (client.wait_for_video, client.wait_for_session):
        with pytest.raises(InvalidInputError, match="the id from the API"):
            await wait(invalid_id)
    assert api.requests == []


async def test_refuses_a_timeout_of_zero(client: AsyncHeyGen) -> None:
    with pytest.raises(InvalidInputError, match="timeout is 0"):
        await client.wait_for_video("video_1", timeout=0)
