"""Proxies: the choice by option and environment, and everything that the client sends through them."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from forged_api import forged_api
from network_support import HOST, Authority, forward_proxy, tls_emulator
from support import PNG, QUICK
from yarl import URL

import heygen_async
from heygen_async import APIConnectionError, AsyncHeyGen, AvatarVideo, ConfigurationError, DownloadError
from heygen_async._http.proxies import environment_proxies
from heygen_async.testing import HeyGenEmulator

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD")
ZIP = b"PK\x05\x06" + b"\0" * 18
PACKAGE = Path(heygen_async.__file__).parent
SPOKEN = AvatarVideo(avatar_id="avatar_1", script="Hello.", voice_id="voice_0001")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def hidden(authority: Authority) -> AsyncIterator[HeyGenEmulator]:
    """An emulator over https under a name that only the proxies resolve."""
    async with tls_emulator(authority) as api:
        yield api


async def use_everything(heygen: AsyncHeyGen, folder: Path) -> None:
    """Create, wait, upload through the API and into the storage, and download."""
    await heygen.assets.upload(PNG)
    await heygen.assets.upload(ZIP)
    video = await heygen.videos.create_and_wait(SPOKEN, poll=QUICK)
    await heygen.download(video, folder / "film.mp4")


@pytest.mark.parametrize(
    ("environment", "url", "expected"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://api.heygen.com", "http://p:1"),
        ({"https_proxy": "http://p:1"}, "https://api.heygen.com", "http://p:1"),
        ({"https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:1"}, "https://a.example", "http://low:1"),
        ({"HTTPS_PROXY": "p:1"}, "https://api.heygen.com", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "https://api.heygen.com", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://a.example", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, "http://a.example", None),
        ({"ALL_PROXY": "socks5://p:1"}, "https://a.example", "socks5://p:1"),
        ({"ALL_PROXY": "socks5://p:1", "HTTPS_PROXY": "http://q:1"}, "https://a.example", "http://q:1"),
        ({"HTTPS_PROXY": ""}, "https://a.example", None),
        ({"ALL_PROXY": "http://p:1"}, "https://localhost:8443", None),
        ({"ALL_PROXY": "http://p:1"}, "http://127.0.0.2", None),
        ({"ALL_PROXY": "http://p:1"}, "http://[::1]:80", None),
    ],
)
def test_the_environment_names_the_proxy(
    environment: dict[str, str], url: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    proxy = environment_proxies().for_url(URL(url))
    assert (proxy and str(proxy.url)) == expected


@pytest.mark.parametrize(
    ("no_proxy", "url", "is_direct"),
    [
        ("*", "https://a.example", True),
        ("a.example", "https://a.example", True),
        ("a.example", "https://b.a.example", True),
        (".a.example", "https://a.example", True),
        ("*.a.example", "https://b.a.example", True),
        ("a.example", "https://ba.example", False),
        ("A.Example.", "https://a.example", True),
        ("x.example, a.example ,", "https://a.example", True),
        ("a.example:443", "https://a.example", True),
        ("a.example:8443", "https://a.example", False),
        ("a.example:8443", "https://a.example:8443", True),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.0.0.0/8", "https://a.example", False),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("2001:db8::/32", "https://[2001:db8::1]", True),
        ("2001:db8::1", "https://[2001:db8::1]", True),
        ("[2001:db8::1]:443", "https://[2001:db8::1]", True),
        ("[2001:db8::1]:80", "https://[2001:db8::1]", False),
        ("not a network/8", "https://a.example", False),
        ("", "https://a.example", False),
    ],
)
def test_no_proxy_lists_hosts_networks_and_ports(
    no_proxy: str, url: str, is_direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert (environment_proxies().for_url(URL(url)) is None) == is_direct


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
@pytest.mark.parametrize("login", [None, "ada:pass%2Fword"])
async def test_everything_goes_through_the_proxy_of_the_environment(
    scheme: str,
    login: str | None,
    hidden: HeyGenEmulator,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    async with forward_proxy(login and "ada:pass/word") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://{f'{login}@' if login else ''}127.0.0.1:{proxy.port}")
        async with AsyncHeyGen(hidden.key, base_url=hidden.url, ca_bundle=authority.bundle) as heygen:
            await use_everything(heygen, tmp_path)
            assert "pass" not in repr(vars(heygen))
    hosts = {URL(url).port for url in (hidden.url, hidden.storage_url)}
    assert {int(one.rpartition(":")[2]) for one in proxy.connections} == hosts
    assert {one.rpartition(":")[0] for one in proxy.connections} == {HOST}


async def test_a_proxy_of_the_program_is_used_for_every_host(authority: Authority, tmp_path: Path) -> None:
    async with forward_proxy() as proxy, tls_emulator(authority, "localhost") as api:
        options = {"base_url": api.url, "ca_bundle": authority.bundle}
        async with AsyncHeyGen(api.key, proxy=f"http://127.0.0.1:{proxy.port}", **options) as heygen:  # type: ignore[arg-type]
            await use_everything(heygen, tmp_path)
        assert len(proxy.connections) >= 2
        proxy.connections.clear()
        async with AsyncHeyGen(api.key, **options) as heygen:  # type: ignore[arg-type]
            await heygen.with_options(proxy=f"127.0.0.1:{proxy.port}").users.me()
            assert len(proxy.connections) == 1
            await heygen.users.me()
            assert len(proxy.connections) == 1


async def test_the_environment_can_be_ignored(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    async with forward_proxy() as proxy, tls_emulator(authority, "localhost") as api:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        for options in ({"trust_env": False}, {}):  # by default, loopback needs no proxy of the environment
            async with AsyncHeyGen(api.key, base_url=api.url, ca_bundle=authority.bundle, **options) as heygen:  # type: ignore[arg-type]
                await heygen.users.me()
    assert proxy.connections == []


@pytest.mark.parametrize(
    ("login", "status_line", "expected"),
    [
        ("ada:secret-password", "", r"responded 407 \(Proxy Authentication Required\). Set its name and password"),
        (None, "502 Bad Gateway", r"responded 502 \(Bad Gateway\)"),
        (None, "403 Forbidden", r"responded 403 \(Forbidden\)"),
        (None, "200 OK", "opened no TLS connection to .*a page of its own"),
    ],
)
async def test_a_refusal_of_the_proxy_names_the_proxy(
    login: str | None, status_line: str, expected: str, hidden: HeyGenEmulator, authority: Authority, tmp_path: Path
) -> None:
    async with forward_proxy(login) as proxy:
        proxy.status_line = status_line
        address = f"http://ada:other-password@127.0.0.1:{proxy.port}"
        options = {"base_url": hidden.url, "ca_bundle": authority.bundle, "max_retries": 0}
        async with AsyncHeyGen(hidden.key, proxy=address, **options) as heygen:  # type: ignore[arg-type]
            with pytest.raises(APIConnectionError, match=expected) as caught:
                await heygen.users.me()
            assert f"the proxy http://127.0.0.1:{proxy.port} opened no " in str(caught.value)
            with pytest.raises(DownloadError, match=expected):
                await heygen.download("https://files.heygen.test/a.mp4", tmp_path / "a.mp4")
    assert hidden.requests == []
    files = [Path(frame.f_code.co_filename) for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert [file for file in files if file.is_relative_to(PACKAGE)] == []  # no frame that may hold the password


async def test_a_proxy_that_wants_a_password_is_named_over_plain_http() -> None:
    async with forged_api() as (proxy, _):
        proxy.give("<html>Who are you?</html>", status=407)
        options = {"base_url": "http://heygen.invalid", "insecure_http": True, "proxy": proxy.url}
        async with AsyncHeyGen("key", **options) as heygen:  # type: ignore[arg-type]
            with pytest.raises(APIConnectionError, match=rf"the proxy {proxy.url} .*responded 407"):
                await heygen.users.me()


async def test_a_proxy_that_is_down_is_named(hidden: HeyGenEmulator) -> None:
    for address in ("http://127.0.0.1:9", "socks5://127.0.0.1:9"):
        async with AsyncHeyGen(hidden.key, base_url=hidden.url, proxy=address, max_retries=0) as heygen:
            with pytest.raises(APIConnectionError, match="proxy") as caught:
                await heygen.users.me()
            assert "127.0.0.1:9" in str(caught.value)


@pytest.mark.parametrize(
    "address", ["ftp://p:1", "http://", "http://p:port", "http://ada:secret@p:1/path", "socks9://p:1"]
)
def test_an_invalid_proxy_is_refused_without_its_password(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="proxy is no address of a proxy") as caught:
        AsyncHeyGen("key", proxy=address)
    assert "secret" not in str(caught.value)
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY is no address of a proxy"):
        AsyncHeyGen("key")
    AsyncHeyGen("key", trust_env=False)


async def test_a_socks_proxy_belongs_to_the_whole_client(client: AsyncHeyGen) -> None:
    with pytest.raises(ConfigurationError, match="pass it to AsyncHeyGen"):
        client.with_options(proxy="socks5://127.0.0.1:9")


@pytest.mark.slow
@pytest.mark.parametrize("no_proxy", ["", HOST])
async def test_commands_use_the_proxy_of_the_environment(
    no_proxy: str, hidden: HeyGenEmulator, authority: Authority, tmp_path: Path
) -> None:
    sheet = tmp_path / "rows.csv"
    sheet.write_text("id,script,avatar_id,voice_id\n1,Hello,avatar_1,voice_0001\n", encoding="utf-8")
    async with forward_proxy("ada:pass-word") as proxy:
        environment = os.environ | {
            "HEYGEN_API_KEY": hidden.key, "HEYGEN_BASE_URL": hidden.url, "SSL_CERT_FILE": str(authority.bundle),
            "HTTPS_PROXY": f"http://ada:pass-word@127.0.0.1:{proxy.port}", "NO_PROXY": no_proxy,
        }  # fmt: skip
        for arguments in (["user", "me", "get"], ["batch", str(sheet), "--output-dir", str(tmp_path / "films")]):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "heygen_async", *arguments,
                env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            output = (await process.communicate())[0].decode()
            assert "pass-word" not in output
            assert (process.returncode == 0) == (not no_proxy), output
            assert bool(proxy.connections) == (not no_proxy)
            proxy.connections.clear()
            if no_proxy:
                break


@pytest.mark.slow
async def test_another_implementation_of_a_proxy_sees_every_request(authority: Authority, tmp_path: Path) -> None:
    port_file, log = tmp_path / "port", tmp_path / "log"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", "0", "--port-file", str(port_file),
        "--basic-auth", "ada:pass-word", "--num-workers", "1", "--num-acceptors", "1", "--log-file", str(log),
    )  # fmt: skip
    try:
        async with tls_emulator(authority, "localhost") as api:
            while not port_file.exists() or not port_file.read_text("utf-8").strip():
                assert process.returncode is None
                await asyncio.sleep(0.02)
            address = f"http://ada:pass-word@127.0.0.1:{port_file.read_text('utf-8').strip()}"
            async with AsyncHeyGen(api.key, base_url=api.url, ca_bundle=authority.bundle, proxy=address) as heygen:
                await use_everything(heygen, tmp_path)
            wrong = address.replace("pass-word", "another")
            async with AsyncHeyGen(api.key, base_url=api.url, ca_bundle=authority.bundle, proxy=wrong) as heygen:
                with pytest.raises(APIConnectionError, match="responded 407"):
                    await heygen.users.me()
            ports = [URL(url).port for url in (api.url, api.storage_url)]
    finally:
        process.terminate()
        await process.wait()
    text = log.read_text("utf-8")
    assert all(f"CONNECT localhost:{port}" in text for port in ports), text
