"""The digest of a row's content, local files included: a changed digest means a new job."""

from __future__ import annotations

import hashlib
import os
from io import FileIO
from os import PathLike
from typing import Any, cast

import msgspec

from .._files import request_files
from .._files.local_files import FolderFile, open_regular_file
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
    return digest == item_digest(item) or digest == previous_digest(item)  # each reads the item's files


def previous_digest(item: Item) -> bytes:
    """Return the digest that journals of format 2 have: it also covers the paths of files and the form of URLs.

    Raises:
        InvalidInputError: JSON cannot represent a value, or a file cannot be read.
    """
    digest = hashlib.sha256(item.kind.encode() + _encode(item, _sent_fields(item.request)))
    for path, field in sorted(request_files.local_paths(item.request), key=lambda file: os.fspath(file[0])):
        digest.update(b"\0")
        _digest_file(path, field, digest)
    return digest.digest()[:16]


def _sent_fields(request: Any) -> Any:
    """Return the request without the fields of a mapping that are None, which are not sent."""
    if not isinstance(request, dict):
        return request
    return {name: value for name, value in cast("dict[str, Any]", request).items() if value is not None}


def _encode(item: Item, request: Any) -> bytes:
    try:
        return msgspec.json.encode(request, enc_hook=encode_file, order="sorted")
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInputError("request", item.request, f"values that JSON can represent ({error})") from None


def _describe_file(file: Any, field: str) -> str:
    """Return a text that stands for the content of a local file."""
    digest = hashlib.sha256()
    if isinstance(file, PathLike):
        _digest_file(cast("PathLike[str]", file), field, digest)
    elif isinstance(file, BytesFile):
        digest.update(file.content)
    elif isinstance(file, bytes | bytearray | memoryview):
        digest.update(cast("bytes", file))
    else:
        _digest_open_file(file, field, digest)
    return f"sha256:{digest.hexdigest()}"


def _digest_file(path: PathLike[str], field: str, digest: hashlib._Hash) -> None:
    try:
        with _open_checked(path, field) as file:
            hashlib.file_digest(file, lambda: digest)
    except OSError as error:
        raise _unreadable(path, field, error) from None


def _digest_open_file(file: Any, field: str, digest: hashlib._Hash) -> None:
    """Read an open file from its position on, to which it returns: the upload reads the same bytes."""
    try:
        start = file.tell()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
        file.seek(start)
    except (AttributeError, TypeError, OSError, ValueError) as error:
        raise InvalidInputError(field, file, f"a binary file that can be read twice ({error})") from None


def check_file(path: PathLike[str], field: str) -> None:
    """Check that a request's local file is a readable regular file with content. Blocks; call it in a thread.

    Raises:
        InvalidInputError: The file cannot be uploaded. The error names the field.
    """
    _open_checked(path, field).close()


def _open_checked(path: PathLike[str], field: str) -> FileIO:
    try:
        file = open_regular_file(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, field, error) from None
    if not os.fstat(file.fileno()).st_size:
        file.close()
        raise _unreadable(path, field, OSError("the file is empty"))
    return file


def _unreadable(path: PathLike[str], field: str, error: OSError | ValueError) -> InvalidInputError:
    reason = getattr(error, "strerror", None) or error
    return InvalidInputError(field or "request", os.fspath(path), f"a file that can be read ({reason})")


def encode_file(value: object) -> object:
    """Return a path in a form that JSON has: in a folder, the path from the folder on."""
    if isinstance(value, FolderFile):
        return value.name
    if isinstance(value, PathLike):
        return os.fspath(cast("PathLike[str]", value))
    raise TypeError(f"a request cannot hold a {type(value).__name__}")
