"""What the local HeyGen refuses because the documentation says so in words: each by its field, and nothing is charged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from heygen_async.testing import HeyGenEmulator

URL = {"type": "url", "url": "https://e.com/a.mp4"}
PNG = {"type": "url", "url": "https://e.com/a.png"}
AVATAR: dict[str, Any] = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello there."}
IMAGE: dict[str, Any] = {"type": "image", "image": PNG, "script": "Hello there.", "voice_id": "voice_0001"}
CINEMATIC: dict[str, Any] = {"type": "cinematic_avatar", "avatar_id": ["avatar_1"], "prompt": "A walk"}
LIPSYNC: dict[str, Any] = {"video": URL, "audio": URL}
TRANSLATION: dict[str, Any] = {"video": URL, "output_languages": ["German"]}
UPLOAD: dict[str, Any] = {"filename": "a.png", "content_type": "image/png", "size_bytes": 4}
STUDIO_LOOK = "avatar_0"


class Ask:
    """POST, by a client that knows nothing."""

    def __init__(self, api: HeyGenEmulator, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.session = session

    async def __call__(self, path: str, body: Any) -> tuple[int, Any]:
        headers = {"X-Api-Key": self.api.key}
        async with self.session.post(self.api.url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def refused(self, path: str, body: Any) -> str | None:
        """The field that is to blame; nothing was charged or started."""
        before = len(self.api.ledger), len(self.api.state.jobs)
        status, answer = await self(path, body)
        assert (status, answer["error"]["code"]) == (400, "invalid_parameter"), answer
        assert (len(self.api.ledger), len(self.api.state.jobs)) == before
        param = answer["error"].get("param")
        assert param is None or isinstance(param, str)
        return param

    async def taken(self, path: str, body: Any) -> Any:
        status, answer = await self(path, body)
        assert status < 300, answer
        return answer["data"]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    async with (
        HeyGenEmulator(autojump=True, concurrency_limit=1000, balance=1e6, known_assets=["b"]) as api,
        aiohttp.ClientSession() as session,
    ):
        yield Ask(api, session)


def still(**fields: Any) -> dict[str, Any]:
    return {"type": "studio", "scenes": [{"type": "image", "source": PNG, **fields}]}


@pytest.mark.parametrize(
    ("path", "taken", "refused", "param"),
    [
        ("/v3/video-agents", {"prompt": "A tour", "files": [URL] * 20}, {"files": [URL] * 21}, "files"),
        ("/v3/videos", AVATAR, {"script": ""}, "script"),
        ("/v3/videos", {**AVATAR, "script": "x" * 5000}, {"script": "x" * 5001}, "script"),
        ("/v3/videos", IMAGE, {"voice_id": None}, "voice_id"),
        ("/v3/videos", IMAGE, {"image": {"type": "url", "url": "ftp://e.com/a.png"}}, "image.url"),
        ("/v3/videos", AVATAR, {"background": {"type": "color"}}, "background.value"),
        ("/v3/videos", AVATAR, {"background": {"type": "color", "value": "red"}}, "background.value"),
        (
            "/v3/videos",
            {**AVATAR, "background": {"type": "image", "url": "https://e.com/a.png"}},
            {"background": {"type": "image", "url": "https://e.com/a.png", "asset_id": "b"}},
            "background.asset_id",
        ),
        ("/v3/videos", {**CINEMATIC, "references": [URL] * 3}, {"references": [URL] * 4}, "references"),
        ("/v3/videos", {**CINEMATIC, "references": [PNG] * 9}, {"references": [PNG] * 10}, "references"),
        (
            "/v3/videos",
            {**CINEMATIC, "references": [PNG] * 9 + [URL] * 3 + [{"type": "url", "url": "https://e.com/a?b.png"}] * 9},
            {"references": [{"type": "base64", "media_type": "video/mp4", "data": ""}] * 4},
            "references",
        ),
        ("/v3/videos", still(duration=300), still(duration=301), "scenes[0].duration"),
        ("/v3/videos", still(duration=0.5), still(duration=0), "scenes[0].duration"),
        ("/v3/videos", still(script="Hi.", voice_id="voice_0001"), still(script="Hi."), "scenes[0].voice_id"),
        ("/v3/lipsyncs/batches", {"lipsyncs": [LIPSYNC] * 100}, {"lipsyncs": [LIPSYNC] * 101}, "lipsyncs"),
        ("/v3/lipsyncs/batches", {"lipsyncs": [LIPSYNC]}, {"lipsyncs": []}, "lipsyncs"),
        (
            "/v3/video-translations/batches",
            {"video_translations": [TRANSLATION] * 100},
            {"video_translations": [TRANSLATION] * 101},
            "video_translations",
        ),
        (
            "/v3/video-translations/batches",
            {"video_translations": [{**TRANSLATION, "output_languages": ["English", "French"]}] * 50},
            {"video_translations": [{**TRANSLATION, "output_languages": ["English", "French", "German"]}] * 50},
            "video_translations",
        ),
        ("/v3/voices", {"prompt": "x" * 1000}, {"prompt": "x" * 1001}, "prompt"),
        ("/v3/avatars", {"type": "prompt", "name": "A", "prompt": "x" * 1000}, {"prompt": "x" * 1001}, "prompt"),
        (
            "/v3/voices/speech",
            {"text": "Hi.", "voice_id": "voice_0001", "input_type": "ssml"},
            {"input_type": "html"},
            "input_type",
        ),
        ("/v3/assets/direct-uploads", {**UPLOAD, "checksum_sha256": "0" * 64}, {"checksum_sha256": "0" * 63}, "checksum_sha256"),
        ("/v3/hyperframes/renders", {"project": URL, "title": "x" * 500}, {"title": "x" * 501}, "title"),
        (
            "/v3/hyperframes/renders",
            {"project": URL, "callback_id": "x" * 256},
            {"callback_id": "x" * 257},
            "callback_id",
        ),
        (
            "/v3/templates/template_0",
            {"variables": {}, "scene_ids": ["scene_2", "scene_1", "scene_2"]},
            {"scene_ids": ["scene_1", "scene_3"]},
            "scene_ids[1]",
        ),
        (
            "/v3/templates/template_0",
            {"variables": {}, "dimension": {"width": 1280, "height": 720}},
            {"dimension": {"width": 720, "height": 1280}},
            "dimension",
        ),
        (
            "/v3/templates/template_0",
            {"variables": {"picture": {"type": "image", "properties": {"url": "https://e.com/a.png"}}}},
            {"variables": {"picture": {"type": "image", "properties": {"url": "a.png"}}}},
            "variables.picture.properties.url",
        ),
    ],
)  # fmt: skip
async def test_what_the_documentation_rules_out_in_words(
    path: str, taken: dict[str, Any], refused: dict[str, Any], param: str, ask: Ask
) -> None:
    await ask.taken(path, taken)
    assert await ask.refused(path, taken | refused) == param


async def test_messages_take_twenty_files(ask: Ask) -> None:
    session = await ask.taken("/v3/video-agents", {"prompt": "A tour", "mode": "chat"})
    path = f"/v3/video-agents/{session['session_id']}"
    assert await ask.refused(path, {"message": "Look.", "files": [URL] * 21}) == "files"
    await ask.taken(path, {"message": "Look.", "files": [URL] * 20})


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://e.com/a.mp4", True),
        ("https://e.com", True),
        ("http://127.0.0.1:80/a.mp4", True),
        ("http://localhost:1/a.mp4", True),
        ("http://[::1]/a.mp4", True),
        ("http://e.com/a.mp4", False),
        ("http://localhost.e.com/a.mp4", False),
        ("http://127.0.0.1.e.com/", False),
        ("https:///a.mp4", False),
        ("file:///a.mp4", False),
        ("a.mp4", False),
        ("", False),
    ],
)
async def test_files_come_from_https_or_from_this_machine(url: str, allowed: bool, ask: Ask) -> None:
    body = {**LIPSYNC, "video": {"type": "url", "url": url}}
    if allowed:
        await ask.taken("/v3/lipsyncs", body)
    else:
        assert await ask.refused("/v3/lipsyncs", body) == "video.url"


async def test_a_scene_says_color(ask: Ask) -> None:
    def scene(color: str) -> dict[str, Any]:
        spoken = {**AVATAR, "background": {"type": "color", "color": color}}
        return {"type": "studio", "scenes": [{"type": "avatar_video", "input": spoken}]}

    await ask.taken("/v3/videos", scene("#1A2b3c"))
    assert await ask.refused("/v3/videos", scene("1a2b3c")) == "scenes[0].input.background.color"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"motion_prompt": "wave"}, "motion_prompt"),
        ({"motion_prompt": "wave", "engine": {"type": "avatar_iv"}}, "motion_prompt"),
        ({"expressiveness": "high"}, "expressiveness"),
        ({"engine": {"type": "avatar_v"}}, "engine.type"),
    ],
)
async def test_what_a_known_look_cannot_do(fields: dict[str, Any], param: str, ask: Ask) -> None:
    assert await ask.refused("/v3/videos", {**AVATAR, "avatar_id": STUDIO_LOOK, **fields}) == param
    spoken = {**AVATAR, "avatar_id": STUDIO_LOOK, **fields}
    scene = {"type": "studio", "scenes": [{"type": "avatar_video", "input": spoken}]}
    assert await ask.refused("/v3/videos", scene) == f"scenes[0].input.{param}"
    ask.api.add_avatar("look_of_unknown_kind")
    await ask.taken("/v3/videos", {**AVATAR, "avatar_id": "look_of_unknown_kind", **fields})


async def test_what_looks_of_ones_own_can_do(ask: Ask) -> None:
    async def created(**body: Any) -> str:
        return str((await ask.taken("/v3/avatars", {"name": "Ada", **body}))["avatar_item"]["id"])

    photo, twin = await created(type="photo", file=PNG), await created(type="digital_twin", file=URL)
    await ask.taken("/v3/videos", {**AVATAR, "avatar_id": photo, "motion_prompt": "wave", "expressiveness": "high"})
    moved = {**AVATAR, "avatar_id": twin, "motion_prompt": "wave"}
    await ask.taken("/v3/videos", {**moved, "engine": {"type": "avatar_v"}})
    assert await ask.refused("/v3/videos", moved) == "motion_prompt"
    assert await ask.refused("/v3/videos", {**AVATAR, "avatar_id": twin, "expressiveness": "low"}) == "expressiveness"
    cinematic = {**CINEMATIC, "avatar_id": [photo], "references": [PNG] * 9}
    assert await ask.refused("/v3/videos", cinematic) == "references"


async def test_references_are_recognized_by_their_assets(ask: Ask) -> None:
    file = {"filename": "a", "content_type": "video/mp4", "size_bytes": 4}
    places = [await ask.taken("/v3/assets/direct-uploads", file) for _ in range(4)]
    references = [{"type": "asset_id", "asset_id": place["asset_id"]} for place in places]
    assert await ask.refused("/v3/videos", {**CINEMATIC, "references": references}) == "references"
    await ask.taken(
        "/v3/videos", {**CINEMATIC, "references": references[:3] + [{"type": "asset_id", "asset_id": "b"}] * 9}
    )


async def test_consent_is_recorded_or_asked_for_in_plain_text(ask: Ask) -> None:
    created = await ask.taken("/v3/avatars", {"type": "digital_twin", "name": "Ada", "file": URL})
    path = f"/v3/avatars/{created['avatar_group']['id']}/consent"
    assert await ask.refused(path, {"consent_text": "I <b>agree</b>."}) == "consent_text"
    assert await ask.refused(path, {"consent_video": URL, "consent_text": "I agree."}) == "consent_text"
    assert await ask.refused(path, {"consent_video": URL, "reroute_url": "https://e.com/"}) == "reroute_url"
    await ask.taken(path, {"consent_text": "I agree.", "reroute_url": "https://e.com/"})
    await ask.taken(path, {"consent_video": URL})


async def test_an_address_is_registered_once(ask: Ask) -> None:
    hook = {"url": "https://e.com/hook"}
    endpoint = await ask.taken("/v3/webhooks/endpoints", hook)
    status, answer = await ask("/v3/webhooks/endpoints", {**hook, "events": ["batch.finished"]})
    assert (status, answer["error"]["code"]) == (409, "conflict")
    other = await ask.taken("/v3/webhooks/endpoints", {"url": "https://e.com/other"})
    headers = {"X-Api-Key": ask.api.key}
    url = f"{ask.api.url}/v3/webhooks/endpoints/"
    for id, expected in ((other["endpoint_id"], 409), (endpoint["endpoint_id"], 200)):
        async with ask.session.patch(url + id, json=hook, headers=headers) as answered:
            assert answered.status == expected
    async with ask.session.delete(url + endpoint["endpoint_id"], headers=headers) as answered:
        assert answered.status == 200
    await ask.taken("/v3/webhooks/endpoints", hook)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v3/videos/none", "video_not_found"),
        ("/v3/video-translations/none", "video_not_found"),
        ("/v3/avatars/none", "avatar_not_found"),
        ("/v3/avatars/looks/none", "avatar_not_found"),
        ("/v3/avatars/looks/avatar_group_99_0", "avatar_not_found"),
        ("/v3/voices/none", "voice_not_found"),
        ("/v3/models/audio/voices/none", "voice_not_found"),
        ("/v3/templates/none", "template_not_found"),
        ("/v3/assets/none", "asset_not_found"),
        ("/v3/hyperframes/renders/none", "hyperframes_render_not_found"),
        ("/v3/video-agents/none", "resource_not_found"),
        ("/v3/lipsyncs/none", "resource_not_found"),
        ("/v3/video-translations/proofreads/none", "resource_not_found"),
        ("/v3/ai-clipping/none", "resource_not_found"),
        ("/v3/background-removals/none", "resource_not_found"),
        ("/v3/avatar-realtime/none", "resource_not_found"),
        ("/v3/folders/none", "resource_not_found"),
        ("/v3/brand-kits/none", "resource_not_found"),
        ("/v3/models/videos/none", "resource_not_found"),
        ("/v3/podcasts/none", "resource_not_found"),
        ("/v3/videos/batches/none", "resource_not_found"),
    ],
)
async def test_what_is_not_there_has_a_documented_code(path: str, code: str, ask: Ask) -> None:
    async with ask.session.get(ask.api.url + path, headers={"X-Api-Key": ask.api.key}) as answer:
        body = await answer.json()
    assert (answer.status, body["error"]["code"]) == (404, code)


async def test_an_endpoint_that_is_not_there(ask: Ask) -> None:
    status, answer = await ask("/v3/webhooks/endpoints/none/rotate-secret", {})
    assert (status, answer["error"]["code"]) == (404, "webhook_not_found")
