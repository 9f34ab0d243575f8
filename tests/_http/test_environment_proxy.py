"""Sessions with `trust_env=True`: no password of a netrc file is read or sent, and proxies are used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from forged_api import forged_api
from support import PNG

from heygen_async import AsyncHeyGen
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A netrc file with a password for every host, and the names of the files that are opened from now on."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password planted\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    names: list[str] = []
    recording = [True]  # a hook cannot be removed

    def record(event: str, values: tuple[object, ...]) -> None:
        if event == "open" and recording:
            names.append(str(values[0]))

    sys.addaudithook(record)
    yield names
    recording.clear()


async def test_netrc_is_never_read(api: HeyGenEmulator, opened: list[str], tmp_path: Path) -> None:
    async with (
        aiohttp.ClientSession(trust_env=True) as session,
        AsyncHeyGen(api.key, base_url=api.url, session=session) as client,
    ):
        await client.users.me()
        await client.assets.upload(PNG)
        await client.download(await client.videos.create_and_wait(SCRIPT), tmp_path / "a.mp4")
        assert not session.closed
    assert {request.origin for request in api.requests} == {"api", "storage"}
    assert [request.headers["Authorization"] for request in api.requests if "Authorization" in request.headers] == []
    assert not [name for name in opened if name.endswith("netrc")]


async def test_session_itself_keeps_trusting_the_environment(api: HeyGenEmulator, opened: list[str]) -> None:
    async with (
        aiohttp.ClientSession(trust_env=True) as session,
        AsyncHeyGen(api.key, base_url=api.url, session=session) as client,
    ):
        await client.users.me()
        async with session.get(f"{api.url}/v3/users/me"):
            pass
    assert session.trust_env
    assert any(name.endswith("netrc") for name in opened)


async def test_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, opened: list[str]) -> None:
    async with forged_api() as (proxy, _), aiohttp.ClientSession(trust_env=True) as session:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        proxy.give({"data": {"username": "proxied"}})
        options = {"base_url": "http://heygen.invalid", "insecure_http": True, "session": session}
        async with AsyncHeyGen("key", **options) as client:  # type: ignore[arg-type]
            assert (await client.users.me()).username == "proxied"
            monkeypatch.setenv("no_proxy", "heygen.invalid")
            with pytest.raises(Exception, match=r"heygen\.invalid was not found"):
                await client.with_options(max_retries=0).users.me()
    assert not [name for name in opened if name.endswith("netrc")]
