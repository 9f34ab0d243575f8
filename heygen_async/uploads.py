"""Files on their way to HeyGen: multipart up to 32 MB, straight into its storage above, both streamed.

A `Source` is a file as it will be sent: how long it is, of which media type, and how to read it from its beginning,
as often as a retry needs it. Files in a request's body are uploaded before the request goes out.
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path, PurePath
from typing import IO, Any, TypeAlias, cast

import anyio
import anyio.to_thread
import msgspec

from . import storage
from .encoding import Body
from .errors import ConflictError, InvalidInputError, UploadError
from .models.assets import CompletedAsset, DirectUpload, UploadedAsset
from .models.files import AssetFile, BytesFile, UrlFile
from .route import Route
from .threads import opened
from .transport import Transport

MULTIPART_LIMIT = 32 * 1024 * 1024
CHUNK = 1 << 20  # bytes; a thread hop a chunk is what smaller ones would pay for
_AT_ONCE = 4  # uploads for one request
_COMPLETE_ATTEMPTS = 8
#: What the API takes, by its reference.
MEDIA_TYPES = frozenset(
    "image/png image/jpeg video/mp4 video/webm audio/mpeg audio/wav application/pdf application/x-subrip".split()
)
_ZIP = frozenset({"application/zip"})  # what a HyperFrames project is; only straight into storage
_SAME = {"audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/mp3": "audio/mpeg", "image/jpg": "image/jpeg"}

#: The fields in which the API takes a file: a plain string there is a URL or a local path.
FILE_FIELDS = frozenset(
    "audio consent_video file files image project reference_images references source srt video".split()
)

CREATE_DIRECT = Route("POST", "/v3/assets/direct-uploads", idempotency="header")
COMPLETE = Route("POST", "/v3/assets/{asset_id}/complete", idempotency="natural")
CREATE = Route("POST", "/v3/assets", idempotency="header")

SourceInput: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes] | BytesFile"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it will be sent: `size` in bytes, and `read`, which begins at the beginning each time."""

    name: str
    size: int
    media_type: str
    read: Callable[[], AsyncIterator[bytes]]


async def source_of(given: SourceInput, *, field: str = "file") -> Source:
    """What will be sent, looked at once before anything is.

    :raises InvalidInputError: there is no such file, it is empty, or the API takes no such type
    """
    await _loaded("puremagic")
    if isinstance(given, BytesFile):
        return _of_bytes(given.content, given.filename, given.media_type, field)
    if isinstance(given, bytes | bytearray | memoryview):
        return _of_bytes(bytes(given), None, None, field)
    if isinstance(given, str | os.PathLike):
        return await _of_path(Path(given), field)
    if hasattr(given, "read"):
        return await _of_open_file(given, field)
    raise InvalidInputError(field, given, "a path, bytes, an open binary file or a BytesFile")


def _of_bytes(content: bytes, name: str | None, media_type: str | None, field: str) -> Source:
    if not content:
        raise InvalidInputError(field, name or b"", f"{_takes(field)}; this one is empty")
    kind = _checked(media_type, field) if media_type else _media_type(content[:4096], name or "", field)

    async def read() -> AsyncIterator[bytes]:
        view = memoryview(content)
        for start in range(0, len(content), CHUNK):
            yield bytes(view[start : start + CHUNK])

    return Source(
        name=name or f"file{mimetypes.guess_extension(kind) or ''}", size=len(content), media_type=kind, read=read
    )


async def _of_path(path: Path, field: str) -> Source:
    try:
        status = await anyio.to_thread.run_sync(path.stat)
        if not await anyio.to_thread.run_sync(path.is_file):
            raise InvalidInputError(field, str(path), f"{_takes(field)}; this is no file")
        async with opened(path, "rb") as file:
            head = await file.read(4096)
    except FileNotFoundError:
        raise InvalidInputError(field, str(path), "the path of a file; nothing is there") from None
    except OSError as problem:
        raise InvalidInputError(field, str(path), f"a file that can be read ({problem.strerror})") from None
    if not head:
        raise InvalidInputError(field, str(path), f"{_takes(field)}; this one is empty")

    async def read() -> AsyncIterator[bytes]:
        left = status.st_size
        try:
            async with opened(path, "rb") as file:
                while left > 0 and (chunk := await file.read(min(CHUNK, left))):
                    left -= len(chunk)
                    yield chunk
                left += len(await file.read(1))
        except OSError as problem:
            raise UploadError(f"{path} could not be read ({problem.strerror}).", source=str(path)) from None
        if left:
            raise UploadError(
                f"{path} changed while it was uploaded; upload it again when it is whole.", source=str(path)
            )

    return Source(name=path.name, size=status.st_size, media_type=_media_type(head, path.name, field), read=read)


