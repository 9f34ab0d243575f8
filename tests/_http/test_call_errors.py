"""A call that does not fit, or a name that does not exist, is answered with the right one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

import heygen_async.types
from heygen_async import AsyncHeyGen, UnknownArgumentError
from heygen_async._http.call_errors import MODULES
from heygen_async.testing import HeyGenEmulator

Call = Callable[[AsyncHeyGen], Any]

CALLS: list[tuple[Call, str]] = [
    (lambda client: client.videos.create(avatar_id="avatar_1", script="x"),
     ("Videos.create() has no parameter 'avatar_id'. It is a field of heygen_async.types.AvatarVideo: "
     "call create(AvatarVideo(avatar_id=..., script=...)).")),
    (lambda client: client.videos.create_and_wait(type="image", image="x", timeout=5),
     ("Videos.create_and_wait() has no parameter 'image'. It is a field of heygen_async.types.ImageVideo: "
     "call create_and_wait(ImageVideo(image=...)).")),
    (lambda client: client.avatars.create(prompt="x", name="y"), "call create(PromptAvatar(prompt=..., name=...))."),
    (lambda client: client.avatar_realtime.create(avatar_id="a", audio="b"), "call create(AudioStream("),
    (lambda client: client.models.videos.create(prompt="x"), "call create(TextToVideo(prompt=...))."),
    (lambda client: client.videos.create({"type": "avatar", "text": "x"}), "'request.text'. Did you mean 'script'?"),
    (lambda client: client.videos.create({"type": "avatar", "zzz": "x"}), "Its fields are those of AvatarVideo."),
    (lambda client: client.videos.create({"zzz": "x"}), "those of AvatarVideo, ImageVideo, CinematicVideo, StudioVideo."),
    (lambda client: client.videos.list(limt=3), "Videos.list() has no parameter 'limt'. Did you mean 'limit'?"),
    (lambda client: client.request("GET", "/v3/videos", params={}), "'params'. Did you mean 'query'?"),
    (lambda client: client.request("POST", "/v3/videos", body={}), "'body'. Did you mean 'json'?"),
    (lambda client: client.with_options(json={}), "'json'. Did you mean 'body'?"),
    (lambda client: client.download("https://a.example/v", "v", field="x"), "'field'. Did you mean 'url_field'?"),
    (lambda client: anext(client.as_completed([], timout=3)), "'timout'. Did you mean 'timeout'?"),
    (lambda _: AsyncHeyGen(key="x"), "'key'. Did you mean 'api_key'?"),
    (lambda _: AsyncHeyGen("x", url="x"), "'url'. Did you mean 'base_url'?"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), CALLS)
async def test_a_call_that_does_not_fit_names_the_right_one(
    call: Call, message: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    with pytest.raises(UnknownArgumentError) as caught:
        await call(client)
    assert message in str(caught.value)
    assert str(copy.deepcopy(caught.value)) == str(caught.value)
    assert api.requests == []


@pytest.mark.parametrize(
    "call",
    [lambda client: client.video_agents.create("A tour"), lambda client: client.videos.create()],
    ids=["positional", "missing"],
)
async def test_other_calls_that_do_not_fit_stay_type_errors(call: Call, client: AsyncHeyGen) -> None:
    with pytest.raises(TypeError, match="positional argument") as caught:
        await call(client)
    assert not isinstance(caught.value, UnknownArgumentError)


async def test_a_type_error_of_the_program_is_not_explained(client: AsyncHeyGen) -> None:
    def items() -> Any:
        raise TypeError("of the program")
        yield

    with pytest.raises(TypeError, match="of the program"):
        await client.download_many(items())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("video", "'AsyncHeyGen' object has no attribute 'video'. Did you mean 'videos'?"),
        ("translations", "'AsyncHeyGen' object has no attribute 'translations'. Did you mean 'video_translations'?"),
        ("wait_for_translations", "Did you mean 'wait_for_translation'?"),
        ("create_video", "'AsyncHeyGen' object has no attribute 'create_video'. Did you mean 'videos.create'?"),
        ("generate_video", "Did you mean 'videos.create'?"),
        ("videos.generate", "'Videos' object has no attribute 'generate'. Did you mean 'create'?"),
        ("list_voices", "Did you mean 'voices.list'?"),
        ("upload_asset", "Did you mean 'assets.upload'?"),
        ("get_video_translation", "Did you mean 'video_translations.get'?"),
        ("wait_video", "Did you mean 'watch_video'?"),
        ("batch", "'AsyncHeyGen' object has no attribute 'batch'. Import the module heygen_async.batch."),
        ("zzz", "'AsyncHeyGen' object has no attribute 'zzz'. dir() lists the resources and methods."),
        ("webhooks.create", "'Webhooks' object has no attribute 'create'. Did you mean 'endpoints.create'?"),
        ("videos.crate", "'Videos' object has no attribute 'crate'. Did you mean 'create'?"),
        ("users.get", "'Users' object has no attribute 'get'. It has me."),
    ],
)
async def test_a_name_that_does_not_exist_names_the_nearest(name: str, message: str, client: AsyncHeyGen) -> None:
    *resources, attribute = name.split(".")
    owner: Any = client
    for resource in resources:
        owner = getattr(owner, resource)
    with pytest.raises(AttributeError) as caught:
        getattr(owner, attribute)
    assert str(caught.value).endswith(message)
    assert not hasattr(owner, "__array__")


def test_every_module_in_the_advice_exists() -> None:
    for name in MODULES:
        assert find_spec(f"heygen_async.{name}") is not None
        assert not hasattr(AsyncHeyGen, name)


def test_every_struct_in_the_advice_is_public() -> None:
    for name in ("AvatarVideo", "ImageVideo", "PromptAvatar", "AudioStream", "TextToVideo"):
        assert name in heygen_async.types.__all__
