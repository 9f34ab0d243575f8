"""Every `close` ends, although the other side is silent, reads nothing, or has sent half a request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support import open_files, tasks

from heygen_async import AmbiguousRequestError, AsyncHeyGen, ConfigurationError, HeyGenError
from heygen_async.batch import run
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

MIB = 1 << 20
#: More than the operating system takes from a client whose server does not read.
LARGE = "a" * (32 * MIB)


class SilentPeer:
    """Accepts connections, reads the first bytes of each, sends these bytes, and is silent."""

    def __init__(self, sends: bytes = b"") -> None:
        self.connected = asyncio.Event()
        self._sends = sends
        self._writers: list[asyncio.StreamWriter] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        await reader.read(100)
        writer.write(self._sends)
        self.connected.set()

    @asynccontextmanager
    async def serve(self) -> AsyncGenerator[str]:
        server = await asyncio.start_server(self.handle, "127.0.0.1", 0, limit=1024)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for writer in self._writers:
                writer.transport.abort()


async def fill_buffers() -> None:
    """Let the client send until the operating system takes no more."""
    for _ in range(2_000):
        await asyncio.sleep(0)


async def send_json(client: AsyncHeyGen) -> object:
    return await client.request("POST", "/v3/new", json={"text": LARGE})


async def send_little(client: AsyncHeyGen) -> object:
    return await client.request("POST", "/v3/new", json={"text": "a"})


@pytest.mark.parametrize(
    "call", [send_json, send_little], ids=["a server that stops reading", "a server that is silent"]
)
async def test_closing_the_client_ends_its_calls(call: Callable[[AsyncHeyGen], Awaitable[object]]) -> None:
    before = tasks()
    peer = SilentPeer()
    async with peer.serve() as url:
        client = AsyncHeyGen("key", base_url=url)
        calls = [asyncio.ensure_future(call(client)) for _ in range(2)]
        await peer.connected.wait()
        await fill_buffers()
        await client.aclose()
        for one in calls:
            with pytest.raises((AmbiguousRequestError, ConfigurationError)):
                await one
    await asyncio.sleep(0)
    assert {task for task in tasks() - before if "heygen_async" in repr(task)} == set()


async def test_a_cancelled_call_leaves_no_connection_to_a_server_that_stops_reading() -> None:
    peer = SilentPeer()
    async with peer.serve() as url, AsyncHeyGen("key", base_url=url) as client:
        call = asyncio.ensure_future(send_json(client))
        await peer.connected.wait()
        await fill_buffers()
        connected = open_files()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.sleep(0)
        (closed,) = connected - open_files()
        assert "socket" in closed


async def test_a_download_stream_ends_before_its_file() -> None:
    peer = SilentPeer(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nabc")
    async with peer.serve() as url, AsyncHeyGen("key", base_url=url) as client:
        async with client.open_stream(f"{url}/video.mp4"):
            pass
        async with client.open_stream(f"{url}/video.mp4"):
            await client.aclose()


async def test_a_batch_that_is_cancelled_ends_although_the_api_is_silent(tmp_path: Path) -> None:
    peer = SilentPeer()
    async with peer.serve() as url, AsyncHeyGen("key", base_url=url) as client:
        rows = [(str(number), AvatarVideo(avatar_id="avatar_1", script="Hi.")) for number in range(5)]
        batch = run(rows, heygen=client, journal=tmp_path / "rows.journal")

        async def consume() -> None:
            async for _ in batch:
                pass

        consumer = asyncio.ensure_future(consume())
        await peer.connected.wait()
        consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer


async def test_the_emulator_ends_although_requests_and_deliveries_are_unfinished() -> None:
    peer = SilentPeer()
    async with peer.serve() as url, HeyGenEmulator() as api:
        host, port = api.url.removeprefix("http://").split(":")
        writers = [(await asyncio.open_connection(host, int(port)))[1] for _ in range(3)]
        for writer, sent in zip(writers, (b"", b"GET /", b"POST /v3/videos HTTP/1.1\r\n\r\n"), strict=True):
            writer.write(sent)
        async with AsyncHeyGen(api.key, base_url=api.url) as client:
            await client.webhooks.endpoints.create(url="https://example.com/hook")
            (endpoint,) = api.state.endpoints.values()
            endpoint["url"] = url
            api.emit("avatar_video.success", {"video_id": "video_1", "url": "https://example.com/v.mp4"})
            await peer.connected.wait()
            waiting = asyncio.ensure_future(client.wait_for_video("video_1"))
            await api.stop()
            waiting.cancel()
            with pytest.raises((asyncio.CancelledError, HeyGenError)):
                await waiting
        for writer in writers:
            writer.close()
