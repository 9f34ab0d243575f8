"""Local files: the one way to open a file for reading, and files below a folder that guards them.

The problem: a path is a name, and its meaning may change between a check and the opening, when a link is put in its
place. Opening some names, such as a FIFO, waits for another process.

So a file is opened first and checked afterwards, by its descriptor. Only a regular file passes, and its size, type,
digest and content are those of the open file, whatever the path means later.

A `FolderFile` was named by somebody else: a model, or a cell of a sheet. Its folder was named by the program. It is
opened one folder after the other, each relative to the descriptor of the one before, without following a link. Windows
has no such calls: there, the path of the open file is read from its handle and compared with the folder's.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path, PurePath

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # without it, opening a FIFO waits for a writer
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOINHERIT", 0)
)
_FOLDER_FLAGS = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
#: Whether the system opens a file relative to an open folder.
_OPENS_BELOW = os.open in os.supports_dir_fd and bool(_NO_FOLLOW)
_LINK_ERRORS = {errno.ELOOP, errno.EMLINK, errno.ENOTDIR}


class FolderFile(os.PathLike[str]):
    """A file below a folder. It is opened without following a link below that folder.

    Args:
        folder: The folder, as the program named it.
        name: A path relative to the folder, or an absolute path below it.

    Attributes:
        name: The path relative to the folder.

    Raises:
        ValueError: The name is not one of a file below the folder. The file system is not asked about the name.
    """

    __slots__ = ("_root", "folder", "name")

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._root = os.path.abspath(folder)  # noqa: PTH100  Path.absolute() keeps ".."
        parts = _parts_below(self._root, name)
        if not parts:
            raise ValueError(f"no file below {folder}")
        self.name: str = os.path.join(*parts)  # noqa: PTH118

    def __fspath__(self) -> str:
        return os.path.join(self.folder, self.name)  # noqa: PTH118

    def __str__(self) -> str:
        return self.__fspath__()

    def __repr__(self) -> str:
        return repr(self.__fspath__())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FolderFile) and (self._root, self.name) == (other._root, other.name)

    def __hash__(self) -> int:
        return hash((self._root, self.name))

    def open(self) -> int:
        """Return a descriptor of the file.

        Raises:
            OSError: There is no such file, or a link is on the way to it.
        """
        if not _OPENS_BELOW:
            return _open_and_compare(os.path.join(self._root, self.name), self._root)  # noqa: PTH118
        *folders, name = PurePath(self.name).parts
        try:
            return _open_below(self._root, folders, name)
        except OSError as error:
            if error.errno not in _LINK_ERRORS:
                raise
            raise OSError(errno.ELOOP, "a link or a file stands in place of a folder or of the file") from None


def open_regular_file(path: str | os.PathLike[str]) -> FileIO:
    """Open a file for reading, without a buffer. Blocks; call it in a thread.

    Raises:
        OSError: It cannot be opened, or it is not a regular file.
        ValueError: The path is invalid.
    """
    descriptor = path.open() if isinstance(path, FolderFile) else os.open(path, _FLAGS)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is a folder" if stat.S_ISDIR(mode) else "it is not a regular file")
        return FileIO(descriptor)
    except BaseException:
        os.close(descriptor)
        raise


class OpenedFile:
    """A regular file, opened once. All methods block; several threads may call them.

    Attributes:
        size: The size in bytes.

    Raises:
        OSError: It cannot be opened, or it is not a regular file.
        ValueError: The path is invalid.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = open_regular_file(path)
        self._state = file_state(self._file.fileno())
        self.size: int = self._state[0]
        self._lock = threading.Lock()  # a closed descriptor may be another file's a moment later

    @property
    def closed(self) -> bool:
        """Whether the file was closed."""
        return self._file.closed

    def close(self) -> None:
        """Close the file, after the reading in other threads."""
        with self._lock:
            self._file.close()

    @contextmanager
    def locked(self) -> Generator[FileIO]:
        """Give the file, which no other thread reads or closes meanwhile.

        Raises:
            OSError: The file was closed.
        """
        with self._lock:
            if self._file.closed:
                raise OSError(errno.EBADF, "it was closed")
            yield self._file

    def read(self, position: int, length: int) -> bytes:
        """Return the bytes at a position, up to the length. The last bytes are empty if the file has changed."""
        with self.locked() as file:
            file.seek(position)
            chunk = file.read(length)
            is_last = position + len(chunk) >= self.size
            return b"" if is_last and file_state(file.fileno()) != self._state else chunk


def file_state(descriptor: int) -> tuple[int, ...]:
    """Return values of which at least one changes when an open file is written; the size is the first."""
    status = os.fstat(descriptor)
    return status.st_size, status.st_mtime_ns


def _parts_below(root: str, name: str) -> tuple[str, ...]:
    """Return the parts of the path from the root to the file; empty if the name leads elsewhere."""
    if not name or "\0" in name or (os.name == "nt" and ":" in os.path.splitdrive(name)[1]):  # a stream of a file
        return ()
    path = PurePath(os.path.normpath(os.path.join(root, name)))  # noqa: PTH118
    roots = [root, os.path.realpath(root)] if os.path.isabs(name) else [root]  # noqa: PTH117
    return next((path.relative_to(one).parts for one in roots if path.is_relative_to(one)), ())


def _open_below(root: str, folders: list[str], name: str) -> int:
    folder = os.open(root, _FOLDER_FLAGS)
    try:
        for inner in folders:
            opened = os.open(inner, _FOLDER_FLAGS | _NO_FOLLOW, dir_fd=folder)
            os.close(folder)
            folder = opened
        return os.open(name, _FLAGS | _NO_FOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def _open_and_compare(path: str, root: str) -> int:
    """Open a file, and return its descriptor if what was opened is below the root."""
    descriptor = os.open(path, _FLAGS)
    try:
        if not PurePath(_opened_path(descriptor)).is_relative_to(os.path.realpath(root)):
            raise OSError(errno.ELOOP, "a link leads out of the folder")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


if sys.platform == "win32":
    import ctypes
    import msvcrt

    def _opened_path(descriptor: int) -> str:
        """Return the path of an open file, without links."""
        buffer = ctypes.create_unicode_buffer(32_768)
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))
        if not ctypes.windll.kernel32.GetFinalPathNameByHandleW(handle, buffer, len(buffer), 0):
            raise OSError(errno.EINVAL, "its path cannot be read")
        return buffer.value.replace("\\\\?\\UNC\\", "\\\\", 1).removeprefix("\\\\?\\")
else:

    def _opened_path(descriptor: int) -> str:
        """Return the path of an open file, without links."""
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
