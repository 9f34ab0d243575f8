"""File sources: files whose name, size and media type are known before each attempt reads them from the start.

A file on disk may change while it is sent. The source notes its size, modification time and inode first, and yields the
last chunk only if they are the same at the end: a server never gets all bytes of a file that changed meanwhile.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import stat
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import IO, Any

import anyio.to_thread
import msgspec

from .._http.worker_threads import open_in_thread
from ..errors import InvalidInputError, UploadError
from .checksums import file_digest
from .chunks import CHUNK_SIZE
from .media_types import HEAD_SIZE, FileDescription

_in_thread = anyio.to_thread.run_sync


class FileSource(msgspec.Struct, frozen=True, kw_only=True):
    """A file to upload.

    Args:
        name: The filename that is sent.
        size: The size in bytes.
        media_type: The type that is sent.
        read: Yields the content from its start, on every call.
        rereadable: False for a stream, whose content can be read only once.
        path: The path of a file on disk.
    """

    name: str
    size: int
    media_type: str
    read: Callable[[], AsyncGenerator[bytes]]
    rereadable: bool = True
    path: Path | None = None

    async def sha256(self) -> str | None:
        """Read everything and return the SHA-256 in hex; None for a source that can be read only once."""
        if not self.rereadable:
            return None
        if self.path is not None:
            return (await file_digest(self.path, "sha256")).hex()
        digest = hashlib.sha256()
        async with aclosing(self.read()) as chunks:
            async for chunk in chunks:
                await _in_thread(digest.update, chunk)
        return digest.hexdigest()


def build_source(
    description: FileDescription, head: bytes, size: int, read: Callable[[], AsyncGenerator[bytes]], **attributes: Any
) -> FileSource:
    """Return a source, if the file may be sent.

    Raises:
        InvalidInputError: The file is empty, or has a type that the API does not take.
    """
    filename = description.filename
    if not size:
        expected = f"{description.accepted}; this one is empty"
        raise InvalidInputError(description.field, filename or b"", expected)
    media_type = description.resolve_media_type(head)
    name = filename or f"file{mimetypes.guess_extension(media_type) or ''}"
    return FileSource(name=name, size=size, media_type=media_type, read=read, **attributes)


def source_from_bytes(content: bytes, description: FileDescription) -> FileSource:
    """Return a source for bytes in memory."""

    async def read() -> AsyncGenerator[bytes]:
        view = memoryview(content)
        for start in range(0, len(content), CHUNK_SIZE):
            yield bytes(view[start : start + CHUNK_SIZE])

    return build_source(description, content, len(content), read)


async def source_from_path(path: Path, description: FileDescription) -> FileSource:
    """Return a source for a file on disk."""

    def inspect() -> tuple[tuple[int, ...], bytes]:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InvalidInputError(description.field, str(path), f"{description.accepted}; this is not a file")
        with path.open("rb") as file:
            return _fingerprint(status), file.read(HEAD_SIZE)

    try:
        fingerprint, head = await _in_thread(inspect)
    except InvalidInputError:
        raise
    except FileNotFoundError:
        raise InvalidInputError(description.field, str(path), "the path of a file; no file exists there") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", error)
        raise InvalidInputError(description.field, str(path), f"a readable file ({reason})") from None
    size = fingerprint[0]

    async def read() -> AsyncGenerator[bytes]:
        try:
            async with open_in_thread(path) as file:
                async for chunk in _read_unchanged(
                    file.read, size, str(path), lambda: _fingerprint(path.stat()) == fingerprint
                ):
                    yield chunk
        except OSError as error:
            raise UploadError(f"{path} could not be read ({error.strerror}).", source=str(path)) from None

    return build_source(description, head, size, read, path=path)


async def source_from_open_file(file: IO[bytes], description: FileDescription) -> FileSource:
    """Return a source for an open binary file, from its current position; the file is left open."""

    def fingerprint() -> tuple[int, ...]:
        try:
            return _fingerprint(os.fstat(file.fileno()))
        except (OSError, AttributeError):  # the file is in memory
            return ()

    def inspect() -> tuple[int, int, bytes, tuple[int, ...]]:
        start = file.tell()
        end = file.seek(0, os.SEEK_END)
        file.seek(start)
        return start, end - start, file.read(HEAD_SIZE), fingerprint()

    try:
        start, size, head, original = await _in_thread(inspect)
    except (OSError, ValueError) as error:
        raise InvalidInputError(description.field, file, f"an open binary file ({error})") from None
    if not isinstance(head, bytes):
        raise InvalidInputError(description.field, file, "a file opened in binary mode")

    async def read() -> AsyncGenerator[bytes]:
        await _in_thread(file.seek, start)
        name = description.filename or "The file"
        async for chunk in _read_unchanged(
            partial(_in_thread, file.read), size, name, lambda: fingerprint() == original
        ):
            yield chunk

    return build_source(description, head, size, read)


async def source_from_stream(chunks: AsyncIterable[bytes], size: int, description: FileDescription) -> FileSource:
    """Return a source for a stream that can be read once.

    The last chunk is held back until the stream has ended at the announced size.
    """
    remaining = aiter(chunks)
    name, head, was_read = description.filename or "The iterator", b"", False
    while len(head) < HEAD_SIZE and (chunk := await anext(remaining, None)) is not None:
        head += chunk

    async def read() -> AsyncGenerator[bytes]:
        nonlocal was_read
        if was_read:
            raise UploadError(
                f"{name} was not uploaded completely and can be read only once: pass a path, bytes or a new iterator.",
                source=name,
            )
        was_read = True
        pending, done = head, len(head)
        while done <= size and (chunk := await anext(remaining, None)) is not None:
            yield pending
            pending, done = chunk, done + len(chunk)
        if done != size:
            end = "gave more than" if done > size else f"ended after {done:,} bytes of"
            raise UploadError(f"{name} {end} the announced size of {size:,} bytes.", source=name)
        yield pending

    return build_source(description, head, size, read, rereadable=False)


async def _read_unchanged(
    read: Callable[[int], Awaitable[bytes]], size: int, name: str, is_unchanged: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """Yield `size` bytes; yield the last chunk only if the file is still unchanged."""
    remaining = size
    while remaining:
        chunk = await read(min(CHUNK_SIZE, remaining))
        remaining -= len(chunk)
        if not chunk or (not remaining and not await _in_thread(is_unchanged)):
            raise UploadError(
                f"{name} changed while it was uploaded. Upload it again when nothing writes to it.", source=name
            )
        yield chunk


def _fingerprint(status: os.stat_result) -> tuple[int, ...]:
    """Return values of which at least one changes when a file is written or replaced; the size is the first."""
    return status.st_size, status.st_mtime_ns, status.st_ino
