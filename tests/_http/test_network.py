"""Certificates that a client trusts, the one that it shows, and the name under which it sends."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import aiohttp
import pytest
from network_support import Authority, tls_emulator

from heygen_async import APIConnectionError, AsyncHeyGen, ConfigurationError, InvalidInputError
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    return Authority(tmp_path)


async def test_an_unknown_certificate_is_refused_with_the_option_that_helps(authority: Authority) -> None:
    async with tls_emulator(authority, "localhost") as api, AsyncHeyGen(api.key, base_url=api.url) as heygen:
        with pytest.raises(ConfigurationError, match="the certificate of localhost is not trusted") as caught:
            await heygen.users.me()
        assert "ca_bundle" in str(caught.value)
        assert api.requests == []


async def test_a_bundle_makes_a_certificate_trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    async with tls_emulator(authority, "localhost") as api:
        async with AsyncHeyGen(api.key, base_url=api.url, ca_bundle=authority.bundle) as heygen:
            await heygen.users.me()
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
        async with AsyncHeyGen(api.key, base_url=api.url) as heygen:
            await heygen.users.me()
        context = ssl.create_default_context(cafile=authority.bundle)
        async with AsyncHeyGen(api.key, base_url=api.url, ssl_context=context) as heygen:
            await heygen.users.me()
        assert len(api.requests) == 3


@pytest.mark.parametrize("in_two_files", [False, True])
async def test_a_client_certificate_is_shown(in_two_files: bool, authority: Authority, tmp_path: Path) -> None:
    server = authority.server_context(asks_for_certificate=True)
    certificate = authority.client_certificate(tmp_path)
    shown = (certificate, certificate) if in_two_files else certificate
    async with HeyGenEmulator(ssl_context=server, public_host="localhost") as api:
        async with AsyncHeyGen(api.key, base_url=api.url, ca_bundle=authority.bundle, client_cert=shown) as heygen:
            await heygen.users.me()
        async with AsyncHeyGen(api.key, base_url=api.url, ca_bundle=authority.bundle, max_retries=0) as heygen:
            with pytest.raises(APIConnectionError):
                await heygen.users.me()
        assert len(api.requests) == 1


async def test_files_that_are_no_certificates_are_refused(authority: Authority, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("none", encoding="utf-8")
    for options, name in (
        ({"ca_bundle": tmp_path / "missing.pem"}, "ca_bundle"),
        ({"ca_bundle": empty}, "ca_bundle"),
        ({"client_cert": tmp_path / "missing.pem"}, "client_cert"),
        ({"client_cert": (authority.bundle, empty)}, "client_cert"),
    ):
        heygen = AsyncHeyGen("key", base_url="https://localhost:9", **options)  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match=name):
            await heygen.users.me()
        await heygen.aclose()


async def test_options_that_exclude_each_other_are_refused(authority: Authority) -> None:
    with pytest.raises(ConfigurationError, match="ssl_context, or ca_bundle and client_cert"):
        AsyncHeyGen("key", ssl_context=ssl.create_default_context(), ca_bundle=authority.bundle)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ConfigurationError, match="has its own proxies and certificates"):
            AsyncHeyGen("key", session=session, ca_bundle=authority.bundle)
        AsyncHeyGen("key", session=session)


async def test_the_name_of_a_framework_follows_the_sdks_in_every_request(api: HeyGenEmulator, tmp_path: Path) -> None:
    async with AsyncHeyGen(api.key, base_url=api.url, user_agent_suffix="my-framework/1.2 (web)") as client:
        video = await client.videos.create_and_wait(AvatarVideo(avatar_id="avatar_1", script="Hello."))
        await client.with_options(max_retries=0).download(video, tmp_path / "a")
    agents = {request.headers["User-Agent"] for request in api.requests}
    assert {request.origin for request in api.requests} == {"api", "storage"}
    assert len(agents) == 1
    assert re.fullmatch(r"heygen-async/\S+ Python/\S+ my-framework/1\.2 \(web\)", agents.pop())


@pytest.mark.parametrize("suffix", ["", " ", "a\r\nX-Evil: 1", "café", "a\x00"])
def test_a_suffix_that_no_header_may_have_is_refused(suffix: str) -> None:
    with pytest.raises(InvalidInputError, match="printable ASCII"):
        AsyncHeyGen("key", user_agent_suffix=suffix)
