"""A download on the disk: hidden beside its target and held by one at a time until it is whole."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from .._http.worker_threads import run_in_thread
from ..errors import DownloadError, InvalidInputError

if sys.platform != "win32":  # which lets nobody rename or remove what is open
    import fcntl

_FREE = "a name that is free; pass overwrite=True to replace this file"
_FLUSHED_AT_ONCE = 16 << 20  # bytes
_MAX_PIECES = 64 if hasattr(os, "writev") else 0  # that are written without being joined


class Part:
    """The hidden file beside the target, held by one download at a time. All of it runs in threads."""

    def __init__(self, target: Path) -> None:
        self.path: Path = target.with_name(f".{target.name}.part")
        self.done: int = 0
        self.etag: str | None = None
        self._target = target
        self.noted: Path = target.with_name(f".{target.name}.part.etag")
        self._file: IO[bytes] | None = None
        self._flushed = 0
        self._named = False  # whether it has become the target

    def claim(self, *, resume: bool) -> None:
        """Hold it, with what an earlier download left there when that can be resumed."""
        while self._file is None:
            file = self.path.open("ab", buffering=0)
            try:
                _lock(file)
                if self.path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                    self._file = file
            except FileNotFoundError:
                pass  # the download that held it has just ended
            except BlockingIOError:
                raise DownloadError(
                    f"Another download to {self._target} is under way; wait for it.", url="", path=str(self._target)
                ) from None
            finally:
                if self._file is None:
                    file.close()
        with suppress(FileNotFoundError):
            self.etag = self.noted.read_text(encoding="utf-8", errors="replace") if resume else None
        if self.etag and self.etag.isprintable():  # after a power cut anything may stand there
            self.done = self._file.tell()
        else:
            self.start_over()

    def write(self, pieces: list[bytes], etag: str | None) -> None:
        """Append; with the first bytes of a file, its ETag is noted."""
        file = cast("IO[bytes]", self._file)
        if etag != self.etag:
            self.etag = etag
            if etag is not None:
                self.noted.write_text(etag, encoding="utf-8")
        size = sum(map(len, pieces))
        written = os.writev(file.fileno(), pieces) if len(pieces) <= _MAX_PIECES else 0
        if written < size:
            rest = memoryview(b"".join(pieces))[written:]
            while rest:
                rest = rest[file.write(rest) :]
        self.done += size
        if self.done - self._flushed >= _FLUSHED_AT_ONCE:
            if hasattr(os, "posix_fadvise"):  # by which the system begins to write: little is left for the end
                os.posix_fadvise(file.fileno(), self._flushed, self.done - self._flushed, os.POSIX_FADV_DONTNEED)
            self._flushed = self.done

    def start_over(self) -> None:
        """Forget what is there."""
        self.noted.unlink(missing_ok=True)
        cast("IO[bytes]", self._file).truncate(0)
        self.done, self._flushed, self.etag = 0, 0, None

    def flush(self) -> None:
        """Bring it onto the disk, by a descriptor of its own: it may be released meanwhile."""
        number = os.dup(cast("IO[bytes]", self._file).fileno())
        try:
            os.fsync(number)
        finally:
            os.close(number)

    def finish(self, *, overwrite: bool) -> None:
        """Give it the target's name, now that it is whole and on the disk."""
        if sys.platform == "win32":
            cast("IO[bytes]", self._file).close()
        if overwrite:
            self.path.replace(self._target)
        else:
            try:
                self._target.hardlink_to(self.path)  # which, other than a rename, replaces nothing
                self.path.unlink()
            except OSError as problem:  # the name was taken meanwhile, or the file system has no links
                if isinstance(problem, FileExistsError) or self._target.exists():
                    raise InvalidInputError("path", str(self._target), _FREE) from None
                self.path.rename(self._target)
        self.noted.unlink(missing_ok=True)
        self._named = True

    def release(self, *, keep: bool) -> None:
        """Leave nothing behind, except what can be resumed if that is wanted."""
        if self._file is None:
            return
        try:
            if not self._named and not (keep and self.etag is not None):
                self.path.unlink(missing_ok=True)
                with suppress(OSError):  # its name may be too long, when the other one just fits
                    self.noted.unlink(missing_ok=True)
        finally:
            _unlock(self._file)
            self._file.close()


def tidy(target: Path) -> None:
    """Remove what a download left beside its target when it was killed just as it was whole. Runs in a thread."""
    part = target.with_name(f".{target.name}.part")
    with suppress(OSError):
        if not part.exists() or part.samefile(target):  # any other is a download under way, or to be resumed
            part.unlink(missing_ok=True)
            part.with_name(f"{part.name}.etag").unlink(missing_ok=True)


def _lock(file: IO[bytes]) -> None:
    """Hold it until it is closed, on file systems that have locks.

    Raises:
        BlockingIOError: Another download does.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:
            pass


def _unlock(file: IO[bytes]) -> None:
    """Let go of it, though it may still be on its way to the disk."""
    if sys.platform != "win32":
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)


async def check_target(target: Path, *, overwrite: bool) -> None:
    """Refuse at once a target that can never be written.

    Raises:
        InvalidInputError: Its folder is not there, it is a folder itself, or the name is taken or can be no file's.
    """

    def look() -> str | None:
        try:
            if not target.parent.is_dir():
                return f"a file in a folder that is there; make {target.parent} first"
            with suppress(FileNotFoundError):
                Part(target).noted.stat()  # whose name is the longest
            if stat.S_ISDIR(target.stat().st_mode):
                return "a file's name; this is a folder"
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as problem:
            return f"a file that can be written ({getattr(problem, 'strerror', problem)})"
        return None if overwrite else _FREE

    if (expected := await run_in_thread(look)) is not None:
        raise InvalidInputError("path", str(target), expected)
