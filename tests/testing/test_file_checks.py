"""Files of requests, over raw HTTP: types, sizes, lengths and resolutions that the documentation rules out are refused."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import aiohttp
import pytest
from raw_requests import PlainClient, post

from heygen_async.testing import HeyGenEmulator

MB = 1 << 20
SPOKEN = {"script": "Hello there.", "voice_id": "voice_0001"}
AVATAR = {"type": "avatar", "avatar_id": "avatar_1"}
AGENT = "/v3/video-agents"
#: A file of an account: its largest allowed form, and the same beyond a limit.
ASSETS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("image", {"content_type": "image/png", "size_bytes": 50 * MB}, {"size_bytes": 50 * MB + 1}),
    ("image", {"content_type": "image/jpeg", "width": 2047, "height": 2}, {"width": 2, "height": 2048}),
    ("image", {"content_type": "image/jpeg"}, {"content_type": "video/mp4"}),
    ("image", {"content_type": "image/png"}, {"content_type": "image/gif"}),
    ("video", {"content_type": "video/mp4", "size_bytes": 100 * MB}, {"size_bytes": 100 * MB + 1}),
    ("video", {"content_type": "video/webm", "width": 1920}, {"width": 2048}),
    ("video", {"content_type": "video/webm"}, {"content_type": "audio/wav"}),
    ("audio", {"content_type": "audio/wav", "size_bytes": 50 * MB}, {"size_bytes": 50 * MB + 1}),
    ("audio", {"content_type": "audio/mpeg", "seconds": 600}, {"seconds": 600.5}),
    ("audio", {"content_type": "audio/mpeg"}, {"content_type": "application/pdf"}),
]


def wav(seconds: int) -> bytes:
    """A WAV with one byte for each second."""
    head = b"RIFF" + bytes(4) + b"WAVEfmt " + bytes(12) + (1).to_bytes(4, "little") + bytes(12)
    return head + bytes(seconds)


def requests(kind: str, file: dict[str, str]) -> list[tuple[dict[str, Any], str]]:
    """Every video with such a file, and the path of the file."""
    if kind == "audio":
        body = {**AVATAR, **{f"audio_{name}": value for name, value in file.items()}}
        return [(body, next(name for name in body if name.startswith("audio_")))]
    tagged = {"type": next(iter(file)), **file}
    behind = {**AVATAR, **SPOKEN, "background": {"type": kind, **file}}
    scene = {"type": kind, "source": tagged, **SPOKEN}
    found = [
        ({"type": "studio", "scenes": [scene]}, "scenes[0].source"),
        ({"type": "studio", "scenes": [{"type": "avatar_video", "input": behind}]}, "scenes[0].input.background"),
    ]
    if kind == "image":  # a video's own background is no video
        found += [(behind, "background"), ({"type": "image", "image": tagged, **SPOKEN}, "image")]
    return found


@pytest.mark.parametrize(("kind", "allowed", "change"), ASSETS)
async def test_assets_of_videos_have_limits(kind: str, allowed: dict[str, Any], change: dict[str, Any]) -> None:
    async with (
        HeyGenEmulator(autojump=True, concurrency_limit=100, balance=1e6) as api,
        aiohttp.ClientSession() as session,
    ):
        api.add("asset", "file", **allowed)
        for body, _ in requests(kind, {"asset_id": "file"}):
            assert (await post(api, session, "/v3/videos", body))[0] == 200
        charges = len(api.ledger)
        api.add("asset", "file", **allowed | change)
        for body, param in requests(kind, {"asset_id": "file"}):
            for path, whole, prefix in (
                ("/v3/videos", body, ""),
                ("/v3/videos/batches", {"videos": [body]}, "videos[0]."),
            ):
                status, error, hint = await post(api, session, path, whole)
                assert (status, error["code"], error["param"]) == (400, "download_failed", prefix + param)
                assert "lenient=True" in hint
        assert len(api.ledger) == charges


@pytest.mark.parametrize(
    ("kind", "ending", "other"), [("image", "jpeg", "mp4"), ("video", "webm", "mov"), ("audio", "mp3", "png")]
)
async def test_the_ending_of_an_address_is_checked(kind: str, ending: str, other: str) -> None:
    async with (
        HeyGenEmulator(autojump=True, concurrency_limit=100, balance=1e6) as api,
        aiohttp.ClientSession() as session,
    ):
        for suffix in (f".{ending}", f".{ending.upper()}?a=b.txt", "", ".unknown"):
            for body, _ in requests(kind, {"url": f"https://example.com/file{suffix}"}):
                assert (await post(api, session, "/v3/videos", body))[0] == 200, suffix
        for body, param in requests(kind, {"url": f"https://example.com/file.{other}"}):
            status, error, _ = await post(api, session, "/v3/videos", body)
            assert (status, error["param"]) == (400, param)


@pytest.mark.parametrize(
    "type", ["image/png", "image/jpeg", "video/mp4", "video/webm", "audio/mpeg", "audio/wav", "application/pdf"]
)
async def test_sessions_take_the_documented_types(type: str) -> None:
    async with HeyGenEmulator(autojump=True) as api, aiohttp.ClientSession() as session:
        api.add("asset", "file", content_type=type, size_bytes=200 * MB)
        file = {"type": "asset_id", "asset_id": "file"}
        assert (await post(api, session, AGENT, {"prompt": "A tour", "files": [file]}))[0] == 200


async def test_sessions_refuse_other_types() -> None:
    async with HeyGenEmulator(autojump=True) as api, aiohttp.ClientSession() as session:
        file = {"type": "base64", "media_type": "image/gif", "data": "R0lG"}
        status, error, hint = await post(api, session, AGENT, {"prompt": "A tour", "files": [file]})
        assert (status, error["code"], error["param"]) == (400, "invalid_parameter", "files[0]")
        assert "image/gif" in hint


async def test_a_file_in_a_request_and_behind_a_url_has_at_most_32_mb() -> None:
    data = b64encode(bytes(33 * MB)).decode()
    project = {"project": {"type": "base64", "media_type": "application/zip", "data": data}}
    async with HeyGenEmulator(autojump=True, record_requests=False) as api, aiohttp.ClientSession() as session:
        status, error, hint = await post(api, session, "/v3/hyperframes/renders", project)
        assert (status, error["code"], error["param"]) == (413, "hyperframes_project_too_large", "project")
        assert "upload it directly" in hint
        api.add("asset", "film", content_type="video/mp4", size_bytes=32 * MB + 1)
        clip = {"type": "url", "url": f"{api.storage_url}/assets/film?Signature=a"}
        status, error, _ = await post(api, session, "/v3/ai-clipping", {"video": clip})
        assert (status, error["code"], error["param"]) == (400, "invalid_parameter", "video")
        assert error["message"] == "Maximum size for URL inputs of type 'video/mp4' is 32 MB"
        clip = {"type": "asset_id", "asset_id": "film"}
        assert (await post(api, session, "/v3/ai-clipping", {"video": clip}))[0] == 200


@pytest.mark.parametrize("seconds", [600, 601])
async def test_the_length_of_an_uploaded_recording_is_read(seconds: int) -> None:
    form = aiohttp.FormData()
    form.add_field("file", wav(seconds), filename="talk.wav")
    async with HeyGenEmulator(autojump=True) as api, aiohttp.ClientSession() as session:
        headers = {"X-Api-Key": api.key}
        async with session.post(f"{api.url}/v3/assets", data=form, headers=headers) as response:
            id = (await response.json())["data"]["asset_id"]
        status, _, _ = await post(api, session, "/v3/videos", {**AVATAR, "audio_asset_id": id})
    assert status == (200 if seconds <= 600 else 400)


async def test_a_lenient_emulator_takes_any_file() -> None:
    async with HeyGenEmulator(autojump=True, lenient=True) as api, aiohttp.ClientSession() as session:
        for body, _ in requests("image", {"url": "https://example.com/a.gif"}):
            assert (await post(api, session, "/v3/videos", body))[0] == 200


@pytest.mark.parametrize("data", [5, {"x": 1}, None, ["a"]])
@pytest.mark.parametrize("name", ["data", "url"])
async def test_data_of_the_program_is_no_file(name: str, data: Any) -> None:
    async with HeyGenEmulator() as api, aiohttp.ClientSession() as session:
        body = {"project": {"type": "url", "url": "https://example.com/a.zip"}, "variables": {name: data}}
        assert (await post(api, session, "/v3/hyperframes/renders", body))[0] == 202


async def test_a_cursor_of_another_list_is_refused() -> None:
    async with HeyGenEmulator() as api, aiohttp.ClientSession() as session:
        ask = PlainClient(api, session)
        for prompt in ("One", "Two"):
            assert (await ask("POST", AGENT, {"prompt": prompt}))[0] == 200
        _, sessions = await ask("GET", f"{AGENT}?limit=1")
        status, response = await ask("GET", f"/v3/videos?token={sessions['next_token']}")
        assert (status, response["error"]["param"]) == (400, "token")
