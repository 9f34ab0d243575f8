"""`FileTokenStore`: OAuth tokens in a file that only its owner can read, shared by the processes of one machine.

The problem: a refresh makes the old pair of tokens invalid. If the new pair cannot be stored then, because the disk is
full or the process dies, the person is signed out.

So whoever holds the lock has a reserved file beside the token file, `.name.new`, before the refresh starts. It is
written in place and renamed. The next holder of the lock takes up a complete pair that a killed process left there, and
removes anything else.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from contextvars import ContextVar
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from .._http import file_writing
from .._http.configuration import environment_value
from .._http.worker_threads import run_in_thread
from ..errors import ConfigurationError
from ..types.tracebacks import strips_frames_of_methods
from .oauth_tokens import OAuthTokens
from .private_file import check_private_file, read_private_file

if TYPE_CHECKING:
    from filelock import BaseFileLock

_log = getLogger("heygen_async.auth")
_LOCK_POLL_INTERVAL = 0.02  # seconds
_VARIABLE = "HEYGEN_TOKEN_FILE"
_DEFAULT_PATH = "~/.config/heygen-async/tokens.json"
_RESERVED = b" " * (16 << 10)  # no tokens are longer


def token_file_path() -> Path:
    """Return the file of the stored sign-in: `HEYGEN_TOKEN_FILE`, or `~/.config/heygen-async/tokens.json`."""
    found = environment_value(_VARIABLE)
    return Path(os.path.expanduser(_DEFAULT_PATH if found is None else found[1]))  # noqa: PTH111  never raises


@strips_frames_of_methods
class FileTokenStore:
    """A `TokenStore` in a JSON file. Needs the extra `oauth`.

    The file has mode 0600. It is replaced as a whole: a reader sees the old pair or the new one. The process that
    refreshes the tokens locks an empty file beside it (`.name.lock`), and reserves space for the new pair (in
    `.name.new`). A symbolic link of this user stays; the file to which it leads is replaced.

    Args:
        path: The file. Missing folders are created with mode 0700. By default the stored sign-in, which a client uses
            when it is given no other credentials: `HEYGEN_TOKEN_FILE` in the environment, or
            `~/.config/heygen-async/tokens.json`.

    Raises:
        ConfigurationError: The extra is not installed.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        try:
            from filelock import FileLock  # noqa: PLC0415  an extra
        except ImportError:
            raise ConfigurationError(
                "FileTokenStore needs filelock. Install it: python -m pip install 'heygen-async[oauth]'"
            ) from None
        self.path: Path = token_file_path() if path is None else Path(path)
        self._file_lock = FileLock

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self.path)!r})"

    async def load(self) -> OAuthTokens | None:
        """Return the tokens in the file; None if the file does not exist.

        A file of this user that others may read gets mode 0600, with a warning in the log.

        Raises:
            ConfigurationError: The file cannot be read, holds something else, or belongs to another user and others
                may read it.
        """
        try:
            return await run_in_thread(self._read)
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be read ({error.strerror}).") from None
        except (msgspec.DecodeError, ValueError):
            raise ConfigurationError(f"{self.path} does not hold tokens. Remove it and sign in again.") from None

    async def save(self, tokens: OAuthTokens) -> None:
        """Replace the file; when this returns, the new one is on disk.

        Args:
            tokens: The tokens.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        try:
            held = _held_lock.get()
            if held is not None and held.store is self and held.is_held:
                await run_in_thread(held.write, tokens)
            else:
                async with self._locked() as held:
                    await run_in_thread(held.write, tokens)
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be written ({error.strerror}).") from None

    @asynccontextmanager
    async def lock(self) -> AsyncGenerator[None]:
        """Hold the lock that the machine's processes share; the system releases it when its process dies.

        Raises:
            ConfigurationError: The lock file cannot be created, or no new tokens could be stored.
        """
        async with AsyncExitStack() as stack:
            try:
                held = await stack.enter_async_context(self._locked())
            except OSError as error:
                raise ConfigurationError(
                    f"{self.path} cannot be locked and written ({error.strerror}). Check its folder and the free space."
                ) from None
            previous = _held_lock.get()
            _held_lock.set(held)
            try:
                yield
            finally:
                _held_lock.set(previous)

    @asynccontextmanager
    async def _locked(self) -> AsyncGenerator[_HeldLock]:
        path = await run_in_thread(self._find_file)
        lock = self._file_lock(_beside(path, "lock"), mode=file_writing.PRIVATE_FILE, thread_local=False)
        held = _HeldLock(self, path)
        try:
            await _acquire(lock)
            await run_in_thread(held.reserve)
            yield held
        finally:
            held.is_held = False
            if lock.is_locked:
                await run_in_thread(_release, lock, held)

    def _find_file(self) -> Path:
        """Return the file that is replaced; create its folder, and check that it may be replaced.

        Raises:
            ConfigurationError: It belongs to another user, and others may read it.
            OSError: It is no regular file, or a file that is needed cannot be created.
        """
        path = file_writing.follow_own_links(self.path)
        file_writing.create_private_folder(path.parent)
        with suppress(FileNotFoundError):
            check_private_file(self.path, path.lstat(), "tokens")
        os.close(file_writing.open_own_file(_beside(path, "lock")))
        return path

    def _read(self) -> OAuthTokens | None:
        content = read_private_file(self.path, "tokens")
        return None if content is None else msgspec.json.decode(content, type=OAuthTokens)


class _HeldLock:
    """The lock of a store while it is held, with space for new tokens in a file of its own.

    Attributes:
        store: The store.
        is_held: Whether the lock is held.
    """

    def __init__(self, store: FileTokenStore, path: Path) -> None:
        self.store: FileTokenStore = store
        self.is_held: bool = True
        self._path = path
        self._new_path = _beside(path, "new")
        self._is_reserved = False

    def reserve(self) -> None:
        """Take up or remove what a killed process left, then reserve space for new tokens. Blocks."""
        self._take_up_leftover()
        descriptor = file_writing.open_own_file(self._new_path)
        self._is_reserved = True
        with os.fdopen(descriptor, "wb") as file:
            file.write(_RESERVED)
            file.flush()
            os.fsync(file.fileno())

    def write(self, tokens: OAuthTokens) -> None:
        """Write the tokens into the reserved file, flush it, and give it the store's name. Blocks."""
        with file_writing.replacement_file(self._path, self._new_path) as file:
            file.write(msgspec.json.encode(tokens))

    def remove_reservation(self) -> None:
        """Remove the reserved file if it was not used. Blocks."""
        if self._is_reserved:
            self._new_path.unlink(missing_ok=True)

    def _take_up_leftover(self) -> None:
        status = file_writing.check_own_file(self._new_path)
        if status is not None and self._holds_newer_tokens(status):
            self._new_path.replace(self._path)
            file_writing.flush_folder(self._path.parent)
        self._new_path.unlink(missing_ok=True)

    def _holds_newer_tokens(self, status: os.stat_result) -> bool:
        with os.fdopen(file_writing.open_own_file(self._new_path), "rb") as file:
            try:
                msgspec.json.decode(file.read(), type=OAuthTokens)
            except (msgspec.DecodeError, ValueError):  # only reserved, or written in part
                return False
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            return status.st_mtime_ns >= self._path.lstat().st_mtime_ns
        return True


#: The lock that the current task holds, or the task that started it: `save` within `lock` must not lock again.
_held_lock: ContextVar[_HeldLock | None] = ContextVar("heygen_async_token_lock", default=None)


def _beside(path: Path, purpose: str) -> Path:
    return path.with_name(f".{path.name}.{purpose}")


async def _acquire(lock: BaseFileLock) -> None:
    from filelock import Timeout  # noqa: PLC0415  an extra

    while not lock.is_locked:
        try:
            await run_in_thread(lambda: lock.acquire(blocking=False))
        except Timeout:
            await asyncio.sleep(_LOCK_POLL_INTERVAL)


def _release(lock: BaseFileLock, held: _HeldLock) -> None:
    try:
        held.remove_reservation()
    finally:
        lock.release()
