"""The promises of every client: no leaks, no secrets in any output, clear errors about event loops and closing."""

from __future__ import annotations

import asyncio
import copy
import gc
import io
import logging
import pickle
import re
import shutil
import subprocess
import sys
import traceback
import tracemalloc
import warnings
from pathlib import Path

import aiohttp
import pytest
from support import PNG, open_files, tasks

from heygen_async import APIError, AsyncHeyGen, ConfigurationError, HeyGenError, InvalidInputError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")
KEY = "sk_planted_secret_0123456789"


async def test_constructing_a_client_needs_no_loop_and_imports_no_aiohttp() -> None:
    code = (
        "import sys, heygen_async; assert 'aiohttp' not in sys.modules; heygen_async.AsyncHeyGen('k')\n"
        "assert 'aiohttp' not in sys.modules, 'constructing imported aiohttp'"
    )
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-W", "error", "-c", code], check=False)
    assert done.returncode == 0


async def test_closed_client_raises_and_may_be_entered_again(api: HeyGenEmulator) -> None:
    client = AsyncHeyGen(api.key, base_url=api.url)
    async with client:
        await client.users.me()
    with pytest.raises(ConfigurationError, match="is closed"):
        await client.users.me()
    await client.aclose()
    async with client:
        await client.users.me()
    lazily = AsyncHeyGen(api.key, base_url=api.url)
    await lazily.users.me()
    await lazily.aclose()


async def test_use_in_another_event_loop_raises(client: AsyncHeyGen) -> None:
    def elsewhere() -> None:
        for use in (client.users.me, client.aclose):
            with pytest.raises(ConfigurationError, match="another event loop"):
                asyncio.run(use())

    await asyncio.to_thread(elsewhere)
    await client.users.me()


async def test_client_may_be_used_in_two_event_loops_one_after_the_other(api: HeyGenEmulator) -> None:
    client = AsyncHeyGen(api.key, base_url=api.url)

    async def use() -> str:
        async with client:
            return (await client.users.me()).username

    def twice() -> list[str]:
        return [asyncio.run(use()), asyncio.run(use())]

    assert await asyncio.to_thread(twice) == ["local", "local"]


async def test_session_of_the_program_is_used_and_not_closed(api: HeyGenEmulator) -> None:
    async with aiohttp.ClientSession() as session:
        async with AsyncHeyGen(api.key, base_url=api.url, session=session) as client:
            await client.users.me()
        assert not session.closed
    async with AsyncHeyGen(api.key, base_url=api.url, session=session) as client:
        with pytest.raises(ConfigurationError, match="session given"):
            await client.users.me()


async def test_client_left_open_warns_once(api: HeyGenEmulator) -> None:
    client = AsyncHeyGen(api.key, base_url=api.url)
    await client.users.me()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del client
        gc.collect()
    assert [str(warning.message) for warning in caught if issubclass(warning.category, ResourceWarning)] == [
        "An AsyncHeyGen was left open: use it as `async with AsyncHeyGen() as heygen:`, or await aclose()."
    ]


async def test_closing_leaves_no_socket_and_no_task(api: HeyGenEmulator) -> None:
    files, before = open_files(), tasks()
    async with AsyncHeyGen(api.key, base_url=api.url) as client:
        await asyncio.gather(*(client.users.me() for _ in range(20)))
    await asyncio.sleep(0.1)
    assert tasks() <= before
    assert len(open_files() - files) == 0


