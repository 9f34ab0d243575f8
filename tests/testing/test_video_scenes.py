"""The scenes of a finished video, as the local HeyGen serves them over plain HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from raw_requests import PlainClient

from heygen_async import AsyncHeyGen
from heygen_async.testing import HeyGenEmulator

FILE = "https://example.com/a.mp4"
PNG = {"type": "url", "url": "https://example.com/a.png"}


def scenes(look: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "avatar_video",
            "input": {
                "type": "avatar",
                "avatar_id": look,
                "script": "Hello.",
                "voice_id": "voice_0000",
                "background": {"type": "video", "url": FILE},
            },
        },
        {"type": "image", "source": PNG, "duration": 4},
        {
            "type": "video",
            "source": {"type": "url", "url": FILE},
            "audio_url": "https://example.com/a.mp3",
            "playback": {"mode": "loop", "volume": 0.5},
        },
    ]


class Plain(PlainClient):
    """Its looks and videos."""

    async def look(self) -> str:
        """Return the id of a public look."""
        _, answer = await self("GET", "/v3/avatars/looks?ownership=public&limit=1")
        return str(answer["data"][0]["id"])

    async def finished_video(self, request: dict[str, Any]) -> str:
        status, answer = await self("POST", "/v3/videos", request)
        assert status == 200, answer
        video_id: str = answer["data"]["video_id"]
        self.api.finish(video_id)
        return video_id


@pytest.fixture
async def ask() -> AsyncIterator[Plain]:
    async with HeyGenEmulator(rate_limit=20) as api, aiohttp.ClientSession() as session:
        yield Plain(api, session)


async def test_scenes_have_their_backgrounds_elements_and_scripts(ask: Plain) -> None:
    look = await ask.look()
    request = {
        "type": "studio",
        "scenes": scenes(look),
        "title": "Tour",
        "aspect_ratio": "9:16",
        "caption": {"style": "default"},
    }
    video_id = await ask.finished_video(request)
    status, answer = await ask("GET", f"/v3/videos/{video_id}/scenes")
    data = answer["data"]
    assert (status, data["video_id"], data["edit_version"]) == (200, video_id, f"edit_{video_id}")
    assert data["video"] == {
        "title": "Tour", "aspect_ratio": "9:16", "resolution": None, "brand_glossary_id": None, "caption": {"enabled": True},
    }  # fmt: skip
    speaker, still, clip = data["scenes"]
    assert (speaker["background"]["type"], speaker["background"]["url"]) == ("video", FILE)
    assert (speaker["elements"][0]["avatar_id"], speaker["script"][0]["text"]) == (look, "Hello.")
    assert (still["elements"][0]["url"], still["script"][0]["duration"]) == (PNG["url"], 4)
    assert (clip["elements"][0]["playback"], clip["elements"][0]["volume"]) == ("loop", 0.5)
    assert clip["script"][0]["audio_url"] == "https://example.com/a.mp3"


async def test_a_video_without_an_editor_document_is_a_404(ask: Plain) -> None:
    video_id = await ask.finished_video(
        {"type": "cinematic_avatar", "avatar_id": [await ask.look()], "prompt": "A walk"}
    )
    status, answer = await ask("GET", f"/v3/videos/{video_id}/scenes")
    assert (status, answer["error"]["code"]) == (404, "video_not_found")


async def test_scenes_may_be_read_ten_times_less_often_than_others(ask: Plain) -> None:
    video_id = await ask.finished_video({"type": "avatar", "avatar_id": await ask.look(), "script": "Hello."})
    ask.api.clock.advance(10)
    statuses = [(await ask("GET", f"/v3/videos/{video_id}/scenes"))[0] for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await ask("GET", f"/v3/videos/{video_id}"))[0] == 200
    assert (await ask("GET", f"/v3/videos/{video_id}/scenes"))[1]["retry_after"] == "1"
    ask.api.clock.advance(1)
    assert (await ask("GET", f"/v3/videos/{video_id}/scenes"))[0] == 200


@pytest.mark.parametrize(
    ("scene", "param"),
    [
        ({"script": "Hi.", "voice_id": "voice_0000", "audio_url": FILE}, "scenes[0].audio_url"),
        ({"script": "Hi."}, "scenes[0].voice_id"),
        ({"playback": {"mode": "loop"}}, "scenes[0].playback.mode"),
        ({"playback": {"mode": "backwards"}}, "scenes[0].playback.mode"),
    ],
)
async def test_a_narrated_clip_has_one_narration(scene: dict[str, Any], param: str, ask: Plain) -> None:
    body = {"type": "studio", "scenes": [{"type": "video", "source": {"type": "url", "url": FILE}, **scene}]}
    status, answer = await ask("POST", "/v3/videos", body)
    assert (status, answer["error"]["param"]) == (400, param)


async def test_no_wait_reads_the_scenes(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    look = (await client.avatars.looks.list(ownership="public")).data[0].id
    await client.videos.create_and_wait({"type": "avatar", "avatar_id": look, "script": "Hello."})
    assert api.requests_for("VideoScenesGet") == []
    assert api.requests_for("VideoGet")
