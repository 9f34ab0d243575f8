"""Local files inside a request body: find them, upload them, and replace them by their asset ids."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, cast

import msgspec

from .._http.encoding import is_url
from .._http.tasks import start_task
from .._http.transport import Transport
from ..types.files import AssetFile, BytesFile, UrlFile
from .file_inputs import SourceInput, open_source
from .parallel_transfers import DEFAULT_CONCURRENCY, run_in_parallel
from .uploads import upload

#: The fields in which the API takes a file: a plain string there is a URL or a local path.
FILE_FIELDS = frozenset(
    "audio consent_video file files identity_images image project reference_audio reference_images reference_videos "
    "references source source_files srt video".split()
)


async def upload_files_in_body(
    transport: Transport, body: Any, uploads: MutableMapping[object, asyncio.Future[AssetFile]] | None = None
) -> Any:
    """Return the body with an asset id in place of every local file, and a `UrlFile` in place of every URL string.

    Each file is uploaded once, different files in parallel.

    Args:
        transport: The client's transport.
        body: A struct, a mapping, or a sequence of them.
        uploads: The uploads of earlier bodies, by path. A path among them is not uploaded again.

    Raises:
        InvalidInputError: A file does not exist, is empty, or has a type that the API does not take.
        UploadError: A file was not uploaded; the uploads of the others were cancelled.
    """
    files = {_file_key(file): (file, field) for file, field in _local_files(body)}

    async def upload_file(file: SourceInput, field: str) -> AssetFile:
        async with open_source(file, field=field) as source:
            return AssetFile(asset_id=(await upload(transport, source, wait=True)).asset_id)

    async def upload_once(item: tuple[SourceInput, str]) -> AssetFile:
        key = _file_key(item[0])
        if uploads is None or not isinstance(key, str):
            return await upload_file(*item)
        while (running := uploads.get(key)) is not None:
            await asyncio.wait({running})
            if not running.cancelled() and running.exception() is None:
                return running.result()
            if uploads.get(key) is running:
                del uploads[key]
        task = uploads[key] = start_task(upload_file(*item))
        try:
            return await task
        except BaseException:
            uploads.pop(key, None)
            raise

    assets: list[Any] = []
    if files:
        assets = await run_in_parallel(upload_once, list(files.values()), DEFAULT_CONCURRENCY, stop_on_error=True)
    return _replace_files(body, "", dict(zip(files, assets, strict=True)))


def replace_local_files(body: Any, replace: Callable[[SourceInput, str], object]) -> Any:
    """Return the body with another value in place of every local file, and a `UrlFile` in place of every URL string.

    Args:
        body: A struct, a mapping, or a sequence of them.
        replace: Called with each file and its field; returns the value.
    """
    files = {_file_key(file): (file, field) for file, field in _local_files(body)}
    return _replace_files(body, "", {key: replace(*file) for key, file in files.items()})


def local_paths(body: object) -> dict[str, str]:
    """Return the local paths in a body, each with its field."""
    return {os.fspath(file): field for file, field in _local_files(body) if isinstance(file, str | os.PathLike)}


def _file_key(file: object) -> object:
    """Return a key that is equal for the same file: its path, or the identity of an object in memory."""
    return os.fspath(cast("os.PathLike[str]", file)) if isinstance(file, str | os.PathLike) else id(file)


def _is_local(value: object, field: str) -> bool:
    return isinstance(value, os.PathLike | BytesFile) or (
        isinstance(value, str) and field in FILE_FIELDS and not is_url(value)
    )


def _may_hold_file(name: str, value: object) -> bool:
    """Return whether a field may hold a file and must be searched; most fields need no search."""
    return name in FILE_FIELDS or not isinstance(value, str)


def _local_files(body: object, field: str = "") -> Iterator[tuple[SourceInput, str]]:
    """Yield the local files in a body, each with its field."""
    if _is_local(body, field):
        yield cast("SourceInput", body), field
    elif isinstance(body, msgspec.Struct | Mapping):
        fields = (
            msgspec.structs.asdict(body) if isinstance(body, msgspec.Struct) else cast("Mapping[str, object]", body)
        )
        for name, value in fields.items():
            if value is not None and _may_hold_file(name, value):
                yield from _local_files(value, name)
    elif isinstance(body, list | tuple):
        for value in cast("Sequence[object]", body):
            yield from _local_files(value, field)


def _replace_files(value: Any, field: str, assets: Mapping[object, object]) -> Any:
    if _is_local(value, field):
        return assets[_file_key(value)]
    if isinstance(value, str):
        return UrlFile(url=value) if field in FILE_FIELDS else value
    if isinstance(value, msgspec.Struct):
        old = msgspec.structs.asdict(value)
        new = {
            name: _replace_files(inner, name, assets)
            for name, inner in old.items()
            if inner is not None and _may_hold_file(name, inner)
        }
        changes = {name: inner for name, inner in new.items() if inner is not old[name]}
        return msgspec.structs.replace(value, **changes) if changes else value
    if isinstance(value, Mapping):
        return {name: _replace_files(inner, name, assets) for name, inner in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_replace_files(inner, field, assets) for inner in cast("Sequence[Any]", value)]
    return value
