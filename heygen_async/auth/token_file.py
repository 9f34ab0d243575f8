"""`FileTokenStore`: OAuth tokens in a file that only its owner can read, shared by the processes of one machine."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from .._http.worker_threads import run_in_thread
from ..errors import ConfigurationError
from .oauth_tokens import OAuthTokens

_LOCK_POLL_INTERVAL = 0.02  # seconds


class FileTokenStore:
    """A `TokenStore` in a JSON file. Needs the extra `oauth`.

    The file has mode 0600. It is replaced as a whole: a reader sees the old pair or the new one. The process that
    refreshes the tokens locks an empty file beside it (`.name.lock`).

    Args:
        path: The file; its folder must exist.

    Raises:
        ConfigurationError: The extra is not installed.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            from filelock import FileLock  # noqa: PLC0415  an extra
        except ImportError:
            raise ConfigurationError(
                "FileTokenStore needs filelock. Install it: python -m pip install 'heygen-async[oauth]'"
            ) from None
        self.path: Path = Path(path)
        self._file_lock = FileLock

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self.path)!r})"

    async def load(self) -> OAuthTokens | None:
        """Return the tokens in the file; None if the file does not exist.

        Raises:
            ConfigurationError: The file cannot be read, or holds something else.
        """

        def read() -> OAuthTokens | None:
            with suppress(FileNotFoundError):
                return msgspec.json.decode(self.path.read_bytes(), type=OAuthTokens)
            return None

        try:
            return await run_in_thread(read)
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be read ({error.strerror}).") from None
        except (msgspec.DecodeError, ValueError):
            raise ConfigurationError(f"{self.path} does not hold tokens. Remove it and sign in again.") from None

    async def save(self, tokens: OAuthTokens) -> None:
        """Replace the file; when this returns, the new one is on disk.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        try:
            await run_in_thread(_replace, self.path, msgspec.json.encode(tokens))
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be written ({error.strerror}).") from None

    @asynccontextmanager
    async def lock(self) -> AsyncGenerator[None]:
        """Hold the lock that the machine's processes share; the system releases it when its process dies.

        Raises:
            ConfigurationError: The lock file cannot be created.
        """
        from filelock import Timeout  # noqa: PLC0415  an extra

        lock = self._file_lock(self.path.with_name(f".{self.path.name}.lock"), mode=0o600, thread_local=False)
        try:
            while not lock.is_locked:
                try:
                    await run_in_thread(lambda: lock.acquire(blocking=False))
                except Timeout:
                    await asyncio.sleep(_LOCK_POLL_INTERVAL)
                except OSError as error:
                    raise ConfigurationError(
                        f"{lock.lock_file} cannot be locked ({error.strerror}). Check that its folder exists."
                    ) from None
            yield
        finally:
            if lock.is_locked:
                await run_in_thread(lock.release)


def _replace(path: Path, content: bytes) -> None:
    """Write a new file with mode 0600, flush it to disk, then give it the name."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    with suppress(OSError):  # some systems cannot flush a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
