"""Ids in requests, over raw HTTP: unknown ones are refused with a hint, and each way to make one known works."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from heygen_async.testing import HeyGenEmulator

URL = {"type": "url", "url": "https://example.com/a.mp4"}
AVATAR: dict[str, Any] = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello there."}
SPOKEN: dict[str, Any] = {"voice_id": "voice_0001", "script": "Hello there."}
AGENT: dict[str, Any] = {"prompt": "A tour"}
TRANSLATION: dict[str, Any] = {"video": URL, "output_languages": ["German"]}
PROOFREAD: dict[str, Any] = {**TRANSLATION, "title": "Talk"}
SPEECH: dict[str, Any] = {"text": "Hello.", "voice_id": "voice_0000"}
PHOTO: dict[str, Any] = {"type": "photo", "name": "Ada", "file": URL}
PODCAST: dict[str, Any] = {
    "topic": "Bread", "host_avatar_id": "avatar_1", "guest_avatar_id": "avatar_2", "host_voice_id": "voice_0001",
    "guest_voice_id": "voice_0002",
}  # fmt: skip
TEMPLATE = "/v3/templates/template_0"
SCENE: dict[str, Any] = {"type": "avatar_video", "input": AVATAR}


def scene(**fields: Any) -> dict[str, Any]:
    return {"type": "studio", "scenes": [SCENE, {**SCENE, "input": {**AVATAR, **fields}}]}


def still(**fields: Any) -> dict[str, Any]:
    picture = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}, **SPOKEN, **fields}
    return {"type": "studio", "scenes": [picture]}


#: Requests with one unknown id: the path, the body, the field, and the error's code.
UNKNOWN: list[tuple[str, dict[str, Any], str, str]] = [
    ("/v3/videos", {**AVATAR, "avatar_id": "x"}, "avatar_id", "avatar_not_found"),
    ("/v3/videos", {**AVATAR, "voice_id": "x"}, "voice_id", "voice_not_found"),
    ("/v3/videos", {"type": "cinematic_avatar", "avatar_id": ["avatar_1", "x"], "prompt": "A walk"}, "avatar_id[1]", "avatar_not_found"),
    ("/v3/videos", {**AVATAR, "engine": {"type": "avatar_v", "reference_look_id": "x"}}, "engine.reference_look_id", "avatar_not_found"),
    ("/v3/videos", scene(avatar_id="x"), "scenes[1].input.avatar_id", "avatar_not_found"),
    ("/v3/videos", scene(voice_id="x"), "scenes[1].input.voice_id", "voice_not_found"),
    ("/v3/videos", still(voice_id="x"), "scenes[0].voice_id", "voice_not_found"),
    ("/v3/videos/batches", {"videos": [AVATAR, {**AVATAR, "avatar_id": "x"}]}, "videos[1].avatar_id", "avatar_not_found"),
    ("/v3/videos/batches", {"videos": [scene(avatar_id="x")]}, "videos[0].scenes[1].input.avatar_id", "avatar_not_found"),
    ("/v3/video-agents", {**AGENT, "avatar_id": "x"}, "avatar_id", "avatar_not_found"),
    ("/v3/video-agents", {**AGENT, "voice_id": "x"}, "voice_id", "voice_not_found"),
    ("/v3/video-agents", {**AGENT, "style_id": "x"}, "style_id", "resource_not_found"),
    ("/v3/video-agents", {**AGENT, "brand_kit_id": "x"}, "brand_kit_id", "resource_not_found"),
    ("/v3/avatars", {**PHOTO, "avatar_group_id": "x"}, "avatar_group_id", "avatar_not_found"),
    ("/v3/avatars", {"type": "prompt", "name": "A", "prompt": "a baker", "avatar_id": "x"}, "avatar_id", "avatar_not_found"),
    ("/v3/avatar-realtime", {"type": "text_stream", "avatar_id": "x", "voice_id": "voice_0001", "text": "Hi"}, "avatar_id", "avatar_not_found"),
    ("/v3/avatar-realtime", {"type": "text_stream", "avatar_id": "avatar_1", "voice_id": "x", "text": "Hi"}, "voice_id", "voice_not_found"),
    ("/v3/voices/speech", {**SPEECH, "voice_id": "x"}, "voice_id", "voice_not_found"),
    ("/v3/voices/speech", {**SPEECH, "language": "english"}, "language", "invalid_parameter"),
    ("/v3/videos", {"type": "avatar", "avatar_id": "avatar_1", "audio_asset_id": "x"}, "audio_asset_id", "asset_not_found"),
    ("/v3/videos", {**AVATAR, "background": {"type": "image", "asset_id": "x"}}, "background.asset_id", "asset_not_found"),
    ("/v3/videos", still(source={"type": "asset_id", "asset_id": "x"}), "scenes[0].source.asset_id", "asset_not_found"),
    ("/v3/video-agents", {**AGENT, "files": [URL, {"type": "asset_id", "asset_id": "x"}]}, "files[1].asset_id", "asset_not_found"),
    ("/v3/lipsyncs", {"video": {"type": "asset_id", "asset_id": "x"}, "audio": URL}, "video.asset_id", "asset_not_found"),
    ("/v3/podcasts", {**PODCAST, "host_avatar_id": "x"}, "host_avatar_id", "avatar_not_found"),
    ("/v3/podcasts", {**PODCAST, "guest_voice_id": "x"}, "guest_voice_id", "voice_not_found"),
    ("/v3/folders", {"name": "A", "parent_id": "x"}, "parent_id", "resource_not_found"),
    ("/v3/lipsyncs", {"video": URL, "audio": URL, "folder_id": "x"}, "folder_id", "resource_not_found"),
    ("/v3/lipsyncs/batches", {"lipsyncs": [{"video": URL, "audio": URL, "folder_id": "x"}]}, "lipsyncs[0].folder_id", "resource_not_found"),
    ("/v3/video-translations", {**TRANSLATION, "folder_id": "x"}, "folder_id", "resource_not_found"),
    ("/v3/video-translations", {**TRANSLATION, "brand_glossary_id": "x"}, "brand_glossary_id", "resource_not_found"),
    ("/v3/video-translations", {**TRANSLATION, "brand_voice_id": "x"}, "brand_voice_id", "resource_not_found"),
    ("/v3/video-translations", {**TRANSLATION, "output_languages": ["German", "Klingon"]}, "output_languages[1]", "invalid_parameter"),
    ("/v3/video-translations", {**TRANSLATION, "input_language": "Klingon"}, "input_language", "invalid_parameter"),
    (
        "/v3/video-translations", {**TRANSLATION, "stock_voice_config": {"use_stock_voice": True, "preferred_stock_voice_ids": ["x"]}},
        "stock_voice_config.preferred_stock_voice_ids[0]", "voice_not_found",
    ),
    (
        "/v3/video-translations/batches", {"video_translations": [{**TRANSLATION, "output_languages": ["Klingon"]}]},
        "video_translations[0].output_languages[0]", "invalid_parameter",
    ),
    ("/v3/video-translations/proofreads", {**PROOFREAD, "output_languages": ["Klingon"]}, "output_languages[0]", "invalid_parameter"),
    ("/v3/video-translations/proofreads", {**PROOFREAD, "folder_id": "x"}, "folder_id", "resource_not_found"),
    (TEMPLATE, {"variables": {}, "folder_id": "x"}, "folder_id", "resource_not_found"),
    (TEMPLATE, {"variables": {}, "brand_voice_id": "x"}, "brand_voice_id", "resource_not_found"),
    (
        TEMPLATE, {"variables": {"speaker": {"name": "speaker", "type": "voice", "properties": {"voice_id": "x"}}}},
        "variables.speaker.properties.voice_id", "voice_not_found",
    ),
    (
        TEMPLATE, {"variables": {"presenter": {"name": "presenter", "type": "character", "properties": {"character_id": "x"}}}},
        "variables.presenter.properties.character_id", "avatar_not_found",
    ),
]  # fmt: skip
#: Paths with an unknown id, and the error's code.
UNKNOWN_PATHS = [
    ("/v3/avatars/x", "avatar_not_found"),
    ("/v3/avatars/looks/x", "avatar_not_found"),
    ("/v3/assets/x", "asset_not_found"),
    ("/v3/brand-glossaries/y", "resource_not_found"),
    ("/v3/brand-kits/w", "resource_not_found"),
    ("/v3/folders/z", "resource_not_found"),
    ("/v3/templates/x", "template_not_found"),
    ("/v3/voices/x", "voice_not_found"),
]
#: The option for each kind, and a request with an id of it.
KINDS: list[tuple[str, str, str, str, Any]] = [
    ("known_assets", "asset", "GET", "/v3/assets/mine", None),
    ("known_avatars", "avatar", "POST", "/v3/videos", {**AVATAR, "avatar_id": "mine"}),
    ("known_avatar_groups", "avatar_group", "POST", "/v3/avatars", {**PHOTO, "avatar_group_id": "mine"}),
    ("known_brand_glossaries", "brand_glossary", "GET", "/v3/brand-glossaries/mine", None),
    ("known_brand_kits", "brand_kit", "GET", "/v3/brand-kits/mine", None),
    ("known_folders", "folder", "GET", "/v3/folders/mine", None),
    ("known_languages", "language", "POST", "/v3/video-translations", {**TRANSLATION, "output_languages": ["mine"]}),
    ("known_styles", "style", "POST", "/v3/video-agents", {**AGENT, "style_id": "mine"}),
    ("known_templates", "template", "POST", "/v3/templates/mine", {"variables": {}}),
    ("known_voices", "voice", "GET", "/v3/voices/mine", None),
]


class Ask:
    """Requests by a client that knows nothing."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def __call__(
        self, api: HeyGenEmulator, method: str, path: str, body: Any = None
    ) -> tuple[int, Any, str | None]:
        headers = {"X-Api-Key": api.key}
        async with self.session.request(method, api.url + path, json=body, headers=headers) as response:
            return response.status, await response.json(), response.headers.get("X-Emulator-Hint")


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    async with aiohttp.ClientSession() as session:
        yield Ask(session)


