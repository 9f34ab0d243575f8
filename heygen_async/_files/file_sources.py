"""File sources: files whose name, size and media type are known before each attempt reads them from the start.

A file on disk is opened once, and every step uses the open file: its size, its type, its digest and each attempt. The
file may still be written while it is sent. The source notes its size and modification time first. It yields the last
chunk only if they are the same at the end. So a server never gets all bytes of a file that changed meanwhile.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import IO, Any

import msgspec

from .._http.worker_threads import run_in_thread
from ..errors import InvalidInputError, UploadError
from .checksums import file_digest
from .chunks import CHUNK_SIZE
from .local_files import OpenedFile, file_state
from .media_types import HEAD_SIZE, FileDescription

#: Bytes. A file of at most this size is read when it is opened.
SMALL_FILE = 256 << 10


class FileSource(msgspec.Struct, frozen=True, kw_only=True):
    """A file to upload.

    Args:
        name: The filename that is sent.
        size: The size in bytes.
        media_type: The type that is sent.
        read: Yields the content from its start, on every call.
        rereadable: False for a stream, whose content can be read only once.
        file: The open file of a path.
        known_sha256: The SHA-256 in hex, if it was computed when the file was opened.
    """

    name: str
    size: int
    media_type: str
    read: Callable[[], AsyncGenerator[bytes]]
    rereadable: bool = True
    file: OpenedFile | None = None
    known_sha256: str | None = None

    async def sha256(self) -> str | None:
        """Read everything and return the SHA-256 in hex; None for a source that can be read only once."""
        if self.known_sha256 is not None or not self.rereadable:
            return self.known_sha256
        if self.file is not None:
            return (await file_digest(self.file.locked, "sha256")).hex()
        digest = hashlib.sha256()
        async with aclosing(self.read()) as chunks:
            async for chunk in chunks:
                await run_in_thread(digest.update, chunk)
        return digest.hexdigest()

    @property
    def closed(self) -> bool:
        """Whether no file is open."""
        return self.file is None or self.file.closed

    def close(self) -> None:
        """Close the file. Blocks; call it in a thread."""
        if self.file is not None:
            self.file.close()


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


def source_from_bytes(content: bytes, description: FileDescription, sha256: str | None = None) -> FileSource:
    """Return a source for bytes in memory."""

    async def read() -> AsyncGenerator[bytes]:
        if len(content) <= CHUNK_SIZE:
            yield content
            return
        view = memoryview(content)
        for start in range(0, len(content), CHUNK_SIZE):
            yield bytes(view[start : start + CHUNK_SIZE])

    return build_source(description, content, len(content), read, known_sha256=sha256)


def source_from_path(path: os.PathLike[str], description: FileDescription, *, is_hashed: bool = False) -> FileSource:
    """Open a file on disk and return its source. Blocks; call it in a thread, and close the source.

    A small file is read at once, with `is_hashed` hashed too, and closed: later steps then need no further thread.

    Raises:
        InvalidInputError: The file does not exist, is empty, or has a type that the API does not take.
        UploadError: The file changed while it was read.
    """
    name = os.fspath(path)
    try:
        file = OpenedFile(path)
    except FileNotFoundError:
        raise InvalidInputError(description.field, name, "the path of a file; no file exists there") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInputError(description.field, name, f"{description.accepted} ({reason})") from None
    try:
        return _source_from_opened(file, name, description, is_hashed=is_hashed)
    except OSError as error:
        file.close()
        raise UploadError(f"{name} could not be read ({error.strerror}).", source=name) from None
    except BaseException:
        file.close()
        raise


def _source_from_opened(file: OpenedFile, path: str, description: FileDescription, *, is_hashed: bool) -> FileSource:
    if file.size <= SMALL_FILE:
        content = file.read(0, file.size)
        file.close()
        if len(content) != file.size:
            raise _changed(path)
        return source_from_bytes(content, description, hashlib.sha256(content).hexdigest() if is_hashed else None)

    async def read() -> AsyncGenerator[bytes]:
        async for chunk in _read_unchanged(partial(run_in_thread, file.read), file.size, path):
            yield chunk

    return build_source(description, file.read(0, HEAD_SIZE), file.size, read, file=file)


async def source_from_open_file(file: IO[bytes], description: FileDescription) -> FileSource:
    """Return a source for an open binary file, from its current position; the file is left open."""

    def fingerprint() -> tuple[int, ...]:
        try:
            return file_state(file.fileno())
        except (OSError, AttributeError):  # the file is in memory
            return ()

    def inspect() -> tuple[int, int, bytes, tuple[int, ...]]:
        start = file.tell()
        end = file.seek(0, os.SEEK_END)
        file.seek(start)
        return start, end - start, file.read(HEAD_SIZE), fingerprint()

    try:
        start, size, head, original = await run_in_thread(inspect)
    except (OSError, ValueError) as error:
        raise InvalidInputError(description.field, file, f"an open binary file ({error})") from None
    if not isinstance(head, bytes):
        raise InvalidInputError(description.field, file, "a file opened in binary mode")

    def read_at(position: int, length: int) -> bytes:
        file.seek(start + position)
        chunk = file.read(length)
        return chunk if position + len(chunk) < size or fingerprint() == original else b""

    async def read() -> AsyncGenerator[bytes]:
        name = description.filename or "The file"
        async for chunk in _read_unchanged(partial(run_in_thread, read_at), size, name):
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


async def _read_unchanged(read: Callable[[int, int], Awaitable[bytes]], size: int, name: str) -> AsyncIterator[bytes]:
    """Yield `size` bytes.

    Args:
        read: Returns the bytes at a position, up to a length. Empty at the end, and if the file has changed.
        size: The size in bytes.
        name: The name of the file, for the error.

    Raises:
        UploadError: The file has changed, or cannot be read.
    """
    position = 0
    while position < size:
        try:
            chunk = await read(position, min(CHUNK_SIZE, size - position))
        except OSError as error:
            raise UploadError(f"{name} could not be read ({error.strerror}).", source=name) from None
        if not chunk:
            raise _changed(name)
        position += len(chunk)
        yield chunk


def _changed(name: str) -> UploadError:
    return UploadError(f"{name} changed while it was uploaded. Upload it again when nothing writes to it.", source=name)