async def _of_open_file(file: IO[bytes], field: str) -> Source:
    """An open binary file, from where it stands; it is left open, and read from there again for a retry."""

    def measure() -> tuple[int, int, bytes]:
        start = file.tell()
        end = file.seek(0, os.SEEK_END)
        file.seek(start)
        head = file.read(4096)
        if not isinstance(head, bytes):
            raise InvalidInputError(field, file, "a file opened in binary mode")
        file.seek(start)
        return start, end - start, head

    try:
        start, size, head = await anyio.to_thread.run_sync(measure)
    except (OSError, ValueError, AttributeError) as problem:
        if isinstance(problem, InvalidInputError):
            raise
        raise InvalidInputError(field, file, f"an open binary file that can be sought ({problem})") from None
    name = PurePath(str(getattr(file, "name", ""))).name
    if not head:
        raise InvalidInputError(field, name or file, f"{_takes(field)}; this one has nothing left to read")

    async def read() -> AsyncIterator[bytes]:
        await anyio.to_thread.run_sync(file.seek, start)
        left = size
        while left > 0:
            chunk = await anyio.to_thread.run_sync(file.read, min(CHUNK, left))
            if not chunk:
                raise UploadError(f"{name or 'The file'} became shorter while it was uploaded.", source=name)
            left -= len(chunk)
            yield chunk

    kind = _media_type(head, name, field)
    return Source(name=name or f"file{mimetypes.guess_extension(kind) or ''}", size=size, media_type=kind, read=read)


def _kinds(field: str) -> frozenset[str]:
    return _ZIP if field == "project" else MEDIA_TYPES


def _takes(field: str) -> str:
    return "a zip of the project" if field == "project" else "a png, jpeg, mp4, webm, mp3, wav, pdf or srt file"


def _media_type(head: bytes, name: str, field: str) -> str:
    """By the content first, then by the name (an SRT is plain text: only its name tells)."""
    named = mimetypes.guess_type(name)[0]
    puremagic = import_module("puremagic")
    try:
        found: list[str] = [
            match.mime_type for match in puremagic.magic_string(head)
        ]  # given a name it would look for such a file
    except (puremagic.PureError, ValueError):
        found = []
    for kind in [*found, named, "application/x-subrip" if name.lower().endswith(".srt") else None]:
        if kind and _SAME.get(kind, kind) in _kinds(field):
            return _SAME.get(kind, kind)
    seen = next((kind for kind in [named, *found] if kind), "of no type that could be told")
    raise InvalidInputError(field, name or head[:16], f"{_takes(field)}; this one is {seen}")


def _checked(media_type: str, field: str) -> str:
    kind = _SAME.get(media_type, media_type)
    if kind not in _kinds(field):
        raise InvalidInputError(f"{field}.media_type", media_type, f"one of {', '.join(sorted(_kinds(field)))}")
    return kind


async def _loaded(module: str) -> None:
    """Import off the loop what only programs that upload need, and what reads files to be imported."""
    if module not in sys.modules:
        await anyio.to_thread.run_sync(import_module, module)


async def multipart(transport: Transport, given: SourceInput, *, key: str | None = None) -> UploadedAsset:
    """Upload through the API itself, at most 32 MB."""
    source = await source_of(given)
    if source.size > MULTIPART_LIMIT:
        raise InvalidInputError(
            "file", source.name, f"at most 32 MB ({source.size:,} bytes here); larger files go by a direct upload"
        )
    return await transport.call(CREATE, UploadedAsset, key=key, stream=_form(source))


def _form(source: Source) -> Body:
    """The file as the only part of a form, of a known length: storage refuses a chunked body."""
    boundary = f"heygen-{secrets.token_hex(16)}"
    name = source.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {source.media_type}\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()

    async def read() -> AsyncIterator[bytes]:
        yield head
        async for chunk in source.read():
            yield chunk
        yield tail

    return Body(
        length=len(head) + source.size + len(tail), content_type=f"multipart/form-data; boundary={boundary}", read=read
    )