@pytest.mark.parametrize(("path", "body", "param", "code"), UNKNOWN)
async def test_an_unknown_id_in_a_body_is_refused_with_a_hint(
    path: str, body: dict[str, Any], param: str, code: str, ask: Ask, api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    before = len(api.ledger), len(api.state.jobs)
    status, answer, hint = await ask(api, "POST", path, body)
    assert (status, answer["error"]["code"], answer["error"]["param"]) == (
        400 if code == "invalid_parameter" else 404, code, param,
    )  # fmt: skip
    assert hint is not None
    assert "lenient=True" in hint
    assert hint not in str(answer)
    assert hint in caplog.text
    assert (len(api.ledger), len(api.state.jobs)) == before


@pytest.mark.parametrize(("path", "code"), UNKNOWN_PATHS)
async def test_an_unknown_id_in_a_path_is_refused_with_a_hint(
    path: str, code: str, ask: Ask, api: HeyGenEmulator
) -> None:
    status, answer, hint = await ask(api, "GET", path)
    assert (status, answer["error"]["code"]) == (404, code)
    assert hint is not None
    assert "Make it known: HeyGenEmulator(known_" in hint


async def test_v2_refuses_unknown_ids_with_400(ask: Ask, api: HeyGenEmulator) -> None:
    voice = {"type": "text", "voice_id": "voice_0001", "input_text": "Hi."}
    body = {"video_inputs": [{"character": {"type": "avatar", "avatar_id": "x"}, "voice": voice}]}
    status, answer, hint = await ask(api, "POST", "/v2/video/generate", body)
    assert (status, answer["error"]["code"]) == (400, "avatar_not_found")
    assert hint is not None


async def test_a_hint_names_the_nearest_id(ask: Ask, api: HeyGenEmulator) -> None:
    _, _, hint = await ask(api, "POST", "/v3/videos", {**AVATAR, "voice_id": "voise_0007"})
    assert hint is not None
    assert hint.startswith("The emulator has no voice 'voise_0007'. Did you mean 'voice_0007'?")
    _, _, hint = await ask(api, "POST", "/v3/video-translations", {**TRANSLATION, "output_languages": ["Germn"]})
    assert hint is not None
    assert "Did you mean 'German" in hint


async def test_a_hint_shows_any_id_in_ascii(ask: Ask, api: HeyGenEmulator) -> None:
    status, _, hint = await ask(api, "POST", "/v3/videos", {**AVATAR, "voice_id": "Jürgen\r\nX-Other: 1" + "x" * 9000})
    assert status == 404
    assert hint is not None
    assert "no voice 'J\\xfcrgen\\r\\nX-Other: 1" in hint
    assert len(hint) < 1500


@pytest.mark.parametrize(("option", "kind", "method", "path", "body"), KINDS)
async def test_an_option_makes_an_id_known(
    option: str, kind: str, method: str, path: str, body: Any, ask: Ask, api: HeyGenEmulator
) -> None:
    assert (await ask(api, method, path, body))[0] in {400, 404}
    options: dict[str, Any] = {option: ["mine"]}
    async with HeyGenEmulator(autojump=False, **options) as knowing:
        assert (await ask(knowing, method, path, body))[0] < 300


@pytest.mark.parametrize(("option", "kind", "method", "path", "body"), KINDS)
async def test_add_makes_an_id_known(
    option: str, kind: str, method: str, path: str, body: Any, ask: Ask, api: HeyGenEmulator
) -> None:
    api.add(kind, "mine")
    assert (await ask(api, method, path, body))[0] < 300


async def test_added_resources_have_their_fields(ask: Ask, api: HeyGenEmulator) -> None:
    api.add_voice("mine", name="My voice", language="German")
    api.add_avatar("my_look", name="Me", group_id="me", avatar_type="photo_avatar", supported_api_engines=["avatar_iv"])
    variable = {"name": "city", "type": "text", "properties": {"content": "Rome"}}
    api.add_template("my_template", name="Greeting", variables={"city": variable})
    _, voice, _ = await ask(api, "GET", "/v3/voices/mine")
    assert (voice["data"]["name"], voice["data"]["language"]) == ("My voice", "German")
    _, looks, _ = await ask(api, "GET", "/v3/avatars/looks?group_id=me")
    assert [(look["id"], look["name"]) for look in looks["data"]] == [("my_look", "Me")]
    assert (await ask(api, "GET", "/v3/avatars/me"))[1]["data"]["looks_count"] == 1
    video = {**AVATAR, "avatar_id": "my_look", "voice_id": "mine", "expressiveness": "high"}
    assert (await ask(api, "POST", "/v3/videos", video))[0] == 200
    assert (await ask(api, "POST", "/v3/videos", {**video, "engine": {"type": "avatar_iii"}}))[0] == 400
    wrong = {"variables": {"city": {"name": "city", "type": "voice", "properties": {"voice_id": "mine"}}}}
    _, answer, _ = await ask(api, "POST", "/v3/templates/my_template", wrong)
    assert answer["error"]["param"] == "variables.city"


async def test_ids_of_created_resources_are_known_until_they_are_deleted(ask: Ask, api: HeyGenEmulator) -> None:
    _, cloned, _ = await ask(api, "POST", "/v3/voices/clone", {"audio": URL, "voice_name": "Me"})
    voice = cloned["data"]["voice_clone_id"]
    _, created, _ = await ask(api, "POST", "/v3/avatars", PHOTO)
    look, group = created["data"]["avatar_item"]["id"], created["data"]["avatar_group"]["id"]
    _, folder, _ = await ask(api, "POST", "/v3/folders", {"name": "A"})
    _, glossary, _ = await ask(api, "POST", "/v3/brand-glossaries", {"name": "Terms"})
    api.clock.advance(3600)
    video = {**AVATAR, "avatar_id": look, "voice_id": voice}
    ids = {"folder_id": folder["data"]["folder_id"], "brand_glossary_id": glossary["data"]["brand_glossary_id"]}
    assert (await ask(api, "POST", "/v3/videos", video))[0] == 200
    assert (await ask(api, "POST", "/v3/avatars", {**PHOTO, "avatar_group_id": group}))[0] == 200
    assert (await ask(api, "POST", "/v3/video-translations", {**TRANSLATION, **ids}))[0] == 200
    assert (await ask(api, "DELETE", f"/v3/voices/{voice}"))[0] == 200
    status, answer, _ = await ask(api, "POST", "/v3/videos", video)
    assert (status, answer["error"]["code"]) == (404, "voice_not_found")


async def test_the_ids_of_the_lists_are_known(ask: Ask, api: HeyGenEmulator) -> None:
    async def first(path: str, field: str) -> str:
        _, page, _ = await ask(api, "GET", path)
        return str(page["data"][0][field])

    agent = {
        **AGENT,
        "avatar_id": await first("/v3/avatars/looks", "id"),
        "voice_id": await first("/v3/voices", "voice_id"),
        "style_id": await first("/v3/video-agents/styles", "style_id"),
        "brand_kit_id": await first("/v3/brand-kits", "brand_kit_id"),
    }
    assert (await ask(api, "POST", "/v3/video-agents", agent))[0] == 200
    _, languages, _ = await ask(api, "GET", "/v3/video-translations/languages")
    glossary = await first("/v3/brand-glossaries", "brand_glossary_id")
    translation = {
        "video": URL, "output_languages": languages["data"]["languages"][:3], "brand_glossary_id": glossary,
    }  # fmt: skip
    assert (await ask(api, "POST", "/v3/video-translations", translation))[0] == 200


async def test_a_lenient_emulator_takes_any_id(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    async with HeyGenEmulator(lenient=True, concurrency_limit=1000, balance=1e6) as api:
        for path, body, _, _ in UNKNOWN:
            assert (await ask(api, "POST", path, body))[2] is None
        for path, _ in UNKNOWN_PATHS:
            assert (await ask(api, "GET", path))[0] == 200, path
        _, created, _ = await ask(api, "POST", "/v3/voices/clone", {"audio": URL, "voice_name": "Me"})
        voice = created["data"]["voice_clone_id"]
        await ask(api, "DELETE", f"/v3/voices/{voice}")
        assert (await ask(api, "GET", f"/v3/voices/{voice}"))[0] == 404
    assert "X-Emulator-Hint" not in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_misspelt_option_or_kind_is_an_error_with_the_nearest_name() -> None:
    options: dict[str, Any] = {"known_voice": ["v"]}
    with pytest.raises(TypeError, match="'known_voice' is not known. Did you mean 'known_voices'"):
        HeyGenEmulator(**options)
    for misspelt, nearest in (("balanc", "balance"), ("render_second", "render_seconds"), ("auto_jump", "autojump")):
        with pytest.raises(TypeError, match=f"'{misspelt}' is not known. Did you mean '{nearest}'"):
            HeyGenEmulator(**{misspelt: 1})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"The known ones are: .*\bbalance\b.*\bknown_voices\b"):
        HeyGenEmulator(zzz=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="known_voices takes a list of ids, not the text 'v_1'"):
        HeyGenEmulator(known_voices="v_1")
    with pytest.raises(ValueError, match="Did you mean 'voice'"):
        HeyGenEmulator().add("voise", "v")
