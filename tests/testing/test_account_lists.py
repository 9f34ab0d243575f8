"""An emulator with the voices, avatars and other resources that the list commands of a real account print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from heygen_async.testing import HeyGenEmulator

VOICE = {"voice_id": "v_mine", "name": "My voice", "language": "German", "gender": "male", "type": "public"}
CLONE = {"voice_id": "v_clone", "name": "My clone", "language": "English", "gender": "female", "type": "private"}
GROUP = {"id": "g_mine", "name": "Me", "looks_count": 1, "created_at": 1_750_000_000}
LOOK = {
    "id": "l_mine", "name": "At sea", "avatar_type": "photo_avatar", "group_id": "g_mine",
    "supported_api_engines": ["avatar_iv"], "default_voice_id": None, "tags": [],
}  # fmt: skip
TEMPLATE = {"id": "t_mine", "name": "Greeting", "aspect_ratio": "portrait", "thumbnail_url": "https://e.com/t.jpg"}
OTHERS: list[Any] = [
    {"data": [{"style_id": "s_mine", "name": "Noir"}], "has_more": False, "next_token": None},
    {"data": [{"brand_kit_id": "k_mine", "name": "Kit", "colors": []}]},
    {"brand_glossary_id": "b_mine", "name": "Terms"},
    {"folder_id": "f_mine", "name": "Films", "is_trash": False},
    {"data": {"languages": ["Klingon"]}},
]


async def get(api: HeyGenEmulator, path: str) -> Any:
    async with (
        aiohttp.ClientSession() as session,
        session.get(api.url + path, headers={"X-Api-Key": api.key}) as response,
    ):
        return (await response.json()).get("data")


async def ids(api: HeyGenEmulator, path: str, name: str = "id") -> list[str]:
    return [entry[name] for entry in await get(api, path)]


def lines(*values: Any) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


async def test_lists_replace_the_samples_of_their_kinds(tmp_path: Path) -> None:
    voices, rest = tmp_path / "voices.jsonl", tmp_path / "rest.json"
    voices.write_text(lines(VOICE, CLONE), encoding="utf-8")
    rest.write_text(lines(LOOK, GROUP, TEMPLATE, *OTHERS), encoding="utf-8-sig")
    async with HeyGenEmulator.from_account(voices, str(rest)) as api:
        assert await ids(api, "/v3/voices", "voice_id") == ["v_mine"]
        assert await ids(api, "/v3/voices?type=private", "voice_id") == ["v_clone"]
        assert (await get(api, "/v3/voices/v_mine"))["name"] == "My voice"
        assert await ids(api, "/v3/avatars") == ["g_mine"]
        assert (await get(api, "/v3/avatars/looks/l_mine")).items() >= LOOK.items()
        assert await ids(api, "/v3/templates") == ["t_mine"]
        assert await ids(api, "/v3/video-agents/styles", "style_id") == ["s_mine"]
        assert await ids(api, "/v3/brand-kits", "brand_kit_id") == ["k_mine"]
        assert await ids(api, "/v3/brand-glossaries", "brand_glossary_id") == ["b_mine"]
        assert (await get(api, "/v3/folders/f_mine"))["name"] == "Films"
        assert await get(api, "/v3/video-translations/languages") == {"languages": ["Klingon"]}


async def test_a_kind_without_a_list_keeps_its_samples(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text(json.dumps([[VOICE], {"avatars": [LOOK]}]), encoding="utf-8")
    async with HeyGenEmulator.from_account(path, known_voices=["v_2"]) as api:
        assert await ids(api, "/v3/voices", "voice_id") == ["v_mine", "v_2"]
        assert await ids(api, "/v3/avatars") == ["g_mine"]
        assert len(await ids(api, "/v3/templates")) == 3
        await api.reset()
        assert await ids(api, "/v3/voices", "voice_id") == ["v_mine", "v_2"]


async def test_lists_of_v2_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "avatars.json"
    old = {"avatar_id": "Daisy-1", "avatar_name": "Daisy", "gender": "female"}
    photo = {"talking_photo_id": "p_1", "talking_photo_name": "Me"}
    path.write_text(json.dumps({"data": {"avatars": [old], "talking_photos": [photo]}}), encoding="utf-8")
    async with HeyGenEmulator.from_account(path) as api:
        assert await ids(api, "/v3/avatars/looks", "name") == ["Daisy", "Me"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no list of voices"),
        ('{"data": [{"id": "video_1", "status": "completed"}]}', "has no list of voices"),
        ('[{"voice_id": "voice_0001"', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("NAME  LANGUAGE\nAda   English\n", "is not JSON"),
    ],
)
def test_another_file_is_an_error_that_says_what_to_write(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"account\.json {message}"):
        HeyGenEmulator.from_account(path)
