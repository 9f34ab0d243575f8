"""A file as it will be sent: looked at once before anything goes out, then read from its beginning for each attempt."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import stat
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from importlib import import_module
from inspect import iscoroutinefunction
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeAlias, cast

import anyio.to_thread
import msgspec

from .._http.encoding import is_url
from .._http.worker_threads import open_in_thread, run_in_thread
from ..errors import InvalidInputError, UploadError
from ..types.files import BytesFile
from .transfers import CHUNK, file_digest, gathered

_HEAD = 4096  # bytes, which tell the media type
#: What the API takes, by its reference.
MEDIA_TYPES = frozenset(
    "image/png image/jpeg video/mp4 video/webm audio/mpeg audio/wav application/pdf application/x-subrip".split()
)
ZIP = frozenset({"application/zip"})  # what a HyperFrames project is; only straight into storage
_SAME = {
    "application/x-zip-compressed": "application/zip",
    "audio/mp3": "audio/mpeg",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "image/jpg": "image/jpeg",
}
_NO_URL = "a file of this machine; a URL needs no upload: give the URL itself where a file is asked for (files=[…])"
_run = anyio.to_thread.run_sync


class _Uploaded(Protocol):
    """What a web framework hands to its handlers: `UploadFile` of Starlette and FastAPI, `FileField` of aiohttp."""

    @property
    def file(self) -> IO[bytes]:
        """The bytes."""
        ...

    @property
    def filename(self) -> str | None:
        """What the browser calls it."""
        ...


class _Part(Protocol):
    """A part of a multipart request while it comes in: aiohttp's `BodyPartReader`."""

    async def read_chunk(self, size: int = ..., /) -> bytes:
        """Up to so many bytes."""
        ...

    def at_eof(self) -> bool:
        """Whether all of it was read."""
        ...


class AsyncReader(Protocol):
    """An open file whose `read` is awaited: of aiofiles, anyio or a web framework."""

    async def read(self, size: int = ..., /) -> bytes:
        """Up to so many bytes; none at the end."""
        ...


if TYPE_CHECKING:
    SourceInput: TypeAlias = (
        str | os.PathLike[str] | bytes | IO[bytes] | AsyncReader | AsyncIterable[bytes] | BytesFile | _Uploaded | _Part
    )
