"""The clock among other processes, and the fixtures, as a project's own tests meet them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvloop

from heygen_async.testing import Clock, HeyGenEmulator, outside


SLOW = 0.1  # seconds, twenty times what a jump grants


class Elsewhere(BaseHTTPRequestHandler):
    """A service that this loop knows nothing of, and that takes its time."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(SLOW)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def a_minute() -> float:
    """The real seconds that it takes."""
    began = time.monotonic()
    await asyncio.sleep(60)
    return time.monotonic() - began


@asynccontextmanager
async def child(program: str, **options: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", program, **options)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


# -- the clock, among other processes


async def test_an_answer_from_elsewhere_is_waited_for_and_an_idle_connection_is_not(
    api: HeyGenEmulator, service: str
) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        for _ in range(3):  # the second goes over the first one's connection
            async with session.get(service) as answer:
                assert await answer.read() == b"ok"
            assert await a_minute() < 5


async def test_a_connection_of_before_the_clock_is_known(service: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        for _ in range(2):
            with Clock().autojump():
                assert await a_minute() < 5
                async with session.get(service) as answer:
                    assert answer.status == 200
                assert await a_minute() < 5


async def test_a_child_process_is_waited_for(api: HeyGenEmulator) -> None:
    working = "import time; print('begun', flush=True); time.sleep(0.2); print('done')"
    async with child(working, stdout=subprocess.PIPE) as process:
        said, _ = await asyncio.wait_for(process.communicate(), 60)
        assert said.split() == [b"begun", b"done"]
    async with child(working, stdout=subprocess.DEVNULL) as process:
        assert await asyncio.wait_for(process.wait(), 60) == 0
    assert await a_minute() < 5


async def test_a_child_that_serves_does_not_hold_the_clock_for_ever(
    api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outside, "_PATIENCE", 0.2)
    monkeypatch.setattr(outside, "_HINT", 0.1)
    async with child("input()", stdin=subprocess.PIPE) as process:
        assert 0.1 < await a_minute() < 5
        assert process.returncode is None
        assert f"under way: the child process {process.pid}." in caplog.text
        assert "autojump=False" in caplog.text


async def test_what_is_never_answered_does_not_hold_the_clock_for_ever(
    api: HeyGenEmulator, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "_PATIENCE", 0.2)
    host, _, port = service.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    assert 0.1 < await a_minute() < 5
    writer.write(b"GET ")
    assert 0.1 < await a_minute() < 5
    assert await a_minute() < 0.1
    writer.close()
    await writer.wait_closed()


async def test_what_the_loop_is_to_itself_holds_nothing(api: HeyGenEmulator, tmp_path: Path) -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)
        writer.close()

    places = [
        (await asyncio.start_server(silent, "127.0.0.1", 0), asyncio.open_connection),
        (await asyncio.start_unix_server(silent, tmp_path / "s"), asyncio.open_unix_connection),
    ]
    for server, connect in places:
        place = server.sockets[0].getsockname()
        reader, writer = await connect(*([place] if isinstance(place, str) else place))
        writer.write(b"a question")
        began = time.monotonic()
        assert await reader.read() == b""
        assert time.monotonic() - began < 5
        writer.close()
        server.close()
        await server.wait_closed()


async def test_another_kind_of_loop_is_told_what_to_do() -> None:
    async def jumping() -> None:
        async with HeyGenEmulator(autojump=True):
            pass

    def other() -> None:
        with pytest.raises(RuntimeError, match=r"selector loop, not uvloop.Loop: run the test on.*autojump=False"):
            uvloop.new_event_loop().run_until_complete(jumping())

    await asyncio.to_thread(other)
