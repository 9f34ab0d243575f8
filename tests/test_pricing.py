"""Estimates before anything is paid, by HeyGen's price page, and what the local HeyGen charges for the same request."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import aiohttp
import pytest
from batch_support import CLIP
from contract_samples import create_ids

from heygen_async.pricing import ASSUMED_SECONDS, NOTHING, Estimate, estimate, format_usd, rates, speaking_time
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import (
    AvatarIII,
    AvatarInput,
    AvatarScene,
    AvatarVideo,
    CinematicVideo,
    ImageVideo,
    StudioVideo,
    VideoScene,
)

rates()  # reads a file, which no test may do on the loop
FILE = {"type": "url", "url": "https://example.com/file.mp4"}
LOOK = "avatar_0"
AVATAR = {"type": "avatar", "avatar_id": LOOK}
PICTURE = {"type": "url", "url": "https://example.com/file.png"}
IMAGE = {"type": "image", "image": PICTURE, "voice_id": "voice_0000"}
PHOTO_LOOK = {"type": "avatar", "avatar_id": "a photo"}  # replaced by a look that was created from a photo
TRANSLATION = {"video": FILE, "output_languages": ["French (France)"]}
LIPSYNC = {"video": FILE, "audio": FILE}
RENDER = {"project": FILE}
SPEECH = {"voice_id": "voice_0000"}


def words(seconds: float) -> str:
    """A script that takes this long at 150 words a minute."""
    return "word " * round(seconds * 2.5)


def excerpt(start: float, end: float) -> dict[str, float]:
    return {"start_time": start, "end_time": end}


def scenes(*lengths: float) -> list[dict[str, Any]]:
    return [{"type": "avatar_video", "input": {**AVATAR, "script": words(length)}} for length in lengths]


#: The path, the body, what the caller knows beside it, and the dollars: seconds × the rate of the price page, by hand.
EXAMPLES: list[tuple[str, Mapping[str, Any], dict[str, Any], float]] = [
    ("videos", {**AVATAR, "script": words(60)}, {}, 4.002),  # 60 s × 0.0667
    ("videos", {**AVATAR, "script": words(30), "resolution": "720p"}, {}, 2.001),
    ("videos", {**AVATAR, "script": words(60), "resolution": "4k"}, {}, 4.998),  # 60 s × 0.0833
    ("videos", {**AVATAR, "script": words(4), "engine": {"type": "avatar_iv"}}, {}, 0.2668),
    ("videos", {**AVATAR, "script": words(60), "engine": {"type": "avatar_iii"}}, {}, 1.002),  # 60 s × 0.0167
    ("videos", {**AVATAR, "script": words(10), "engine": {"type": "avatar_iii"}, "resolution": "4k"}, {}, 0.20),
    ("videos", {**AVATAR, "script": 'word <break time="1.5s"/> word'}, {}, 0.15341),  # 2.3 s
    ("videos", {**AVATAR, "script": words(20), "voice_settings": {"speed": 1.25}}, {}, 1.0672),  # 16 s
    ("videos", {**AVATAR, "audio_url": "https://example.com/a.mp3"}, {"seconds": 60}, 4.002),
    ("videos", {**AVATAR, "audio_url": "https://example.com/a.mp3", "resolution": "4k"}, {"seconds": 60}, 4.998),
    ("videos", {**IMAGE, "script": words(40)}, {}, 2.00),  # 40 s × 0.05
    ("videos", {**IMAGE, "script": words(8), "resolution": "4k"}, {}, 0.5336),  # 8 s × 0.0667
    ("videos", {**PHOTO_LOOK, "script": words(20)}, {"avatar_type": "photo_avatar"}, 1.00),
    ("videos", {**PHOTO_LOOK, "script": words(20), "resolution": "4k"}, {"avatar_type": "photo_avatar"}, 1.334),
    ("videos", {"type": "cinematic_avatar", "prompt": "A street", "avatar_id": [LOOK]}, {}, 7.00),
    ("videos", {"type": "studio", "scenes": scenes(30, 10)}, {}, 2.668),  # 40 s × 0.0667
    ("videos", {"type": "studio", "scenes": scenes(10), "resolution": "4k"}, {}, 0.833),
    ("/v3/videos/batches", {"videos": [{**AVATAR, "script": words(60)}, {**IMAGE, "script": words(40)}]}, {}, 6.002),
    ("video_agents", {"prompt": "A 30-second tour"}, {}, 0.999),  # 30 s × 0.0333
    ("video_agents", {"prompt": "A tour of 2 minutes"}, {}, 3.996),
    ("video_agents", {"prompt": "A tour"}, {"seconds": 60}, 1.998),
    ("video_translations", TRANSLATION, {"seconds": 60}, 1.998),  # 60 s × 0.0333
    ("video_translations", {**TRANSLATION, "mode": "precision", **excerpt(5, 15)}, {}, 0.667),  # 10 s × 0.0667
    ("video_translations", {**TRANSLATION, "translate_audio_only": True, **excerpt(0, 30)}, {}, 0.501),  # × 0.0167
    ("video_translations", {"video": FILE, "output_languages": ["French", "German"], **excerpt(0, 10)}, {}, 0.666),
    ("/v3/video-translations/batches", {"video_translations": [{**TRANSLATION, **excerpt(0, 10)}]}, {}, 0.333),
    ("lipsyncs", LIPSYNC, {"seconds": 60}, 1.998),
    ("lipsyncs", {**LIPSYNC, "mode": "precision", **excerpt(10, 30)}, {}, 1.334),  # 20 s × 0.0667
    ("/v3/lipsyncs/batches", {"lipsyncs": [{**LIPSYNC, **excerpt(0, 10)}] * 2}, {}, 0.666),
    ("hyperframes", RENDER, {"seconds": 60}, 0.10),
    ("hyperframes", {**RENDER, "fps": 60}, {"seconds": 60}, 0.20),
    ("hyperframes", {**RENDER, "resolution": "4k"}, {"seconds": 60}, 0.15),
    ("hyperframes", {**RENDER, "resolution": "4k", "fps": 60}, {"seconds": 60}, 0.30),
    ("voices", {**SPEECH, "text": words(60)}, {}, 0.04002),  # 60 s × 0.000667
    ("voices", {**SPEECH, "text": words(30), "speed": 0.5}, {}, 0.04002),
    ("avatars", {"type": "photo", "name": "Ada", "file": FILE}, {}, 1.00),
    ("avatars", {"type": "digital_twin", "name": "Ada", "file": FILE}, {}, 1.00),
]
#: Requests whose price is not published, or whose length is not known before; with the rate of a second.
UNKNOWN: list[tuple[str, Mapping[str, Any], float | None]] = [
    ("videos", {**AVATAR, "audio_url": "https://example.com/a.mp3"}, 0.0667),
    ("video_agents", {"prompt": "A tour"}, 0.0333),
    ("video_translations", {**TRANSLATION, "mode": "precision"}, 0.0667),
    ("lipsyncs", LIPSYNC, 0.0333),
    ("hyperframes", RENDER, 0.1 / 60),
    ("videos", {"type": "studio", "scenes": [{"type": "image", "source": PICTURE, "duration": 5}]}, None),
    ("avatars", {"type": "prompt", "name": "Ada", "prompt": "A calm narrator"}, None),
    ("/v3/ai-clipping", {"video": FILE}, None),
    ("/v3/templates/template_0", {"variables": {}}, None),
    ("/v3/background-removals", {"video": FILE}, None),
]
PATHS = {
    "avatars": "/v3/avatars", "hyperframes": "/v3/hyperframes/renders", "lipsyncs": "/v3/lipsyncs",
    "video_agents": "/v3/video-agents", "video_translations": "/v3/video-translations", "videos": "/v3/videos",
    "voices": "/v3/voices/speech",
}  # fmt: skip


class Wallet:
    """A plain client of the local HeyGen that knows what each request was charged."""

    def __init__(self, api: HeyGenEmulator, session: aiohttp.ClientSession) -> None:
        self._api = api
        self._session = session
        self._photo_look = ""

    async def charge(self, resource: str, body: Mapping[str, Any]) -> float:
        """Send a request, and return the dollars in the ledger."""
        if body.get("avatar_id") == PHOTO_LOOK["avatar_id"]:
            self._photo_look = (
                self._photo_look or (await create_ids(self._api, self._session, "AvatarLooksDelete"))["look_id"]
            )
            self._api.finish(self._photo_look)
            body = {**body, "avatar_id": self._photo_look}
        before, url = len(self._api.ledger), self._api.url + PATHS.get(resource, resource)
        async with self._session.post(url, json=body, headers={"X-Api-Key": self._api.key}) as response:
            assert response.status < 300, (body, await response.text())
        return sum(charge.amount_usd for charge in self._api.ledger[before:])


@pytest.mark.parametrize(("resource", "body", "known", "usd"), EXAMPLES, ids=range(len(EXAMPLES)))
async def test_worked_examples_hold_in_the_estimate_and_in_the_ledger(
    resource: str, body: Mapping[str, Any], known: dict[str, Any], usd: float, api: HeyGenEmulator
) -> None:
    found = estimate(resource, body, **known)
    assert found.usd == pytest.approx(usd, abs=1e-6)
    assert (found.unknown_jobs, bool(found.why)) == (0, True)
    async with aiohttp.ClientSession() as session:
        assert await Wallet(api, session).charge(resource, body) == pytest.approx(usd, abs=1e-6)


@pytest.mark.parametrize(("resource", "body", "rate"), UNKNOWN, ids=range(len(UNKNOWN)))
async def test_an_unknown_price_is_not_zero(
    resource: str, body: Mapping[str, Any], rate: float | None, api: HeyGenEmulator
) -> None:
    found = estimate(resource, body)
    assert (found.usd, found.sure, found.unknown_jobs) == (None, "unknown", 1)
    assert found.usd_per_second == (None if rate is None else pytest.approx(rate))
    assert str(found) == "1 job of unknown price"
    async with aiohttp.ClientSession() as session:
        assert await Wallet(api, session).charge(resource, body) > 0


async def test_random_requests_cost_what_was_estimated() -> None:
    random, counts = Random(24), {"exact": 0, "likely": 0, "unknown": 0}
    estimates: list[Estimate] = []
    async with (
        HeyGenEmulator(autojump=True, concurrency_limit=10_000, balance=1e6) as api,
        aiohttp.ClientSession() as session,
    ):
        wallet = Wallet(api, session)
        for _ in range(500):
            resource, body, known = random_request(random)
            found = estimate(resource, body, **known)
            charged = await wallet.charge(resource, body)
            tolerance = {"exact": 0.0, "likely": 0.05}.get(found.sure)
            assert tolerance is None or found.usd == pytest.approx(charged, rel=tolerance, abs=1e-9), (body, known)
            counts[found.sure] += 1
            estimates.append(found)
    total = sum(estimates, NOTHING)
    assert total.unknown_jobs == counts["unknown"]
    assert min(counts.values()) > 50
    assert str(total).endswith(f" plus {counts['unknown']} jobs of unknown price")


def random_request(random: Random) -> tuple[str, Mapping[str, Any], dict[str, Any]]:
    """A request for a resource of random kind, with random parameters that its price may depend on."""
    resource, body, known, _ = random.choice([example for example in EXAMPLES if not example[0].startswith("/")])
    body = dict(body)
    if random.random() < 0.2:
        resource, body, known = *random.choice(UNKNOWN)[:2], {}
    for text in {"script", "text"} & body.keys():
        pause = random.choice(["", '<break time="700ms"/>', ' <break time="2s"/> '])
        body[text] = f"{words(random.uniform(0.4, 90))}{pause}end"
    if "end_time" in body:
        body |= excerpt(random.randint(0, 20), random.randint(21, 600))
    for name in {"mode", "resolution", "fps", "translate_audio_only", "speed"} & body.keys():
        if random.random() < 0.5:
            del body[name]
    if resource == "video_agents" and "seconds" not in known:
        body["prompt"] = f"A tour of {random.randint(5, 180)} seconds"
    return resource, body, known


def test_requests_as_structs_have_the_price_of_equal_mappings() -> None:
    script = words(30)
    scene = AvatarScene(input=AvatarInput(avatar_id=LOOK, script=script))
    for struct, usd in (
        (AvatarVideo(avatar_id=LOOK, script=script, resolution="4k"), 2.499),
        (AvatarVideo(avatar_id=LOOK, script=script, engine=AvatarIII()), 0.501),
        (ImageVideo(image=CLIP, script=script), 1.5),
        (CinematicVideo(prompt="x", avatar_id=[LOOK]), 7.0),
        (StudioVideo(scenes=[scene]), 2.001),
    ):
        assert estimate("videos", struct).usd == pytest.approx(usd, abs=1e-6)
    mixed = estimate("videos", StudioVideo(scenes=[scene, VideoScene(source=CLIP)]))
    assert (mixed.usd, mixed.sure, mixed.unknown_jobs) == (2.001, "unknown", 1)


def test_a_sum_keeps_the_jobs_of_unknown_price_apart() -> None:
    likely, unknown = estimate("video_agents", {"prompt": "A 30-second tour"}), estimate("lipsyncs", LIPSYNC)
    assert str(likely) == "about 1.00 USD"
    assert str(likely + unknown + unknown) == "about 1.00 USD plus 2 jobs of unknown price"
    assert (NOTHING + unknown).usd is None
    assert str(estimate("avatars", {"type": "photo"}) + estimate("avatars", {"type": "photo"})) == "2.00 USD"
    assert estimate("video_translations", {"video": CLIP, "output_languages": ["French", "German"]}).unknown_jobs == 2
    assert format_usd(0.0267) == "0.0267 USD"


def test_a_budget_counts_a_minute_for_each_unknown_length_and_nothing_without_a_rate() -> None:
    agent, lipsync = estimate("video_agents", {"prompt": "A tour"}), estimate("lipsyncs", LIPSYNC)
    photo, run = estimate("avatars", {"type": "photo"}), estimate("workflow_runs", {})
    minutes = [one.usd_per_second * ASSUMED_SECONDS for one in (agent, lipsync) if one.usd_per_second is not None]
    assert [agent.counted_usd, lipsync.counted_usd] == pytest.approx(minutes)
    assert (photo + agent + lipsync).counted_usd == pytest.approx(1.0 + sum(minutes))
    assert photo.counted_usd == photo.usd == 1.0
    assert run.counted_usd is None
    assert (photo + run).counted_usd is None


def test_a_resolution_without_a_published_rate_is_unknown() -> None:
    assert estimate("videos", {**AVATAR, "script": "Hi", "resolution": "2k"}).sure == "unknown"


def test_each_rate_names_its_page_and_its_month() -> None:
    for name, rate in rates().items():
        assert rate.usd > 0, name
        assert rate.page.startswith("https://developers.heygen.com/docs/"), name
        assert len(rate.date) == len("2026-09"), name


def test_speaking_time() -> None:
    assert speaking_time("word " * 300) == pytest.approx(120)
    assert speaking_time("") == 0
