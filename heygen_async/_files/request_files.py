"""Files inside a request body: local files are uploaded, and each file takes the form that the API accepts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec

from .._http.tasks import start_task
from .._http.transport import Transport
from ..errors import InvalidInputError
from ..types.assets import UploadedAsset
from ..types.file_fields import EXPECTED_TEXT, invalid_file_texts, is_path, is_url, replace_files
from ..types.files import AssetFile, BytesFile, UrlFile
from .file_inputs import SourceInput, open_source
from .local_files import FolderFile
from .parallel_transfers import DEFAULT_CONCURRENCY, run_in_parallel
from .uploads import upload


async def upload_files_in_body(
    transport: Transport, body: Any, uploads: MutableMapping[object, asyncio.Future[AssetFile]] | None = None
) -> Any:
    """Return the body with an asset id in place of every local file, and a struct in place of every string.

    Each file is uploaded once, different files in parallel.

    Args:
        transport: The client's transport.
        body: A struct, a mapping, or a sequence of them.
        uploads: The uploads of earlier bodies, by path. A path among them is not uploaded again.

    Raises:
        InvalidInputError: A string in a file field is neither a URL nor an asset id. Or a file does not exist, is
            empty, or has a type that the API does not take.
        UploadError: A file was not uploaded; the uploads of the others were cancelled.
    """
    files: dict[object, tuple[SourceInput, str]] = {}

    def collect(file: Any, field: str) -> Any:
        files[_file_key(file)] = (file, field)
        return file

    body = replace_local_files(body, collect)
    if not files:
        return body
    upload_one = partial(_upload_once, transport, uploads)
    assets = await run_in_parallel(upload_one, list(files.values()), DEFAULT_CONCURRENCY, stop_on_error=True)
    uploaded = dict(zip(files, assets, strict=True))
    return replace_local_files(body, lambda file, _: uploaded[_file_key(file)])


def replace_local_files(body: Any, replace: Callable[[SourceInput, str], object]) -> Any:
    """Return the body with another value in place of every local file, and a struct in place of every string.

    Args:
        body: A struct, a mapping, or a sequence of them.
        replace: Called with each file and its field; returns the value.

    Raises:
        InvalidInputError: A string in a file field is neither a URL nor an asset id.
    """

    def replace_one(file: Any, path: str) -> Any:
        return replace(file, field_of(path)) if _is_local(file) else _remote_file(file, path)

    return replace_files(body, replace_one)


async def _upload_once(
    transport: Transport,
    uploads: MutableMapping[object, asyncio.Future[AssetFile]] | None,
    item: tuple[SourceInput, str],
) -> AssetFile:
    key = _file_key(item[0])
    if uploads is None or isinstance(key, int):
        return await _upload_file(transport, *item)
    while (running := uploads.get(key)) is not None:
        await asyncio.wait({running})
        if not running.cancelled() and running.exception() is None:
            return running.result()
        if uploads.get(key) is running:
            del uploads[key]
    task = uploads[key] = start_task(_upload_file(transport, *item))
    try:
        return await task
    except BaseException:
        uploads.pop(key, None)
        raise


async def _upload_file(transport: Transport, file: SourceInput, field: str) -> AssetFile:
    async with open_source(file, field=field) as source:
        return AssetFile(asset_id=(await upload(transport, source, wait=True)).asset_id)


def local_paths(body: object) -> list[tuple[os.PathLike[str], str]]:
    """Return the paths of local files in a body, each once and with its field."""
    paths: dict[object, tuple[os.PathLike[str], str]] = {}

    def collect(file: Any, path: str) -> Any:
        if isinstance(file, os.PathLike):
            paths.setdefault(_file_key(cast("object", file)), (cast("os.PathLike[str]", file), field_of(path)))
        return cast("object", file)

    replace_files(body, collect)
    return list(paths.values())


def join_paths(body: Any, folder: Path | None, own_paths: Collection[str] = ()) -> Any:
    """Return the body with a `FolderFile` in place of every string in a file field that is a path. May block.

    Args:
        body: A struct, a mapping, or a sequence of them.
        folder: The folder of the files; None if the strings of the body may name no local file.
        own_paths: The paths that the program or the person named; these may be any.

    Raises:
        InvalidInputError: A path leads out of the folder, or there is no folder.
    """

    def join(file: Any, path: str) -> Any:
        if not is_path(file):
            return file
        if file in own_paths:
            return Path(file)
        if folder is None:
            raise InvalidInputError(path, file, "an http(s) URL or an asset id; --files FOLDER allows local files")
        try:
            return FolderFile(folder, file)
        except ValueError:
            raise InvalidInputError(path, file, f"a URL, an asset id, or a file below {folder}") from None

    return replace_files(body, join)


def check_file_texts(body: object) -> None:
    """Check the strings in the file fields of a body. The file system is not asked about them.

    Raises:
        InvalidInputError: One is neither a URL nor an asset id.
    """
    for path, text in invalid_file_texts(body).items():
        raise InvalidInputError(path, text, EXPECTED_TEXT)


def field_of(path: str) -> str:
    """Return the field at the end of a path, such as `source` of `scenes[0].source`."""
    return path.rpartition(".")[2].partition("[")[0]


def _is_local(file: object) -> bool:
    return isinstance(file, BytesFile) or not isinstance(file, str | msgspec.Struct)


def _remote_file(file: Any, path: str) -> Any:
    """Return a file that needs no upload in the form that the API accepts."""
    if isinstance(file, UploadedAsset):
        return AssetFile(asset_id=file.asset_id)
    if not isinstance(file, str):
        return file
    if is_path(file):
        raise InvalidInputError(path, file, EXPECTED_TEXT)
    return UrlFile(url=file) if is_url(file) else AssetFile(asset_id=file)


def _file_key(file: object) -> object:
    """Return a key that is equal for the same file: its path, or the identity of an object in memory."""
    if isinstance(file, FolderFile):
        return file
    return os.fspath(cast("os.PathLike[str]", file)) if isinstance(file, os.PathLike) else id(file)