else:
    SourceInput = str  # what JSON can say of it: a path


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it will be sent: `size` in bytes, and `read`, which begins at the beginning each time.

    What cannot be read `again` gives its bytes once; `path` is set for a file with a name.
    """

    name: str
    size: int
    media_type: str
    read: Callable[[], AsyncGenerator[bytes]]
    again: bool = True
    path: Path | None = None

    async def sha256(self) -> str | None:
        """The digest of the whole, in hex: everything is read for it. None of what can be read only once."""
        if not self.again:
            return None
        if self.path is not None:
            return (await file_digest(self.path, "sha256")).hex()
        digest = hashlib.sha256()
        async with aclosing(self.read()) as chunks:
            async for chunk in chunks:
                await _run(digest.update, chunk)
        return digest.hexdigest()


class _About(msgspec.Struct, frozen=True):
    """What the caller says of a source, and the field in which it stands."""

    field: str
    name: str | None
    media_type: str | None
    zips: bool = False

    @property
    def taken(self) -> frozenset[str]:
        """The types that may stand there."""
        return ZIP if self.field == "project" else MEDIA_TYPES | ZIP if self.zips else MEDIA_TYPES

    @property
    def takes(self) -> str:
        """The same in words."""
        if self.field == "project":
            return "a zip of the project"
        return f"a png, jpeg, mp4, webm, mp3, wav, pdf{', srt or zip' if self.zips else ' or srt'} file"

    def source(self, head: bytes, size: int, read: Callable[[], AsyncGenerator[bytes]], **facts: Any) -> Source:
        """The source, when it may be sent.

        Raises:
            InvalidInputError: It is empty, or the API takes no such type.
        """
        if not size:
            raise InvalidInputError(self.field, self.name or b"", f"{self.takes}; this one is empty")
        kind = self._kind(head[:_HEAD])
        name = self.name or f"file{mimetypes.guess_extension(kind) or ''}"
        return Source(name=name, size=size, media_type=kind, read=read, **facts)

    def _kind(self, head: bytes) -> str:
        """The type that the caller gave, or else by the content, then by the name (of an SRT only its name tells)."""
        taken = self.taken
        if self.media_type:
            kind = _SAME.get(self.media_type, self.media_type)
            if kind not in taken:
                raise InvalidInputError(f"{self.field}.media_type", kind, f"one of {', '.join(sorted(taken))}")
            return kind
        puremagic = import_module("puremagic")
        try:  # given a name it would look for such a file
            kinds: list[str | None] = [match.mime_type for match in puremagic.magic_string(head)]
        except (puremagic.PureError, ValueError):
            kinds = []
        name = self.name or ""
        named = mimetypes.guess_type(name)[0]
        kinds += [named, "application/x-subrip" if name.lower().endswith(".srt") else None]
        if named is not None and _SAME.get(named, named) not in taken:
            taken -= ZIP  # by their content many things are zips, such as a docx
        for kind in filter(None, kinds):
            if _SAME.get(kind, kind) in taken:
                return _SAME.get(kind, kind)
        seen = named or next(filter(None, kinds), "of no type that could be told")
        raise InvalidInputError(self.field, name or head[:16], f"{self.takes}; this one is {seen}")


@asynccontextmanager
async def source_of(
    given: SourceInput,
    *,
    field: str = "file",
    filename: str | None = None,
    media_type: str | None = None,
    size: int | None = None,
    zips: bool = False,
) -> AsyncGenerator[Source]:
    """What will be sent, looked at once before anything is; what has no known size is kept in a temporary file.

    Args:
        zips: Whether it may be a zip, too.

    Raises:
        InvalidInputError: There is no such file, it is empty, or the API takes no such type.
    """
    if "puremagic" not in sys.modules:  # only programs that upload need it, and reading it in blocks
        await _run(import_module, "puremagic")
    if isinstance(given, BytesFile):
        filename, media_type, given = filename or given.filename, media_type or given.media_type, given.content
    inner = getattr(given, "file", None)
    if hasattr(inner, "seek"):  # an upload of Starlette, FastAPI, …: a file with a name
        filename, given = filename or cast("Any", given).filename, cast("IO[bytes]", inner)
    check_path(field, given)
    if isinstance(given, str | os.PathLike):
        name: object = os.fspath(given)
    else:  # the name of an aiohttp part is that of its field
        name = getattr(given, "filename" if hasattr(given, "read_chunk") else "name", None)
    if not filename and isinstance(name, str):  # of an open descriptor it is a number
        filename = PurePath(name).name
    about = _About(field, filename, media_type, zips)
    if isinstance(given, bytes | bytearray | memoryview):
        yield _of_bytes(bytes(given), about)
    elif isinstance(given, str | os.PathLike):
        yield await _of_path(Path(given), about)
    elif _is_seekable(given):
        yield await _of_open_file(cast("IO[bytes]", given), about)
    elif hasattr(given, "read") or hasattr(given, "__aiter__"):
        chunks = _pieces(given, about.name or "The iterator")
        if size is not None:
            yield await _of_stream(chunks, size, about)
        else:
            spool = tempfile.SpooledTemporaryFile(CHUNK)  # noqa: SIM115  closed in a thread
            try:
                async for pieces in gathered(chunks, CHUNK):
                    await run_in_thread(spool.writelines, pieces)
                await _run(spool.seek, 0)
                yield await _of_open_file(cast("IO[bytes]", spool), about)
            finally:
                await run_in_thread(spool.close)
    else:
        raise InvalidInputError(field, given, "a path, bytes, an open binary file, an async iterator or a BytesFile")


def check_path(field: str, given: object) -> None:
    """Refuse a URL where a file is meant: as a path it would begin with a folder of the name `https:`."""
    if isinstance(given, str) and is_url(given):
        raise InvalidInputError(field, given, _NO_URL)


def _of_bytes(content: bytes, about: _About) -> Source:
    async def read() -> AsyncGenerator[bytes]:
        view = memoryview(content)
        for start in range(0, len(content), CHUNK):
            yield bytes(view[start : start + CHUNK])

    return about.source(content, len(content), read)


async def _of_path(path: Path, about: _About) -> Source:
    field = about.field

    def look() -> tuple[tuple[int, ...], bytes]:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InvalidInputError(field, str(path), f"{about.takes}; this is no file")
        with path.open("rb") as file:
            return _identity(status), file.read(_HEAD)

    try:
        identity, head = await _run(look)
    except InvalidInputError:
        raise
    except FileNotFoundError:
        raise InvalidInputError(field, str(path), "the path of a file; nothing is there") from None
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", problem)
        raise InvalidInputError(field, str(path), f"a file that can be read ({why})") from None
    size = identity[0]

    async def read() -> AsyncGenerator[bytes]:
        try:
            async with open_in_thread(path) as file:
                async for chunk in _unchanged(file.read, size, str(path), lambda: _identity(path.stat()) == identity):
                    yield chunk
        except OSError as problem:
            raise UploadError(f"{path} could not be read ({problem.strerror}).", source=str(path)) from None

    return about.source(head, size, read, path=path)


async def _of_open_file(file: IO[bytes], about: _About) -> Source:
    """An open binary file, from where it stands; it is left open, and read from there again for a retry."""

    def look() -> tuple[int, ...]:
        try:
            return _identity(os.fstat(file.fileno()))
        except (OSError, AttributeError):  # only in memory
            return ()

    def measure() -> tuple[int, int, bytes, tuple[int, ...]]:
        start = file.tell()
        end = file.seek(0, os.SEEK_END)
        file.seek(start)
        return start, end - start, file.read(_HEAD), look()

    try:
        start, size, head, identity = await _run(measure)
    except (OSError, ValueError) as problem:
        raise InvalidInputError(about.field, file, f"an open binary file ({problem})") from None
    if not isinstance(head, bytes):
        raise InvalidInputError(about.field, file, "a file opened in binary mode")

    async def read() -> AsyncGenerator[bytes]:
        await _run(file.seek, start)
        name = about.name or "The file"
        async for chunk in _unchanged(partial(_run, file.read), size, name, lambda: look() == identity):
            yield chunk

    return about.source(head, size, read)


async def _of_stream(chunks: AsyncIterable[bytes], size: int, about: _About) -> Source:
    """What gives its bytes once; the last of them are held back until it has ended where it should."""
    left = aiter(chunks)
    name, first, begun = about.name or "The iterator", b"", False
    while len(first) < _HEAD and (more := await anext(left, None)) is not None:
        first += more

    async def read() -> AsyncGenerator[bytes]:
        nonlocal begun
        if begun:
            raise UploadError(
                f"{name} did not arrive whole and can be read only once: give a path, bytes or a new iterator.",
                source=name,
            )
        begun = True
        ahead, done = first, len(first)
        while done <= size and (chunk := await anext(left, None)) is not None:
            yield ahead
            ahead, done = chunk, done + len(chunk)
        if done != size:
            what = "gave more than" if done > size else f"ended after {done:,} bytes of"
            raise UploadError(f"{name} {what} the {size:,} that were announced.", source=name)
        yield ahead

    return about.source(first, size, read, again=False)


def _is_seekable(given: Any) -> bool:
    try:
        return hasattr(given, "seek") and not iscoroutinefunction(given.seek) and given.seekable()
    except ValueError:  # it is closed, which will be told
        return True


async def _pieces(given: Any, name: str) -> AsyncIterator[bytes]:
    """What an async iterator or an open file gives; what makes it fail is told as an error of this one source."""
    try:
        if hasattr(given, "read_chunk"):
            while not given.at_eof():
                yield await given.read_chunk(CHUNK)
        elif hasattr(given, "read"):
            # A pipe may be silent for long: its thread is left alone with it when the upload is cancelled.
            in_thread = partial(_run, given.read, abandon_on_cancel=True)
            read = given.read if iscoroutinefunction(given.read) else in_thread
            while chunk := await read(CHUNK):
                yield chunk
        else:
            async for chunk in given:
                yield chunk
    except Exception as problem:
        raise UploadError(f"{name} failed while it was read ({problem!r}).", source=name) from problem


async def _unchanged(
    read: Callable[[int], Awaitable[bytes]], size: int, name: str, is_same: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """So many bytes; the last of them come only if the file is still what it was when it was looked at."""
    left = size
    while left:
        chunk = await read(min(CHUNK, left))
        left -= len(chunk)
        if not chunk or (not left and not await _run(is_same)):
            raise UploadError(f"{name} changed while it was uploaded; upload it again when it is whole.", source=name)
        yield chunk


def _identity(status: os.stat_result) -> tuple[int, ...]:
    """What is another when a file was written to, or another one put into its place."""
    return status.st_size, status.st_mtime_ns, status.st_ino
