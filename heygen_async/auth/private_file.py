"""Read files with secrets: regular files that belong to this user, or that others cannot read. Blocks."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from logging import getLogger
from pathlib import Path

from .._http import file_writing
from ..errors import ConfigurationError

_log = getLogger("heygen_async.auth")
_MAX_SIZE = 1 << 20  # bytes
_warned = set[Path]()


def read_private_file(path: Path, contents: str) -> bytes | None:
    """Return the content of a file, or None if it does not exist. A file that others may read gets mode 0600.

    Args:
        path: The file. A link of this user is followed.
        contents: What it holds, for messages.

    Raises:
        ConfigurationError: It belongs to another user, and others may read it.
        OSError: It is no regular file, or cannot be read.
    """
    target = file_writing.follow_own_links(path)
    try:
        check_private_file(path, target.lstat(), contents)  # a device is never opened
        descriptor = os.open(target, os.O_RDONLY | file_writing.NO_FOLLOW)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        check_private_file(path, status, contents)
        if file_writing.HAS_MODES and status.st_mode & file_writing.OTHERS:
            _make_private(path, descriptor, stat.S_IMODE(status.st_mode), contents)
        return file.read(_MAX_SIZE)


def check_private_file(path: Path, status: os.stat_result, contents: str) -> None:
    """Check that the file is a regular one, and of this user if others may read it.

    Raises:
        ConfigurationError: It belongs to another user, and others may read it.
        OSError: It is no regular file.
    """
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    if file_writing.HAS_MODES and status.st_mode & file_writing.OTHERS and status.st_uid != os.geteuid():
        raise ConfigurationError(
            f"{path} belongs to another user (uid {status.st_uid}), and others may read it. Store the {contents} in a "
            "file of your own."
        )


def _make_private(path: Path, descriptor: int, mode: int, contents: str) -> None:
    if path not in _warned:
        _warned.add(path)
        _log.warning("Other users could read the %s in %s: its mode was %o. It is set to 600.", contents, path, mode)
    with suppress(OSError):  # some file systems have no modes
        os.fchmod(descriptor, file_writing.PRIVATE_FILE)
