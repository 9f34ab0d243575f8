"""Misspelt arguments and keys: each is an error with the nearest right name, before anything is sent."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from heygen_async import AsyncHeyGen, InvalidInputError, UnknownArgumentError
from heygen_async._http.argument_checks import nearest_name, unknown_keys
from heygen_async.batch import Item, run
from heygen_async.testing import HeyGenEmulator
from heygen_async.types import AvatarVideo, Look

SPOKEN = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello."}
Call = Callable[[AsyncHeyGen], Any]

WAITS: list[tuple[Call, str, str, str]] = [
    (lambda client: client.wait_for_video("v", timout=5), "wait_for_video", "timout", "timeout"),
    (lambda client: client.wait_for_video("v", poll_interval=5), "wait_for_video", "poll_interval", "poll"),
    (lambda client: client.wait_for_video("v", stop_on_canceled=True), "wait_for_video", "stop_on_canceled",
     "stop_on_cancel"),
    (lambda client: client.watch_video("v", onupdate=print), "watch_video", "onupdate", "on_update"),
    (lambda client: client.wait_for_session("s", timout=5), "wait_for_session", "timout", "timeout"),
    (lambda client: client.watch_session("s", timout=5), "watch_session", "timout", "timeout"),
    (lambda client: client.wait_for_batch("b", kin="videos"), "wait_for_batch", "kin", "kind"),
    (lambda client: client.watch_batch("b", kin="videos"), "watch_batch", "kin", "kind"),
    (lambda client: client.wait_for_all([], return_exception=True), "wait_for_all", "return_exception",
     "return_exceptions"),
    (lambda client: client.wait_for_lipsync("l", timout=5), "wait_for_lipsync", "timout", "timeout"),
    (lambda client: client.watch_podcast("p", polling=5, poll_intervall=1), "watch_podcast", "poll_intervall", "poll"),
    (lambda client: client.videos.create_and_wait(SPOKEN, timout=5), "create_and_wait", "timout", "timeout"),
    (lambda client: client.videos.create_and_wait(SPOKEN, poll_interval=5), "create_and_wait", "poll_interval", "poll"),
    (lambda client: client.podcasts.create_and_wait(timout=5), "create_and_wait", "timout", "timeout"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "method", "argument", "suggestion"), WAITS)
async def test_a_misspelt_option_of_a_wait_is_an_error(
    call: Call, method: str, argument: str, suggestion: str, api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    message = rf"{method}\(\) has no parameter '{argument}'\. Did you mean '{suggestion}'\?"
    if argument == "poll_intervall":  # the first unknown argument is named
        message = r"watch_podcast\(\) has no parameter 'polling'\."
    with pytest.raises(UnknownArgumentError, match=message):
        result = call(client)
        await (anext(result) if inspect.isasyncgen(result) else result)
    assert api.requests == []


def test_the_options_of_waits_are_shown_without_the_check() -> None:
    for name in ("wait_for_video", "watch_batch", "wait_for_lipsync", "watch_podcast", "wait_for_all"):
        parameters = inspect.signature(getattr(AsyncHeyGen, name)).parameters
        assert "unknown" not in parameters
        assert {"timeout", "poll", "on_update"} <= set(parameters)


MAPPINGS: list[tuple[Call, str, str | None]] = [
    (lambda client: client.videos.create({**SPOKEN, "scirpt": "x"}), "request.scirpt", "script"),
    (lambda client: client.videos.create({**SPOKEN, "voice_settings": {"sped": 1}}), "request.voice_settings.sped",
     "speed"),
    (lambda client: client.videos.create(AvatarVideo(avatar_id="avatar_1", script="x", voice_settings={"sped": 1})),
     "request.voice_settings.sped", "speed"),
    (lambda client: client.videos.create({**SPOKEN, "background": {"type": "color", "valeu": "#fff"}}),
     "request.background.valeu", "value"),
    (lambda client: client.videos.create({**SPOKEN, "zzz": None}), "request.zzz", None),
    (lambda client: client.videos.create({**SPOKEN, 7: "x"}), "request.7", None),
    (lambda client: client.videos.create(
        {"type": "studio", "scenes": [{"type": "avatar_video", "input": {**SPOKEN, "avatr_id": "a"}}]}),
     "request.scenes[0].input.avatr_id", "avatar_id"),
    (lambda client: client.videos.create_and_wait({**SPOKEN, "titel": "x"}), "request.titel", "title"),
    (lambda client: client.videos.create_batch(videos=[SPOKEN, {**SPOKEN, "titel": "x"}]), "videos[1].titel", "title"),
    (lambda client: client.avatars.create({"type": "prompt", "promt": "x"}), "request.promt", "prompt"),
    (lambda client: client.avatar_realtime.create({"type": "text", "avatarId": "a"}), "request.avatarId", "avatar_id"),
    (lambda client: client.lipsyncs.create_batch(lipsyncs=[{"vidoe": "v", "audio": "a"}]), "lipsyncs[0].vidoe",
     "video"),
    (lambda client: client.video_translations.create_batch(
        video_translations=[{"video": "v", "output_langauges": ["German"]}]),
     "video_translations[0].output_langauges", "output_languages"),
    (lambda client: client.models.videos.create({"mode": "text_to_video", "prompt": "x", "sede": 1}), "request.sede",
     "seed"),
    (lambda client: client.lipsyncs.create(video={"type": "url", "ulr": "x"}, audio="a"), "video.ulr", "url"),
    (lambda client: client.templates.generate("t", variables={"a": {"type": "text", "propertes": {}}}),
     "variables.a.propertes", "properties"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "path", "suggestion"), MAPPINGS)
async def test_a_misspelt_key_of_a_mapping_is_an_error(
    call: Call, path: str, suggestion: str | None, api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    with pytest.raises(UnknownArgumentError) as caught:
        await call(client)
    error = caught.value
    assert (error.field, error.suggestion) == (path, suggestion)
    assert f"has no parameter {path!r}" in str(error)
    assert "Request" not in str(error)  # no name of a TypedDict
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert api.requests == []


@pytest.mark.parametrize(
    ("kind", "request_", "suggestion"),
    [
        ("videos", {**SPOKEN, "titel": "x"}, "title"),
        ("videos", {**SPOKEN, "voice_settings": {"pich": 1}}, "pitch"),
        ("lipsyncs", {"video": "https://a.example/v.mp4", "audio": "https://a.example/a.mp3", "titel": "x"}, "title"),
        ("video_agents", {"promt": "A tour"}, "prompt"),
        ("voices", {"text": "Hello.", "voice_id": "voice_0001", "sped": 1.1}, "speed"),
        ("templates", {"template_id": "t", "varibles": {}}, "variables"),
    ],
)
async def test_a_misspelt_key_of_a_row_is_the_rows_error(
    kind: str, request_: dict[str, Any], suggestion: str, api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    (outcome,) = [outcome async for outcome in run([Item("row", request_, kind)], heygen=client)]
    assert isinstance(outcome.error, UnknownArgumentError)
    assert outcome.error.suggestion == suggestion
    assert not [request for request in api.requests if request.method != "GET"]


async def test_a_misspelt_option_of_a_batch_is_an_error(client: AsyncHeyGen) -> None:
    with pytest.raises(UnknownArgumentError, match=r"has no parameter 'output_folder'\. Did you mean 'output_dir'\?"):
        run([], heygen=client, output_folder="x")  # type: ignore[call-arg]
    assert "unknown" not in inspect.signature(run).parameters
    assert "output_dir" in inspect.signature(run).parameters


def test_a_misspelt_field_of_a_struct_or_client_is_an_error() -> None:
    with pytest.raises(TypeError, match="scirpt"):
        AvatarVideo(avatar_id="avatar_1", scirpt="x")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="max_retry"):
        AsyncHeyGen("key", max_retry=1)  # type: ignore[call-arg]
    with pytest.raises(UnknownArgumentError, match=r"with_options\(\) has no .*'timout'\. Did you mean 'timeout'\?"):
        AsyncHeyGen("key").with_options(timout=1)  # type: ignore[call-arg]


async def test_a_key_that_may_be_right_is_sent(client: AsyncHeyGen) -> None:
    free = {"headline": {"anything": {"goes": 1}}}
    assert list(unknown_keys({"variables": free}, dict[str, Any], "")) == []
    assert list(unknown_keys({"type": "avatar", "callback_id": "x", "reference_images": []}, Any, "request")) == []
    with pytest.raises(InvalidInputError, match="type"):  # the tag is the error, and no key is
        await client.videos.create({"avatar_id": "avatar_1", "script": "x"})


@pytest.mark.parametrize(
    ("name", "known", "nearest"),
    [
        ("timout", ["timeout", "poll"], "timeout"),
        ("poll_interval", ["timeout", "poll"], "poll"),
        ("voiceId", ["voice_id", "avatar_id"], "voice_id"),
        ("zzz", ["timeout", "poll"], None),
        ("clip_id", ["avatar_look_group_id"], None),
        ("", ["voice_id"], None),
        ("x", [], None),
    ],
)
def test_suggests_the_name_that_is_spelt_alike_or_shares_a_word(
    name: str, known: list[str], nearest: str | None
) -> None:
    assert nearest_name(name, known) == nearest


def test_a_struct_of_a_response_is_no_request() -> None:
    assert list(unknown_keys(Look(id="l"), Any, "look")) == []
