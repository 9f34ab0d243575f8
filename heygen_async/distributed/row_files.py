"""The files of a row's finished jobs: on a disk, or in a store of the program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from .._files.download_stream import DownloadStream, open_stream
from .._files.result_download import download_result, result_files
from .._http.worker_threads import run_in_thread
from ..errors import InvalidInputError

if TYPE_CHECKING:
    from .._http.transport import Transport
    from .._jobs.kinds import JobKind

#: A function that stores a file elsewhere, such as in an object store. It gets the file's name and its bytes.
Store: TypeAlias = Callable[[str, DownloadStream], Awaitable[object]]


async def fetch_files(
    transport: Transport, kind: JobKind[Any], jobs: Sequence[Any], key: str, destination: str | PathLike[str] | Store
) -> list[str]:
    """Download the files of a row's jobs one after the other. See `Steps.fetch`."""
    names = [key] if len(jobs) == 1 else [f"{key}-{number}" for number in range(1, len(jobs) + 1)]
    if callable(destination):
        return [
            stored
            for job, name in zip(jobs, names, strict=True)
            for stored in await _store(transport, kind, job, name, destination)
        ]
    count = sum([len(result_files(transport, kind, job)) for job in jobs])
    if count > 1 and not await run_in_thread(Path(destination).is_dir):
        raise InvalidInputError("destination", str(destination), f"an existing folder, for {count} files")
    return [
        str(path)
        for job, name in zip(jobs, names, strict=True)
        for path in await download_result(transport, kind, job, destination, name=name, overwrite=True)
    ]


async def _store(transport: Transport, kind: JobKind[Any], job: Any, name: str, store: Store) -> list[str]:
    files = result_files(transport, kind, job, name)
    for url_field, file_name in files:
        async with open_stream(transport, job, url_field=url_field) as stream:
            await store(file_name, stream)
    return [file.name for file in files]
