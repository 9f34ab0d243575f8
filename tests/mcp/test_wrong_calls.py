"""A model that calls tools wrongly: nothing is paid for twice, and each error says what to do, with no more than that."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp_support import AVATAR, text_of

from heygen_async import AsyncHeyGen
from heygen_async.mcp import create_server
from heygen_async.testing import Fault, HeyGenEmulator

pytestmark = pytest.mark.slow
CREATE, AGENT = "create_video_from_avatar", "create_video_agent"
HUGE = "x" * 300_000  # If each letter was a start to look for, this would take an hour.
DEEP: Any = []
for _ in range(150):
    DEEP = [DEEP]

#: Tools, wrong arguments, and the words of the error that say what is right.
WRONG_CALLS: list[tuple[str, dict[str, Any], str]] = [
    (CREATE, dict.fromkeys(AVATAR), "avatar_id is missing"),
    (CREATE, {**AVATAR, "aspect_ratio": "16x9"}, "expected one of '16:9', '1:1'"),
    (CREATE, {**AVATAR, "background": {"type": "colour"}}, "background.type is 'colour'; expected one of 'color', "),
    (CREATE, {**AVATAR, "engine": "avatar_iv"}, "engine is 'avatar_iv'; expected an object"),
    (CREATE, {**AVATAR, "type": "image"}, "type is 'image'; expected 'avatar'"),
    (CREATE, {**AVATAR, "new": "true"}, "expected true or false"),
    (CREATE, {**AVATAR, "voice_id": "Ada"}, "Take a voice id from list_voices"),
    (CREATE, {**AVATAR, "audio_url": "https://example.com/a.mp3"}, "exactly one of script, audio_url"),
    (CREATE, {**AVATAR, "script": HUGE}, "'script' must have 1 to 5000 characters"),
    (CREATE, {**AVATAR, "title": DEEP}, "title is '…'; expected at most 100 levels"),
    (AGENT, {"promt": "A tour"}, "did you mean 'prompt'?"),
    (AGENT, {"prompt": "A tour", HUGE: 1}, "expected one of avatar_id"),
    (AGENT, {"prompt": "A tour", "idempotency_key": "k"}, "idempotency_key is 'k'; expected one of"),
    (AGENT, {"prompt": "A tour", "callback_url": "https://evil.example/"}, "callback_url is"),
    (AGENT, {"prompt": "A tour", "files": ["/etc/passwd"]}, "lets a model read only local files below"),
    ("create_asset", {"file": "../secret.txt"}, "lets a model read only local files below"),
    ("create_asset", {"file": "link.txt"}, "lets a model read only local files below"),
    ("create_asset", {"file": "https://example.com/a.png"}, "a URL needs no upload"),
    ("get_video", {"video_id": HUGE}, "… (300011 characters)"),
    ("get_video", {"video_id": "../users/me"}, "No video was found with id '../users/me'"),
    ("get_video", {"id": "v"}, "expected one of video_id"),
    ("wait_for_video", {"video_id": 7}, "video_id is 7; expected text"),
    ("wait_for_video", {"video_id": "v", "max_wait": 600}, "expected one of video_id"),
    ("download_video", {"video_id": "../../secret"}, "404"),
    ("download_video", {"video_id": "v", "path": "/etc/passwd"}, "expected one of video_id"),
    ("get_request", {"request_id": HUGE}, "the request_id of a create in the last 10 minutes"),
    ("call_tool", {"name": "call_tool", "arguments": {"name": "call_tool"}}, "expected a name from search_tools"),
    ("call_tool", {"name": "delete_voices"}, "did you mean 'delete_voice'?"),
    ("call_tool", {"name": AGENT, "arguments": "{}"}, "arguments is '{}'; expected an object"),
    ("call_tool", {"name": AGENT, "arguments_json": "[" * 100_000}, "expected a JSON object as text"),
    ("call_tool", {"name": AGENT, "arguments_json": '{"a":' * 500 + "1" + "}" * 500}, "at most 100 levels"),
]


@pytest.fixture
def connecting(client: AsyncHeyGen, tmp_path: Path) -> Client:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "secret.txt")
    server = create_server(
        client, toolset=["video", "search"], spending="allow", files=tmp_path / "in", output_dir=tmp_path / "in"
    )
    return Client(server)


async def test_each_error_says_what_is_right(
    connecting: Client, api: HeyGenEmulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with connecting as connected:
        for name, arguments, words in WRONG_CALLS:
            result = await connected.call_tool(name, arguments)
            error = text_of(result)
            assert result.is_error, (name, error)
            assert words in error, (name, error)
            assert len(error) < 1500, (name, error)
            assert not re.search(r"Traceback|pathlib|site-packages|idempotency_key, ", error), error
    assert api.ledger == []
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["link.txt"]
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("create_video_agents", "did you mean create_video_agent"),
        ("delete_voice", "run call_tool"),
        (HUGE, "tools/list"),
    ],
)
async def test_an_unknown_tool_is_an_error_with_the_right_one(connecting: Client, name: str, words: str) -> None:
    async with connecting as connected:
        with pytest.raises(MCPError, match=words) as raised:
            await connected.call_tool(name, {})
    assert len(str(raised.value)) < 500


async def test_equal_creates_in_parallel_are_one_charge(
    connecting: Client, api: HeyGenEmulator, protocol_mode: str
) -> None:
    api.inject(Fault("delay", operation="VideoCreate", seconds=30))
    async with connecting as connected:
        calls = (connected.call_tool(CREATE, AVATAR | dict.fromkeys(["title", "new"])) for _ in range(5))
        accepted = {result.structured_content["data"]["request_id"] for result in await asyncio.gather(*calls)}
        assert len(accepted) == 1
        await asyncio.sleep(60)
        assert not (await connected.call_tool("get_request", {"request_id": accepted.pop()})).is_error
    assert len(api.ledger) == 1


async def test_a_token_is_not_taken_for_another_call(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    async with Client(create_server(client, toolset="all", include=["call_tool"])) as connected:

        async def call(name: str, arguments: dict[str, Any]) -> str:
            return text_of(await connected.call_tool(name, arguments))

        refused = {name: await call(name, arguments) for name, arguments in PAID.items()}
        tokens = {name: re.findall("confirmation_token='([^']+)'", text)[0] for name, text in refused.items()}
        for name, arguments in PAID.items():
            for other in {*tokens.values()} - {tokens[name]}:
                assert "was not confirmed" in await call(name, arguments | {"confirmation_token": other})
        assert api.ledger == []
        once = {"name": AGENT, "arguments": PAID[AGENT] | {"confirmation_token": tokens[AGENT]}}
        answers = await asyncio.gather(*(call("call_tool", once) for _ in range(3)))
        assert len(api.ledger) == 1
        assert len([one for one in answers if "session_id" in one]) >= 1


PAID: dict[str, dict[str, Any]] = {
    AGENT: {"prompt": "A tour"},
    CREATE: AVATAR,
    "create_speech": {"text": "Hello.", "voice_id": "voice_0001"},
}
