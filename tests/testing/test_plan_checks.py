"""What the plan of an account does not include, over raw HTTP: 402 and a hint; the other plan allows it."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from raw_requests import post

from heygen_async.testing import HeyGenEmulator

URL = {"type": "url", "url": "https://example.com/a.mp4"}
SRT = {"type": "url", "url": "https://example.com/a.srt"}
TRANSLATION: dict[str, Any] = {"video": URL, "output_languages": ["German"]}
LONG = {"type": "avatar", "avatar_id": "avatar_1", "script": "word " * 900}


def studio(count: int) -> dict[str, Any]:
    """A video of 360 seconds for each scene."""
    return {"type": "studio", "scenes": [{"type": "avatar_video", "input": LONG}] * count}


#: The path, a body, and the field at fault.
BEYOND: list[tuple[str, dict[str, Any], str | None]] = [
    ("/v3/video-translations/proofreads", {**TRANSLATION, "title": "Talk"}, None),
    ("/v3/video-translations", {**TRANSLATION, "srt": SRT, "srt_role": "input"}, "srt"),
    ("/v3/video-translations", {**TRANSLATION, "stock_voice_config": {"use_stock_voice": True}}, "stock_voice_config"),
    ("/v3/video-translations/batches", {"video_translations": [TRANSLATION, {**TRANSLATION, "srt": SRT}]}, "video_translations[1].srt"),
    ("/v3/videos", studio(6), None),
    ("/v3/videos/batches", {"videos": [LONG, studio(6)]}, "videos[1]"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "param"), BEYOND)
async def test_another_plan_is_needed(path: str, body: dict[str, Any], param: str | None) -> None:
    async with (
        HeyGenEmulator(plan="pay_as_you_go", autojump=True, balance=1e6) as api,
        aiohttp.ClientSession() as session,
    ):
        status, error, hint = await post(api, session, path, body)
        assert (status, error["code"], error.get("param")) == (402, "plan_upgrade_required", param)
        assert "HeyGenEmulator(plan='enterprise')" in hint
        assert (api.ledger, api.state.jobs) == ([], {})


@pytest.mark.parametrize(("path", "body"), [(path, body) for path, body, _ in BEYOND])
@pytest.mark.parametrize("options", [{}, {"plan": "enterprise"}, {"plan": "pay_as_you_go", "lenient": True}])
async def test_the_larger_plan_and_a_lenient_emulator_allow_it(path: str, body: Any, options: Any) -> None:
    async with HeyGenEmulator(autojump=True, balance=1e6, **options) as api, aiohttp.ClientSession() as session:
        status, error, _ = await post(api, session, path, body)
        assert status < 300, error


async def test_a_video_of_thirty_minutes_is_allowed() -> None:
    async with (
        HeyGenEmulator(plan="pay_as_you_go", autojump=True, balance=1e6) as api,
        aiohttp.ClientSession() as session,
    ):
        assert (await post(api, session, "/v3/videos", studio(5)))[0] == 200


@pytest.mark.parametrize(("plan", "limit"), [(None, 10), ("pay_as_you_go", 10), ("enterprise", 20)])
async def test_a_plan_limits_the_jobs_in_parallel(plan: str | None, limit: int) -> None:
    video = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello there."}
    async with HeyGenEmulator(plan=plan) as api, aiohttp.ClientSession() as session:
        statuses = [(await post(api, session, "/v3/videos", video))[0] for _ in range(limit + 1)]
    assert statuses == [200] * limit + [429]


def test_an_unknown_plan_is_an_error() -> None:
    with pytest.raises(ValueError, match="enterprise"):
        HeyGenEmulator(plan="enterprize")
