"""Completion of the arguments of prompts."""

from __future__ import annotations

import asyncio

import pytest
from mcp import Client, types

from heygen_async import AsyncHeyGen
from heygen_async.mcp import create_server
from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow
PROMPT = types.PromptReference(type="ref/prompt", name="video_from_document")


async def complete(connected: Client, argument: str, typed: str) -> types.Completion:
    return (await connected.complete(PROMPT, {"name": argument, "value": typed})).completion


@pytest.mark.parametrize("argument", ["voice", "avatar", "language"])
async def test_completes_names(client: AsyncHeyGen, protocol_mode: str, argument: str) -> None:
    async with Client(create_server(client), mode=protocol_mode) as connected:
        every = (await complete(connected, argument, "")).values
        assert 1 <= len(every) <= 100
        assert every[0] in (await complete(connected, argument, every[0][:3].lower())).values
        assert (await complete(connected, argument, "no such name")).values == []


async def test_reads_all_pages_once_for_many_keystrokes() -> None:
    voices = [f"narrator {number}" for number in range(250)]
    async with HeyGenEmulator(autojump=True, known_voices=voices) as api:
        server = create_server(AsyncHeyGen(api.key, base_url=api.url))
        async with Client(server) as connected:
            for typed in ("narr", "narra", "narrator"):
                found = await complete(connected, "voice", typed)
                assert (len(found.values), found.total, found.has_more) == (100, 250, True)
            last = await complete(connected, "voice", "Narrator 249")
            assert (last.values, last.total, last.has_more) == (["narrator 249"], 1, False)
            pages = [request.query.get("token") for request in api.requests_for("VoiceList")]
            assert len(pages) == len(set(pages)) >= 3
            await asyncio.sleep(301)
            await complete(connected, "voice", "")
            assert len(api.requests_for("VoiceList")) == 2 * len(pages)


async def test_reads_at_most_a_thousand_names(client: AsyncHeyGen) -> None:
    voices = [f"narrator {number}" for number in range(1100)]
    async with HeyGenEmulator(known_voices=voices) as api:
        async with Client(create_server(AsyncHeyGen(api.key, base_url=api.url))) as connected:
            found = await complete(connected, "voice", "narrator 10")
        assert (found.total, found.has_more, len(api.requests_for("VoiceList"))) == (None, True, 10)


async def test_knows_no_other_argument(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    async with Client(create_server(client)) as connected:
        assert await complete(connected, "document", "a") == types.Completion(values=[], total=0)
    assert api.requests == []
