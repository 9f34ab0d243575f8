"""The token file: private, replaced as a whole, locked between processes."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
import time
from pathlib import Path

import pytest
from oauth_support import issue_tokens

from heygen_async import (
    AsyncHeyGen,
    ConfigurationError,
    FileTokenStore,
    OAuthTokens,
)
from heygen_async.testing import Fault, HeyGenEmulator


async def test_saves_and_loads_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    store = FileTokenStore(path)
    assert await store.load() is None
    mask = os.umask(0)
    try:
        tokens = OAuthTokens(access_token="a", refresh_token="r", client_id="c", expires_at=1.5)
        path.write_text("{}")
        path.chmod(0o666)
        await store.save(tokens)
        async with store.lock():
            pass
    finally:
        os.umask(mask)
    assert await store.load() == tokens
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    assert {file.name for file in tmp_path.iterdir()} <= {"tokens.json", ".tokens.json.lock"}
    assert repr(store) == f"FileTokenStore({str(path)!r})"


async def test_unusable_file_is_a_configuration_error(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    for content in (b"", b"{", b"{}", b'{"access_token": 7}', b'{"access_token": "a b"}', b'{"access_token": "\xff"}'):
        path.write_bytes(content)
        with pytest.raises(ConfigurationError, match="does not hold tokens"):
            await FileTokenStore(path).load()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        await FileTokenStore(tmp_path).load()
    store_without_folder = FileTokenStore(path / "tokens.json")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        await store_without_folder.save(OAuthTokens(access_token="a"))
    with pytest.raises(ConfigurationError, match="cannot be locked"):
        async with store_without_folder.lock():
            pass


async def test_lock_is_free_after_its_holder_was_cancelled(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "tokens.json")

    async def hold() -> None:
        async with store.lock():
            await asyncio.sleep(1000)

    holding = asyncio.ensure_future(hold())
    while not (tmp_path / ".tokens.json.lock").exists():
        await asyncio.sleep(0)
    waiting = asyncio.ensure_future(hold())
    await asyncio.sleep(0.05)
    waiting.cancel()
    holding.cancel()
    await asyncio.wait({waiting, holding})
    async with store.lock():
        pass


PROGRAM = """
import asyncio, sys
from heygen_async import AsyncHeyGen, FileTokenStore

async def main(path, url):
    async with AsyncHeyGen(auth=FileTokenStore(path), base_url=url) as heygen:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.gather(*[heygen.users.me() for _ in range(20)])
        print(heygen.tokens.access_token, flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main(*sys.argv[1:]))
"""


async def start_program(*arguments: object) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, *map(str, arguments),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert await read_line(process) == b"ready\n"
    return process


async def read_line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    return await process.stdout.readline()


def write_line(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")


@pytest.mark.parametrize("cause", ["expiry", "rejection"])
async def test_two_processes_refresh_once(tmp_path: Path, cause: str) -> None:
    async with HeyGenEmulator() as api:
        path = tmp_path / "tokens.json"
        tokens = issue_tokens(api) if cause == "rejection" else issue_tokens(api, expires_at=time.time() - 1)
        await FileTokenStore(path).save(tokens)
        api.oauth.end_access()
        processes = await asyncio.gather(start_program(path, api.url), start_program(path, api.url))
        for process in processes:
            write_line(process)
        assert len({await read_line(process) for process in processes}) == 1
        for process in processes:
            write_line(process)
            assert await process.wait() == 0
        assert api.oauth.refreshes == 1
        kept = await FileTokenStore(path).load()
        assert kept is not None
        assert api.oauth.is_valid(kept.access_token)


async def test_refreshes_after_another_process_was_killed(tmp_path: Path) -> None:
    async with HeyGenEmulator() as api:
        path = tmp_path / "tokens.json"
        await FileTokenStore(path).save(issue_tokens(api, expires_at=time.time() - 1))
        silent = api.inject(Fault("silent", operation="OAuthRefresh"))
        process = await start_program(path, api.url)
        write_line(process)
        while not silent.hits:
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        async with AsyncHeyGen(auth=FileTokenStore(path), base_url=api.url) as heygen:
            await heygen.users.me()
        assert api.oauth.refreshes == 1
