"""The MCP server behind a forward proxy: what goes through it, and the errors that a tool's caller sees."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client
from mcp_support import AVATAR, connect_stdio, text_of
from network_support import HOST, Authority, ForwardProxy, forward_proxy, tls_emulator
from support import PNG
from yarl import URL

from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow
PASSWORD = "pass-word"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def hidden(authority: Authority) -> AsyncIterator[HeyGenEmulator]:
    """An emulator over https under a name that only the proxy resolves."""
    async with tls_emulator(authority) as api:
        yield api


@asynccontextmanager
async def proxied_server(
    api: HeyGenEmulator, authority: Authority, proxy: ForwardProxy, folder: Path, **variables: str
) -> AsyncIterator[Callable[..., Awaitable[tuple[bool, str]]]]:
    """Start a server that finds a proxy in its environment; yield a function that calls a tool.

    In the end, the password of the proxy is in no result and no line that the server printed.
    """
    results: list[str] = []
    variables = {
        "HTTPS_PROXY": f"http://ada:{PASSWORD}@127.0.0.1:{proxy.port}", "NO_PROXY": "",
        "SSL_CERT_FILE": str(authority.bundle), **variables,
    }  # fmt: skip
    with (folder / "stderr.txt").open("w+", encoding="utf-8") as log:
        options = ("--spending", "allow", "--files", str(folder))
        async with Client(connect_stdio(api, *options, log=log, **variables)) as connected:

            async def call(name: str, **arguments: object) -> tuple[bool, str]:
                result = await connected.call_tool(name, arguments)
                results.append(result.model_dump_json())
                return bool(result.is_error), text_of(result)

            yield call
        log.seek(0)
        assert PASSWORD not in "".join([*results, log.read()])


async def test_every_request_of_the_tools_goes_through_the_proxy(
    hidden: HeyGenEmulator, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    async with (
        forward_proxy(f"ada:{PASSWORD}") as proxy,
        proxied_server(hidden, authority, proxy, tmp_path) as call,
    ):
        assert (await call("get_current_user"))[0] is False
        _, text = await call("create_video_from_avatar", **AVATAR)
        is_error, text = await call("wait_for_video", video_id=json.loads(text)["data"]["video_id"])
        assert (is_error, json.loads(text)["data"]["status"]) == (False, "completed")
        assert (await call("create_asset", file="logo.png"))[0] is False
    assert {one.operation for one in hidden.requests} >= {"UserMeGet", "VideoCreate", "VideoGet", "AssetCreate"}
    assert set(proxy.connections) == {f"{HOST}:{URL(hidden.url).port}"}


async def test_a_host_in_no_proxy_is_not_reached_through_the_proxy(
    hidden: HeyGenEmulator, authority: Authority, tmp_path: Path
) -> None:
    async with (
        forward_proxy(f"ada:{PASSWORD}") as proxy,
        proxied_server(hidden, authority, proxy, tmp_path, NO_PROXY=HOST) as call,
    ):
        is_error, text = await call("get_current_user")
    assert (is_error, proxy.connections, hidden.requests) == (True, [], [])
    assert f"the host {HOST} was not found" in text


async def test_a_refusal_of_the_proxy_is_the_error_of_the_tool(
    hidden: HeyGenEmulator, authority: Authority, tmp_path: Path
) -> None:
    async with (
        forward_proxy("ada:another") as proxy,
        proxied_server(hidden, authority, proxy, tmp_path) as call,
    ):
        for login, status_line, expected in (
            ("ada:another", "", "it responded 407 (Proxy Authentication Required). Set its name and password"),
            (None, "502 Bad Gateway", "it responded 502 (Bad Gateway)"),
            (None, "200 OK", "a page of its own"),
        ):
            proxy.login, proxy.status_line = login, status_line
            is_error, text = await call("get_current_user")
            assert is_error
            assert f"the proxy http://127.0.0.1:{proxy.port} opened no " in text
            assert expected in text
    assert hidden.requests == []
