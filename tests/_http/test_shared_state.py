"""A client that is closed, or moves to another event loop."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from network_support import Authority
from support import open_files

from heygen_async import AsyncHeyGen, ConfigurationError
from heygen_async._http.session import open_session, release_session
from heygen_async.testing import HeyGenEmulator

#: uvloop warns of connections that are open when a loop closes, and hangs if its warning is an error.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:unclosed resource:ResourceWarning")]

Main = Callable[[AsyncHeyGen], Awaitable[None]]


@pytest.fixture
def server() -> Iterator[HeyGenEmulator]:
    """An emulator in a thread of its own."""
    with HeyGenEmulator() as emulator:
        yield emulator


def open_sockets(before: set[str], server: HeyGenEmulator) -> set[str]:
    """Return the new sockets of this process, after the emulator's thread has closed its ends of closed connections."""
    for _ in range(500):
        if not (sockets := {file for file in open_files() - before if "socket" in file}):
            break
        server._call_in_loop(int)  # a round of its event loop
    return sockets


def texts(caught: list[warnings.WarningMessage]) -> list[str]:
    """Return the texts of warnings, without those of uvloop about connections that are open when a loop closes."""
    return [text for warning in caught if not (text := str(warning.message)).startswith("unclosed resource <TCPTran")]


async def leave_open(client: AsyncHeyGen) -> None:
    await client.users.me()


async def leave_entered(client: AsyncHeyGen) -> None:
    await client.__aenter__()
    await asyncio.gather(client.users.me(), client.users.me())


async def close(client: AsyncHeyGen) -> None:
    await client.users.me()
    await client.aclose()


async def enter_and_close(client: AsyncHeyGen) -> None:
    async with client:
        await client.users.me()


@pytest.mark.parametrize("first", [leave_open, leave_entered, close, enter_and_close])
@pytest.mark.parametrize("second", [close, enter_and_close])
def test_one_client_works_in_a_second_asyncio_run(first: Main, second: Main, server: HeyGenEmulator) -> None:
    client = AsyncHeyGen(server.key, base_url=server.url)
    before = open_files()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(first(client))
        asyncio.run(second(client))
        gc.collect()
    assert texts(caught) == []
    assert open_sockets(before, server) == set()
    with pytest.raises(ConfigurationError, match="is closed"):
        asyncio.run(enter_close_and_use(client))


async def enter_close_and_use(client: AsyncHeyGen) -> None:
    await enter_and_close(client)
    await client.users.me()


def test_a_client_left_open_may_be_closed_in_another_event_loop(server: HeyGenEmulator) -> None:
    client = AsyncHeyGen(server.key, base_url=server.url)
    before = open_files()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(leave_open(client))
        asyncio.run(client.aclose())
        gc.collect()
    assert texts(caught) == []
    assert open_sockets(before, server) == set()


def test_a_client_collected_after_its_event_loop_warns_once(server: HeyGenEmulator) -> None:
    client = AsyncHeyGen(server.key, base_url=server.url)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(leave_open(client))
        del client
        gc.collect()
    assert [text.partition(":")[0] for text in texts(caught)] == ["An AsyncHeyGen was left open"]


def test_a_client_moves_away_from_an_event_loop_that_is_stopped(server: HeyGenEmulator) -> None:
    client = AsyncHeyGen(server.key, base_url=server.url)
    loop = asyncio.new_event_loop()
    try:
        for _ in range(2):
            loop.run_until_complete(leave_open(client))
            asyncio.run(leave_open(client))
        loop.run_until_complete(client.aclose())
    finally:
        loop.close()


def test_limits_of_the_first_event_loop_do_not_reach_the_second(server: HeyGenEmulator) -> None:
    client = AsyncHeyGen(server.key, base_url=server.url, max_connections=1)

    async def cancel_waits() -> None:
        calls = [asyncio.ensure_future(client.wait_for_video("none", timeout=50)) for _ in range(3)]
        calls += [asyncio.ensure_future(client.users.me()) for _ in range(3)]
        await asyncio.sleep(0)

    asyncio.run(cancel_waits())
    asyncio.run(enter_and_close(client))


def test_two_event_loops_at_once_are_an_error_that_names_the_ways_out(server: HeyGenEmulator) -> None:
    client = AsyncHeyGen(server.key, base_url=server.url)
    errors: list[Exception] = []

    def elsewhere() -> None:
        for use in (client.users.me, client.aclose, client.__aenter__):
            try:
                asyncio.run(use())
            except ConfigurationError as error:
                errors.append(error)

    async def main() -> None:
        async with client:
            await asyncio.to_thread(elsewhere)
            await client.users.me()

    asyncio.run(main())
    assert len(errors) == 3
    for error in errors:
        for way in (
            "another event loop",
            "run_coroutine_threadsafe",
            "anyio",
            "one client for each event loop",
            "'Event loops, threads and frameworks'",
        ):
            assert way in str(error)


def test_a_client_closed_in_one_thread_works_in_another(server: HeyGenEmulator) -> None:
    client = AsyncHeyGen(server.key, base_url=server.url)

    async def main() -> None:
        for _ in range(2):
            await enter_and_close(client)
            await asyncio.to_thread(asyncio.run, enter_and_close(client))

    asyncio.run(main())


def test_a_session_of_the_program_stays_in_its_event_loop(server: HeyGenEmulator) -> None:
    kept: list[Any] = []

    async def first() -> None:
        async with aiohttp.ClientSession() as session:
            async with AsyncHeyGen(server.key, base_url=server.url, session=session) as client:
                await client.users.me()
            kept.append(client)

    asyncio.run(first())
    with pytest.raises(ConfigurationError, match="session given to AsyncHeyGen belongs to another event loop"):
        asyncio.run(leave_open(kept[0]))


async def test_a_call_that_waits_for_its_retry_ends_when_the_client_is_closed(
    api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "heygen_async")
    await api.down()
    client = AsyncHeyGen(api.key, base_url=api.url)
    call = asyncio.ensure_future(client.users.me())
    while "retry in" not in caplog.text:
        await asyncio.sleep(0)
    await client.aclose()
    with pytest.raises(ConfigurationError, match="is closed"):
        await call


@pytest.mark.parametrize("is_tls", [False, True])
def test_sockets_of_a_closed_event_loop_are_closed_without_a_warning(is_tls: bool, tmp_path: Path) -> None:
    server_context, client_context = Authority(tmp_path).contexts() if is_tls else (None, None)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"{'https' if is_tls else 'http'}://localhost:{listener.getsockname()[1]}/"
    thread = threading.Thread(target=serve_one, args=(listener, server_context))
    thread.start()
    sessions: list[aiohttp.ClientSession] = []

    async def request() -> None:
        session = open_session()
        sessions.append(session)
        async with session.get(url, ssl=client_context or True) as response:
            await response.read()

    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(request())
        release_session(sessions.pop())
        thread.join()  # it ends when the connection is closed
        gc.collect()
    assert texts(caught) == []


def serve_one(listener: socket.socket, context: ssl.SSLContext | None) -> None:
    """Send one response, and keep the connection until the client closes it."""
    with listener, listener.accept()[0] as plain:
        connection = plain if context is None else context.wrap_socket(plain, server_side=True)
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            try:
                while connection.recv(65536):
                    pass
            except OSError:
                pass
