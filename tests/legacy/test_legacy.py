"""v1 and v2: every call, both envelopes, the warnings, the way to v3, and clients that know nothing of this package."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import PNG, QUICK

import heygen_async.types.videos as v3
from heygen_async import (
    AmbiguousRequestError,
    AsyncHeyGen,
    AuthenticationError,
    BadRequestError,
    EndpointSunsetError,
    InsufficientCreditError,
    InvalidInputError,
    NotFoundError,
    RateLimitError,
)
from heygen_async.legacy import (
    BACKGROUNDS,
    CAPTIONS,
    Legacy,
    check_dimension,
    convert_to_v3,
    dimension,
    estimate_credits,
    explain,
)
from heygen_async.legacy.types.account import SDP
from heygen_async.legacy.types.videos import (
    AudioVoice,
    AvatarCharacter,
    Dimension,
    ImageBackground,
    Offset,
    Scene,
    SilenceVoice,
    TalkingPhotoCharacter,
    TextVoice,
    VideoBackground,
    VideoRequest,
)
from heygen_async.legacy.videos import Videos
from heygen_async.resources.video_translations import VideoTranslations
from heygen_async.testing import Fault, HeyGenEmulator, Plan

HELLO = TextVoice(voice_id="voice_0001", input_text="Hello there.")
ONE = VideoRequest(
    video_inputs=[Scene(character=AvatarCharacter(avatar_id="avatar_1", avatar_style="normal"), voice=HELLO)],
    dimension=Dimension(width=1280, height=720),
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


@pytest.fixture
def legacy(client: AsyncHeyGen) -> Legacy:
    return client.legacy


PHOTO: dict[str, Any] = {
    "name": "Sarah", "age": "Young Adult", "gender": "Woman", "ethnicity": "White", "orientation": "horizontal",
    "pose": "half_body", "style": "Realistic", "appearance": "A friendly smile",
}  # fmt: skip

#: Each call, and the request that it must be: method, path, query, body.
CALLS: list[tuple[Callable[[Legacy], Any], str, dict[str, str], Any]] = [
    (lambda x: x.avatars.list(), "GET /v2/avatars", {}, None),
    (lambda x: x.avatars.details("avatar_0"), "GET /v2/avatar/avatar_0/details", {}, None),
    (lambda x: x.avatars.list_groups(include_public=True), "GET /v2/avatar_group.list", {"include_public": "true"}, None),
    (lambda x: x.avatars.list_in_group("avatar_group_00"), "GET /v2/avatar_group/avatar_group_00/avatars", {}, None),
    (lambda x: x.voices.list(), "GET /v2/voices", {}, None),
    (lambda x: x.voices.list_brand_voices(limit=5), "GET /v2/brand_voice/list", {"limit": "5"}, None),
    (
        lambda x: x.videos.generate(ONE), "POST /v2/video/generate", {},
        {"video_inputs": [{"character": {"type": "avatar", "avatar_id": "avatar_1", "avatar_style": "normal"},
                           "voice": {"type": "text", "voice_id": "voice_0001", "input_text": "Hello there."}}],
         "dimension": {"width": 1280, "height": 720}},
    ),
    (
        lambda x: x.videos.generate_av4(image_key="image/a/original.jpg", script="Hi.", voice_id="voice_0001", video_orientation="landscape"),
        "POST /v2/video/av4/generate", {},
        {"image_key": "image/a/original.jpg", "script": "Hi.", "voice_id": "voice_0001", "video_orientation": "landscape"},
    ),
    (
        lambda x: x.videos.generate_webm(avatar_pose_id="avatar_1", input_text="Hi.", voice_id="voice_0001"), "POST /v1/video.webm", {},
        {"avatar_pose_id": "avatar_1", "input_text": "Hi.", "voice_id": "voice_0001"},
    ),
    (lambda x: x.videos.list(limit=3), "GET /v1/video.list", {"limit": "3"}, None),
    (lambda x: x.video_agent.generate(prompt="A tour"), "POST /v1/video_agent/generate", {}, {"prompt": "A tour"}),
    (lambda x: x.templates.list(), "GET /v2/templates", {}, None),
    (lambda x: x.templates.get("template_0"), "GET /v2/template/template_0", {}, None),
    (
        lambda x: x.templates.generate(
            "template_0", title="T", caption=False,
            variables={"first_name": {"name": "first_name", "type": "text", "properties": {"content": "Ada"}}},
        ),
        "POST /v2/template/template_0/generate", {},
        {"title": "T", "caption": False,
         "variables": {"first_name": {"name": "first_name", "type": "text", "properties": {"content": "Ada"}}}},
    ),
    (
        lambda x: x.translations.create(video_url="https://e.com/a.mp4", output_language="French (France)", title="T"),
        "POST /v2/video_translate", {},
        {"video_url": "https://e.com/a.mp4", "output_language": "French (France)", "title": "T"},
    ),
    (lambda x: x.translations.list_languages(), "GET /v2/video_translate/target_languages", {}, None),
    (lambda x: x.photo_avatars.generate_photo(**PHOTO), "POST /v2/photo_avatar/photo/generate", {}, PHOTO),
    (
        lambda x: x.photo_avatars.generate_looks(group_id="avatar_group_01", prompt="at sea", orientation="square", pose="close_up", style="Noir"),
        "POST /v2/photo_avatar/look/generate", {},
        {"group_id": "avatar_group_01", "prompt": "at sea", "orientation": "square", "pose": "close_up", "style": "Noir"},
    ),
    (
        lambda x: x.photo_avatars.create_group(name="Me", image_key="image/a/original.jpg"),
        "POST /v2/photo_avatar/avatar_group/create", {}, {"name": "Me", "image_key": "image/a/original.jpg"},
    ),
    (
        lambda x: x.photo_avatars.add_photos(group_id="avatar_group_01", image_keys=["image/b/original.jpg"], name="Me again"),
        "POST /v2/photo_avatar/avatar_group/add", {},
        {"group_id": "avatar_group_01", "image_keys": ["image/b/original.jpg"], "name": "Me again"},
    ),
    (lambda x: x.photo_avatars.train("avatar_group_01"), "POST /v2/photo_avatar/train", {}, {"group_id": "avatar_group_01"}),
    (lambda x: x.photo_avatars.get_training("g"), "GET /v2/photo_avatar/train/status/g", {}, None),
    (lambda x: x.talking_photos.list(), "GET /v1/talking_photo.list", {}, None),
    (lambda x: x.users.remaining_quota(), "GET /v2/user/remaining_quota", {}, None),
    (lambda x: x.users.me(), "GET /v1/user/me", {}, None),
    (
        lambda x: x.audio.create_speech(text="Hi.", voice_id="voice_0000"), "POST /v1/audio/text_to_speech", {},
        {"text": "Hi.", "voice_id": "voice_0000"},
    ),
    (lambda x: x.audio.list_voices(), "GET /v1/audio/voices", {}, None),
    (lambda x: x.webhooks.list_event_types(), "GET /v1/webhook/webhook.list", {}, None),
    (
        lambda x: x.webhooks.add_endpoint(url="https://example.com/hook", events=["avatar_video.success"]),
        "POST /v1/webhook/endpoint.add", {}, {"url": "https://example.com/hook", "events": ["avatar_video.success"]},
    ),
    (lambda x: x.webhooks.list_endpoints(), "GET /v1/webhook/endpoint.list", {}, None),
    (lambda x: x.streaming.create(quality="high"), "POST /v1/streaming.new", {}, {"quality": "high"}),
    (lambda x: x.streaming.list(), "GET /v1/streaming.list", {}, None),
    (lambda x: x.streaming.create_token(), "POST /v1/streaming.create_token", {}, {}),
    (lambda x: x.streaming.list_avatars(), "GET /v1/streaming/avatar.list", {}, None),
]  # fmt: skip


@pytest.mark.parametrize(("call", "address", "query", "body"), CALLS, ids=[address for _, address, _, _ in CALLS])
async def test_each_call_is_that_request(
    call: Callable[[Legacy], Any], address: str, query: dict[str, str], body: Any, legacy: Legacy, api: HeyGenEmulator
) -> None:
    assert await call(legacy) is not None
    (sent,) = api.requests
    assert (f"{sent.method} {sent.path}", sent.query, sent.status) == (address, query, 200)
    assert (sent.json if sent.body else None) == body


async def test_what_belongs_together(legacy: Legacy, api: HeyGenEmulator, client: AsyncHeyGen, tmp_path: Path) -> None:
    (tmp_path / "me.png").write_bytes(PNG)
    asset = await legacy.assets.upload(tmp_path / "me.png")
    assert asset.image_key == f"image/{asset.id}/original.png"
    assert api.requests[-1].headers["Content-Type"] == "image/png"
    assert api.requests[-1].body == PNG
    photo = await legacy.photo_avatars.create_group(name="Me", image_key=str(asset.image_key))
    assert photo.status == "pending"
    look = await client.wait_for_avatar(photo)
    assert look.id == photo.id
    assert (await legacy.photo_avatars.get(photo.id)).status == "completed"
    more = await legacy.photo_avatars.add_photos(group_id=photo.group_id, image_keys=[str(asset.image_key)], name="x")
    assert {one.id for one in await legacy.avatars.list_in_group(photo.group_id)} == {photo.id, more[0].id}
    await legacy.photo_avatars.train(photo.group_id)
    api.clock.advance(100)
    assert (await legacy.photo_avatars.get_training(photo.group_id)).status == "ready"
    for change in (
        legacy.photo_avatars.add_motion,
        legacy.photo_avatars.add_sound_effect,
        legacy.photo_avatars.upscale,
    ):
        assert await change(photo.id)
    generation = await legacy.photo_avatars.generate_photo(**PHOTO)
    api.clock.advance(100)
    result = await legacy.photo_avatars.get_generation(generation.generation_id)
    assert (result.status, len(result.image_key_list or ())) == ("success", 4)
    assert photo.id in {one.talking_photo_id for one in (await legacy.avatars.list()).talking_photos}
    assert photo.id in {one.id for one in await legacy.talking_photos.list()}
    uploaded = await legacy.talking_photos.upload(PNG)
    await legacy.talking_photos.delete(uploaded.talking_photo_id)
    await legacy.photo_avatars.delete(more[0].id)
    await legacy.photo_avatars.delete_group(photo.group_id)
    assert await legacy.talking_photos.list() == []
    endpoint = await legacy.webhooks.add_endpoint(url="https://example.com/hook")
    assert endpoint.secret
    assert endpoint.secret not in repr(endpoint)
    await legacy.webhooks.delete_endpoint(endpoint.endpoint_id)
    assert await legacy.webhooks.list_endpoints() == []
    session = await legacy.streaming.create()
    await legacy.streaming.submit_ice(session.session_id, candidate={"candidate": "x"})
    await legacy.streaming.start(session.session_id, sdp=SDP(type="answer", sdp="v=0"))
    assert (await legacy.streaming.list())[0].status == "connected"
    assert (await legacy.streaming.send_task(session.session_id, text="One two")).duration_ms == 800
    await legacy.streaming.interrupt(session.session_id)
    await legacy.streaming.stop(session.session_id)
    assert await legacy.streaming.list() == []


async def test_the_same_waits(legacy: Legacy, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    created = await legacy.videos.generate(ONE)
    video = await client.wait_for_video(created)
    assert video.id == created.video_id
    assert (await client.download(video, tmp_path / "a.mp4")).stat().st_size > 1000
    status = await legacy.videos.status(created.video_id)
    assert (status.status, bool(status.video_url), status.error) == ("completed", True, None)
    page = await legacy.videos.list(limit=1)
    assert page.videos[0].video_id == created.video_id
    assert (await legacy.videos.share(created.video_id)).startswith("https://")
    translated = await legacy.translations.create(video_url="https://e.com/a.mp4", output_language="French (France)")
    assert (await legacy.translations.get(translated.video_translate_id)).status == "pending"
    assert (await client.wait_for_translation(translated)).id == translated.video_translate_id
    assert (await legacy.translations.get(translated.video_translate_id)).status == "success"
    several = [await legacy.videos.generate(ONE), await legacy.video_agent.generate(prompt="A tour"), translated]
    assert len(await client.wait_for_all(several)) == 3
    api.plan(Plan(fail_message="It is bad.", fail_code="bad"))
    failing = await legacy.videos.generate(ONE)
    api.clock.advance(1000)
    failed = await legacy.videos.status(failing.video_id)
    assert failed.error is not None
    assert (failed.status, failed.error["message"]) == ("failed", "It is bad.")
    await legacy.videos.delete(created.video_id)
    with pytest.raises(NotFoundError):
        await legacy.videos.status(created.video_id)


async def test_a_video_of_every_kind_of_scene(legacy: Legacy, api: HeyGenEmulator) -> None:
    api.add("asset", "clip_1")
    photo = TalkingPhotoCharacter(
        talking_photo_id="avatar_2", talking_style="expressive", scale=1.5, offset=Offset(x=0.1, y=0)
    )
    request = VideoRequest(
        video_inputs=[
            Scene(character=photo, voice=HELLO, background=BACKGROUNDS["white"]),
            Scene(
                voice=AudioVoice(audio_url="https://e.com/a.mp3"),
                background=ImageBackground(url="https://e.com/a.png", fit="cover"),
            ),
            Scene(
                voice=SilenceVoice(duration=2), background=VideoBackground(video_asset_id="clip_1", play_style="loop")
            ),
        ],
        caption=CAPTIONS["branded"],
        test=True,
    )
    await legacy.videos.generate(request)
    sent = api.requests[-1].json
    assert [scene["voice"]["type"] for scene in sent["video_inputs"]] == ["text", "audio", "silence"]  # type: ignore[attr-defined]
    assert sent["caption"]["style"]["font_family"] == "Roboto"  # type: ignore[index]
    assert api.ledger[-1].amount_usd == 0  # a test


async def test_errors_in_both_envelopes(legacy: Legacy, api: HeyGenEmulator) -> None:
    with pytest.raises(NotFoundError, match="404 not_found") as of_v2:
        await legacy.avatars.list_in_group("none")
    assert of_v2.value.body == {"error": {"code": "not_found", "message": "avatar group not found"}, "data": None}
    with pytest.raises(NotFoundError, match="video not found") as of_v1:
        await legacy.videos.status("none")
    assert of_v1.value.code == "40401"
    with pytest.raises(BadRequestError, match="voice_id is required"):
        await legacy.videos.generate({"video_inputs": [{"voice": {"type": "text", "input_text": "x"}}]})
    api.state.balance = 0
    with pytest.raises(InsufficientCreditError):
        await legacy.videos.generate(ONE)
    async with AsyncHeyGen("wrong", base_url=api.url) as other:
        for call in (other.legacy.avatars.list, other.legacy.users.me):
            with pytest.raises(AuthenticationError):
                await call()


async def test_the_plans_limit(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    for _ in range(10):
        await client.legacy.videos.generate(ONE)
    began = asyncio.get_running_loop().time()
    await client.legacy.videos.generate(ONE)  # waits for a slot
    assert asyncio.get_running_loop().time() - began > 10
    assert 429 in [request.status for request in api.requests]


async def test_a_numbered_rate_limit_is_one(client: AsyncHeyGen) -> None:
    from aiohttp import web

    asked = 0

    async def answer(_: web.BaseRequest) -> web.Response:
        nonlocal asked
        asked += 1
        if asked < 3:
            return web.json_response({"code": 400123, "data": None, "message": "Exceed rate limit"}, status=400)
        return web.json_response({"code": 100, "data": {"username": "me"}, "message": "Success"})

    server = web.ServerRunner(web.Server(answer))
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    try:
        url = f"http://127.0.0.1:{server.addresses[0][1]}"
        async with AsyncHeyGen("key", base_url=url, retry=QUICK) as other:
            assert (await other.legacy.users.me()).username == "me"
            assert asked == 3
            asked = -100
            with pytest.raises(RateLimitError, match="400123"):
                await other.with_options(max_retries=0).legacy.users.me()
    finally:
        await server.cleanup()


async def test_a_lost_answer_is_not_repeated(legacy: Legacy, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="POST /v2/video/generate"))
    with pytest.raises(AmbiguousRequestError, match="Check the newest"):
        await legacy.videos.generate(ONE)
    assert len(api.ledger) == 1


async def test_each_call_warns_of_the_end_and_names_its_successor(client: AsyncHeyGen, legacy: Legacy) -> None:
    with pytest.warns(
        DeprecationWarning, match=r"ended v1 and v2 on 31 October 2026.*use heygen\.videos\.create"
    ) as caught:
        await legacy.videos.generate(ONE)
    assert caught[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="assets.upload") as caught:
        await legacy.assets.upload(PNG)
    assert caught[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="looks.delete") as caught, contextlib.suppress(NotFoundError):
        await legacy.photo_avatars.delete("none")
    assert caught[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="v3 has no method for it"):
        await legacy.photo_avatars.get_training("g")


def test_every_successor_is_there(client: AsyncHeyGen) -> None:
    from heygen_async._http.endpoint import Endpoint
    from heygen_async.legacy import account, avatars, videos

    routes = [
        value for part in (account, avatars, videos) for value in vars(part).values() if isinstance(value, Endpoint)
    ]
    assert len(routes) > 50
    for route in routes:
        found: Any = client
        for name in filter(None, route.successor.split(".")):
            found = getattr(found, name)
        assert not route.successor or callable(found), route


async def test_what_was_switched_off_names_its_successor(legacy: Legacy, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=410, code="endpoint_sunset", path="/v2/video_translate"))
    with pytest.raises(EndpointSunsetError, match=r"Use heygen\.video_translations\.create instead"):
        await legacy.translations.create(video_url="https://e.com/a.mp4", output_language="French (France)")
    assert callable(VideoTranslations.create)
    assert callable(Videos.generate)


def test_uploads_have_a_host_of_their_own() -> None:
    heygen = AsyncHeyGen("key")
    base_urls: list[str] = []

    async def call(self: Any, *_: Any, **__: Any) -> Any:
        base_urls.append(self.options.base_url)

    from unittest import mock

    with mock.patch("heygen_async._http.transport.Transport.call", call):
        asyncio.run(heygen.legacy.assets.upload(PNG))
        asyncio.run(heygen.legacy.users.me())
    assert base_urls == ["https://upload.heygen.com", "https://api.heygen.com"]


@pytest.mark.parametrize(
    "bad",
    [
        lambda x: x.videos.generate(VideoRequest(video_inputs=[])),
        lambda x: x.videos.generate({"video_inputs": [{}] * 51}),
        lambda x: x.videos.generate(
            VideoRequest(video_inputs=ONE.video_inputs, dimension=Dimension(width=1279, height=720))
        ),
        lambda x: x.videos.generate_av4(image_key="k", script="s"),
        lambda x: x.videos.generate_webm(avatar_pose_id="avatar_1"),
        lambda x: x.videos.generate_webm(avatar_pose_id="avatar_1", input_text="t", input_audio="a"),
        lambda x: x.videos.list(limit=101),
        lambda x: x.video_agent.generate(prompt=""),
        lambda x: x.templates.generate("t", dimension=Dimension(width=100, height=720)),
        lambda x: x.photo_avatars.generate_photo(**{**PHOTO, "pose": None}),
        lambda x: x.photo_avatars.add_photos(group_id="avatar_group_01", image_keys=[], name="n"),
        lambda x: x.assets.upload(b"%PDF-1.7 a document"),
        lambda x: x.talking_photos.upload(b"\0\0\0\x20ftypisom" + bytes(40)),
        lambda x: x.audio.create_speech(text="", voice_id="voice_0001"),
    ],
    ids=range(14),
)
async def test_what_can_never_be_right_is_not_sent(bad: Any, legacy: Legacy, api: HeyGenEmulator) -> None:
    with pytest.raises(InvalidInputError):
        await bad(legacy)
    assert not api.requests


# -- the way to v3


def test_a_call_is_explained() -> None:
    assert (
        explain(ONE)
        == AsyncHeyGen("key").legacy.explain(ONE)
        == (
            "await heygen.videos.create(AvatarVideo(script='Hello there.', voice_id='voice_0001', aspect_ratio='16:9', "
            "resolution='720p', avatar_id='avatar_1'))"
        )
    )
    two = VideoRequest(
        video_inputs=[
            Scene(
                character=AvatarCharacter(avatar_id="avatar_1"),
                voice=TextVoice(voice_id="voice_0001", input_text="One.", speed=1.1),
                background=BACKGROUNDS["black"],
            ),
            Scene(character=AvatarCharacter(avatar_id="avatar_2"), voice=AudioVoice(audio_asset_id="x")),
        ],
        caption=True,
        title="Two",
    )
    successor = convert_to_v3(two)
    assert isinstance(successor, v3.StudioVideo)
    assert eval(explain(two).removeprefix("await heygen.videos.create"), vars(v3)) == successor


async def test_explained_call_creates_the_same_video(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    full = VideoRequest(
        video_inputs=[
            Scene(character=AvatarCharacter(avatar_id="avatar_1", matting=True, scale=1.0), voice=TextVoice(voice_id="voice_0001", input_text="One.", pitch=5), background=ImageBackground(url="https://e.com/a.png")),
        ],
        dimension=dimension("9:16"), caption=True, title="T", callback_id="c",
    )  # fmt: skip
    assert (await client.videos.create_and_wait(convert_to_v3(full))).status == "completed"
    as_mapping = {
        "video_inputs": [
            {
                "character": {"type": "avatar", "avatar_id": "avatar_1"},
                "voice": {"type": "text", "voice_id": "voice_0001", "input_text": "x"},
            }
        ]
    }
    assert (await client.videos.create_and_wait(convert_to_v3(as_mapping))).status == "completed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"test": True}, "test"),
        ({"folder_id": "f"}, "folder_id"),
        ({"caption": CAPTIONS["bold"]}, "caption.style"),
        ({"dimension": Dimension(width=1000, height=720)}, "dimension"),
        ({"video_inputs": [Scene(voice=HELLO)]}, "video_inputs[0].character"),
        ({"video_inputs": [Scene(voice=HELLO, character=TalkingPhotoCharacter(talking_photo_id="avatar_2"))]}, "video_inputs[0].character"),
        ({"video_inputs": [Scene(voice=SilenceVoice(), character=AvatarCharacter(avatar_id="avatar_1"))]}, "video_inputs[0].voice"),
        ({"video_inputs": [Scene(voice=TextVoice(voice_id="voice_0001", input_text="x", emotion="Serious"), character=AvatarCharacter(avatar_id="avatar_1"))]}, "video_inputs[0].voice.emotion"),
        ({"video_inputs": [Scene(voice=HELLO, character=AvatarCharacter(avatar_id="avatar_1", scale=2.0))]}, "video_inputs[0].character.scale"),
        ({"video_inputs": [Scene(voice=HELLO, character=AvatarCharacter(avatar_id="avatar_1", avatar_style="circle"))]}, "video_inputs[0].character.avatar_style"),
        ({"video_inputs": [Scene(voice=HELLO, character=AvatarCharacter(avatar_id="avatar_1"), background=VideoBackground(url="https://e.com/a.mp4"))]}, "video_inputs[0].background"),
    ],
    ids=range(11),
)  # fmt: skip
def test_field_without_counterpart_is_named(change: dict[str, Any], field: str) -> None:
    import msgspec

    with pytest.raises(InvalidInputError) as raised:
        explain(msgspec.structs.replace(ONE, **change))
    assert raised.value.field == field


def test_rules_of_the_documentation() -> None:
    wanted = {
        ("16:9", "720p"): (1280, 720), ("16:9", "1080p"): (1920, 1080), ("9:16", "720p"): (720, 1280),
        ("9:16", "1080p"): (1080, 1920), ("1:1", "720p"): (720, 720), ("1:1", "1080p"): (1080, 1080),
        ("4:3", "720p"): (960, 720), ("4:3", "1080p"): (1440, 1080), ("4:5", "720p"): (576, 720),
        ("4:5", "1080p"): (864, 1080),
    }  # fmt: skip
    for (shape, quality), (width, height) in wanted.items():
        size = dimension(shape, quality)  # type: ignore[arg-type]
        assert (size.width, size.height) == (width, height)
        check_dimension(width, height)
    for width, height in ((126, 720), (4098, 720), (721, 720), (720, 4097)):
        with pytest.raises(InvalidInputError, match="even number from 128 to 4096"):
            check_dimension(width, height)
    for shape, quality in (("2:1", "720p"), ("16:9", "8k")):
        with pytest.raises(InvalidInputError):
            dimension(shape, quality)  # type: ignore[arg-type]
    long = VideoRequest(video_inputs=[Scene(voice=TextVoice(voice_id="voice_0001", input_text="word " * 300))])
    assert estimate_credits(long) == 3
    import msgspec

    assert estimate_credits(msgspec.structs.replace(long, dimension=dimension("16:9", "720p"))) == 2
    assert estimate_credits(msgspec.structs.replace(long, test=True)) == 0
    mixed = VideoRequest(
        video_inputs=[Scene(voice=SilenceVoice(duration=30)), Scene(voice=AudioVoice(audio_url="https://e.com/a.mp3"))]
    )
    assert estimate_credits(mixed) == 3


# -- clients that know nothing of this package

SEEDS = os.environ.get("HEYGEN_ASYNC_SEEDS")

#: What the old TypeScript client is asked for; it fails by an exception.
PROGRAM = """
import { HeygenSDK } from './client/dist/index.js'
import fs from 'fs'
const sdk = new HeygenSDK(process.env.HEYGEN_API_KEY)
const png = fs.readFileSync('me.png')
const avatars = await sdk.avatars.list()
await sdk.avatars.listGroups({ include_public: true })
const voices = await sdk.voices.list()
const created = await sdk.videos.generation.create({
  video_inputs: [{
    character: { type: 'avatar', avatar_id: avatars.avatars[0].avatar_id, scale: 1 },
    voice: { type: 'text', voice_id: voices.voices[0].voice_id, input_text: 'Hello' },
  }],
  dimension: { width: 1280, height: 720 },
})
let video
do { video = await sdk.videos.generation.get(created.video_id) } while (video.status !== 'completed')
await sdk.videos.management.list({ limit: 5 })
await sdk.videos.generation.createWebM({ avatar_pose_id: 'avatar_1', input_text: 'x', voice_id: 'voice_0001' })
const translated = await sdk.videos.translation.translate({ video_url: 'https://e.com/a.mp4', output_language: (await sdk.videos.translation.listLanguages()).languages[0] })
await sdk.videos.translation.getStatus(translated.video_translate_id)
const { templates } = await sdk.templates.list()
await sdk.templates.get(templates[0].template_id)
await sdk.templates.generate(templates[0].template_id, { title: 'x' })
const quota = await sdk.user.getRemainingQuota()
const asset = await sdk.assets.upload(png, 'image/png')
const group = await sdk.photoAvatars.createGroup({ name: 'Me', image_key: asset.image_key })
await sdk.photoAvatars.addLooks({ group_id: group.group_id, image_keys: [asset.image_key], name: 'x' })
await sdk.photoAvatars.trainGroup({ group_id: group.group_id })
await sdk.photoAvatars.getTrainingStatus(group.group_id)
await sdk.photoAvatars.getDetails(group.id)
await sdk.photoAvatars.listInGroup(group.group_id)
const photo = await sdk.photoAvatars.generatePhoto({ name: 'S', age: 'Senior', gender: 'Man', ethnicity: 'White', orientation: 'square', pose: 'close_up', style: 'Noir', appearance: 'x' })
await sdk.photoAvatars.checkGenerationStatus(photo.generation_id)
await sdk.photoAvatars.upscale({ id: group.id })
const talking = await sdk.ai.talkingPhoto.upload(png, 'image/png')
await sdk.ai.talkingPhoto.list()
await sdk.ai.talkingPhoto.delete(talking.talking_photo_id)
const session = await sdk.streaming.create({ quality: 'high' })
await sdk.streaming.start({ session_id: session.session_id, sdp: session.sdp })
await sdk.streaming.sendTask({ session_id: session.session_id, text: 'Hello' })
await sdk.streaming.closeSession({ session_id: session.session_id })
let refused
try { await sdk.videos.generation.get('none') } catch (error) { refused = error.statusCode }
await sdk.videos.generation.delete(created.video_id)
console.log(JSON.stringify({ refused, url: video.video_url, quota: quota.remaining_quota }))
"""


async def run(*command: object, cwd: Path, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *map(str, command), cwd=cwd, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    return out.decode()


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="needs Node.js with npm")
async def test_an_old_client_of_another_language(tmp_path: Path) -> None:
    try:
        await run("npm", "pack", "--silent", "@teamduality/heygen-typescript-sdk@0.4.3", cwd=tmp_path)
    except AssertionError as unreachable:
        pytest.skip(f"the npm registry is not to be had: {str(unreachable)[:200]}")
    (packed,) = tmp_path.glob("*.tgz")
    shutil.unpack_archive(packed, tmp_path)
    (tmp_path / "package").rename(tmp_path / "client")
    (tmp_path / "me.png").write_bytes(PNG)
    (tmp_path / "program.mjs").write_text(PROGRAM)
    async with HeyGenEmulator(render_seconds=0.01) as api:
        index = tmp_path / "client" / "dist" / "index.js"
        source = index.read_text()
        for host in ("https://api.heygen.com", "https://upload.heygen.com"):
            assert host in source
            source = source.replace(host, api.url)  # nothing else of it is changed
        index.write_text(source)
        said = await run("node", "program.mjs", cwd=tmp_path, HEYGEN_API_KEY=api.key)
        assert '"refused":404' in said
        assert api.storage_url in said
        assert {request.status for request in api.requests} == {200, 404}
        assert len(api.requests) > 30


@pytest.mark.skipif(SEEDS is None, reason="set HEYGEN_ASYNC_SEEDS to the folder of the API's documents")
async def test_the_documents_own_python(tmp_path: Path) -> None:
    """Every Python block of v1 and v2 in the documents runs unchanged but for its host."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in Path(str(SEEDS)).glob("001*.txt"))
    found: dict[str, str] = {}
    for block in re.split(r"\n(?=import (?:requests|os)\n)", text):
        lines = block.splitlines()
        longest: dict[str, str] = {}
        for end in range(1, min(len(lines), 100)):
            source = "\n".join(lines[:end])
            with contextlib.suppress(SyntaxError):
                for node in ast.parse(source).body:
                    if isinstance(node, ast.FunctionDef):
                        longest[node.name] = str(ast.get_source_segment(source, node))
        found = longest | found
    wanted = {"upload_asset", "list_avatars", "create_photo_avatar"}
    assert wanted <= found.keys()
    for name in ("me.jpg", "background.jpg"):
        (tmp_path / name).write_bytes(b"\xff\xd8\xff" + bytes(64))
    async with HeyGenEmulator(render_seconds=0.01) as api:
        calls = {
            "upload_asset": 'print(upload_asset("me.jpg", "image/jpeg")["id"])',
            "list_avatars": 'print(list_avatars()[0]["avatar_id"])',
            "create_photo_avatar": 'print(create_photo_avatar("me.jpg", "Me"))',
        }
        for name, call in calls.items():
            source = (
                found[name].replace("https://api.heygen.com", api.url).replace("https://upload.heygen.com", api.url)
            )
            said = await run(
                sys.executable,
                "-c",
                f"import os, requests, time\n{source}\n{call}\n",
                cwd=tmp_path,
                HEYGEN_API_KEY=api.key,
            )
            assert said.strip()
        assert {request.status for request in api.requests} == {200}
