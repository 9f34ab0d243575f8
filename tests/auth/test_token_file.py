"""The token file: private, replaced as a whole, locked between processes."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import stat
import sys
import time
from pathlib import Path

import msgspec
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


OLD = OAuthTokens(access_token="old", refresh_token="r1", client_id="c")
NEW = OAuthTokens(access_token="new", refresh_token="r2", client_id="c")


async def test_creates_its_folders_for_the_owner_alone(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "config" / "heygen" / "tokens.json")
    await store.save(NEW)
    assert stat.S_IMODE((tmp_path / "config").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "config" / "heygen").stat().st_mode) == 0o700
    assert await store.load() == NEW


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
async def test_file_that_others_may_read_becomes_private_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tokens.json"
    store = FileTokenStore(path)
    await store.save(OLD)
    for mode in (0o644, 0o640, 0o604):
        path.chmod(mode)
        assert await store.load() == OLD
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert f"Other users could read the tokens in {path}: its mode was 644." in warning.getMessage()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs root")
async def test_file_of_another_user_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    store = FileTokenStore(path)
    await store.save(OLD)
    content = path.read_bytes()
    path.chmod(0o644)
    os.chown(path, 12345, 12345)
    with pytest.raises(ConfigurationError, match=r"belongs to another user \(uid 12345\), and others may read it"):
        await store.load()
    with pytest.raises(ConfigurationError, match="belongs to another user"):
        await store.save(NEW)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (content, 0o644)


@pytest.mark.parametrize("existing", [True, False])
async def test_symbolic_link_of_the_owner_stays(existing: bool, tmp_path: Path) -> None:
    target, link = tmp_path / "real" / "t.json", tmp_path / "tokens.json"
    if existing:
        await FileTokenStore(target).save(OLD)
    link.symlink_to(Path("real", "t.json"))
    store = FileTokenStore(link)
    assert await store.load() == (OLD if existing else None)
    async with store.lock():
        await store.save(NEW)
    assert link.is_symlink()
    assert not target.is_symlink()
    assert await store.load() == await FileTokenStore(target).load() == NEW
    assert {file.name for file in tmp_path.iterdir()} == {"real", "tokens.json"}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs root")
async def test_symbolic_link_of_another_user_is_refused(tmp_path: Path) -> None:
    target, link = tmp_path / "t.json", tmp_path / "tokens.json"
    await FileTokenStore(target).save(OLD)
    link.symlink_to(target)
    os.chown(link, 12345, 12345, follow_symlinks=False)
    with pytest.raises(ConfigurationError, match="is a symbolic link of another user"):
        await FileTokenStore(link).load()
    with pytest.raises(ConfigurationError, match="is a symbolic link of another user"):
        await FileTokenStore(link).save(NEW)
    assert await FileTokenStore(target).load() == OLD


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("kind", ["link", "hard link", "pipe"])
@pytest.mark.parametrize("name", [".tokens.json.lock", ".tokens.json.new", "tokens.json"])
async def test_writes_to_its_own_files_alone(kind: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    victim, store = tmp_path / "elsewhere" / "victim", FileTokenStore(tmp_path / "tokens.json")
    victim.write_bytes(b"precious")
    victim.chmod(0o644)
    if kind == "pipe":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).hardlink_to(victim) if kind == "hard link" else (tmp_path / name).symlink_to(victim)
    if name == "tokens.json" and kind != "pipe":  # the person's own link, or a name that a rename replaces
        await store.save(NEW)
        assert victim.is_file()
        assert await store.load() == NEW
        return
    with pytest.raises(ConfigurationError, match="cannot be written"):
        await store.save(NEW)
    with pytest.raises(ConfigurationError, match="cannot be locked and written"):
        async with store.lock():
            pass
    assert (victim.read_bytes(), stat.S_IMODE(victim.stat().st_mode)) == (b"precious", 0o644)


async def test_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tokens.json")
    with pytest.raises(ConfigurationError, match="cannot be read .it is not a regular file"):
        await FileTokenStore(tmp_path / "tokens.json").load()


@pytest.mark.parametrize("size", [0, 10, None])
async def test_incomplete_leftover_of_a_crash_is_removed(size: int | None, tmp_path: Path) -> None:
    path, leftover = tmp_path / "tokens.json", tmp_path / ".tokens.json.new"
    store = FileTokenStore(path)
    await store.save(OLD)
    leftover.write_bytes(b" " * 20_000 if size is None else msgspec.json.encode(NEW)[:size])
    async with store.lock():
        assert await store.load() == OLD
    assert {file.name for file in tmp_path.iterdir()} <= {"tokens.json", ".tokens.json.lock"}


async def test_new_tokens_that_a_crash_left_are_taken_up(tmp_path: Path) -> None:
    path, leftover = tmp_path / "tokens.json", tmp_path / ".tokens.json.new"
    store = FileTokenStore(path)
    await store.save(OLD)
    leftover.write_bytes(msgspec.json.encode(NEW))
    leftover.chmod(0o600)
    async with store.lock():
        assert await store.load() == NEW
    assert await store.load() == NEW
    leftover.write_bytes(msgspec.json.encode(OLD))
    os.utime(leftover, (1, 1))  # older than the tokens
    async with store.lock():
        assert await store.load() == NEW
    assert not leftover.exists()


async def test_full_disk_is_found_before_the_old_pair_is_spent(
    api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileTokenStore(tmp_path / "tokens.json")
    await store.save(issue_tokens(api, expires_at=time.time() - 1))
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", lambda _: raise_no_space())
            with pytest.raises(ConfigurationError, match="No space left on device"):
                await heygen.users.me()
            assert (api.requests, api.oauth.refreshes) == ([], 0)
            assert not (tmp_path / ".tokens.json.new").exists()
        await heygen.users.me()
    assert api.oauth.refreshes == 1
    kept = await store.load()
    assert kept is not None
    assert api.oauth.is_valid(kept.access_token)


def raise_no_space() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_space_for_new_tokens_is_reserved_during_the_refresh(api: HeyGenEmulator, tmp_path: Path) -> None:
    path, reserved = tmp_path / "tokens.json", tmp_path / ".tokens.json.new"
    await FileTokenStore(path).save(issue_tokens(api, expires_at=time.time() - 1))
    silent = api.inject(Fault("delay", seconds=3, operation="OAuthRefresh"))
    async with AsyncHeyGen(auth=FileTokenStore(path), base_url=api.url) as heygen:
        call = asyncio.ensure_future(heygen.users.me())
        while not silent.hits:
            await asyncio.sleep(0)
        assert reserved.stat().st_size > path.stat().st_size
        await call
    assert not reserved.exists()


async def test_tokens_are_saved_within_the_lock_also_from_another_task(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "tokens.json")
    async with store.lock():
        await store.save(OLD)
        await asyncio.create_task(store.save(NEW))
    assert await store.load() == NEW
    saving = asyncio.create_task(store.save(OLD))
    async with store.lock():
        saved = [await store.load()]
    await saving
    assert saved[0] in {OLD, NEW}
    assert await store.load() == OLD


async def test_lock_is_free_after_its_holder_was_cancelled(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "tokens.json")

    async def hold() -> None:
        async with store.lock():
            await asyncio.Event().wait()

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
        assert (tmp_path / ".tokens.json.new").exists()
        async with AsyncHeyGen(auth=FileTokenStore(path), base_url=api.url) as heygen:
            await heygen.users.me()
        assert api.oauth.refreshes == 1
        assert {file.name for file in tmp_path.iterdir()} <= {"tokens.json", ".tokens.json.lock"}
