"""File inputs: every kind of file that a caller may pass is uploaded byte by byte, or rejected with a clear error."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiofiles
import pytest
from aiohttp import BodyPartReader, FormData, web
from aiohttp.test_utils import TestClient, TestServer
from file_support import CONTENT, DIGEST, LARGE, AsyncReader, stream_chunks, usable_assets
from support import cancellable, open_files

from heygen_async import (
    AsyncHeyGen,
    BytesFile,
    InvalidInputError,
    UploadError,
)
from heygen_async.testing import Fault, HeyGenEmulator


class FrameworkUpload:
    """A file that a web framework received."""

    def __init__(self, content: bytes) -> None:
        self.file = tempfile.SpooledTemporaryFile()  # noqa: SIM115
        self.file.write(content)
        self.file.seek(0)
        self.filename = "sent.png"

    async def read(self, size: int = -1) -> bytes:
        raise AssertionError("the upload reads `file`, which can be read again")


@pytest.mark.parametrize(
    "source",
    [
        "path",
        "bytes",
        "BytesFile",
        "open",
        "BytesIO",
        "pipe",
        "reader",
        "aiofiles",
        "framework",
        "iterator",
        "sized",
    ],
)
async def test_uploads_every_kind_of_input_as_one_asset(
    source: str, upload_method: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    files = open_files()
    options: dict[str, Any] = {}
    sent: Any = path
    if source == "bytes":
        sent = CONTENT
    elif source == "BytesFile":
        sent = BytesFile(content=CONTENT, media_type="image/png", filename="b.png")
    elif source == "open":
        sent = await asyncio.to_thread(path.open, "rb")
    elif source == "BytesIO":
        sent = io.BytesIO(b"before" + CONTENT)
        sent.seek(6)
    elif source == "pipe":
        read_end, write_end = os.pipe()
        sent = await asyncio.to_thread(os.fdopen, read_end, "rb")
        writing = asyncio.ensure_future(asyncio.to_thread(_write_content, write_end))
    elif source == "reader":
        sent = AsyncReader(CONTENT)
    elif source == "aiofiles":
        sent = await aiofiles.open(path, "rb")
    elif source == "framework":
        sent = FrameworkUpload(CONTENT)
    elif source == "iterator":
        sent = stream_chunks()
    elif source == "sized":
        sent, options = stream_chunks(), {"size": len(CONTENT), "filename": "c.png"}
    reports: list[tuple[int, int | None]] = []
    asset = await client.assets.upload(sent, on_progress=lambda *report: reports.append(report), **options)
    (stored,) = api.state.assets.values()
    assert (stored["sha256"], stored["usable"], asset.size_bytes) == (DIGEST, True, len(CONTENT))
    assert stored["name"].endswith(".png")
    assert reports[-1] == (len(CONTENT), len(CONTENT))
    for request in api.requests:
        assert "Transfer-Encoding" not in request.headers
    if upload_method == "direct":
        create, complete = (
            api.requests_for(name)[0].json for name in ("AssetDirectUploadsCreate", "AssetCompleteCreate")
        )
        assert create.get("checksum_sha256") == (None if source == "sized" else DIGEST)
        assert complete == {"checksum_sha256": DIGEST}
        assert asset.status == "completed"  # type: ignore[attr-defined]
    if source == "pipe":
        await writing
    if hasattr(sent, "close"):
        closing = sent.close()
        if closing is not None:
            await closing
    if source == "framework":
        sent.file.close()
    await asyncio.sleep(0)
    assert not [name for name in open_files() - files if "socket" not in name]


def _write_content(write_end: int) -> None:
    with os.fdopen(write_end, "wb") as file:
        file.write(CONTENT)


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1, 10])
async def test_stream_of_another_size_than_announced_fails(
    size: int, upload_method: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    with pytest.raises(UploadError, match=r"gave more than the announced|ended after 3,000,072 bytes of the announced"):
        await client.assets.upload(stream_chunks(), size=size)
    assert usable_assets(api) == []


@pytest.mark.parametrize("size", [None, len(CONTENT)])
@pytest.mark.parametrize("after", [0, LARGE])
async def test_error_of_a_stream_becomes_an_upload_error(
    after: int, size: int | None, upload_method: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    async def failing() -> AsyncIterator[bytes]:
        if after:
            yield CONTENT[:after]
        raise ValueError("the camera went away")

    with pytest.raises(UploadError, match="the camera went away"):
        await client.assets.upload(failing(), size=size)
    assert usable_assets(api) == []


def rewrite(path: Path) -> None:
    path.write_bytes(CONTENT[:-1] + b"x")


def append(path: Path) -> None:
    path.write_bytes(CONTENT + b"more")


def truncate(path: Path) -> None:
    path.write_bytes(CONTENT[:100_000])


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(CONTENT[:-1] + b"x")
    other.replace(path)


def remove(path: Path) -> None:
    path.unlink()


def once(change: Callable[[Path], None], path: Path) -> Callable[..., Awaitable[None]]:
    """A callback that changes the path at its first call."""
    pending = [change]

    async def change_once(*_: object) -> None:
        if pending:
            await asyncio.to_thread(pending.pop(), path)

    return change_once


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("change", [rewrite, append, truncate])
async def test_file_that_changes_during_the_upload_becomes_no_asset(
    opened: bool,
    change: Callable[[Path], None],
    upload_method: str,
    client: AsyncHeyGen,
    api: HeyGenEmulator,
    path: Path,
) -> None:
    change_once = once(change, path)
    source: Any = await asyncio.to_thread(path.open, "rb") if opened else path
    with pytest.raises(UploadError, match="changed while it was uploaded|could not be read") as caught:
        await client.assets.upload(source, on_progress=change_once)
    assert str(path) in str(caught.value) + caught.value.source or opened
    assert usable_assets(api) == []
    if opened:
        source.close()


@pytest.mark.parametrize("change", [replace, remove])
async def test_uploads_what_was_opened_if_the_path_changes(
    change: Callable[[Path], None], upload_method: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    change_once = once(change, path)
    is_direct = upload_method == "direct"
    api.inject(
        Fault("reset_mid_request", method="PUT", origin="storage")
        if is_direct
        else Fault("reset_mid_request", operation="AssetCreate")
    )
    await client.assets.upload(path, on_progress=change_once)
    (stored,) = api.state.assets.values()
    assert (stored["sha256"], stored["usable"]) == (DIGEST, True)


@pytest.mark.parametrize("by", ["task", "scope"])
async def test_cancelling_does_not_wait_for_a_silent_pipe(by: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    started, data_arrives, reads = threading.Event(), threading.Event(), list[int]()

    class Pipe:
        def read(self, size: int = -1) -> bytes:
            started.set()
            data_arrives.wait(5)
            reads.append(size)
            return b""

    upload, cancel = cancellable(client.assets.upload(Pipe()), by)  # type: ignore[arg-type]
    await asyncio.to_thread(started.wait, 20)
    cancel()
    await asyncio.wait({upload})
    assert reads == []
    data_arrives.set()
    assert api.requests == []


async def test_uploads_what_an_aiohttp_server_received(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    async def by_part(request: web.Request) -> web.Response:
        part = await (await request.multipart()).next()
        assert isinstance(part, BodyPartReader)
        return web.Response(text=(await client.assets.upload(part)).asset_id)

    async def by_field(request: web.Request) -> web.Response:
        field = (await request.post())["data"]
        assert isinstance(field, web.FileField)
        with field.file:
            return web.Response(text=(await client.assets.upload(field)).asset_id)

    app = web.Application(client_max_size=1 << 24)
    app.add_routes([web.post("/part", by_part), web.post("/field", by_field)])
    async with TestServer(app) as server, TestClient(server) as browser:
        for path in ("/part", "/field"):
            form = FormData()
            form.add_field("data", io.BytesIO(CONTENT), filename="sent.png", content_type="image/png")
            answer = await browser.post(path, data=form)
            stored = api.state.assets[await answer.text()]
            assert (stored["sha256"], stored["name"]) == (DIGEST, "sent.png")


async def test_rejects_a_url_as_a_file_to_upload(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for url in ("https://example.com/a.png?Signature=s", "HTTPS://example.com/a.png"):
        with pytest.raises(InvalidInputError, match="pass the URL itself where a file is expected"):
            await client.assets.upload(url)
    await client.video_agents.create(prompt="A tour", files=["HTTPS://example.com/a.png"])
    assert api.requests_for("VideoAgentCreate")[0].json["files"] == [
        {"type": "url", "url": "HTTPS://example.com/a.png"}
    ]
