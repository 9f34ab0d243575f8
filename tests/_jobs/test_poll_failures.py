"""Failed polls: which errors end a wait, after how many polls, and with which advice."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from forged_api import ForgedApi, forged_api

from heygen_async import (
    APIConnectionError,
    APIError,
    AsyncHeyGen,
    Backoff,
    InvalidJSONError,
    NotFoundError,
    PermissionDeniedError,
)
from heygen_async.testing.clock import Clock
from heygen_async.types.videos import VideoCreated

PATH = "/v3/videos/v_1"
DONE = {"data": {"id": "v_1", "status": "completed", "video_url": "https://example.com/v.mp4"}}
ERROR = {"error": {"code": "any", "message": "No."}}
BLOCKED = (403, b"<html><title>Blocked</title></html>")
RESUME = "wait again with the same id: wait_for_video('v_1')"


@pytest_asyncio.fixture
async def forged() -> AsyncIterator[tuple[ForgedApi, AsyncHeyGen]]:
    """A server with prepared bodies, and its client, on a clock that jumps over every wait."""
    with Clock().autojump():
        async with forged_api() as pair:
            yield pair


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 410, 422])
async def test_a_deterministic_error_ends_the_wait_at_once(status: int, forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.give(ERROR, status=status)
    with pytest.raises(APIError) as caught:
        await client.wait_for_video("v_1")
    assert caught.value.status == status
    polls = [path for _, path in api.requests if path == PATH]
    assert len(polls) == 1
    [note] = caught.value.__notes__
    assert RESUME in note
    assert "another job, which is charged too" in note


async def test_a_new_job_may_be_missing_for_half_a_minute(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.bodies[PATH] = [(404, ERROR), (404, ERROR), DONE]
    assert (await client.wait_for_video(VideoCreated(video_id="v_1"))).id == "v_1"
    assert len(api.requests) == 3


async def test_a_new_job_that_stays_missing_ends_the_wait(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.give(ERROR, status=404)
    started = asyncio.get_running_loop().time()
    with pytest.raises(NotFoundError):
        await client.wait_for_video(VideoCreated(video_id="v_1"))
    assert 30 <= asyncio.get_running_loop().time() - started < 45


async def test_a_firewall_page_is_survived_three_times(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.bodies[PATH] = [BLOCKED, BLOCKED, BLOCKED, DONE]
    assert (await client.wait_for_video("v_1")).id == "v_1"
    api.bodies[PATH], api.requests = [BLOCKED], []
    with pytest.raises(PermissionDeniedError) as caught:
        await client.wait_for_video("v_1")
    assert len(api.requests) == 4
    assert RESUME in caught.value.__notes__[0]


async def test_the_third_unreadable_response_in_a_row_ends_the_wait(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    cut = b'{"data": {"id": "v_1", "sta'
    api.bodies[PATH] = [cut, cut, {"data": {"id": "v_1", "status": "processing"}}, cut, cut, DONE]
    assert (await client.wait_for_video("v_1")).id == "v_1"
    api.bodies[PATH], api.requests = [cut], []
    with pytest.raises(InvalidJSONError) as caught:
        await client.wait_for_video("v_1")
    assert len(api.requests) == 3
    assert RESUME in caught.value.__notes__[0]


async def test_outages_between_unreadable_responses_start_the_count_anew(
    forged: tuple[ForgedApi, AsyncHeyGen],
) -> None:
    api, client = forged
    api.bodies[PATH] = [b"<html>", b"<html>", (503, ERROR), b"<html>", b"<html>", DONE]
    assert (await client.wait_for_video("v_1")).id == "v_1"


async def test_unreadable_bulk_statuses_lead_to_polls_of_each_job(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.bodies["/v3/videos/statuses"] = [b"<html>"]
    for id in ("v_1", "v_2"):
        api.bodies[f"/v3/videos/{id}"] = [{"data": {**DONE["data"], "id": id}}]
    done = await asyncio.gather(client.wait_for_video("v_1"), client.wait_for_video("v_2"))
    assert [video.id for video in done] == ["v_1", "v_2"]


async def test_a_session_that_is_no_session_either_keeps_the_note(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.give(ERROR, status=404)
    with pytest.raises(NotFoundError, match="/v3/videos/v_1") as caught:
        await client.wait_for_video("v_1")
    assert "HeyGen does not know this id" in caught.value.__notes__[0]


@pytest.mark.parametrize("poll", [None, Backoff(initial=60, maximum=60)])
async def test_a_host_that_was_never_found_ends_the_wait_after_three_polls(poll: Backoff | None) -> None:
    with Clock().autojump():
        async with AsyncHeyGen("key", base_url="https://nowhere.invalid", poll=poll) as client:
            started = asyncio.get_running_loop().time()
            with pytest.raises(APIConnectionError, match=r"the host nowhere\.invalid was not found") as caught:
                await client.wait_for_video("v_1")
            assert asyncio.get_running_loop().time() - started < 10
    assert "polls: 3" in caught.value.__notes__[0]


async def test_a_host_that_was_reached_before_may_be_lost_for_long(
    forged: tuple[ForgedApi, AsyncHeyGen], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, _ = forged
    api.give(DONE)
    async with AsyncHeyGen("key", base_url=api.url.replace("127.0.0.1", "localhost")) as client:
        await client.videos.get("v_1")
        await client.aclose()  # forgets the address
        resolve, lookups = socket.getaddrinfo, list[str]()

        def lose(host: str, *arguments: object, **options: object) -> object:
            lookups.append(host)
            if len(lookups) < 8:
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            return resolve(host, *arguments, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(socket, "getaddrinfo", lose)
        async with client:
            assert (await client.wait_for_video("v_1")).id == "v_1"
    assert len(lookups) == 8
