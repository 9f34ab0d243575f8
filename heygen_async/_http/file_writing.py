"""Open files for writing. Every file that the SDK writes is opened here, or checked here before SQLite opens it.

The problem: whoever may write to a folder can place a link or a named pipe under a name that the SDK uses. A plain
`open` would write through the link into a file that nobody named, or wait forever for a reader of the pipe.

The rule: a file is created exclusively, or opened again only if it is a regular file of this user with one name.
Anything else under the name is a `PermissionError`, whose `strerror` is for error messages. A rename replaces a link
and never follows it. A file is renamed only while its name still belongs to the file that was opened.

Rejected ways:

* Look at the name first, and open it then. It may change in between. So the opened file itself is checked.
* Remove the link and continue. The name would be used while somebody else is replacing it.

Windows has neither `O_NOFOLLOW` nor file modes. There, the name is compared with the opened file, and the folder's
access list decides who reads the file.

All functions block; call them in a thread.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
OTHERS = 0o077  # the bits of the group and of other users
HAS_MODES = sys.platform != "win32"

#: `O_NONBLOCK` keeps a named pipe or a device from stopping the thread; it changes nothing for regular files.
NO_FOLLOW = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
_LINK_ERRORS = {errno.ELOOP, errno.EMLINK}  # the second one in FreeBSD
_MAX_ATTEMPTS = 100  # another process may remove the file between two steps
_MAX_LINKS = 40  # as in Linux
_DATABASE_SUFFIXES = ("-wal", "-shm", "-journal")


def open_own_file(
    path: Path, *, mode: int = PRIVATE_FILE, append: bool = False, second_name: Path | None = None
) -> int:
    """Create the file, or open it again if it is a regular file of this user with one name.

    Args:
        path: The file.
        mode: The mode of a new file, before the umask.
        append: Whether every write goes to the end of the file.
        second_name: Another name that the file may have.

    Returns:
        The descriptor, for reading and writing.

    Raises:
        PermissionError: Something else has this name.
        OSError: The file cannot be opened.
    """
    flags = os.O_RDWR | NO_FOLLOW | (os.O_APPEND if append else 0)
    for _ in range(_MAX_ATTEMPTS):
        with suppress(FileExistsError):
            return create_own_file(path, mode=mode, append=append)
        with suppress(FileNotFoundError):
            return _open_existing(path, flags, second_name)
    raise OSError(errno.EBUSY, f"other processes create and remove {path} all the time")


def create_own_file(path: str | os.PathLike[str], *, mode: int = PRIVATE_FILE, append: bool = False) -> int:
    """Create the file, and return its descriptor for reading and writing.

    Raises:
        FileExistsError: Something has this name.
        OSError: The file cannot be created.
    """
    return os.open(path, os.O_RDWR | NO_FOLLOW | os.O_CREAT | os.O_EXCL | (os.O_APPEND if append else 0), mode)


def check_own_file(path: Path) -> os.stat_result | None:
    """Return the status of the file without opening it; None if it does not exist.

    Raises:
        PermissionError: Something else than a regular file of this user with one name has this name.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    _check(path, status, None)
    return status


def check_same_file(path: Path, opened: os.stat_result) -> None:
    """Check that the path still names the file that was opened.

    Raises:
        PermissionError: It names another file.
    """
    if not os.path.samestat(path.lstat(), opened):
        raise _unsafe(path, "was replaced by another file meanwhile")


def prepare_database(path: Path) -> None:
    """Create the file of a SQLite database, or check it; check the files beside it. Give all of them mode 0600.

    SQLite opens all of them by their names. So call this before it opens them, and again before the first change.
    An existing file is not opened for the check: closing it would release the locks of this process's connections.

    Raises:
        PermissionError: Something else than a regular file of this user has one of the names.
        OSError: The file cannot be created.
    """
    for suffix in _DATABASE_SUFFIXES:
        _make_private(Path(f"{path}{suffix}"))
    with suppress(FileExistsError):
        os.close(create_own_file(path))
    _make_private(path)


@contextmanager
def replacement_file(path: Path, temporary: Path, *, mode: int = PRIVATE_FILE) -> Generator[IO[bytes]]:
    """Open a new file that replaces `path` when the context ends, flushed to the disk; after an error it is removed.

    Args:
        path: The file that is replaced. A link is replaced too, and not followed.
        temporary: The name of the new file, in the same folder. An existing file of this name, reserved before or left
            by a killed process, is overwritten in place.
        mode: The mode of the new file, before the umask.

    Raises:
        PermissionError: Something else than a regular file of this user has the temporary name.
        OSError: The file cannot be written.
    """
    descriptor = open_own_file(temporary, mode=mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.truncate()
            file.flush()
            os.fsync(descriptor)
            opened = os.fstat(descriptor)
        check_same_file(temporary, opened)
        temporary.replace(path)
        flush_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def create_private_folder(path: Path) -> None:
    """Create the folder and its missing parents with mode 0700. An existing folder stays as it is.

    Raises:
        OSError: The folder cannot be created.
    """
    if path == path.parent or path.is_dir():
        return
    create_private_folder(path.parent)
    with suppress(FileExistsError):
        path.mkdir(PRIVATE_FOLDER)


def follow_own_links(path: Path) -> Path:
    """Return the file that a person named: a link at the end of the path is followed if this user or root owns it.

    Raises:
        PermissionError: The link belongs to another user.
        OSError: There are too many links.
    """
    for _ in range(_MAX_LINKS):
        try:
            status = path.lstat()
        except FileNotFoundError:
            return path
        if not stat.S_ISLNK(status.st_mode):
            return path
        if HAS_MODES and status.st_uid not in {0, os.geteuid()}:
            raise _unsafe(path, f"is a symbolic link of another user (uid {status.st_uid})")
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(path))


def flush_folder(path: Path) -> None:
    """Flush the names in a folder to the disk, where the system can do so."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _open_existing(path: Path, flags: int, second_name: Path | None) -> int:
    """Open the file, and check what was opened.

    Raises:
        FileNotFoundError: The file was removed or replaced meanwhile.
    """
    _check(path, path.lstat(), second_name)  # a device is never opened
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno in _LINK_ERRORS:
            raise _unsafe(path, "is a symbolic link") from None
        raise
    try:
        opened = os.fstat(descriptor)
        if not os.path.samestat(path.lstat(), opened):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path))
        _check(path, opened, second_name)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _make_private(path: Path) -> None:
    """Check the file if it exists, and give it mode 0600."""
    status = check_own_file(path)
    if status is None or not HAS_MODES or not status.st_mode & OTHERS:
        return
    descriptor = open_own_file(path)
    try:
        os.fchmod(descriptor, PRIVATE_FILE)
    finally:
        os.close(descriptor)


def _check(path: Path, status: os.stat_result, second_name: Path | None) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise _unsafe(path, "is a symbolic link")
    if stat.S_ISDIR(status.st_mode):
        raise _unsafe(path, "is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise _unsafe(path, "is not a regular file")
    if HAS_MODES and status.st_uid != os.geteuid():
        raise _unsafe(path, f"belongs to another user (uid {status.st_uid})")
    if status.st_nlink > 1 and not (status.st_nlink == 2 and _is_same(second_name, status)):
        raise _unsafe(path, "has a second name (a hard link)")


def _is_same(path: Path | None, status: os.stat_result) -> bool:
    try:
        return path is not None and os.path.samestat(path.lstat(), status)
    except OSError:
        return False


def _unsafe(path: Path, reason: str) -> PermissionError:
    return PermissionError(errno.EPERM, f"{path} {reason}, and is not written to; remove it, or use another path")
