"""`listen`: webhooks of HeyGen as lines of JSON."""

from __future__ import annotations

import json

import aiohttp
import pytest
from cli_support import start_command

from heygen_async.testing import HeyGenEmulator

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
