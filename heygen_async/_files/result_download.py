"""Download the file of a finished job in the call that waits for it: the `download_to` of waits.

A destination that can never be written is rejected before the job is created or polled. A download that fails keeps its
partial file, so that a second call with the same destination continues it, and its error carries the finished job.

A wait may be repeated, such as by the handler of a webhook event that is delivered again. So an existing file is kept
if it has the bytes of the job's file, which are read again. A name or a size is no proof: the file may be another's.
A new job never has an existing file, so `create_and_wait` rejects one before it creates the job.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from functools import partial
from logging import getLogger
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit

from .._http.worker_threads import run_in_thread
from .._jobs.kinds import type_named
from ..errors import DownloadError, HeyGenError, InvalidInputError
from .download_stream import open_stream
from .downloads import download
from .file_names import safe_file_name
from .local_files import FolderFile, OpenedFile
from .part_file import check_target, remove_leftovers
from .url_renewal import RenewableUrl, url_paths

if TYPE_CHECKING:
    from .._http.transport import Transport
    from .._jobs.kinds import JobKind

_log = getLogger("heygen_async.jobs")
_SUFFIX = re.compile(r"\.\w{1,10}")


async def check_destination(
    kind: JobKind[Any], destination: str | PathLike[str], *, job_count: int = 1, is_new_job: bool = True
) -> None:
    """Reject a destination that can never be written.

    Args:
        kind: The kind of the jobs.
        destination: A file, or an existing folder.
        job_count: The number of files; several need a folder.
        is_new_job: Whether the job is about to be created, so that an existing file cannot be its own.

    Raises:
        InvalidInputError: The kind has no file to download, or nothing can be written there.
    """
    if not kind.url_fields:
        raise InvalidInputError("download_to", str(destination), f"nothing; a {kind.name} has no file to download")
    if await run_in_thread(Path(destination).is_dir):
        return
    if job_count > 1 or not set(kind.url_fields) & set(_fields_of_result(kind)):
        raise InvalidInputError("download_to", str(destination), "an existing folder, for several files")
    await run_in_thread(partial(check_target, destination, overwrite=not is_new_job, parameter="download_to"))


class ResultFile(NamedTuple):
    """One file of a finished job: the path of the field with its URL, None for the default, and the file's name."""

    url_field: str | None
    name: str


def result_files(transport: Transport, kind: JobKind[Any], job: Any, name: str | None = None) -> list[ResultFile]:
    """Return the files of a finished job.

    Args:
        transport: The client's transport.
        kind: The kind of the job.
        job: The struct of the finished job.
        name: The beginning of the files' names; by default the job's id.

    Raises:
        InvalidInputError: The job has no URL.
    """
    return [
        ResultFile(
            url_field, _file_name(name or kind.id_of(job), url_field, RenewableUrl(transport, job, url_field).url)
        )
        for url_field in _fields_to_download(kind, job)
    ]


