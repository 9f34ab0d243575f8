"""Requests to file stores: what can never work fails at once, as a `DownloadError` or an `UploadError`."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from download_support import raw_server, requested_ranges
from internet_support import PUBLIC, Internet, small_internet

from heygen_async import AsyncHeyGen, Backoff, DownloadError, InvalidInputError, UploadError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.testing.clock import Clock
from heygen_async.types.videos import Video

FILE = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest_asyncio.fixture
async def internet(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Internet]:
    """The small internet, on a clock that jumps over every wait."""
    monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 10)
    with Clock().autojump():
        async with small_internet(contexts, monkeypatch) as internet:
            yield internet


async def seconds_until_failure(work: Any, message: str, error: type[Exception] = DownloadError) -> float:
    started = asyncio.get_running_loop().time()
    with pytest.raises(error, match=message):
        await work
    return asyncio.get_running_loop().time() - started


@pytest.mark.parametrize("retry", [Backoff(initial=0.5, maximum=8.0), Backoff(initial=60.0, maximum=60.0, jitter=0)])
@pytest.mark.parametrize("url", ["https://nowhere.example/a", Video(id="v", video_url="https://nowhere.example/a")])
async def test_unknown_host_fails_after_three_lookups(
    url: Any, retry: Backoff, heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    client = heygen.with_options(retry=retry)
    message = r"nowhere\.example/a was not downloaded completely: .*the host nowhere\.example was not found"
    assert await seconds_until_failure(client.download(url, tmp_path / "a"), message) < 10
    assert internet.lookups.count("nowhere.example") == 3


async def test_upload_to_an_unknown_host_fails_after_three_lookups(heygen: AsyncHeyGen, internet: Internet) -> None:
    internet.upload_url = "https://nowhere.example/up?Signature=x"
    message = r"file\.png did not reach .*: PUT https://nowhere\.example/up: the host nowhere\.example was not found"
    assert await seconds_until_failure(heygen.assets.upload(FILE), message, UploadError) < 10
    assert internet.lookups.count("nowhere.example") == 3


async def test_host_that_was_reached_before_is_retried_like_in_any_outage(
    heygen: AsyncHeyGen, internet: Internet, tmp_path: Path
) -> None:
    video = Video(id="v", video_url="https://files.example/a")
    internet.names["files.example"] = [[PUBLIC], *[[]] * 5, [PUBLIC]]
    await heygen.download(video, tmp_path / "a")
    await heygen.aclose()  # forgets the first lookup
    async with heygen:
        await heygen.download(video, tmp_path / "b")
    assert internet.lookups.count("files.example") == 7


async def test_untrusted_certificate_fails_at_once(heygen: AsyncHeyGen, internet: Internet, tmp_path: Path) -> None:
    internet.names["wrong.example"] = [[PUBLIC]]
    internet.upload_url = "https://wrong.example/up?Signature=x"
    message = r"https://wrong\.example/a was not fetched: .*the certificate of wrong\.example is not trusted"
    for resource in ("https://wrong.example/a", Video(id="v", video_url="https://wrong.example/a")):
        assert await seconds_until_failure(heygen.download(resource, tmp_path / "a"), message) == 0
    message = (
        r"^file\.png was not uploaded: https://wrong\.example/up was not fetched: .*the certificate of wrong\.example"
    )
    assert await seconds_until_failure(heygen.assets.upload(FILE), message, UploadError) == 0
    assert internet.connections == [PUBLIC] * 4  # one of them is the API's


async def test_invalid_url_of_a_response_is_a_download_error(heygen: AsyncHeyGen, tmp_path: Path) -> None:
    for url in ("https://h:99999/a", "https:///a"):
        video = Video(id="v", video_url=url)
        assert await seconds_until_failure(heygen.download(video, tmp_path / "a"), "was not fetched|was refused") == 0
        with pytest.raises(InvalidInputError):
            await heygen.download(url, tmp_path / "a")


async def test_too_large_head_is_a_download_error(heygen: AsyncHeyGen, tmp_path: Path) -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n") as (url, _):
        assert await seconds_until_failure(heygen.download(url, tmp_path / "a"), r"limits\.header") == 0


@pytest.mark.parametrize("location", ["file:///etc/passwd", "/videos/circle.mp4", "https://[::1"])
async def test_redirect_that_leads_nowhere_fails_at_once(
    location: str, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.inject(Fault("redirect", origin="storage", headers={"Location": location}, count=None))
    assert await seconds_until_failure(client.download(video, tmp_path / "a"), "was refused: it redirects") == 0
    assert len(requested_ranges(api)) == (6 if "circle" in location else 1)


@pytest.mark.parametrize(("status", "requests"), [(403, 4), (404, 1), (410, 4)])
async def test_status_that_renewal_does_not_cure_fails_at_once(
    status: int, requests: int, client: AsyncHeyGen, api: HeyGenEmulator, video: Video, tmp_path: Path
) -> None:
    api.inject(Fault("status", status=status, origin="storage", count=None))
    message = f"was refused with status {status}"
    assert await seconds_until_failure(client.download(video, tmp_path / "a"), message) == 0
    assert len(requested_ranges(api)) == requests


async def test_resource_without_a_new_url_is_a_download_error(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    removal = await client.background_removals.create_and_wait(video="https://example.com/a.mp4")
    assert removal.layers is not None
    removal.layers["old"] = removal.layers["mask"]
    api.clock.advance(7200)
    work = client.download(removal, tmp_path / "a", url_field="layers.old")
    assert await seconds_until_failure(work, "has expired, and no new URL was found") == 0
