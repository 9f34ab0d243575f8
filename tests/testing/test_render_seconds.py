"""The duration of jobs of every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from contract_samples import OPERATIONS, create_ids, post, valid_value

from heygen_async.testing import HeyGenEmulator

#: An operation that creates each kind of job; the first request for brand kits loads them.
CREATES = {
    "ai_clipping": "AiClippingCreate",
    "asset": "AssetCompleteCreate",
    "avatar": "AvatarCreate",
    "background_removal": "BackgroundRemovalCreate",
    "brand_kit": "BrandKitsList",
    "comparison": "VideoQualityComparisonCreate",
    "filler_word_removal": "FillerWordRemovalCreate",
    "lipsync": "LipsyncCreate",
    "model_image": "ModelImageCreate",
    "model_video": "ModelVideoCreate",
    "model_voice": "ModelVoiceCreate",
    "podcast": "PodcastCreate",
    "proofread": "VideoTranslateProofreadsCreate",
    "render": "HyperframesRenderCreate",
    "translation": "VideoTranslateCreate",
    "video": "VideoCreate",
    "voice": "VoiceCloneCreate",
}
RENDER_SECONDS = 7.0


@pytest.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator(render_seconds=RENDER_SECONDS, balance=1e6, lenient=True) as emulator:
        yield emulator


@pytest.mark.parametrize("kind", CREATES)
async def test_render_seconds_is_the_duration_of_every_kind_of_job(kind: str, api: HeyGenEmulator) -> None:
    name = CREATES[kind]
    async with aiohttp.ClientSession() as session:
        ids = await create_ids(api, session, name)
        request = OPERATIONS[name]["request"]
        body = {} if name == "AssetCompleteCreate" else None if request is None else valid_value(request)
        status, _ = await post(api, session, name, body, ids)
    assert status < 300
    [job, *_] = api.state.jobs_of_kind(kind)
    assert job.seconds == pytest.approx(RENDER_SECONDS)
