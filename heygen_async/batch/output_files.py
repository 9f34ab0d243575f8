"""The files of results: unique names, downloads, and never overwriting a file that this batch did not write.

The journal stores a fingerprint of each file that a download wrote. A file without a fingerprint is never overwritten:
its row fails, if possible before its job is created. A later run downloads the result once the name is free. After the
loss of the journal, an earlier job may answer the row. Then an equal file is the row's own.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._files import downloads
from .._files.file_names import safe_file_name
from .._files.file_store import RefusedTransferError
from .._files.part_file import remove_leftovers
from .._http.file_writing import NO_FOLLOW
from .._http.retrying import is_unknown_host
from .._http.worker_threads import run_in_thread
from ..errors import ConfigurationError, DownloadError, HeyGenError
from .failures import outage_attempts
from .journal_entries import StoredFile

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from .journal import Journal
    from .rows import Row

_FINGERPRINT_BYTES = 64 << 10  # at the start and at the end of a file


class OutputFiles:
    """The downloads of one run.

    Args:
        heygen: The client.
        journal: Stores the files that were written.
        folder: The folder for results whose item has no path; None to download only those with a path.
        concurrency: The maximum number of parallel downloads.
    """

    def __init__(
        self, heygen: AsyncHeyGen, journal: Journal, folder: str | PathLike[str] | None, concurrency: int
    ) -> None:
        self._heygen = heygen
        self._journal = journal
        self._folder = None if folder is None else Path(folder)
        self._places = asyncio.Semaphore(concurrency)

    def create_folder(self) -> None:
        """Create the folder if there is one. Blocks; call it in a thread.

        Raises:
            ConfigurationError: It cannot be created.
        """
        try:
            if self._folder is not None:
                self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"The folder {self._folder} for downloads cannot be created ({error.strerror or error})."
            ) from None

    async def conflict(self, row: Row) -> HeyGenError | None:
        """Return the reason why a row's file could not be written, if it is known before the row has a job."""
        likely_name = "result.wav" if row.kind.job_kind is None else "result.mp4"
        try:
            for part in ("", "-1"):
                if (target := self._target(row, part, likely_name)) is not None:
                    await run_in_thread(_find_own_file, target, row.entry.paths or {})
        except DownloadError as error:
            return error
        return None

    async def fetch(self, row: Row, results: Sequence[Any]) -> tuple[list[Path], HeyGenError | None]:
        """Download the results that are not on the disk. Return the files, and the error of one that is missing."""
        paths: list[Path] = []
        failure: HeyGenError | None = None
        for number, result in enumerate(results, 1):
            target = self._target(row, f"-{number}" if len(results) > 1 else "", _url_of(row, result))
            if target is None:
                continue
            try:
                await self._fetch_one(row, result, target)
            except ConfigurationError:
                raise
            except HeyGenError as error:
                failure = error
            except (OSError, ValueError) as error:
                failure = _unwritable(target, error)
            else:
                paths.append(target)
        return paths, failure

    async def _fetch_one(self, row: Row, result: Any, target: Path) -> None:
        is_unknown = False
        try:
            own_file = await run_in_thread(_find_own_file, target, row.entry.paths or {})
        except DownloadError:
            if not (row.is_adopted or row.entry.created_earlier):
                raise
            own_file, is_unknown = None, True
        if own_file is None or own_file.jobs != row.entry.joined_ids:
            is_present = is_unknown or own_file is not None
            await self._download(row, result, target, overwrite=is_present, only_equal=is_unknown)
        else:
            await run_in_thread(remove_leftovers, target)

    async def _download(self, row: Row, result: Any, target: Path, *, overwrite: bool, only_equal: bool) -> None:
        """Download a result, and retry during an outage. The journal records the file before it is renamed."""

        async def record(whole_file: Path) -> None:
            fingerprint = await run_in_thread(_fingerprint, whole_file)
            if only_equal and fingerprint != await run_in_thread(_fingerprint, target):
                raise _unknown_file(target)
            row.entry.paths = {**(row.entry.paths or {}), str(target): StoredFile(row.entry.joined_ids, fingerprint)}
            await self._journal.put(row.entry)

        attempts, transport = outage_attempts(), self._heygen._transport  # noqa: SLF001
        async for _ in attempts:
            try:
                async with self._places:
                    await downloads.download(
                        transport, result, target, overwrite=overwrite, resume=True, on_complete=record
                    )
                return
            except DownloadError as error:
                attempts.failed(error, retryable=_is_transient(error))
        raise attempts.error

    def _target(self, row: Row, part: str, url: str) -> Path | None:
        """Return the file for a result, with `part` after its name; None when the result is not downloaded."""
        if not url:
            return None
        if row.item.path is not None:
            path = Path(row.item.path)
            return path.with_stem(path.stem + part) if part else path
        if self._folder is None:
            return None
        return self._folder / f"{safe_file_name(row.item.key)}{part}{Path(urlsplit(url).path).suffix}"


def _url_of(row: Row, result: Any) -> str:
    urls = (getattr(result, name, None) for name in row.kind.url_fields)
    return str(next(filter(None, urls), ""))


def _is_transient(error: DownloadError) -> bool:
    if isinstance(error.__cause__, OSError | RefusedTransferError) or is_unknown_host(error):
        return False
    return error.status is None or error.status == 429 or error.status >= 500


def _find_own_file(target: Path, own_files: Mapping[str, StoredFile]) -> StoredFile | None:
    """Return which of the row's own files exists at the target; None when there is none. The folder may have moved.

    Raises:
        DownloadError: Another file exists there, or none can be written.
    """
    try:
        fingerprint = _fingerprint(target)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unwritable(target, error) from None
    own_file = next((file for file in own_files.values() if file.fingerprint == fingerprint), None)
    if own_file is None:
        raise _unknown_file(target)
    return own_file


def _unknown_file(target: Path) -> DownloadError:
    error = DownloadError(
        f"{target} exists, and this batch did not write it for this row. It was not changed. Move it away or "
        "choose another folder, then run the batch again with the same journal.",
        url="", path=str(target),
    )  # fmt: skip
    error.__cause__ = FileExistsError()
    return error


def _fingerprint(path: Path) -> str:
    """Return a digest of a file's size, start and end."""
    status = path.lstat()  # a link is never followed
    if not stat.S_ISREG(status.st_mode):
        return "no file"
    digest = hashlib.blake2b(b"%d" % status.st_size, digest_size=12)
    with os.fdopen(os.open(path, os.O_RDONLY | NO_FOLLOW), "rb") as file:
        digest.update(file.read(_FINGERPRINT_BYTES))
        file.seek(max(status.st_size - _FINGERPRINT_BYTES, 0))
        digest.update(file.read(_FINGERPRINT_BYTES))
    return digest.hexdigest()


def _unwritable(target: Path, error: OSError | ValueError) -> DownloadError:
    reason = getattr(error, "strerror", None) or error
    return DownloadError(f"{target} cannot be written: {reason}.", url="", path=str(target))
