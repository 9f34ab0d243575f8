"""A download on disk: a hidden file beside its target, which becomes the target when it is complete.

The bytes go to `.name.part`, the ETag and the size of the remote file to `.name.part.etag`. A file lock reserves them
for one download at a time; the system releases the lock when a process dies. When the download ends, both files are
removed, unless they are kept for a later `resume=True`. Only a complete file, flushed to disk, gets the target's name.
Nothing is written through a link (`file_writing`).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, TypeVar

from .._http.file_writing import check_own_file, check_same_file, open_own_file
from ..errors import DownloadError, InvalidInputError

if sys.platform != "win32":  # Windows cannot rename or remove an open file
    import fcntl

T = TypeVar("T")

_FREE_NAME = "an unused name; pass overwrite=True to replace this file"
_SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))
_MODE = 0o666  # before the umask, as for any file that a program creates
_MAX_ETAG_SIZE = 64 << 10  # bytes
_MAX_DIGITS = 19
_NOT_FOLLOWED: Final = {"follow_symlinks": False} if os.link in os.supports_follow_symlinks else {}
_WRITEBACK_SIZE = 16 << 20  # bytes
_MAX_VECTORS = 64 if hasattr(os, "writev") else 0  # chunks that are written without being joined


class PartFile:
    """The hidden file beside the target. All methods but `on_disk` block.

    Args:
        target: The path that the complete file gets.
        url: The URL without its query, for error messages.

    Attributes:
        path: The hidden file.
        etag_path: The file with the ETag, and in a second line the size of the remote file.
        size: The number of bytes in the hidden file.
        etag: The ETag of the remote file that these bytes belong to.
        total: The size of that remote file, if its server sent it.
    """

    def __init__(self, target: Path, url: str = "") -> None:
        self.path: Path = target.parent / f".{target.name}.part"
        self.etag_path: Path = target.parent / f".{target.name}.part.etag"
        self.size: int = 0
        self.etag: str | None = None
        self.total: int | None = None
        self._target = target
        self._url = url
        self._opened: IO[bytes] | None = None
        self._written_back = 0
        self._has_etag_file = False
        self._is_published = False
        self._ending = threading.Lock()  # the thread of `finish` may be abandoned

    async def on_disk(self, work: Awaitable[T]) -> T:
        """Await work on the disk, such as one of the blocking methods below in a thread.

        Raises:
            DownloadError: The operating system reports an error.
        """
        try:
            return await work
        except OSError as error:
            raise DownloadError(
                f"{self._target} could not be written: {error.strerror or error}. The incomplete file was removed. "
                "Free some space or choose another path, and download again.",
                url=self._url,
                path=str(self._target),
            ) from error

    @property
    def _file(self) -> IO[bytes]:
        if self._opened is None:
            raise RuntimeError("The part file is not claimed.")
        return self._opened

    def claim(self, *, resume: bool) -> None:
        """Lock the file; with `resume`, keep the bytes and the ETag of an earlier download.

        Raises:
            DownloadError: Another download to the same target is running, or a link or another file has the name.
        """
        try:
            self._has_etag_file = check_own_file(self.etag_path) is not None
            while self._opened is None:
                self._open_and_lock()
            if self._has_etag_file and resume:
                self._read_etag()
        except PermissionError as error:
            raise self._rejection(f"cannot be written: {error.strerror}.") from error
        self.size = self._file.tell()
        if not self.size and not self._has_etag_file:
            return
        if not self.etag or not self.etag.isprintable() or (self.total is not None and self.total < self.size):
            self.truncate()  # after a power failure the content may be anything

    def _open_and_lock(self) -> None:
        """Try once to open and lock the file; remove the name that an earlier download left to a complete target."""
        descriptor = open_own_file(self.path, mode=_MODE, append=True, second_name=self._target)
        file = os.fdopen(descriptor, "ab", buffering=0)
        try:
            _lock(file)
            if os.path.samestat(self.path.lstat(), opened := os.fstat(descriptor)):
                if opened.st_nlink > 1:
                    self.path.unlink()
                else:
                    self._opened = file
        except FileNotFoundError:
            pass  # the download that held the lock has just ended and removed the file
        except BlockingIOError:
            reason = "is the target of another download that is running. Wait for it, or choose another path."
            raise self._rejection(reason) from None
        finally:
            if self._opened is None:
                file.close()

    def _read_etag(self) -> None:
        with os.fdopen(open_own_file(self.etag_path, mode=_MODE), "rb") as file:
            self.etag, _, total = file.read(_MAX_ETAG_SIZE).decode(errors="replace").partition("\n")
        self.total = int(total) if total.isdecimal() and len(total) < _MAX_DIGITS else None

    def _write_etag(self) -> None:
        self._has_etag_file = True
        with os.fdopen(open_own_file(self.etag_path, mode=_MODE), "wb") as file:
            file.truncate(0)
            file.write(f"{self.etag}\n{'' if self.total is None else self.total}".encode())

    def _rejection(self, reason: str) -> DownloadError:
        return DownloadError(f"{self._target} {reason}", url=self._url, path=str(self._target))

    def append(self, chunks: list[bytes], etag: str | None, total: int | None) -> None:
        """Append chunks of the remote file with this ETag and size."""
        if etag != self.etag:
            self.etag, self.total = etag, total
            if etag is not None:
                self._write_etag()
        self.size += _write(self._file.fileno(), chunks)
        if self.size - self._written_back >= _WRITEBACK_SIZE:
            self._start_writeback()

    def _start_writeback(self) -> None:
        """Start writing to disk now, so that the final flush takes less time."""
        if hasattr(os, "posix_fadvise"):
            length = self.size - self._written_back
            os.posix_fadvise(self._file.fileno(), self._written_back, length, os.POSIX_FADV_DONTNEED)
        self._written_back = self.size

    def truncate(self) -> None:
        """Discard all bytes."""
        self.etag_path.unlink(missing_ok=True)
        self._has_etag_file = False
        self._file.truncate(0)
        self.size, self._written_back, self.etag, self.total = 0, 0, None, None

    def flush(self, chunks: list[bytes] | None = None) -> None:
        """Write the last chunks, and flush the file to disk."""
        with self._ending:
            descriptor = os.dup(self._file.fileno())  # the file may be released meanwhile
        try:
            if chunks:
                _write(descriptor, chunks)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def finish(self, chunks: list[bytes] | None = None, *, overwrite: bool) -> None:
        """Write the last chunks, flush the file, give it the target's name and unlock it.

        The caller may abandon the thread that does it. A file that was released meanwhile does not get the target's
        name.

        Raises:
            InvalidInputError: The target exists, and `overwrite` is False.
        """
        self.flush(chunks)
        with self._ending:
            if not self.is_released:
                self._publish(overwrite=overwrite)
                self._release(keep=False)

    def _publish(self, *, overwrite: bool) -> None:
        opened = os.fstat(self._file.fileno())
        if sys.platform == "win32":
            self._file.close()
        check_same_file(self.path, opened)
        if overwrite:
            self.path.replace(self._target)
        else:
            self._rename_to_free_name()
        if self._has_etag_file:
            self.etag_path.unlink(missing_ok=True)
        self._is_published = True

    def _rename_to_free_name(self) -> None:
        try:
            os.link(self.path, self._target, **_NOT_FOLLOWED)  # unlike a rename, a link replaces nothing
        except OSError as error:  # the target exists by now, or the file system has no links
            if isinstance(error, FileExistsError) or os.path.lexists(self._target):
                raise InvalidInputError("path", str(self._target), _FREE_NAME) from None
            self.path.rename(self._target)
        else:
            self.path.unlink(missing_ok=True)

    def release(self, *, keep: bool) -> None:
        """Unlock the file, and remove it unless it was published or is kept for a later download."""
        with self._ending:
            if not self.is_released:
                self._release(keep=keep)

    @property
    def is_released(self) -> bool:
        """Whether the file is not claimed, or not any more."""
        return self._opened is None

    def _release(self, *, keep: bool) -> None:
        file, self._opened = self._file, None
        try:
            if not self._is_published and not (keep and self.etag is not None):
                self.path.unlink(missing_ok=True)
                with suppress(OSError):  # this name is longer, and may be too long
                    self.etag_path.unlink(missing_ok=True)
        finally:
            _unlock(file)
            file.close()


def remove_leftovers(target: Path) -> None:
    """Remove the part file of a download that was killed after it had published its target. Blocks.

    A part file that is not a hard link to the target is kept: it belongs to a running or resumable download.
    """
    part = PartFile(target)
    with suppress(OSError):
        if not os.path.lexists(part.path) or os.path.samestat(part.path.lstat(), target.lstat()):
            part.path.unlink(missing_ok=True)
            part.etag_path.unlink(missing_ok=True)


def check_target(path: str | os.PathLike[str], *, overwrite: bool, parameter: str = "path") -> None:
    """Reject a target that can never be written. Blocks.

    Raises:
        InvalidInputError: The folder does not exist, the name is invalid, the path is a folder, or the file exists and
            `overwrite` is False.
    """
    target = Path(path)
    free_name, is_download_to = _FREE_NAME, parameter == "download_to"
    if is_download_to:
        free_name = "an unused name for the file of a new job; move this file away, or choose another name"

    def find_problem() -> str | None:
        try:
            if os.fspath(path).endswith(_SEPARATORS) and not target.is_dir():
                name = f"an existing folder; create {target} first" if is_download_to else "a name of a file"
                return f"{name}, or remove the slash at the end"
            if not target.parent.is_dir():
                return f"a file in an existing folder; create {target.parent} first"
            with suppress(FileNotFoundError):
                PartFile(target).etag_path.stat()  # the longest of the three names
            target.lstat()  # a link counts as a file, even if it leads nowhere
            if target.is_dir():
                return "the name of a file; this is a folder"
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            return f"a writable file ({getattr(error, 'strerror', error)})"
        return None if overwrite else free_name

    if (expected := find_problem()) is not None:
        raise InvalidInputError(parameter, os.fspath(path), expected)


def _write(descriptor: int, chunks: list[bytes]) -> int:
    """Write the chunks, and return the number of their bytes."""
    size = sum(map(len, chunks))
    written = os.writev(descriptor, chunks) if len(chunks) <= _MAX_VECTORS else 0
    if written < size:
        rest = memoryview(b"".join(chunks))[written:]
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    return size


def _lock(file: IO[bytes]) -> None:
    """Lock the file until it is closed, where the file system has locks.

    Raises:
        BlockingIOError: Another download holds the lock.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:
            pass


def _unlock(file: IO[bytes]) -> None:
    """Release the lock now: an abandoned flush may keep a copy of the descriptor open."""
    if sys.platform != "win32":
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)
