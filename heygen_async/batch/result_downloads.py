"""Results on the disk: each under a name of its own, fetched again by a later run when it is not there.

A file that the journal does not know stays as it is, whoever wrote it: the row fails, before it is begun where that is
seen in time, and a later run fetches it when the name is free.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._files import downloads
from .._files.part_file import remove_leftovers
from .._http.worker_threads import run_in_thread
from ..errors import ConfigurationError, DownloadError, HeyGenError
from .journal import File
from .outage import Outage

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from .journal import Journal
    from .row import Row

_LONGEST_NAME = 100  # characters
_MAX_BYTES = 200  # of a file system's 255; the rest is for what is put after it, and around it while it is fetched
_ENDS = 64 << 10  # bytes of a file's beginning and end, by which it is known again


class Fetching:
    """The downloads of one run."""

    def __init__(self, heygen: AsyncHeyGen, journal: Journal, folder: Path | None, at_once: int) -> None:
        self._heygen = heygen
        self._journal = journal
        self._folder = folder
        self._at_once = asyncio.Semaphore(at_once)

    async def taken(self, row: Row) -> HeyGenError | None:
        """Why the file of a row that is not begun could not be kept, as far as that can be known."""
        guess = "result.wav" if row.work.kind is None else "result.mp4"
        targets = [target for part in ("", "-1") if (target := self._target(row, part, guess)) is not None]
        return await run_in_thread(_problem, targets, row.entry.paths or {}) if targets else None

    async def fetched(self, row: Row, results: Sequence[Any]) -> tuple[list[Path], HeyGenError | None]:
        """The files of a row's results, and why one is not there."""
        paths: list[Path] = []
        problem: HeyGenError | None = None
        for number, result in enumerate(results, 1):
            url = next((url for name in ("video_url", "audio_url", "url") if (url := getattr(result, name, None))), "")
            target = self._target(row, f"-{number}" if len(results) > 1 else "", str(url)) if url else None
            if target is None:
                continue
            try:
                await self._bring(row, result, target)
            except ConfigurationError:
                raise
            except HeyGenError as error:
                problem = error
            except (OSError, ValueError) as error:
                problem = _unwritten(target, error)
            else:
                paths.append(target)
        return paths, problem

    async def _bring(self, row: Row, result: Any, target: Path) -> None:
        """See that it is there."""
        there, known = await run_in_thread(_found, target, row.entry.paths or {})
        if there and known is None:
            raise _foreign(target)
        if not there or known is None or known.jobs not in {"", row.jobs}:
            await self._fetch(row, result, target, overwrite=there)
        else:
            await run_in_thread(remove_leftovers, target)

    async def _fetch(self, row: Row, result: Any, target: Path, *, overwrite: bool) -> None:
        """Download it, riding out an outage; it is noted as the row's own before it has its name."""

        async def note(whole: Path) -> None:
            mark = await run_in_thread(_mark, whole)
            row.entry.paths = {**(row.entry.paths or {}), str(target): File(row.jobs, mark)}
            await self._journal.put(row.entry)

        outage, transport = Outage(), self._heygen._transport  # noqa: SLF001
        while True:
            try:
                async with self._at_once:
                    await downloads.download(
                        transport, result, target, overwrite=overwrite, resume=True, on_complete=note
                    )
                return
            except DownloadError as broken:
                passing = broken.status is None or broken.status == 429 or broken.status >= 500
                if isinstance(broken.__cause__, OSError) or not passing:
                    raise
                await outage.pause(broken)

    def _target(self, row: Row, part: str, url: str) -> Path | None:
        """Where a result goes, `part` after its name; None when nobody wants it."""
        if row.item.path is not None:
            path = Path(row.item.path)
            return path.with_stem(path.stem + part) if part else path
        if self._folder is None:
            return None
        name = re.sub(r"[^\w.+@=-]+", "_", row.item.key).strip(".") or "_"
        too_long = len(name) > _LONGEST_NAME or len(name.encode()) > _MAX_BYTES
        if name != row.item.key or too_long or name != name.lower():
            begins = name[:_LONGEST_NAME].encode()[:_MAX_BYTES].decode(errors="ignore")
            name = f"{begins}-{hashlib.sha256(row.item.key.encode()).hexdigest()[:8]}"
        return self._folder / f"{name}{part}{Path(urlsplit(url).path).suffix}"


def _problem(targets: Sequence[Path], own: Mapping[str, File]) -> HeyGenError | None:
    """Why a new file cannot have one of these names. Runs in a thread."""
    for target in targets:
        try:
            target.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            return _unwritten(target, error)
        if _found(target, own)[1] is None:
            return _foreign(target)
    return None


def _found(target: Path, own: Mapping[str, File]) -> tuple[bool, File | None]:
    """Whether something is there, and which of a row's own files it is. Runs in a thread."""
    try:
        mark = _mark(target)
    except (FileNotFoundError, NotADirectoryError):
        return False, None
    place = target.absolute()
    for path, file in own.items():  # one that nobody noted is known by its place, others wherever their folder is now
        if file.mark == mark or (not file.mark and Path(path).absolute() == place):
            return True, file
    return True, None


def _mark(path: Path) -> str:
    """What tells this file from another."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        return "no file"
    digest = hashlib.blake2b(b"%d" % status.st_size, digest_size=12)
    with path.open("rb") as file:
        digest.update(file.read(_ENDS))
        file.seek(max(status.st_size - _ENDS, 0))
        digest.update(file.read(_ENDS))
    return digest.hexdigest()


def _foreign(target: Path) -> DownloadError:
    return DownloadError(
        f"{target} is there, and is not what this batch wrote for this row; it was left as it is. Move it away, or "
        "choose another folder, and run the batch again with the same journal.",
        url="",
        path=str(target),
    )


def _unwritten(target: Path, problem: OSError | ValueError) -> DownloadError:
    why = getattr(problem, "strerror", None) or problem
    return DownloadError(f"{target} cannot be written: {why}.", url="", path=str(target))
