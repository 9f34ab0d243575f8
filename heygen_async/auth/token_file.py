"""`FileTokenStore`: OAuth tokens in a file that only its owner reads, shared by the processes of one machine."""

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
from .oauth import OAuthTokens

_LOOKS_AGAIN = 0.02  # seconds, while another process refreshes


class FileTokenStore:
    """A `TokenStore` in a JSON file. Needs the extra `oauth`.

    The file is the owner's alone (0600) and replaced whole: whoever reads it sees the old pair or the new one. An empty
    file beside it (`.name.lock`) is held by the process that refreshes.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            from filelock import FileLock  # noqa: PLC0415  an extra
        except ImportError:
            raise ConfigurationError(
                "FileTokenStore needs filelock: python -m pip install 'heygen-async[oauth]'"
            ) from None
        self.path: Path = Path(path)
        self._lock_of = FileLock

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self.path)!r})"

    async def load(self) -> OAuthTokens | None:
        """What the file holds; None when there is none.

        Raises:
            ConfigurationError: It cannot be read, or holds something else.
        """

        def read() -> OAuthTokens | None:
            with suppress(FileNotFoundError):
                return msgspec.json.decode(self.path.read_bytes(), type=OAuthTokens)
            return None

        try:
            return await run_in_thread(read)
        except OSError as problem:
            raise ConfigurationError(f"{self.path} cannot be read ({problem.strerror}).") from None
        except (msgspec.DecodeError, ValueError):
            raise ConfigurationError(f"{self.path} does not hold tokens; remove it and sign in again.") from None

    async def save(self, tokens: OAuthTokens) -> None:
        """Replace the file; when this returns, it is on the disk.

        Raises:
            ConfigurationError: It cannot be written.
        """
        try:
            await run_in_thread(_replace, self.path, msgspec.json.encode(tokens))
        except OSError as problem:
            raise ConfigurationError(f"{self.path} cannot be written ({problem.strerror}).") from None

    @asynccontextmanager
    async def lock(self) -> AsyncGenerator[None]:
        """Held by one at a time, of all processes on this machine; free again when its holder dies."""
        from filelock import Timeout  # noqa: PLC0415  an extra

        held = self._lock_of(self.path.with_name(f".{self.path.name}.lock"), mode=0o600, thread_local=False)
        try:
            while not held.is_locked:
                try:
                    await run_in_thread(lambda: held.acquire(blocking=False))
                except Timeout:
                    await asyncio.sleep(_LOOKS_AGAIN)
                except OSError as problem:
                    raise ConfigurationError(
                        f"{held.lock_file} cannot be locked ({problem.strerror}); is its folder there?"
                    ) from None
            yield
        finally:
            if held.is_locked:
                await run_in_thread(held.release)


def _replace(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, and give it its name when it is whole and on the disk."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    with suppress(OSError):  # not every system lets a folder be flushed
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
