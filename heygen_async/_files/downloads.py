"""Download into a file: the file appears under its name only when it is complete.

The problem: a reader of the target must never see a part of a file, and a killed process must leave nothing that looks
complete. At the same time, a download that broke, or whose process was killed, should continue and not start again.

Rejected ways:

* Write to the target and remove it after an error. A killed process would leave a part under the final name.
* Write to a temporary folder and move the file. A move between file systems is a copy, which can stop in the middle.
* Trust the length alone. A proxy may return other bytes, so the checksum is compared where the server sends one.

Invariants:

* The target is a link or a rename of a complete, checked and flushed file in the same folder (`part_file`).
* The part file holds only bytes of the remote file with its ETag and size. Otherwise the download starts over
  (`resumable_download`).
* The part file is removed when the download ends or fails, unless `resume` keeps it for a later call.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._http.transport import Transport
from .._http.worker_threads import run_in_abandonable_thread, run_in_thread
from ..errors import DownloadError, HeyGenError
from .checksums import file_digest
from .chunks import batch_chunks
from .local_files import open_regular_file
from .parallel_transfers import run_in_parallel
from .part_file import PartFile, check_target
from .resumable_download import RestartRequiredError, ResumableDownload
from .transfer_progress import CombinedProgress, OnProgress, report_progress
from .url_renewal import RenewableUrl

if TYPE_CHECKING:
    from .url_renewal import Downloadable

_MAX_STARTS = 8
_MAX_CHECKSUM_FAILURES = 2
_WRITE_SIZE = 4 << 20  # bytes that one hop to a thread writes


async def download(
    transport: Transport,
    resource: Downloadable,
    path: str | os.PathLike[str],
    *,
    url_field: str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    on_progress: OnProgress | None = None,
    on_complete: Callable[[Path], Awaitable[object]] | None = None,
) -> Path:
    """Download a file. See `AsyncHeyGen.download`.

    `on_complete` is awaited with the path of the complete part file, before the part file is renamed to the target.
    """
    target = Path(path)
    url = RenewableUrl(transport, resource, url_field)
    part, remote = PartFile(target, str(url)), ResumableDownload(transport, url, target)

    def claim() -> None:
        check_target(path, overwrite=overwrite)
        part.claim(resume=resume)

    try:
        await part.on_disk(run_in_thread(claim))
        remote.start_at(part.size, part.etag, part.total)
        unwritten = await _fetch(remote, part, on_progress)
        if on_complete is not None:
            await part.on_disk(run_in_abandonable_thread(part.flush, unwritten))
            await on_complete(part.path)
            unwritten = []
        await part.on_disk(run_in_abandonable_thread(partial(part.finish, unwritten, overwrite=overwrite)))
    except DownloadError as error:
        resume = resume and not isinstance(error.__cause__, OSError)  # frees the space on a full disk
        raise
    finally:
        if not part.is_released:
            await run_in_thread(partial(part.release, keep=resume))
    return target


async def download_many(
    transport: Transport,
    items: Iterable[tuple[Downloadable, str | os.PathLike[str]]],
    *,
    concurrency: int,
    on_progress: OnProgress | None,
    **options: Any,
) -> list[Path | HeyGenError]:
    """Download many files. See `AsyncHeyGen.download_many`."""
    progress = CombinedProgress(on_progress)

    async def download_one(item: tuple[Downloadable, str | os.PathLike[str]]) -> Path:
        return await download(transport, *item, on_progress=progress.add_transfer(), **options)

    return await run_in_parallel(download_one, items, concurrency)


async def _fetch(remote: ResumableDownload, part: PartFile, on_progress: OnProgress | None) -> list[bytes]:
    """Complete the part file and check it; start over when its bytes belong to another version of the remote file.

    Returns:
        The whole content of a small file, which is not written yet: the thread that publishes the file writes it.
    """
    reason, checksum_failures = "", 0
    for _ in range(_MAX_STARTS):
        try:
            unwritten = await _append_chunks(remote, part, on_progress)
            checksum = remote.checksum
            if checksum is None:
                return unwritten
            open_part = partial(open_regular_file, part.path)
            if await part.on_disk(file_digest(open_part, checksum.algorithm)) == checksum.digest:
                return []
            reason = "does not match the checksum that its server sends"
            checksum_failures += 1
        except RestartRequiredError as error:
            reason = str(error)
        await part.on_disk(run_in_thread(part.truncate))
        remote.start_at(0, None)
        if checksum_failures == _MAX_CHECKSUM_FAILURES:
            break
    raise remote.error(f"{reason}, in every attempt")


async def _append_chunks(remote: ResumableDownload, part: PartFile, on_progress: OnProgress | None) -> list[bytes]:
    """Append the chunks to the part file, or return them if they are the whole file and it has no checksum."""
    whole: list[bytes] = []
    async with aclosing(remote.chunks()) as chunks:
        async for batch in batch_chunks(chunks, _WRITE_SIZE):
            if not part.size and part.etag is None and remote.position == remote.total and remote.checksum is None:
                whole = batch
            else:
                await part.on_disk(run_in_thread(part.append, batch, remote.etag, remote.total))
            await report_progress(on_progress, remote.position, remote.total)
    return whole
