"""Many waits in parallel: shared bulk requests, rate limits, outages and webhook events."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, strategies as st
from support import THINKING, examples, tasks

from heygen_async import (
    AsyncHeyGen,
    Backoff,
    ConfigurationError,
    JobFailedError,
    NotFoundError,
    PermissionDeniedError,
    WaitTimeoutError,
)
from heygen_async._jobs.kinds import POLL as VIDEO_POLL
from heygen_async.testing import Fault, HeyGenEmulator, Plan

pytestmark = pytest.mark.slow

BULK = "VideoStatusesList"
URL = "https://example.com/a.mp4"


def videos(api: HeyGenEmulator, count: int, seconds: float = 60.0) -> list[str]:
    """Start videos that take this time, and return their ids."""
    states = [("pending", seconds * 0.1), ("processing", seconds * 0.9), ("completed", 0.0)]
    return [api.state.create_job("video", "video", states, seconds=10.0).id for _ in range(count)]


def bulk_requests(api: HeyGenEmulator) -> list[list[str]]:
    """Return the ids in each bulk status request."""
    return [request.query["video_ids"].split(",") for request in api.requests_for(BULK)]


async def test_waits_share_bulk_requests_and_fetch_each_result_once(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    ids = videos(api, 250)
    ended = await asyncio.gather(*(client.wait_for_video(id) for id in ids))
    assert [video.id for video in ended] == ids
    assert all(video.video_url for video in ended)
    assert Counter(id for id in ids) == Counter(
        request.path.rpartition("/")[2] for request in api.requests_for("VideoGet")
    )
    assert max(len(ids_sent) for ids_sent in bulk_requests(api)) == 100
    assert all(len(set(ids_sent)) == len(ids_sent) for ids_sent in bulk_requests(api))
    poll_count = max(Counter(id for ids_sent in bulk_requests(api) for id in ids_sent).values())
    assert len(bulk_requests(api)) <= 3 * poll_count


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not for Windows")
def test_waits_share_bulk_requests_under_uvloop() -> None:
    import uvloop

    async def program() -> None:
        async with HeyGenEmulator(rate_limit=200) as api, AsyncHeyGen(api.key, base_url=api.url) as client:
            ids = videos(api, 150, 0.0)
            ended = await client.wait_for_all(ids, poll=Backoff(initial=0.0, maximum=0.01))
            assert [video.id for video in ended] == ids
            assert len(bulk_requests(api)) < len(ids)

    uvloop.run(program())


async def test_a_hundred_five_minute_jobs_cost_at_most_40_bulk_requests(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    ids = videos(api, 100, 300)
    await asyncio.gather(*(client.wait_for_video(id) for id in ids))
    assert len(bulk_requests(api)) <= 40


async def test_jobs_that_start_at_different_times_share_bulk_requests(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    async def later(number: int) -> None:
        await asyncio.sleep(number * 0.5)
        await client.wait_for_video(videos(api, 1, 120)[0])

    await asyncio.gather(*(later(number) for number in range(100)))
    each = Counter(id for ids_sent in bulk_requests(api) for id in ids_sent)
    alone = len(api.requests_for("VideoGet")) - 100
    assert len(bulk_requests(api)) + alone < sum(each.values()) / 4


async def test_clients_made_with_with_options_share_bulk_requests(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    patient = client.with_options(wait_timeout=5000)
    ids = videos(api, 20)
    await asyncio.gather(*(one.wait_for_video(id) for id, one in zip(ids, [client, patient] * 10, strict=True)))
    assert {len(ids_sent) for ids_sent in bulk_requests(api)} == {20}


async def test_two_waits_for_one_job(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    [one, other] = videos(api, 2)
    ended = await asyncio.gather(*(client.wait_for_video(id) for id in (one, one, one, other)))
    assert [video.id for video in ended] == [one, one, one, other]
    assert all(sorted(ids_sent) == sorted([one, other]) for ids_sent in bulk_requests(api))


async def test_kinds_do_not_share_bulk_requests(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = [
        *videos(api, 3),
        *[await client.lipsyncs.create(video=URL, audio=URL) for _ in range(3)],
        await client.video_translations.create(video=URL, output_languages=["Spanish", "German"]),
        await client.hyperframes.create(project=URL),
        await client.video_agents.create(prompt="A tour"),
    ]
    ended = await client.wait_for_all(created)
    assert Counter(type(job).__name__ for job in ended) == {"Video": 4, "Lipsync": 3, "Translation": 2, "Render": 1}
    assert {len(request.query["lipsync_ids"].split(",")) for request in api.requests_for("LipsyncStatusesList")} == {3}
    assert {
        len(request.query["video_translation_ids"].split(","))
        for request in api.requests_for("VideoTranslateStatusesList")
    } == {2}


@pytest.mark.parametrize("status", [404, 403, 400, 410])
async def test_polls_each_job_by_itself_when_the_bulk_endpoint_is_refused(
    status: int, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    api.inject(Fault("status", status=status, code="nope", operation=BULK, count=None))
    ids = videos(api, 30)
    ended = await asyncio.gather(*(client.wait_for_video(id) for id in ids))
    assert [video.id for video in ended] == ids
    assert len(bulk_requests(api)) == 1


async def test_polls_a_job_by_itself_that_the_bulk_status_does_not_find(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    ids = videos(api, 10)
    api.state.hidden_from_bulk.add(ids[3])
    ended = await asyncio.gather(*(client.wait_for_video(id) for id in ids))
    assert [video.id for video in ended] == ids
    assert sum(ids[3] in ids_sent for ids_sent in bulk_requests(api)) == 1


async def test_a_deleted_job_ends_its_own_wait_only(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    ids = videos(api, 10)
    waits = [asyncio.create_task(client.wait_for_video(id)) for id in ids]
    await asyncio.sleep(15)
    api.state.deleted.add(ids[4])
    ends = await asyncio.gather(*waits, return_exceptions=True)
    assert [isinstance(end, NotFoundError) for end in ends] == [number == 4 for number in range(10)]


async def test_an_unknown_bulk_state_does_not_end_a_wait(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    states = [("pending", 5.0), ("almost_done", 100.0), ("completed", 0.0)]
    ids = [api.state.create_job("video", "video", states, seconds=10.0).id for _ in range(20)]
    ended = await asyncio.gather(*(client.wait_for_video(id) for id in ids))
    assert {video.status for video in ended} == {"completed"}
    assert len(api.requests_for("VideoGet")) <= 40  # one to check the unknown state, one at the end


@pytest.mark.parametrize("kind", ["reset_mid_body", "corrupt", "html", "status", "silent", "truncate"])
async def test_a_transient_error_of_a_bulk_request_costs_only_time(
    kind: Any, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    fault = Fault(kind, status=503, operation=BULK, count=3)
    api.inject(fault)
    ids = videos(api, 30)
    ended = await asyncio.gather(*(client.wait_for_video(id) for id in ids))
    assert [video.id for video in ended] == ids
    assert fault.hits == 3


async def test_deadlines_hold_while_a_bulk_request_is_silent(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    loop = asyncio.get_running_loop()
    api.inject(Fault("silent", operation=BULK, count=None))
    ids = videos(api, 20)

    async def wait(id: str, timeout: float) -> float:
        started_at = loop.time()
        with pytest.raises(WaitTimeoutError) as caught:
            await client.wait_for_video(id, timeout=timeout)
        assert caught.value.id == id
        return loop.time() - started_at - timeout

    late = await asyncio.gather(*(wait(id, 1 + number * 1.7) for number, id in enumerate(ids)))
    assert all(-0.01 <= seconds <= 0.1 for seconds in late)


async def test_cancelling_some_waits_leaves_the_others(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    ids = videos(api, 40)
    waits = [asyncio.create_task(client.wait_for_video(id)) for id in ids]
    await asyncio.sleep(10)
    for wait in waits[::2]:
        wait.cancel()
    before = len(api.requests)
    ends = await asyncio.gather(*waits, return_exceptions=True)
    assert [isinstance(end, asyncio.CancelledError) for end in ends] == [number % 2 == 0 for number in range(40)]
    later = {id for request in api.requests[before:] for id in request.query.get("video_ids", "").split(",") if id}
    assert later == set(ids[1::2])


async def test_a_delayed_bulk_request_leaves_out_cancelled_waits(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=429, retry_after=20, operation=BULK))
    ids = videos(api, 300)
    waits = [asyncio.create_task(client.wait_for_video(id)) for id in ids]
    await asyncio.sleep(5)  # the first hundred met the 429; two hundred wait for the end of the pause
    for wait in waits[::3]:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
    assert not set(ids[::3]) & {id for ids_sent in bulk_requests(api)[1:] for id in ids_sent}
    assert {id for ids_sent in bulk_requests(api)[1:] for id in ids_sent} == set(ids) - set(ids[::3])


async def test_cancelling_all_waits_cancels_their_bulk_request(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("silent", operation=BULK, count=None))
    waits = [asyncio.create_task(client.wait_for_video(id)) for id in videos(api, 10)]
    await asyncio.sleep(5)
    assert any("_poll_in_bulk" in repr(task) for task in tasks())
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
    assert not any("_poll_in_bulk" in repr(task) for task in tasks())


async def test_a_refused_bulk_endpoint_is_not_requested_again(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=404, code="not_found", operation=BULK, count=None))
    first = [asyncio.create_task(client.wait_for_video(id)) for id in videos(api, 10)]
    await asyncio.sleep(20)
    await asyncio.gather(*first, *(client.wait_for_video(id) for id in videos(api, 10)))
    assert len(bulk_requests(api)) == 1


async def renders(client: AsyncHeyGen, count: int) -> list[str]:
    return [(await client.hyperframes.create(project=URL)).render_id for _ in range(count)]


async def test_a_silent_poll_does_not_delay_the_others(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    loop = asyncio.get_running_loop()
    api.plan(Plan(seconds=5))
    ids = await renders(client, 10)
    api.inject(Fault("silent", operation="HyperframesRenderGet", count=1))
    started_at = loop.time()
    ended: list[float] = []

    async def wait(id: str) -> None:
        await client.wait_for_render(id)
        ended.append(loop.time() - started_at)

    await asyncio.gather(*(wait(id) for id in ids))
    assert sum(seconds < 15 for seconds in ended) >= 9


async def test_polls_resume_one_at_a_time_after_a_rate_limit(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    ids = await renders(client, 200)
    api.inject(Fault("status", status=429, retry_after=30, operation="HyperframesRenderGet", count=2))
    waits = [asyncio.create_task(client.wait_for_render(id)) for id in ids]
    await asyncio.sleep(55)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
    assert len(api.requests_for("HyperframesRenderGet")) == 2


async def test_polls_run_in_parallel_until_the_api_refuses_one() -> None:
    """At 50 requests a second polls run in parallel. Few of them get a 429, and the next ones run one at a time."""
    async with HeyGenEmulator(autojump=True, rate_limit=50) as api, AsyncHeyGen(api.key, base_url=api.url) as client:
        ids = videos(api, 1000, 5)
        await asyncio.gather(*(client.wait_for_video(id, timeout=5000) for id in ids))
        refused = [request.time for request in api.requests if request.status == 429]
        inside = sum(any(time < request.time < time + 1 for time in refused) for request in api.requests)
        assert refused
        assert inside < len(refused) * 4


@pytest.mark.slow
async def test_an_outage_adds_a_tenth_to_the_polls(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    poll = Backoff(initial=10, factor=1, maximum=10, jitter=0)
    api.inject(Fault("status", status=500, operation="HyperframesRenderGet", count=None))
    ids = await renders(client, 60)
    before = len(api.requests)
    waits = [asyncio.create_task(client.wait_for_render(id, poll=poll)) for id in ids]
    await asyncio.sleep(295)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
    assert len(api.requests) - before <= 60 * 30 * 1.1 + 30


@pytest.mark.parametrize("steps", range(0, 60, 7))
async def test_cancelling_the_last_wait_leaves_nothing_behind(
    steps: int, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    await client.users.me()
    before = tasks()
    waits = [asyncio.create_task(client.wait_for_video(id)) for id in videos(api, 10)]
    for _ in range(steps):
        await asyncio.sleep(0)
    cancelled = asyncio.get_running_loop().time()
    for wait in waits:
        wait.cancel()
    ends = await asyncio.gather(*waits, return_exceptions=True)
    assert asyncio.get_running_loop().time() - cancelled <= 0.5
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    requests_before = len(api.requests)
    assert len([task for task in tasks() - before if "_poll_in_bulk" in repr(task)]) == 0
    await asyncio.sleep(100)
    assert len(api.requests) == requests_before


async def test_waits_with_on_update_get_every_poll(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    updates: list[Any] = []
    ids = videos(api, 5)
    await asyncio.gather(*(client.wait_for_video(id, on_update=updates.append) for id in ids))
    of_one = [update for update in updates if update.id == ids[0]]
    assert [update.state for update in of_one][-1] == "completed"
    assert {update.state for update in of_one} >= {"processing", "completed"}
    assert [update.poll_count for update in of_one] == sorted({update.poll_count for update in of_one})
    assert all(update.next_poll_in is not None for update in of_one[:-1])
    assert of_one[-1].job.video_url
    states = [[update.state async for update in client.watch_video(id)] for id in ids[:2]]
    assert states == [["completed"], ["completed"]]


async def test_an_error_in_on_update_ends_its_own_wait_only(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    def crash(_: object) -> None:
        raise ZeroDivisionError

    ids = videos(api, 10)
    ends = await asyncio.gather(
        *(client.wait_for_video(id, on_update=crash if id == ids[2] else None) for id in ids), return_exceptions=True
    )
    assert [isinstance(end, ZeroDivisionError) for end in ends] == [number == 2 for number in range(10)]


async def test_polls_resume_one_at_a_time_after_the_computer_slept(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    ids = videos(api, 1000, 50_000)
    waits = [asyncio.create_task(client.wait_for_video(id, timeout=90_000)) for id in ids]
    await asyncio.sleep(60)
    before = len(api.requests)
    api.clock.advance(7200)
    await asyncio.sleep(5)
    assert 10 <= len(api.requests) - before <= 20
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)


@pytest.mark.slow
async def test_every_wait_ends_under_a_strict_rate_limit_with_errors() -> None:
    """With 5 requests a second and 5 % of errors every wait ends, and no request is sent before Retry-After."""
    async with HeyGenEmulator(autojump=True, rate_limit=5) as api:
        api.inject(Fault("status", status=500, count=None, probability=0.05, seed=7))
        async with AsyncHeyGen(api.key, base_url=api.url) as client:
            loop = asyncio.get_running_loop()
            ids = videos(api, 2000, 120)
            late: list[float] = []
            ends_at = loop.time() + 120

            async def wait(id: str) -> None:
                assert (await client.wait_for_video(id, timeout=5000)).status == "completed"
                late.append(loop.time() - ends_at)

            await asyncio.gather(*(wait(id) for id in ids))
        assert len(late) == 2000
        refused = [request.time for request in api.requests if request.status == 429]
        times = [request.time for request in api.requests]
        assert refused
        assert sum(any(start < time < start + 1 for time in times) for start in refused) == 0
        after_end = sum(time >= api.requests[0].time + 120 for time in times)
        assert len(refused) < 40
        assert max(late) <= VIDEO_POLL.maximum + after_end / 5 * 1.1
        assert len(api.requests_for(BULK)) < 420  # a failed poll of one job is repeated by itself


async def test_an_outage_of_five_minutes_ends_no_wait(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    ids = videos(api, 200, 100)
    waits = [asyncio.create_task(client.wait_for_video(id)) for id in ids]
    await asyncio.sleep(5)
    await api.down()
    await asyncio.sleep(300)
    await api.up()
    assert [video.id for video in await asyncio.gather(*waits)] == ids


async def test_an_event_ends_a_wait_immediately(api: HeyGenEmulator) -> None:
    loop = asyncio.get_running_loop()
    async with AsyncHeyGen(api.key, base_url=api.url, events=True) as client:
        ids = videos(api, 5, 500)
        started_at = loop.time()
        waits = [asyncio.create_task(client.wait_for_video(id)) for id in ids]
        await asyncio.sleep(200)
        api.state.jobs[ids[2]].end(api.clock.time(), "completed")
        event = {"event_type": "avatar_video.success", "event_data": {"video_id": ids[2], "url": "https://x"}}
        assert client.handle_event(event) == 1
        assert client.handle_event({"event_type": "other", "event_data": {"video_id": "of_nobody"}}) == 0
        assert client.handle_event({"event_type": "other"}) == 0
        assert (await waits[2]).id == ids[2]
        assert loop.time() - started_at < 200.5
        await asyncio.gather(*waits)  # polls continue as the safety net
        assert loop.time() - started_at < 500 + 60
        assert sum(ids[0] in ids_sent for ids_sent in bulk_requests(api)) <= 11
        assert client.handle_event(event) == 0


async def test_an_event_during_a_poll_is_not_lost(api: HeyGenEmulator) -> None:
    loop = asyncio.get_running_loop()
    async with AsyncHeyGen(api.key, base_url=api.url, events=True) as client:
        [id] = videos(api, 1, 500)
        started_at = loop.time()
        api.inject(Fault("delay", operation="VideoGet", seconds=3))
        wait = asyncio.create_task(client.wait_for_video(id))
        await asyncio.sleep(1)
        assert client.handle_event({"event_data": {"video_id": id}}) == 1
        await asyncio.sleep(5)
        assert len(api.requests_for("VideoGet")) == 2
        assert loop.time() - started_at < 10
        wait.cancel()


async def test_events_of_a_session_and_of_its_video_wake_the_wait(api: HeyGenEmulator) -> None:
    api.plan(THINKING)
    async with AsyncHeyGen(api.key, base_url=api.url, events=True) as client:
        session = await client.video_agents.create(prompt="A tour")
        wait = asyncio.create_task(client.wait_for_video(session))
        await asyncio.sleep(12)
        assert client.handle_event({"event_data": {"session_id": session.session_id}}) == 1
        await asyncio.sleep(1)
        video_id = str((await client.video_agents.get(session.session_id)).video_id)
        assert client.handle_event({"event_data": {"session_id": session.session_id, "other": 7}}) == 0
        await asyncio.sleep(64)
        assert not wait.done()  # polls are rare
        assert client.handle_event({"event_data": {"video_id": video_id}}) == 1
        assert (await wait).id == video_id
        assert client.handle_event({"event_data": {"video_id": video_id, "session_id": session.session_id}}) == 0


async def test_a_client_without_events_refuses_handle_event(client: AsyncHeyGen) -> None:
    with pytest.raises(ConfigurationError, match="events=True"):
        client.handle_event({"event_data": {"video_id": "v"}})


async def test_wait_for_all_and_as_completed(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    ids = videos(api, 3, 60) + videos(api, 3, 20)
    order = [id async for id, _ in client.as_completed(ids)]
    assert set(order[:3]) == set(ids[3:])
    assert set(order[3:]) == set(ids[:3])
    api.plan(Plan(fail_message="No.", count=1))
    mixed = [*videos(api, 1), *ids, "none"]
    with pytest.raises(JobFailedError) as caught:
        await client.wait_for_all(mixed)
    assert f"These did not succeed: {mixed[0]}, none." in caught.value.__notes__[0]
    assert ([video.id for video in caught.value.finished], caught.value.pending) == (ids, ["none"])
    ends = await client.wait_for_all(mixed, return_exceptions=True)
    assert [type(end).__name__ for end in ends] == ["JobFailedError", *["Video"] * 6, "NotFoundError"]
    results = {id: end async for id, end in client.as_completed(mixed)}
    assert isinstance(results["none"], NotFoundError)
    doubled = [ids[0], ids[1], ids[0]]
    assert [video.id for video in await client.wait_for_all(doubled)] == doubled
    with pytest.raises(ValueError, match="the struct that create returned"):
        await client.wait_for_all([object()])  # type: ignore[list-item]


async def test_leaving_as_completed_early_cancels_the_other_waits(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    before = tasks()
    ended = client.as_completed(videos(api, 2, 10) + videos(api, 10, 500))
    async for _, video in ended:
        assert video.status == "completed"
        break
    await ended.aclose()
    requests_before = len(api.requests)
    await asyncio.sleep(600)
    assert len(api.requests) == requests_before
    assert len(tasks() - before) <= 1


def test_a_client_waits_again_in_another_event_loop() -> None:
    """This holds when the first loop ended during a pause that the API asked for."""
    clients: list[AsyncHeyGen] = []

    async def run(port: int, pause: float) -> tuple[int, list[Any]]:
        async with HeyGenEmulator(autojump=True, port=port) as api:
            clients.append(clients[0] if clients else AsyncHeyGen(api.key, base_url=api.url))
            api.inject(Fault("status", status=429, retry_after=pause, operation=BULK))
            async with clients[-1] as client:
                waits = [asyncio.ensure_future(client.wait_for_video(id)) for id in videos(api, 20)]
                await asyncio.sleep(90)
                for wait in waits:
                    wait.cancel()
                return int(api.url.rpartition(":")[2]), await asyncio.gather(*waits, return_exceptions=True)

    port, ends = asyncio.run(run(0, 100))
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    _, ends = asyncio.run(run(port, 5))
    assert all(end.status == "completed" for end in ends)


async def test_a_key_without_permission_ends_the_waits(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=403, code="insufficient_api_key_scope", count=None))
    ends = await asyncio.gather(*(client.wait_for_video(id) for id in videos(api, 3)), return_exceptions=True)
    assert all(isinstance(end, PermissionDeniedError) for end in ends)


@pytest.mark.slow
@examples(25)
@given(
    jobs=st.lists(
        st.tuples(st.floats(0, 300), st.floats(0, 60), st.none() | st.floats(0, 200)), min_size=1, max_size=230
    ),
    limit=st.none() | st.sampled_from([5.0, 20.0]),
    broken=st.sampled_from([0.0, 0.1]),
)
async def test_every_job_is_polled_within_its_maximum_pause(
    jobs: list[tuple[float, float, float | None]], limit: float | None, broken: float
) -> None:
    """Each job is (seconds it takes, seconds before its wait starts, seconds until the wait is cancelled or None)."""
    async with HeyGenEmulator(autojump=True, rate_limit=limit) as api:
        if broken:
            api.inject(Fault("status", status=500, count=None, probability=broken))
        async with AsyncHeyGen(api.key, base_url=api.url) as client:
            loop = asyncio.get_running_loop()
            over: dict[str, float] = {}

            async def one(seconds: float, delay: float, give_up: float | None) -> None:
                await asyncio.sleep(delay)
                [id] = videos(api, 1, seconds)
                try:
                    async with asyncio.timeout(give_up):
                        assert (await client.wait_for_video(id, timeout=5000)).id == id
                except TimeoutError:
                    assert give_up is not None
                over[id] = api.clock.time()

            started_at = loop.time()
            await asyncio.gather(*(one(*job) for job in jobs))
            assert loop.time() - started_at < 5000
        assert len(over) == len(jobs)
        poll_times: dict[str, list[float]] = {}
        for request in api.requests:
            ids = request.query.get("video_ids", "").split(",") if request.query else [request.path.rpartition("/")[2]]
            assert len(ids) <= 100
            assert len(set(ids)) == len(ids)
            for id in ids:
                assert request.time <= over[id] + 0.1
                poll_times.setdefault(id, []).append(request.time)
        pauses = sum(1 for request in api.requests if request.status == 429)
        for id, times in poll_times.items():
            gaps = [b - a for a, b in zip(times, [*times[1:], over[id]], strict=True)]
            assert max(gaps) <= VIDEO_POLL.maximum + 2.5 * pauses + 1, id
        refused = [request.time for request in api.requests if request.status == 429]
        for request in api.requests:
            assert not any(time < request.time < time + 1 for time in refused)
