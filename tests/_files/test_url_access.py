"""Access to URLs: those from responses and redirects lead to public hosts, over https."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from download_support import raw_server
from internet_support import FILE, INNER, PUBLIC, PUBLIC_V6, TUNNEL, Internet, small_internet

from heygen_async import AsyncHeyGen, DownloadError, InvalidInputError, Limits, UploadError
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.ai_clipping import Clip
from heygen_async.types.videos import Video
from heygen_async.webhooks import parse

OPTION = "allow_private_hosts=True to AsyncHeyGen, or set HEYGEN_ALLOW_PRIVATE_HOSTS=1"
PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "100.64.0.1",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
]


@pytest_asyncio.fixture
async def internet(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Internet]:
    async with small_internet(contexts, monkeypatch) as internet:
        yield internet


def video(url: str) -> Video:
    """A video as a response brings it. Without a status it is not requested again."""
    return Video(id="v", video_url=url)


async def refusal(client: AsyncHeyGen, resource: Any, folder: Path, **options: Any) -> str:
    """The error of a download that is refused; nothing is left of it."""
    with pytest.raises(DownloadError) as caught:
        await client.download(resource, folder / "a", **options)
    assert list(folder.iterdir()) == []
    return str(caught.value)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "[::1]", "[fd00::1]",
     "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "017700000001", "127.1", "localhost", "LOCALHOST.", "a.localhost"],
)  # fmt: skip
async def test_literal_address_from_a_response_is_refused(
    host: str, heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    message = await refusal(heygen, video(f"https://{host}/a?Signature=planted_1"), tmp_path)
    assert OPTION in message
    assert host.strip("[]").lower() in message.lower()
    assert internet.connections == []


@pytest.mark.parametrize("address", PRIVATE)
async def test_name_with_a_private_address_is_refused(
    address: str, heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    internet.names["inner.example"] = [[address]]
    message = await refusal(heygen, video("https://inner.example/a"), tmp_path)
    assert f"the host inner.example has the address {address}" in message
    assert OPTION in message
    assert internet.connections == []


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_V6, TUNNEL])
async def test_name_with_a_public_address_is_fetched_from_it(
    address: str, heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    internet.names["files.example"] = [[address]]
    path = await heygen.download(video("https://files.example/a"), tmp_path / "a")
    assert path.read_bytes() == FILE
    assert internet.connections == [address]


@pytest.mark.parametrize("host", [PUBLIC, f"[{PUBLIC_V6}]"])
async def test_literal_public_address_is_fetched(host: str, heygen: AsyncHeyGen, tmp_path: Path) -> None:
    assert (await heygen.download(video(f"https://{host}/a"), tmp_path / "a")).read_bytes() == FILE


async def test_plain_http_from_a_response_is_refused(heygen: AsyncHeyGen, internet: Internet, tmp_path: Path) -> None:
    message = await refusal(heygen, video("http://files.example/a"), tmp_path)
    assert "http://files.example/a was refused" in message
    assert OPTION in message
    assert internet.connections == []


async def test_of_several_addresses_only_public_ones_are_used(
    heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    internet.names["files.example"] = [["10.0.0.1", "::1", PUBLIC]]
    await heygen.download(video("https://files.example/a"), tmp_path / "a")
    assert internet.connections == [PUBLIC]


async def test_the_checked_address_is_the_one_connected_to(
    heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    internet.names["files.example"] = [[PUBLIC], ["127.0.0.1"]]  # the second lookup brings another address
    await heygen.download(video("https://files.example/a"), tmp_path / "a")
    assert internet.lookups.count("files.example") == 1
    await heygen.aclose()  # forgets the first lookup
    async with heygen:
        (tmp_path / "a").unlink()
        assert "the address 127.0.0.1" in await refusal(heygen, video("https://files.example/a"), tmp_path)
    assert set(internet.connections) == {PUBLIC}


async def test_connection_of_the_program_is_not_reused_for_a_response(
    heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    internet.names["inner.example"] = [[INNER]]
    await heygen.download("https://inner.example/a", tmp_path / "a")
    (tmp_path / "a").unlink()
    assert f"the address {INNER}" in await refusal(heygen, video("https://inner.example/a"), tmp_path)
    assert internet.connections == [INNER]


@pytest.mark.parametrize("field", ["thumbnail_url", "gif_url", "subtitle_url"])
async def test_every_field_of_a_resource_is_checked(
    field: str, heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    resource = Video(id="v", **{field: "https://10.0.0.1/a"})
    assert "10.0.0.1" in await refusal(heygen, resource, tmp_path, url_field=field)
    assert internet.connections == []


async def test_urls_of_events_and_other_resources_are_checked(
    heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    body = b'{"event_type": "avatar_video.success", "event_data": {"video_id": "v", "url": "https://10.0.0.1/a"}}'
    event: Any = parse(body)
    for resource, field in ((event.event_data, "url"), (Clip(id="c", video_url="https://10.0.0.1/a"), "video_url")):
        assert "10.0.0.1" in await refusal(heygen, resource, tmp_path, url_field=field)
        with pytest.raises(DownloadError, match=r"10\.0\.0\.1"):
            async with heygen.open_stream(resource, url_field=field):
                pass
    assert internet.connections == []


async def test_program_may_pass_any_url(heygen: AsyncHeyGen, internet: Internet, tmp_path: Path) -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody") as (url, _):
        assert (await heygen.download(url, tmp_path / "a")).read_bytes() == b"body"
    assert internet.connections == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (
            "http://127.0.0.1:9/b",
            "was refused: it redirects to http://127.0.0.1:9/b: it leads to the host 127.0.0.1 over http",
        ),
        ("/b", "it leads to the host 127.0.0.1 over http"),
        ("http://files.example/b", "the host files.example over http"),
        ("https://169.254.169.254/latest", "the host 169.254.169.254 is a link-local address"),
        ("https://inner.example/b", "the host inner.example has the address 10.0.0.1, which is a private address"),
        ("https://localhost/b", "the host localhost is this machine"),
        ("file:///etc/passwd", "redirects to file:///etc/passwd: only http and https"),
        ("https://[::1", "redirects to no valid URL"),
    ],
)
async def test_redirect_of_the_programs_own_url_follows_the_rule(
    target: str, reason: str, heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    internet.names["inner.example"] = [["10.0.0.1"]]
    async with raw_server(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()) as (
        url,
        _,
    ):
        assert reason in await refusal(heygen, url, tmp_path)
    assert internet.connections == ["127.0.0.1"]


async def test_redirect_to_a_public_host_is_followed(heygen: AsyncHeyGen, internet: Internet, tmp_path: Path) -> None:
    response = b"HTTP/1.1 302 Found\r\nLocation: https://files.example/b\r\nContent-Length: 0\r\n\r\n"
    async with raw_server(response) as (url, _):
        assert (await heygen.download(url, tmp_path / "a")).read_bytes() == FILE
    assert internet.connections == ["127.0.0.1", PUBLIC]


async def test_redirects_of_a_resource_are_judged_one_by_one(
    heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    target = "https://b.example/2?to=https://10.0.0.1/3"
    internet.names["b.example"] = [[PUBLIC]]
    message = await refusal(heygen, video(f"https://files.example/1?to={target}"), tmp_path)
    assert "https://files.example/1 was refused: it redirects to https://10.0.0.1/3: the host 10.0.0.1" in message
    assert internet.requests == ["files.example GET /1", "b.example GET /2"]


@pytest.mark.parametrize("options", [{}, {"allow_private_hosts": True}])
async def test_https_is_never_downgraded(options: Any, internet: Internet, tmp_path: Path) -> None:
    async with AsyncHeyGen("key", **options) as heygen:
        for resource in (
            "https://files.example/a?to=http://files.example/b",
            video("https://files.example/a?to=http://b"),
        ):
            assert "a redirect from https to http is not followed" in await refusal(heygen, resource, tmp_path)
    assert len(internet.requests) == 2


async def test_redirects_in_a_circle_fail_at_once(internet: Internet, tmp_path: Path) -> None:
    async with AsyncHeyGen("key", limits=Limits(redirects=2)) as heygen:
        message = await refusal(heygen, video("https://files.example/circle"), tmp_path)
    assert "redirects more than 2 times (limits.redirects)" in message
    assert internet.requests == ["files.example GET /circle"] * 3


async def test_option_allows_every_host(internet: Internet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    internet.names["inner.example"] = [[INNER]]
    async with AsyncHeyGen("key", allow_private_hosts=True) as heygen:
        await heygen.download(video("https://inner.example/a"), tmp_path / "a")
        async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody") as (url, _):
            await heygen.download(video(url), tmp_path / "b")
    monkeypatch.setenv("HEYGEN_ALLOW_PRIVATE_HOSTS", "1")
    async with AsyncHeyGen("key") as heygen:
        await heygen.download(video("https://inner.example/a"), tmp_path / "c")
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", "c"}


@pytest.mark.parametrize(
    "base_url", ["https://api.example", "https://10.0.0.1", "http://127.0.0.1:9", "http://localhost:9"]
)
async def test_client_of_a_private_api_may_fetch_from_private_hosts(
    base_url: str, internet: Internet, tmp_path: Path
) -> None:
    internet.names |= {"api.example": [["172.18.0.2"]], "inner.example": [[INNER]]}
    async with AsyncHeyGen("key", base_url=base_url) as heygen:
        for name in ("a", "b"):
            await heygen.download(video("https://inner.example/a"), tmp_path / name)
    assert internet.lookups.count("api.example") <= 1


async def test_the_apis_own_origin_is_always_allowed(internet: Internet, tmp_path: Path) -> None:
    internet.names["api.example"] = [[INNER, PUBLIC]]
    async with AsyncHeyGen("key", base_url="https://api.example") as heygen:
        assert "10.0.0.1" in await refusal(heygen, video("https://10.0.0.1/a"), tmp_path)
        await heygen.download(video("https://api.example/a"), tmp_path / "a")
    assert "X-Api-Key" not in internet.headers[0]


async def test_api_that_cannot_be_resolved_counts_as_public(
    heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    del internet.names["api.heygen.com"]
    assert "10.0.0.1" in await refusal(heygen, video("https://10.0.0.1/a"), tmp_path)
    await heygen.download(video("https://files.example/a"), tmp_path / "a")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://10.0.0.1/up?x=y", f"https://10.0.0.1/up was refused: .*{OPTION}"),
        ("https://inner.example/up", f"has the address {INNER}, .*{OPTION}"),
        ("http://files.example/up", "the host files.example over http"),
        ("file:///etc/passwd", "only http and https URLs"),
        (
            "https://files.example/up?to=https://files.example/b",
            "https://files.example/up was refused: it redirects elsewhere",
        ),
    ],
)
async def test_upload_to_a_refused_url_sends_nothing(
    url: str, reason: str, heygen: AsyncHeyGen, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 10)
    internet.names["inner.example"] = [[INNER]]
    internet.upload_url = url
    with pytest.raises(UploadError, match=reason):
        await heygen.assets.upload(b"\x89PNG\r\n\x1a\n" + bytes(64))
    assert len(internet.requests) == (2 if "to=" in url else 1)
    assert set(internet.connections) == {PUBLIC}


async def test_upload_to_a_public_url_carries_no_key(
    heygen: AsyncHeyGen, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 10)
    internet.upload_url = "https://files.example/up"
    await heygen.assets.upload(b"\x89PNG\r\n\x1a\n" + bytes(64))
    keys = ["X-Api-Key" in headers for headers in internet.headers]
    assert keys == [True, False, True]


async def test_session_of_the_program_follows_the_rule(internet: Internet, tmp_path: Path) -> None:
    internet.names |= {"inner.example": [[INNER]], "files.example": [[PUBLIC], [INNER]]}
    async with aiohttp.ClientSession() as session:
        heygen = AsyncHeyGen("key", session=session)
        assert f"the address {INNER}" in await refusal(heygen, video("https://inner.example/a"), tmp_path)
        assert "10.0.0.1" in await refusal(heygen, video("https://10.0.0.1/a"), tmp_path)
        await heygen.download(video("https://files.example/a"), tmp_path / "a")
    assert internet.connections == [PUBLIC]
    assert internet.lookups.count("files.example") == 1


@pytest.mark.parametrize("source", ["session", "environment"])
async def test_behind_a_proxy_only_literal_addresses_are_judged(
    source: str, internet: Internet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    internet.names["inner.example"] = [[INNER]]
    async with raw_server(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as (proxy, requests):
        monkeypatch.setenv("HTTPS_PROXY", proxy.lower())
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        options: Any = {"proxy": proxy.lower()} if source == "session" else {"trust_env": True}
        async with aiohttp.ClientSession(**options) as session:
            heygen = AsyncHeyGen("key", session=session, max_retries=0)
            for host in ("10.0.0.1", "localhost", "2130706433"):
                assert OPTION in await refusal(heygen, video(f"https://{host}/a"), tmp_path)
            assert requests == []
            await refusal(heygen, video("https://inner.example/a"), tmp_path)
    assert requests[0].startswith(b"CONNECT inner.example:443")
    assert "inner.example" not in internet.lookups


async def test_client_closes_all_its_connections(heygen: AsyncHeyGen, internet: Internet, tmp_path: Path) -> None:
    await heygen.download("https://files.example/a", tmp_path / "a")
    await heygen.download(video("https://files.example/a"), tmp_path / "b")
    assert internet.connections == [PUBLIC, PUBLIC]  # two sessions
    await heygen.aclose()
    await asyncio.sleep(0)
    async with heygen:
        await heygen.download(video("https://files.example/a"), tmp_path / "c")
    assert internet.connections == [PUBLIC] * 3


async def test_local_heygen_is_not_judged(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody") as (url, _):
        await client.download(video(url), tmp_path / "a")


async def test_file_url_of_a_response_is_an_input_error(heygen: AsyncHeyGen, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="expected a URL"):
        await heygen.download(video("file:///etc/passwd"), tmp_path / "a")
