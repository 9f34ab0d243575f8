"""`listen`: webhooks of HeyGen as lines of JSON."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import aiohttp
import pytest
from cli_support import start_command

from heygen_async.cli.running import open_listener
from heygen_async.testing import Fault, HeyGenEmulator

pytestmark = pytest.mark.slow


async def test_prints_verified_events_and_unregisters() -> None:
    listen = ("listen", "--port", "0", "--register", "https://example.com/hook", "--count", "1")
    async with HeyGenEmulator() as api, start_command(api, *listen) as process:
        assert process.stderr is not None
        notice = json.loads(await process.stderr.readline())["notice"]
        (endpoint,) = api.state.endpoints.values()
        endpoint["url"] = notice["message"].rpartition(" ")[2]
        api.emit("avatar_video.success", {"video_id": "video_1", "url": "https://example.com/v.mp4"})
        out, err = await process.communicate()
        assert process.returncode == 0, err
        (event,) = [json.loads(line) for line in out.splitlines()]
        assert event["event_type"] == "avatar_video.success"
        assert event["verified"] is True
        assert len(api.requests_for("WebhookEndpointsDelete")) == 1


async def test_accepts_unsigned_calls_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_WEBHOOK_SECRET", "whsec_mine")
    async with (
        HeyGenEmulator() as api,
        start_command(api, "listen", "--port", "0", "--unsigned", "--count", "1") as process,
        aiohttp.ClientSession() as session,
    ):
        assert process.stderr is not None
        address = json.loads(await process.stderr.readline())["notice"]["message"].rpartition(" ")[2]
        body = {"event_type": "avatar_video.fail", "event_data": {"video_id": "v", "msg": "no", "callback_id": None}}
        async with session.post(address, json=body) as answer:
            assert answer.status == 200
        out, _ = await process.communicate()
        assert json.loads(out)["verified"] is False


async def test_reports_rejected_calls_in_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_WEBHOOK_SECRET", "whsec_mine")
    async with HeyGenEmulator() as api, start_command(api, "listen", "--port", "0") as process:
        assert process.stderr is not None
        address = json.loads(await process.stderr.readline())["notice"]["message"].rpartition(" ")[2]
        async with aiohttp.ClientSession() as session, session.post(address, json={}) as answer:
            assert answer.status == 401
        assert "rejected" in json.loads(await process.stderr.readline())["notice"]["message"]


async def test_sigterm_ends_it_in_order() -> None:
    async with HeyGenEmulator() as api, start_command(api, "listen", "--port", "0", "--unsigned") as process:
        assert process.stderr is not None
        assert b"Listening on http://127.0.0.1:" in await process.stderr.readline()
        process.terminate()
        out, err = await process.communicate()
        assert (process.returncode, out, err) == (0, b"", b"")


REGISTERED = ("listen", "--port", "0", "--register", "https://example.com/hook")


async def notice_of(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stderr is not None
    notice: dict[str, Any] = json.loads(await process.stderr.readline())["notice"]
    return notice


@pytest.mark.parametrize(
    "half", [b"POST /webhooks HT", b"POST /webhooks HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"]
)
async def test_half_sent_requests_delay_neither_the_deletion_nor_the_end(half: bytes) -> None:
    async with HeyGenEmulator() as api, start_command(api, *REGISTERED) as process:
        port = int((await notice_of(process))["message"].rpartition(":")[2].partition("/")[0])
        writers = [(await asyncio.open_connection("127.0.0.1", port))[1] for _ in range(3)]
        for writer in writers:
            writer.write(half)
        await asyncio.sleep(0.2)
        process.terminate()
        while api.state.endpoints:
            await asyncio.sleep(0.01)
        assert process.returncode is None  # the endpoint is deleted first
        _, err = await process.communicate()
        assert (process.returncode, err) == (0, b"")
        for writer in writers:
            writer.close()


async def test_full_pipe_delays_neither_the_deletion_nor_the_end() -> None:
    async with HeyGenEmulator() as api, start_command(api, *REGISTERED) as process:
        message = (await notice_of(process))["message"]
        (endpoint,) = api.state.endpoints.values()
        endpoint["url"] = message.rpartition(" ")[2]
        for number in range(10):  # nobody reads stdout
            api.emit("avatar_video.success", {"video_id": f"video_{number}", "url": "x" * 100_000})
        await asyncio.sleep(0.5)
        process.terminate()
        while api.state.endpoints:
            await asyncio.sleep(0.01)
        while process.returncode is None:
            await asyncio.sleep(0.01)
        assert process.returncode == 0


async def test_signal_during_the_registration_leaves_nothing_registered() -> None:
    async with HeyGenEmulator() as api, start_command(api, *REGISTERED) as process:
        api.inject(Fault("delay", operation="WebhookEndpointsCreate", seconds=0.5))
        while not api.state.endpoints:
            await asyncio.sleep(0.01)
        process.terminate()
        await process.communicate()
        assert process.returncode == 0
        assert api.state.endpoints == {}


async def test_endpoint_that_cannot_be_deleted_is_named() -> None:
    async with HeyGenEmulator() as api, start_command(api, *REGISTERED) as process:
        await notice_of(process)
        (id,) = api.state.endpoints
        api.inject(Fault("silent", operation="WebhookEndpointsDelete", count=None))
        process.terminate()
        message = (await notice_of(process))["message"]
        assert message.endswith(f"Delete it: heygen-async webhook endpoints delete {id}")
        assert await process.wait() == 0


def test_a_listener_sends_each_part_of_a_response_at_once() -> None:
    """Without this option a short response would wait until the client has confirmed its headers."""
    with open_listener("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