async def test_views_share_the_connections_and_close_nothing(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    async with client.with_options(headers={"X-Trace": "7"}, timeout=5, max_retries=0, wait_timeout=9) as view:
        await view.users.me()
    await client.users.me()
    assert [request.headers.get("X-Trace") for request in api.requests] == ["7", None]


@pytest.mark.slow
async def test_ten_thousand_views_and_calls_keep_no_memory(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # pytest keeps the records of a test
    async with HeyGenEmulator(record_requests=False) as api, AsyncHeyGen(api.key, base_url=api.url) as client:

        async def use(times: int) -> None:
            for _ in range(times):
                client.with_options(timeout=5).videos
            for _ in range(times // 20):
                await client.with_options(max_retries=1).users.me()

        await use(1000)
        files = open_files()
        gc.collect()
        tracemalloc.start()
        await use(10_000)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    assert grown < 1 << 20
    assert len(open_files() - files) <= 0


async def test_secrets_appear_in_no_repr_log_traceback_or_pickle(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = io.StringIO()
    async with HeyGenEmulator(api_key=KEY, autojump=True) as api:
        api.inject(Fault("reset_before", count=2))
        async with AsyncHeyGen(KEY, base_url=api.url, max_retries=1) as client:
            for call in (client.users.me, lambda: client.videos.get("none"), lambda: client.request("GET", "/v3/none")):
                try:
                    await call()
                except HeyGenError as error:
                    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
                    shown.write(
                        "".join(frames.format()) + repr(error) + repr(error.__dict__) + pickle.dumps(error).hex()
                    )
            video = await client.videos.create_and_wait(SCRIPT)
            shown.write(repr(client) + repr(client.__dict__) + repr(video) + repr(client.last_response))
            shown.write(repr(vars(client._transport.shared_state)) + repr(client._transport._headers))
            for travel in (pickle.dumps, copy.deepcopy):
                with pytest.raises(TypeError):
                    travel(client)
    assert KEY not in shown.getvalue() + caplog.text
    assert KEY.encode().hex() not in shown.getvalue()
    assert "Signature=" not in shown.getvalue() + caplog.text
    assert {"heygen_async.http", "heygen_async.jobs"} <= {record.name for record in caplog.records}


@pytest.mark.slow
def test_test_run_fails_when_its_output_holds_a_secret(tmp_path: Path) -> None:
    for name in ("conftest.py", "support.py"):
        shutil.copy(Path(__file__).parent / name, tmp_path)
    (tmp_path / "test_leaks.py").write_text(
        "import logging, os, pytest\n"
        "from heygen_async.testing.emulator import KEY\n"
        "def test_print(): print(KEY)\n"
        "def test_child(): os.system(f'echo {KEY}')\n"
        "def test_log(): logging.getLogger('any').debug('%s', KEY)\n"
        "@pytest.mark.parametrize('one', [KEY])\n"
        "def test_name(one): pass\n"
        "def test_setup(leaks): pass\n"
        "@pytest.fixture\n"
        "def leaks(): print('oat_local_' + 'a' * 20)\n"
        "def test_clean(): print('hg_live')\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nlog_level = DEBUG\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=tmp_path, capture_output=True, text=True
    )
    assert re.search(r"(\d+) passed", run.stdout)[1] == "1"  # type: ignore[index]
    assert run.stdout.count("a secret (") >= 5


async def test_api_key_is_sent_to_the_api_only(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.write(PNG)
        file.truncate((32 << 20) + 1)
    await client.video_agents.create(prompt="A tour", files=[large])
    await client.download(await client.videos.create_and_wait(SCRIPT), tmp_path / "a")
    assert all(api.key in str(request.headers) for request in api.requests if request.origin == "api")
    stored = [request for request in api.requests if request.origin == "storage"]
    assert len(stored) == 2
    assert all(api.key not in str(request.headers) for request in stored)


@pytest.mark.parametrize(
    "id", ["../x", "a/b", "%2f", "?q=1", "#f", "é", "a b", "..%2F..", "x" * 300, "日本", "a+b&c=d"]
)
async def test_id_becomes_one_path_segment(id: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(APIError, match="video_not_found"):
        await client.videos.get(id)
    (request,) = api.requests
    assert request.operation == "VideoGet"
    assert request.path == f"/v3/videos/{id}"
    assert request.raw_path.count("/") == 3


async def test_request_reaches_an_unknown_endpoint(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    page = await client.request("get", "/v3/videos", query={"limit": 1, "title": "a b"})
    assert page == {"data": [], "has_more": False, "next_token": None}
    created = await client.request("POST", "/v3/videos", json={"type": "avatar", "avatar_id": "avatar_1", "script": "Hello."}, idempotency_key="k")  # fmt: skip
    assert isinstance(created, dict)
    assert api.requests[-1].headers["Idempotency-Key"] == "k"
    with pytest.raises(APIError):
        await client.request("DELETE", "/v3/videos/none")


async def test_last_response_belongs_to_the_task(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    assert client.last_response is None
    created = await client.videos.create(SCRIPT)

    async def path_of_own_response() -> str:
        await client.users.me()
        assert client.last_response is not None
        return client.last_response.path

    other = await asyncio.create_task(path_of_own_response())
    assert client.last_response is not None
    assert (other, client.last_response.path) == ("/v3/users/me", "/v3/videos")
    assert client.last_response.status == 200
    assert (client.last_response.request_id or "").startswith("req_")
    assert created.video_id in str(client.last_response.json())


async def test_unknown_attribute_raises(client: AsyncHeyGen) -> None:
    with pytest.raises(AttributeError, match="no attribute 'vidoes'"):
        client.vidoes
    with pytest.raises(InvalidInputError):
        await client.videos.get("")
