"""The digest of a row's content, local files included: a changed digest means a new job."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from os import PathLike
from pathlib import Path
from typing import Any, cast

import msgspec

from .._files import request_files
from ..errors import InvalidInputError
from ..types.files import BytesFile
from .rows import Item


def item_digest(item: Item) -> bytes:
    """Return the digest of an item's content. Blocks; call it in a thread.

    It covers the kind, and the request as JSON with sorted keys. A local file counts by its content alone, so that a
    moved file is the same content. A URL counts as the URL, whether it is a string or a `UrlFile`.

    Raises:
        InvalidInputError: JSON cannot represent a value, or a file cannot be read.
    """
    request = request_files.replace_local_files(_sent_fields(item.request), _describe_file)
    return hashlib.sha256(item.kind.encode() + _encode(item, request)).digest()[:16]


def is_digest_of(digest: bytes, item: Item) -> bool:
    """Return whether a journal's digest is that of an item. Blocks; call it in a thread.

    Raises:
        InvalidInputError: JSON cannot represent a value, or a file cannot be read.
    """
    return digest in {item_digest(item), previous_digest(item)}


def previous_digest(item: Item) -> bytes:
    """Return the digest that journals of format 2 have: it also covers the paths of files and the form of URLs.

    Raises:
        InvalidInputError: JSON cannot represent a value, or a file cannot be read.
    """
    digest = hashlib.sha256(item.kind.encode() + _encode(item, _sent_fields(item.request)))
    for path, field in sorted(request_files.local_paths(item.request).items()):
        check_file(field, path)
        try:
            with Path(path).open("rb") as file:
                digest.update(b"\0")
                hashlib.file_digest(file, lambda: digest)
        except OSError as error:
            raise _unreadable(field, path, error) from None
    return digest.digest()[:16]


def _sent_fields(request: Any) -> Any:
    """Return the request without the fields of a mapping that are None, which are not sent."""
    if not isinstance(request, dict):
        return request
    return {name: value for name, value in cast("dict[str, Any]", request).items() if value is not None}


def _encode(item: Item, request: Any) -> bytes:
    try:
        return msgspec.json.encode(request, enc_hook=_encode_file, order="sorted")
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInputError("request", item.request, f"values that JSON can represent ({error})") from None


def _describe_file(source: object, field: str) -> str:
    """Return a text that stands for the content of a local file."""
    if isinstance(source, BytesFile):
        return f"sha256:{hashlib.sha256(source.content).hexdigest()}"
    path = os.fspath(cast("str | PathLike[str]", source))
    check_file(field, path)
    try:
        with Path(path).open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise _unreadable(field, path, error) from None


def check_file(field: str, path: str) -> None:
    """Check that a request's local file is a readable regular file with content. Blocks; call it in a thread.

    Call it before the file is opened, because opening a pipe would block.

    Raises:
        InvalidInputError: The file cannot be uploaded. The error names the field.
    """
    try:
        status = os.stat(path)  # noqa: PTH116  Path would normalize the string
        if not stat.S_ISREG(status.st_mode):
            raise OSError("not a regular file")
        if not status.st_size:
            raise OSError("the file is empty")
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError) as error:
        raise _unreadable(field, path, error) from None


def _unreadable(field: str, path: str, error: OSError | ValueError) -> InvalidInputError:
    reason = getattr(error, "strerror", None) or error
    return InvalidInputError(field or "request", path, f"a file that can be read ({reason})")


def _encode_file(value: object) -> object:
    if isinstance(value, PathLike):
        return os.fspath(cast("PathLike[str]", value))
    if isinstance(value, BytesFile | bytes):
        content = value if isinstance(value, bytes) else value.content
        return hashlib.sha256(content).hexdigest()
    raise TypeError(f"a request cannot hold a {type(value).__name__}")
