"""The log: its loggers, the facts of each record as attributes, and the level in `HEYGEN_LOG`."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from contextlib import suppress
from typing import Any

import pytest
from forged_api import forged_api

from heygen_async import AsyncHeyGen, Backoff, HeyGenError, WaitTimeoutError
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello.")
FIELDS = ("operation", "attempt", "status", "request_id", "elapsed")


def facts(record: logging.LogRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in FIELDS}


async def test_each_record_about_a_request_has_its_facts(api: HeyGenEmulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "heygen_async")
    api.inject(Fault("status", status=503))
    async with AsyncHeyGen(api.key, base_url=api.url, retry=Backoff(initial=0.01)) as client:
        await client.videos.create(SCRIPT)
        request_id = client.last_response and client.last_response.request_id
    records = [record for record in caplog.records if record.name == "heygen_async.http"]
    assert [(one.levelname, one.__dict__["attempt"], one.__dict__["status"]) for one in records] == [
        ("DEBUG", 1, 503),
        ("DEBUG", 1, None),
        ("DEBUG", 2, 200),
        ("INFO", 2, 200),
    ]
    last = facts(records[-1])
    assert last.pop("elapsed") >= 0
    assert last == {"operation": "create_video_from_avatar", "attempt": 2, "status": 200, "request_id": request_id}


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_current_user", ("users.me",)),
        ("list_videos", ("videos.list",)),
        ("request", ("request", "GET", "/v3/newer/thing_1")),
    ],
)
async def test_a_record_names_the_operation(
    operation: str, arguments: tuple[str, ...], client: AsyncHeyGen, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "heygen_async")
    call: Any = client
    for name in arguments[0].split("."):
        call = getattr(call, name)
    with suppress(HeyGenError):
        await call(*arguments[1:])
    requests = [record for record in caplog.records if record.name == "heygen_async.http"]
    assert {facts(record)["operation"] for record in requests} == {operation}


async def test_the_log_of_a_wait_names_the_job(client: AsyncHeyGen, caplog: pytest.LogCaptureFixture) -> None:
    created = await client.videos.create(SCRIPT)
    caplog.clear()
    caplog.set_level(logging.DEBUG, "heygen_async")
    await client.wait_for_video(created)
    states = [record.__dict__ for record in caplog.records if record.name == "heygen_async.jobs"]
    assert [one["state"] for one in states][-1] == "completed"
    assert {(one["operation"], one["job_id"]) for one in states} == {("wait_for_video", created.video_id)}
    polls = [facts(record)["operation"] for record in caplog.records if record.name == "heygen_async.http"]
    assert set(polls) == {"GET /v3/videos/{video_id}"}


async def waited(client: AsyncHeyGen, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the messages of a wait that times out after a minute, without the name of the job."""
    created = await client.videos.create(SCRIPT)
    caplog.clear()
    caplog.set_level(logging.DEBUG, "heygen_async.jobs")
    with pytest.raises(WaitTimeoutError) as caught:
        await client.wait_for_video(created, timeout=60)
    records = [record for record in caplog.records if record.name == "heygen_async.jobs"]
    messages = [record.message.replace(f"the video {created.video_id} ", "") for record in records]
    assert messages[
        -1
    ] == f"The wait for ended after 60.0 s (polls: {caught.value.poll_count}): WaitTimeoutError: " + str(caught.value)
    return messages[:-1]


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (None, "state '"),
        (Fault("status", status=503, operation="VideoGet", count=None), "ServerError: GET /v3/videos/"),
        (
            Fault("status", status=429, retry_after=50, operation="VideoGet", count=None),
            "RateLimitError: GET /v3/videos/",
        ),
        (Fault("silent", operation="VideoGet", count=None), "APITimeoutError: GET /v3/videos/"),
    ],
    ids=["slow", "503", "429", "silent"],
)
async def test_the_log_has_each_poll_each_pause_and_the_end_of_a_wait(
    fault: Fault | None, result: str, client: AsyncHeyGen, api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    api.plan(Plan(seconds=3600))
    if fault is not None:
        api.inject(fault)
    messages = await waited(client.with_options(timeout=5), caplog)
    pauses = [message for message in messages if message.startswith("The wait for pauses for ")]
    polls = [message for message in messages if message not in pauses]
    assert len(polls) == len(api.requests_for("VideoGet")) > 0
    assert len(pauses) >= len(polls)
    for number, message in enumerate(polls, 1):
        assert re.fullmatch(rf"Poll {number} of after \d+\.\d s: ({result}.*|no response)\.", message)
    if result.startswith("RateLimit"):
        assert "The wait for pauses for 50.0 s." in pauses


async def test_a_request_id_that_repeats_the_key_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "heygen_async")
    async with forged_api() as (api, client):
        api.give({"data": {}}, **{"X-Request-Id": "id of planted_key_0123456789"})
        async with AsyncHeyGen("planted_key_0123456789", base_url=api.url) as client:
            await client.users.me()
    (record,) = [record for record in caplog.records if record.name == "heygen_async.http"]
    assert facts(record)["request_id"] == "id of …"


PROGRAM = """
import asyncio, logging, sys
from heygen_async import AsyncHeyGen, HeyGenError
async def main():
    for _ in range(2):
        async with AsyncHeyGen("key", base_url=sys.argv[1], max_retries=0) as heygen:
            try: await heygen.users.me()
            except HeyGenError: pass
if sys.argv[2:]: logging.basicConfig(format="own %(message)s")
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("level", "options", "start", "count"),
    [
        ("debug", (), " DEBUG heygen_async.http: GET /v3/users/me → 401 in ", 2),
        (" DEBUG ", (), " DEBUG heygen_async.http: GET /v3/users/me → 401 in ", 2),
        ("debug", ("own",), "own GET /v3/users/me → 401 in ", 2),
        ("info", (), "", 0),
        ("", (), "", 0),
        ("trace", (), "HEYGEN_LOG is 'trace', which is no level of the log. Set it to debug or info.", 1),
    ],
)
async def test_the_environment_sets_the_level(
    level: str, options: tuple[str, ...], start: str, count: int, api: HeyGenEmulator
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, api.url, *options, env={**os.environ, "HEYGEN_LOG": level, "PYTHONUTF8": "1", "PYTHONASYNCIODEBUG": ""},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    lines = (await process.communicate())[0].decode().splitlines()
    assert process.returncode == 0
    assert [start in line for line in lines] == [True] * count, lines
