"""File inputs: every kind of file that a caller may pass for upload becomes a `FileSource`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from inspect import iscoroutinefunction
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Annotated, Any, Protocol, TypeAlias, cast

import aiofiles.os
import anyio.to_thread
from msgspec import Meta

from .._http.worker_threads import open_in_thread, run_in_thread, run_to_completion
from ..errors import InvalidInputError, UploadError
from ..types.file_fields import is_url
from ..types.files import BytesFile
from .chunks import CHUNK_SIZE, batch_chunks
from .file_sources import FileSource, source_from_bytes, source_from_open_file, source_from_path, source_from_stream
from .media_types import FileDescription, load_detector

_EXPECTED = "a pathlib.Path, bytes, an open binary file, an async iterator or a BytesFile"
_NOT_A_PATH = f"{_EXPECTED}; a string is never a path: use pathlib.Path"
_NOT_A_URL = "a local file; a URL needs no upload: pass the URL itself where a file is expected (files=[…])"


class _Upload(Protocol):
    """A file that a web framework received: `UploadFile` of Starlette and FastAPI, `FileField` of aiohttp."""

    @property
    def file(self) -> IO[bytes]:
        """The content."""
        ...

    @property
    def filename(self) -> str | None:
        """The name that the browser sent."""
        ...


class _Part(Protocol):
    """A part of a multipart request that is still arriving: aiohttp's `BodyPartReader`."""

    async def read_chunk(self, size: int = ..., /) -> bytes:
        """Read up to `size` bytes."""
        ...

    def at_eof(self) -> bool:
        """Whether the part was read to its end."""
        ...


class AsyncReader(Protocol):
    """An open file with an async `read`: of aiofiles, anyio or a web framework."""

    async def read(self, size: int = ..., /) -> bytes:
        """Read up to `size` bytes; an empty result is the end."""
        ...


if TYPE_CHECKING:
    #: A file that is uploaded as a stream: a path, bytes, an open binary file, or an async iterable of bytes.
    SourceInput: TypeAlias = (
        os.PathLike[str] | bytes | IO[bytes] | AsyncReader | AsyncIterable[bytes] | BytesFile | _Upload | _Part
    )
else:
    #: In a JSON schema, the input is the path of a local file, and never a URL: a program that allows a folder's files
    #: makes a path of it.
    SourceInput = Annotated[str, Meta(extra={"local_file": True})]


@asynccontextmanager
async def open_source(
    file: SourceInput,
    *,
    field: str = "file",
    filename: str | None = None,
    media_type: str | None = None,
    size: int | None = None,
    allow_zip: bool = False,
    is_hashed: bool = False,
) -> AsyncGenerator[FileSource]:
    """Check a file and open it for upload.

    A stream of unknown size is copied into a temporary file first, since the API needs the size in advance.

    Args:
        file: The input.
        field: The request field that holds the file, for error messages and accepted types.
        filename: The name of the asset; by default the file's own.
        media_type: The type; by default detected by content and name.
        size: The number of bytes of a stream that can be read only once.
        allow_zip: Whether a zip is accepted too.
        is_hashed: Whether the SHA-256 will be needed. That of a small file is then computed when it is read.

    Raises:
        InvalidInputError: The input is a string; or the file does not exist, is empty, or has a type that the API does
            not take.
    """
    if isinstance(file, str):
        raise InvalidInputError(field, file, _NOT_A_URL if is_url(file) else _NOT_A_PATH)
    if isinstance(file, BytesFile):
        filename, media_type, file = filename or file.filename, media_type or file.media_type, file.content
    inner_file = getattr(file, "file", None)
    if hasattr(inner_file, "seek"):  # a framework's upload is a file with a name
        filename, file = filename or cast("Any", file).filename, cast("IO[bytes]", inner_file)
    description = FileDescription(field, filename or _own_name(file), media_type, allow_zip)
    if not isinstance(file, os.PathLike):  # the type of a path is detected in a thread
        await load_detector()
    if isinstance(file, bytes | bytearray | memoryview):
        yield source_from_bytes(bytes(file), description)
    elif isinstance(file, os.PathLike):
        async with open_in_thread(partial(source_from_path, is_hashed=is_hashed), file, description) as source:
            yield source
    elif _is_seekable(file):
        yield await source_from_open_file(cast("IO[bytes]", file), description)
    elif hasattr(file, "read") or hasattr(file, "__aiter__"):
        chunks = _read_stream(file, description.filename or "The iterator")
        if size is not None:
            yield await source_from_stream(chunks, size, description)
        else:
            async with _spooled(chunks) as spool:
                yield await source_from_open_file(spool, description)
    else:
        raise InvalidInputError(field, file, _EXPECTED)


def _own_name(file: object) -> str | None:
    if isinstance(file, os.PathLike):
        name: object = os.fspath(cast("os.PathLike[str]", file))
    else:  # `name` of an aiohttp part is the name of its form field
        name = getattr(file, "filename" if hasattr(file, "read_chunk") else "name", None)
    return PurePath(name).name if isinstance(name, str) else None  # `name` of an open descriptor is a number


def _is_seekable(file: Any) -> bool:
    try:
        return hasattr(file, "seek") and not iscoroutinefunction(file.seek) and file.seekable()
    except ValueError:  # the file is closed; reading it raises the error for the caller
        return True


@asynccontextmanager
async def _spooled(chunks: AsyncIterable[bytes]) -> AsyncGenerator[IO[bytes]]:
    """Copy a stream into a temporary file, which stays in memory up to one chunk."""
    spool = tempfile.SpooledTemporaryFile(CHUNK_SIZE)  # noqa: SIM115  it is closed in a thread
    write = aiofiles.os.wrap(spool.writelines)
    try:
        async for batch in batch_chunks(chunks, CHUNK_SIZE):
            await run_to_completion(write(batch))
        await run_to_completion(aiofiles.os.wrap(spool.seek)(0))
        yield cast("IO[bytes]", spool)
    finally:
        await run_in_thread(spool.close)


async def _read_stream(stream: Any, name: str) -> AsyncIterator[bytes]:
    """Yield the chunks of an async iterator or an open file; convert its exceptions into an `UploadError`."""
    try:
        if hasattr(stream, "read_chunk"):
            while not stream.at_eof():
                yield await stream.read_chunk(CHUNK_SIZE)
        elif hasattr(stream, "read"):
            # A pipe may stay silent for long, so a cancelled upload leaves its thread behind.
            read_in_thread = partial(anyio.to_thread.run_sync, stream.read, abandon_on_cancel=True)
            read = stream.read if iscoroutinefunction(stream.read) else read_in_thread
            while chunk := await read(CHUNK_SIZE):
                yield chunk
        else:
            async for chunk in stream:
                yield chunk
    except Exception as error:
        raise UploadError(f"{name} failed while it was read ({error!r}).", source=name) from error