async def direct(transport: Transport, source: Source) -> CompletedAsset:
    """Upload straight into HeyGen's storage: ask for a place, put the bytes there, tell that they are there."""
    place = await transport.call(
        CREATE_DIRECT,
        DirectUpload,
        body={"filename": source.name, "content_type": source.media_type, "size_bytes": source.size},
    )
    if source.size > place.max_bytes:
        raise UploadError(
            f"{source.name} has {source.size:,} bytes; HeyGen takes at most {place.max_bytes:,} here.",
            source=source.name,
        )
    digest = hashlib.sha256()

    async def read() -> AsyncIterator[bytes]:
        async for chunk in source.read():
            digest.update(chunk)
            yield chunk

    body = Body(length=source.size, content_type=source.media_type, read=read)
    signed = {name: str(value) for name, value in place.upload_headers.items()}
    async with storage.exchange(transport, "PUT", place.upload_url, headers=signed, body=body) as answer:
        if answer.status >= 300:
            said = await answer.text()
            raise UploadError(
                f"HeyGen's storage refused {source.name} with {answer.status}: {said[:300]}. Upload it again.",
                source=source.name,
            )
    for attempt in range(_COMPLETE_ATTEMPTS):
        try:
            return await transport.call(
                COMPLETE, CompletedAsset, place.asset_id, body={"checksum_sha256": digest.hexdigest()}
            )
        except ConflictError:  # the bytes are not seen there yet
            if attempt == _COMPLETE_ATTEMPTS - 1:
                raise
            await asyncio.sleep(transport.options.retry.delay(attempt))
    raise AssertionError


async def with_files_uploaded(transport: Transport, body: Any) -> Any:
    """The body with every local file in it uploaded, and every URL in a file's place made a `UrlFile`.

    The same file is uploaded once, different ones at the same time.
    """
    local: dict[object, tuple[SourceInput, str]] = {}
    _find(body, "", local)
    assets: dict[object, AssetFile] = {}
    limiter = anyio.CapacityLimiter(_AT_ONCE)

    async def upload(key: object, given: SourceInput, field: str) -> None:
        async with limiter:
            source = await source_of(given, field=field)
            if source.size > MULTIPART_LIMIT or source.media_type in _ZIP:
                assets[key] = AssetFile(asset_id=(await direct(transport, source)).asset_id)
            else:
                asset = await transport.call(CREATE, UploadedAsset, stream=_form(source))
                assets[key] = AssetFile(asset_id=asset.asset_id)

    await _all([upload(key, given, field) for key, (given, field) in local.items()])
    return _replaced(body, "", assets)


async def _all(work: Sequence[Any]) -> None:
    """Run them together; the first failure ends the others and is raised itself, not in a group."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        for task in asyncio.as_completed(tasks):
            await task
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _key(value: object) -> object:
    """The same for the same file."""
    return os.fspath(cast("os.PathLike[str]", value)) if isinstance(value, str | os.PathLike) else id(value)


def _is_url(value: str) -> bool:
    return value.startswith(("https://", "http://"))


def _is_local(value: object, field: str) -> bool:
    return isinstance(value, os.PathLike | BytesFile) or (
        isinstance(value, str) and field in FILE_FIELDS and not _is_url(value)
    )


def _find(value: object, field: str, found: dict[object, tuple[SourceInput, str]]) -> None:
    if _is_local(value, field):
        found[_key(value)] = cast("SourceInput", value), field
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            _find(getattr(value, name), name, found)
    elif isinstance(value, Mapping):
        for name, inner in cast("Mapping[str, object]", value).items():
            _find(inner, name, found)
    elif isinstance(value, list | tuple):
        for inner in cast("Sequence[object]", value):
            _find(inner, field, found)


def _replaced(value: Any, field: str, assets: Mapping[object, AssetFile]) -> Any:
    if _is_local(value, field):
        return assets[_key(value)]
    if isinstance(value, str):
        return UrlFile(url=value) if field in FILE_FIELDS else value
    if isinstance(value, msgspec.Struct):
        now = {name: getattr(value, name) for name in value.__struct_fields__}
        new = {name: _replaced(inner, name, assets) for name, inner in now.items()}
        changed = {name: inner for name, inner in new.items() if inner is not now[name]}
        return msgspec.structs.replace(value, **changed) if changed else value
    if isinstance(value, Mapping):
        return {name: _replaced(inner, name, assets) for name, inner in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_replaced(inner, field, assets) for inner in cast("Sequence[Any]", value)]
    return value
