"""HeyGen's models at the local HeyGen, over plain HTTP: what depends on the mode of a voice or of a video."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from raw_requests import PlainClient

from heygen_async.testing import HeyGenEmulator

RECORDING = {"type": "url", "url": "https://example.com/a.wav"}
INSTANT: dict[str, Any] = {"mode": "instant", "name": "Mine", "audio": [RECORDING]}
PROFESSIONAL: dict[str, Any] = {"mode": "professional", "audio": [RECORDING] * 2}
VIDEO: dict[str, Any] = {"mode": "text_to_video", "model": "heygen-video-1", "prompt": "A fox"}
VOICES, SPEECH = "/v3/models/audio/voices", "/v3/models/audio/tts"


class Plain(PlainClient):
    """Its voices and refusals."""

    async def voice(self, body: dict[str, Any], *, finished: bool = True) -> str:
        status, answer = await self("POST", VOICES, body)
        assert status == 202, answer
        voice_id: str = answer["data"]["voice_id"]
        if finished:
            self.api.finish(voice_id)
        return voice_id

    async def refused(self, path: str, body: Any) -> str | None:
        status, answer = await self("POST", path, body)
        assert (status, answer["error"]["code"]) == (400, "invalid_parameter"), answer
        return answer["error"].get("param")  # type: ignore[no-any-return]


@pytest.fixture
async def ask() -> AsyncIterator[Plain]:
    async with HeyGenEmulator(concurrency_limit=100) as api, aiohttp.ClientSession() as session:
        yield Plain(api, session)


async def test_an_instant_voice_is_cancelled_and_a_professional_one_is_not(ask: Plain) -> None:
    instant, professional = await ask.voice(INSTANT, finished=False), await ask.voice(PROFESSIONAL, finished=False)
    assert (await ask("DELETE", f"{VOICES}/{instant}"))[0] == 200
    status, answer = await ask("DELETE", f"{VOICES}/{professional}")
    assert (status, answer["error"]["code"]) == (409, "conflict")
    ask.api.finish(professional)
    assert (await ask("DELETE", f"{VOICES}/{professional}"))[0] == 200


async def test_only_a_professional_voice_is_trained_again(ask: Plain) -> None:
    professional = await ask.voice(PROFESSIONAL | {"name": "Mine", "language": "en"})
    assert await ask.voice(PROFESSIONAL | {"voice_id": professional, "name": "Other"}) == professional
    voice = (await ask("GET", f"{VOICES}/{professional}"))[1]["data"]
    assert (voice["name"], voice["language"], voice["mode"]) == ("Mine", "en", "professional")
    assert await ask.refused(VOICES, PROFESSIONAL | {"voice_id": await ask.voice(INSTANT)}) == "voice_id"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"mode": "other"}, "mode"),
        ({"audio": [RECORDING] * 2}, "audio"),
        ({"voice_id": "voice_0001"}, "voice_id"),
        ({"similarity": "low"}, "similarity"),
    ],
)
async def test_an_instant_voice_has_one_recording(fields: dict[str, Any], param: str, ask: Plain) -> None:
    assert await ask.refused(VOICES, INSTANT | fields) == param


@pytest.mark.parametrize(
    ("mode", "fields", "param"),
    [
        ("instant", {"pitch_shift": 1}, "pitch_shift"),
        ("instant", {"pitch_variance": 1}, "pitch_variance"),
        ("instant", {"speed": 1}, "speed"),
        ("instant", {"seed": 1}, "seed"),
        ("instant", {"text": 'Wait <break time="1s"/> here.'}, "text"),
        ("professional", {"expressiveness_boost": 0.5}, "expressiveness_boost"),
        ("professional", {"text": 'Wait <break time="5.5s"/> here.'}, "text"),
        ("professional", {"language": "en-US"}, "language"),
        ("professional", {"model": "heygen-voice-9"}, "model"),
    ],
)
async def test_speech_options_depend_on_the_voice(mode: str, fields: dict[str, Any], param: str, ask: Plain) -> None:
    voice_id = await ask.voice(INSTANT if mode == "instant" else PROFESSIONAL)
    body = {"voice_id": voice_id, "text": "Hello."}
    for path in (SPEECH, f"{SPEECH}/stream"):
        assert await ask.refused(path, body | fields) == param
    other = {"model": "heygen-voice-1-turbo", "language": "en", "end_user_id": "u", "with_timestamps": True}
    assert (await ask("POST", SPEECH, body | other))[0] == 200


@pytest.mark.parametrize("size", ["1080p", "2k"])
async def test_large_videos_have_a_wide_or_a_tall_shape(size: str, ask: Plain) -> None:
    path, picture = "/v3/models/videos", {"type": "url", "url": "https://example.com/a.png"}
    assert await ask.refused(path, VIDEO | {"resolution": size, "aspect_ratio": "1:1"}) == "aspect_ratio"
    for fields in ({"aspect_ratio": "9:16"}, {}, {"mode": "image_to_video", "image": picture}):
        assert (await ask("POST", path, VIDEO | {"resolution": size} | fields))[0] == 202