async def download_result(
    transport: Transport,
    kind: JobKind[Any],
    job: Any,
    destination: str | PathLike[str],
    *,
    name: str | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Download the files of a finished job, and return their paths.

    Args:
        transport: The client's transport.
        kind: The kind of the job.
        job: The struct of the finished job.
        destination: A file, or an existing folder.
        name: The beginning of the files' names in the folder; by default the job's id.
        overwrite: Replace existing files.

    Raises:
        DownloadError: The file could not be downloaded completely or written, or another file has its name. `job` is
            the finished job.
    """
    target = Path(destination)
    paths: list[Path] = []
    try:
        is_folder = await run_in_thread(target.is_dir)
        for url_field, file_name in result_files(transport, kind, job, name):
            file = target / file_name if is_folder else target
            try:
                await download(transport, job, file, url_field=url_field, resume=True, overwrite=overwrite)
            except InvalidInputError:
                if overwrite or not await run_in_thread(os.path.lexists, file):
                    raise
                await _check_own_file(transport, kind, job, url_field, file)
            paths.append(file)
    except asyncio.CancelledError:
        _log.warning("Stopped downloading the %s %s. It is finished; download it again.", kind.name, kind.id_of(job))
        raise
    except (DownloadError, InvalidInputError) as error:
        raise _with_job(error, target, job) from error.__cause__
    return paths


async def _check_own_file(
    transport: Transport, kind: JobKind[Any], job: Any, url_field: str | None, file: Path
) -> None:
    """Check that an existing file has the bytes of the job's file, as an earlier download wrote it.

    Raises:
        DownloadError: It has other bytes, or the job's file could not be read.
    """
    if await _has_remote_bytes(transport, job, url_field, file):
        await run_in_thread(remove_leftovers, file)
        return
    id = kind.id_of(job)
    raise DownloadError(
        f"The {kind.name} {id} is finished, but {file} exists and is another file, which was not changed. Move it away "
        f"or choose another download_to, and wait again: {kind.wait_call.format(id=id)}. That creates no new job.",
        url="", path=str(file),
    )  # fmt: skip


async def _has_remote_bytes(transport: Transport, job: Any, url_field: str | None, path: Path) -> bool:
    """Return whether a file on the disk has the bytes of the job's file; read both only as far as they are equal."""
    try:
        file = await run_in_thread(lambda: OpenedFile(FolderFile(path.parent, path.name)))
    except (OSError, ValueError):
        return False
    position = 0
    try:
        async with open_stream(transport, job, url_field=url_field) as stream:
            if stream.total not in {None, file.size}:
                return False
            async with aclosing(cast("AsyncGenerator[bytes]", aiter(stream))) as chunks:
                async for chunk in chunks:
                    if await run_in_thread(file.read, position, len(chunk)) != chunk:
                        return False
                    position += len(chunk)
    finally:
        await run_in_thread(file.close)
    return position == file.size


async def download_results(
    transport: Transport, kind: JobKind[Any], jobs: Iterable[Any], destination: str | PathLike[str]
) -> None:
    """Download the files of several finished jobs in parallel into a folder.

    Raises:
        DownloadError: The first error, raised when all downloads have ended. Its notes name the other failed files.
    """
    downloads = (download_result(transport, kind, job, destination) for job in jobs)
    ends = await asyncio.gather(*downloads, return_exceptions=True)
    failures = [end for end in ends if isinstance(end, BaseException)]
    for other in failures[1:]:
        failures[0].add_note(f"Another download failed too: {other}")
    if failures:
        raise failures[0]


def _fields_of_result(kind: JobKind[Any]) -> tuple[str, ...]:
    return cast("tuple[str, ...]", type_named(kind.final_result or kind.result).__struct_fields__)


def _fields_to_download(kind: JobKind[Any], job: Any) -> Iterable[str | None]:
    """Return the path of each URL of a job with several files, such as `clips.0.video_url`; else None, the default."""
    if set(kind.url_fields) & set(_fields_of_result(kind)):
        return [None]
    return [path for path in url_paths(job) if "." in path] or [None]


def _file_name(name: str, url_field: str | None, url: str) -> str:
    """Return `NAME.mp4`, and for one file of several `NAME-1.mp4` or `NAME-mask.webm`."""
    suffix = Path(urlsplit(url).path).suffix
    part = url_field.split(".")[1] if url_field else ""
    part = str(int(part) + 1) if part.isdecimal() else part
    return safe_file_name(f"{name}-{part}" if part else name) + (suffix if _SUFFIX.fullmatch(suffix) else "")


def _with_job(error: HeyGenError, target: Path, job: object) -> DownloadError:
    """Return the error as a `DownloadError` that carries the finished job."""
    if not isinstance(error, DownloadError):
        error = DownloadError(
            f"The job is finished, but its file was not downloaded: {error}", url="", path=str(target)
        )
    error.job = job
    return error
