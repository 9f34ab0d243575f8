"""Bearer tokens over HTTP: who may call, whose key pays, and what the server refuses to start with."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp_support import AVATAR, run_command, serve_here, serve_http, text_of

from heygen_async import AsyncHeyGen
from heygen_async.agents import Spending
from heygen_async.mcp import create_server
from heygen_async.mcp.bearer_tokens import User
from heygen_async.testing import Fault, HeyGenEmulator

pytestmark = pytest.mark.slow
ADA, BEN = "ada-token-0123456789", "ben-token-0123456789"


@asynccontextmanager
async def connect(url: str, token: str, mode: str = "auto") -> AsyncIterator[Client]:
    async with (
        create_mcp_http_client(headers={"Authorization": f"Bearer {token}"}) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as connected,
    ):
        yield connected


def serve_for_ada_and_ben(of_ada: HeyGenEmulator, of_ben: HeyGenEmulator, spending: Spending = "allow") -> Any:
    """A server whose two users pay with keys of their own."""
    clients = {name: AsyncHeyGen(api.key, base_url=api.url) for name, api in (("ada", of_ada), ("ben", of_ben))}
    users = [User("ada", ADA, of_ada.key), User("ben", BEN, of_ben.key)]
    return serve_here(create_server(clients["ada"], spending=spending, users=clients), users)


async def test_a_request_needs_the_token_of_a_user(tmp_path: Path) -> None:
    async with HeyGenEmulator() as api:
        path = tmp_path / "tokens.txt"
        path.write_text(f"# who may call\nada:{ADA}\nben:{BEN}:another-key-of-heygen\n", encoding="utf-8")
        async with (
            serve_http(api, "--tokens", str(path), "--spending", "allow") as (url, _),
            aiohttp.ClientSession() as session,
        ):
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {ADA}"}):
                async with session.post(url, json={}, headers=headers) as response:
                    assert response.status == 401
                    assert "Bearer" in response.headers["WWW-Authenticate"]
            for token, is_rejected in ((ADA, False), (BEN, True)):  # the emulator knows the server's key alone
                async with connect(url, token) as connected:
                    created = await connected.call_tool("create_video_from_avatar", AVATAR)
                    assert created.is_error == is_rejected
        assert [request.status for request in api.requests_for("VideoCreate")] == [200, 401]
        assert len(api.ledger) == 1


async def test_equal_creates_of_two_users_are_two_charges_on_their_own_keys(protocol_mode: str) -> None:
    async with (
        HeyGenEmulator(autojump=True, api_key="key-of-ada") as of_ada,
        HeyGenEmulator(clock=of_ada.clock, api_key="key-of-ben") as of_ben,
        serve_for_ada_and_ben(of_ada, of_ben) as url,
        connect(url, ADA, protocol_mode) as from_ada,
        connect(url, BEN, protocol_mode) as from_ben,
    ):
        for api in (of_ada, of_ben):  # Neither create has ended when the other one starts.
            api.inject(Fault("delay", operation="VideoCreate", seconds=30))
        calls = (one.call_tool("create_video_from_avatar", AVATAR) for one in (from_ada, from_ben))
        accepted = [result.structured_content["data"]["request_id"] for result in await asyncio.gather(*calls)]
        foreign = await from_ben.call_tool("get_request", {"request_id": accepted[0]})
        assert (foreign.is_error, "the request_id of a create" in text_of(foreign)) == (True, True)
        await asyncio.sleep(60)
        for one, id, api in zip((from_ada, from_ben), accepted, (of_ada, of_ben), strict=True):
            created = await one.call_tool("get_request", {"request_id": id})
            assert [charge.id for charge in api.ledger] == [created.structured_content["data"]["video_id"]]
            assert {request.headers["X-Api-Key"] for request in api.requests} == {api.key}


async def test_a_token_of_confirmation_is_of_one_user(protocol_mode: str) -> None:
    async with (
        HeyGenEmulator(autojump=True) as api,
        serve_for_ada_and_ben(api, api, spending="confirm") as url,
        connect(url, ADA, protocol_mode) as ada,
        connect(url, BEN, protocol_mode) as ben,
    ):
        refused = text_of(await ada.call_tool("create_video_from_avatar", AVATAR))
        (token,) = re.findall("confirmation_token='([^']+)'", refused)
        for one, is_error in ((ben, True), (ada, False), (ada, True)):
            result = await one.call_tool("create_video_from_avatar", AVATAR | {"confirmation_token": token})
            assert result.is_error == is_error
        assert len(api.ledger) == 1


async def test_other_machines_need_a_token_and_a_name(tmp_path: Path) -> None:
    async with HeyGenEmulator() as api:
        code, _, error = await run_command("--http", "--host", "0.0.0.0", HEYGEN_API_KEY="k", HEYGEN_MCP_TOKEN=ADA)
        assert (code, "needs --allowed-host NAME" in error) == (2, True)
        code, _, error = await run_command("--http", "--host", "192.0.2.1", HEYGEN_API_KEY="k", HEYGEN_MCP_TOKEN=ADA)
        assert (code, "Cannot listen on 192.0.2.1:8000" in error) == (2, True)
        arguments = ("--host", "0.0.0.0", "--allowed-host", "mcp.example.com")
        async with (
            serve_http(api, *arguments, HEYGEN_MCP_TOKEN=ADA) as (url, _),
            aiohttp.ClientSession() as session,
        ):
            url = url.replace("0.0.0.0", "127.0.0.1")
            for host, origin, expected in (
                ("mcp.example.com", "https://mcp.example.com", 200),
                ("mcp.example.com:8443", None, 200),
                ("other.example.com", None, 421),
                ("mcp.example.com", "https://evil.example", 403),
            ):
                sent: dict[str, Any] = {"Host": host, **({"Origin": origin} if origin else {})}
                sent |= {"Authorization": f"Bearer {ADA}", "Accept": "application/json, text/event-stream"}
                async with session.post(url, json=INITIALIZE, headers=sent) as response:
                    assert response.status == expected, host


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no user"),
        ("ada:short", "line 1 of"),
        (f"ada:{ADA}\nada:{BEN}", "line 2 of"),
        (f"ada:{ADA}\nben:{ADA}", "repeats a name or a token"),
    ],
)
async def test_reports_a_wrong_file_of_tokens(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "tokens.txt"
    path.write_text(text, encoding="utf-8")
    code, _, error = await run_command("--http", "--tokens", str(path), HEYGEN_API_KEY="k")
    assert (code, words in error, ADA in error) == (2, True, False)


INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}},
}  # fmt: skip
