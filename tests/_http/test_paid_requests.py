"""The id of a job that costs credit: it is in the log and in every exception, whatever happens after the response."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from forged_api import forged_api
from support import QUICK

from heygen_async import (
    AmbiguousRequestError,
    APIConnectionError,
    APIError,
    AsyncHeyGen,
    DecodeError,
    HeyGenError,
)
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")
CREATED = {"data": {"video_id": "v_1", "status": "pending", "output_format": "mp4"}}
Call = Callable[[AsyncHeyGen], Any]


def create(client: AsyncHeyGen) -> Any:
    return client.videos.create(SCRIPT)


class HookError(Exception):
    """An error of a hook of the program."""


def raise_in_hook(*_: object) -> None:
    raise HookError("in the hook")


def notes(error: BaseException) -> str:
    return " ".join(getattr(error, "__notes__", []))


def accepted(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "accepted a billable request" in record.getMessage()]


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "heygen_async")
    return caplog


async def test_the_id_is_logged_once_before_the_hook(log: pytest.LogCaptureFixture) -> None:
    logged_before_hook: list[list[str]] = []
    async with forged_api(on_response=lambda _: logged_before_hook.append(accepted(log))) as (api, client):
        api.give(CREATED)
        await create(client)
    assert logged_before_hook == [["POST /v3/videos: HeyGen accepted a billable request: video_id v_1"]]
    assert accepted(log) == logged_before_hook[0]
    assert log.records[0].levelno == logging.INFO


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_free_and_failed_requests_are_not_logged(log: pytest.LogCaptureFixture) -> None:
    async with forged_api() as (api, client):
        api.give({"data": {"id": "v_1", "status": "completed"}})
        await client.videos.get("v_1")
        await client.videos.delete("v_1")
        for body, status in (({"error": {"code": "invalid", "message": "no", "video_id": "v_1"}}, 400), ({"error": {"code": "invalid", "message": "no", "task_id": "t_1"}, "data": None}, 200)):  # fmt: skip
            api.give(body, status=status)
            with pytest.raises(APIError) as caught:
                await client.legacy.videos.generate({})
            assert notes(caught.value) == ""
    assert accepted(log) == []


@pytest.mark.parametrize(
    ("hook", "options", "body"),
    [
        ("on_response", {}, CREATED),
        ("on_drift", {}, {"data": {"video_id": 17, "status": "pending"}}),
    ],
)
async def test_an_error_of_a_hook_has_the_id(hook: str, options: dict[str, Any], body: Any) -> None:
    async with forged_api(**{hook: raise_in_hook}, **options) as (api, client):
        api.give(body)
        with pytest.raises(HookError) as caught:
            await create(client)
    assert f"video_id {body['data']['video_id']}." in notes(caught.value)
    assert "POST /v3/videos" in notes(caught.value)


async def test_a_cancellation_has_the_id() -> None:
    in_hook = asyncio.Event()

    async def wait_in_hook(_: object) -> None:
        in_hook.set()
        await asyncio.Event().wait()

    async with forged_api(on_response=wait_in_hook) as (api, client):
        api.give(CREATED)
        call = asyncio.ensure_future(create(client))
        await in_hook.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await call
    assert "video_id v_1." in notes(caught.value)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"data": {"video_id": "v_1", "status": 7}}, "video_id v_1"),
        ({"video_id": "v_1"}, "video_id v_1"),
        ({"data": {"result": [{"video_id": "v_1"}]}}, "video_id v_1"),
        ({"data": "v_1"}, "video_id v_1"),
        ({"data": {"id": "v_1"}}, "id v_1"),
        (b'{"data": {"video_id": "v_1", "status": "pend', "video_id v_1"),
        (b'<p>{"video_id": 17}</p>', "video_id 17"),
        (b'\xef\xbb\xbf{"data": {"video_id": "v_1", "status": NaN}}', "video_id v_1"),
    ],
)
async def test_a_decode_error_has_the_id(body: Any, expected: str, log: pytest.LogCaptureFixture) -> None:
    async with forged_api(strict=True) as (api, client):
        api.give(body)
        with pytest.raises(DecodeError) as caught:
            await create(client)
    assert f": {expected}." in notes(caught.value)
    assert accepted(log)[0].endswith(expected)
    assert b"v_1" in caught.value.body or b"17" in caught.value.body


async def test_without_an_id_nothing_is_noted(log: pytest.LogCaptureFixture) -> None:
    async with forged_api() as (api, client):
        api.give({"data": {"status": "pending", "folder_id": "f_1"}})
        with pytest.raises(DecodeError) as caught:
            await create(client)
    assert notes(caught.value) == ""
    assert accepted(log) == []


async def test_the_id_of_an_earlier_attempt_is_in_the_last_error() -> None:
    async with forged_api(max_retries=1, retry=QUICK) as (api, client):
        api.bodies["/v3/videos"] = [b'{"data": {"video_id": "v_1"', (500, {"error": {"code": "x", "message": "y"}})]
        with pytest.raises(APIError) as caught:
            await create(client)
        assert len(api.requests) == 2
    assert caught.value.status == 500
    assert "video_id v_1" in notes(caught.value)
    assert caught.value.idempotency_key is not None


async def test_an_error_with_an_id_travels_with_it() -> None:
    async with forged_api() as (api, client):
        api.give(b'{"data": {"session_id": "s_1"')
        with pytest.raises(DecodeError) as caught:
            await client.video_agents.create(prompt="A tour")
    for copied in (pickle.loads(pickle.dumps(caught.value)), copy.deepcopy(caught.value)):
        assert "session_id s_1" in notes(copied)


@pytest.mark.parametrize(
    ("call", "body", "expected"),
    [
        (lambda c: c.video_translations.create(video="https://a.com/v.mp4", output_languages=["German", "Czech"]),
         {"data": {"video_translation_ids": ["t_1", "t_2"]}}, "video_translation_ids t_1, t_2"),
        (lambda c: c.background_removals.create(video="https://a.com/v.mp4"), {"data": {"id": "b_1"}}, "id b_1"),
        (lambda c: c.legacy.videos.generate({}), {"error": None, "data": {"video_id": "v_2"}}, "video_id v_2"),
        (lambda c: c.avatars.create({"type": "prompt", "name": "Ann", "prompt": "A baker"}),
         {"data": {"avatar_item": {"id": "look_1", "group_id": "group_1"}}}, "id look_1, group_id group_1"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_every_kind_of_create_reports_its_ids(
    call: Call, body: Any, expected: str, log: pytest.LogCaptureFixture
) -> None:
    async with forged_api(on_response=raise_in_hook) as (api, client):
        api.give(body)
        with pytest.raises(HookError) as caught:
            await call(client)
    assert f": {expected}." in notes(caught.value)
    assert accepted(log)[0].endswith(f": {expected}")


async def test_speech_without_an_id_logs_no_url(log: pytest.LogCaptureFixture) -> None:
    async with forged_api(on_response=raise_in_hook) as (api, client):
        api.give({"data": {"audio_url": "https://a.com/a.mp3?Signature=x1", "request_id": "r_1"}})
        with pytest.raises(HookError) as caught:
            await client.voices.create_speech(text="Hello", voice_id="voice_0001")
    assert notes(caught.value) == ""
    assert accepted(log) == []


async def test_a_hook_that_closes_the_client_loses_nothing() -> None:
    async def close(_: object) -> None:
        await client.aclose()

    async with forged_api(on_response=close) as (api, client):
        api.give(CREATED)
        assert (await create(client)).video_id == "v_1"


async def test_a_client_closed_before_the_response_gives_the_idempotency_key(api: HeyGenEmulator) -> None:
    api.inject(Fault("silent", count=None))
    client = AsyncHeyGen(api.key, base_url=api.url)
    calls = [asyncio.ensure_future(create(client)), asyncio.ensure_future(client.video_agents.create(prompt="A tour"))]
    while len(api.requests) < 2:
        await asyncio.sleep(0.01)
    await client.aclose()
    first, second = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(first, HeyGenError)
    assert first.idempotency_key
    assert isinstance(second, AmbiguousRequestError)
    assert isinstance(second, APIConnectionError)


@pytest.mark.parametrize("error", [HookError("in the hook"), asyncio.CancelledError()])
async def test_the_end_of_create_and_wait_has_the_id(error: BaseException, client: AsyncHeyGen, api: HeyGenEmulator) -> None:  # fmt: skip
    def fail(_: object) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await client.videos.create_and_wait(SCRIPT, on_update=fail)
    assert api.ledger[0].id in notes(caught.value)


def test_the_id_is_in_the_log_of_a_process_that_dies_in_its_hook() -> None:
    program = """if True:
        import asyncio, logging, os, sys
        sys.path[:0] = PATHS
        from forged_api import forged_api
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")

        async def main():
            async with forged_api(on_response=lambda _: os._exit(9)) as (api, client):
                api.give(CREATED)
                await client.voices.clone(voice_name="Ann", audio="https://a.com/a.mp3")

        asyncio.run(main())
    """
    source = program.replace("PATHS", repr(sys.path)).replace(
        "CREATED", json.dumps({"data": {"voice_clone_id": "c_1"}})
    )
    ended = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert ended.returncode == 9, ended.stderr
    assert re.search(
        r"^INFO POST /v3/voices/clone: HeyGen accepted a billable request: voice_clone_id c_1$",
        ended.stderr,
        re.MULTILINE,
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_neither_note_nor_log_nor_repr_has_a_secret(log: pytest.LogCaptureFixture) -> None:
    secrets = {"access_token": "planted_token", "url": "wss://a.com/?token=planted_url", "secret": "planted_secret"}
    async with forged_api(on_response=raise_in_hook, headers={"X-Extra": "planted_header"}) as (api, client):
        api.give({"code": 100, "data": {"session_id": "s_1", **secrets}})
        with pytest.raises(HookError) as caught:
            await client.legacy.streaming.create()
    assert ": session_id s_1." in notes(caught.value)
    assert "planted" not in notes(caught.value) + log.text + repr(client) + repr(client.last_response)
