"""The hooks `on_request` and `on_response` see uploads and downloads too, without the credentials in their URLs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from heygen_async import AsyncHeyGen, Backoff, RequestInfo, Response, UploadError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello.")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


class Hooks:
    def __init__(self) -> None:
        self.requests: list[RequestInfo] = []
        self.responses: list[Response] = []

    async def on_response(self, response: Response) -> None:
        self.responses.append(response)

    def transfers(self) -> tuple[list[RequestInfo], list[Response]]:
        return [one for one in self.requests if one.is_transfer], [one for one in self.responses if one.is_transfer]


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


@pytest_asyncio.fixture
async def client(api: HeyGenEmulator, hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncHeyGen]:
    monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 10)
    options: dict[str, Any] = {"on_request": hooks.requests.append, "on_response": hooks.on_response}
    async with AsyncHeyGen(api.key, base_url=api.url, retry=Backoff(initial=0.01), **options) as client:
        yield client


async def test_hooks_see_each_request_of_a_download(
    client: AsyncHeyGen, api: HeyGenEmulator, hooks: Hooks, tmp_path: Path
) -> None:
    video = await client.videos.create_and_wait(SCRIPT)
    before = client.last_response
    api.inject(Fault("status", status=503, origin="storage"))
    await client.download(video, tmp_path / "a.mp4")
    requests, responses = hooks.transfers()
    url = str(video.video_url).partition("?")[0]
    assert [(one.method, one.url, one.attempt) for one in requests] == [("GET", url, 1), ("GET", url, 2)]
    assert [(one.status, one.attempt, one.path, one.body) for one in responses] == [
        (503, 1, url, b""),
        (200, 2, url, b""),
    ]
    assert responses[1].headers["ETag"]
    assert client.last_response is before


async def test_hooks_see_each_request_of_an_upload(client: AsyncHeyGen, api: HeyGenEmulator, hooks: Hooks) -> None:
    api.inject(Fault("reset_before", origin="storage"))
    await client.assets.upload(PNG)
    requests, responses = hooks.transfers()
    assert [(one.method, one.attempt, one.idempotency_key) for one in requests] == [("PUT", 1, None), ("PUT", 2, None)]
    assert [(one.method, one.status, one.attempt) for one in responses] == [("PUT", 200, 2)]
    assert len(hooks.requests) == len(api.requests)


async def test_the_address_of_a_redirect_has_no_query(client: AsyncHeyGen, api: HeyGenEmulator, hooks: Hooks) -> None:
    place = {"Location": "https://store.example/file?Signature=planted_signature"}
    api.inject(Fault("redirect", status=307, origin="storage", headers=place))
    with pytest.raises(UploadError, match="redirects"):
        await client.assets.upload(PNG)
    (response,) = hooks.transfers()[1]
    assert (response.status, response.headers["Location"]) == (307, "https://store.example/file")


async def test_the_error_of_a_hook_ends_a_transfer_and_closes_it(api: HeyGenEmulator, tmp_path: Path) -> None:
    def on_response(response: Response) -> None:
        if response.is_transfer:
            raise ZeroDivisionError

    async with AsyncHeyGen(api.key, base_url=api.url, on_response=on_response) as client:
        video = await client.videos.create_and_wait(SCRIPT)
        with pytest.raises(ZeroDivisionError):
            await client.download(video, tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []
