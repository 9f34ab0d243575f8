"""Results on the disk: each under a name of its own, fetched again by a later run when it is not there."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from ..backoff import Backoff
from ..errors import DownloadError, HeyGenError
from ..threads import finished

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from .row import Row

OUTAGE = Backoff(initial=1.0, factor=2.0, maximum=60.0, jitter=0.5)
_TRIES = 20
_LONGEST_NAME = 100


class Fetching:
    """The downloads of one run."""

    def __init__(self, heygen: AsyncHeyGen, folder: Path | None, at_once: int) -> None:
        self._heygen = heygen
        self._folder = folder
        self._at_once = asyncio.Semaphore(at_once)

    async def fetched(self, row: Row, results: Sequence[Any]) -> tuple[list[Path], HeyGenError | None]:
        """The files of a row's results, and why one is not there."""
        paths: list[Path] = []
        problem: HeyGenError | None = None
        for number, result in enumerate(results):
            target = self._target(row, number if len(results) > 1 else None, result)
            if target is None:
                continue
            there = str(target) in (row.entry.paths or ()) and await finished(target.exists)
            try:
                if not there:
                    await self._fetch(result, target)
            except HeyGenError as error:
                problem = error
            else:
                paths.append(target)
        return paths, problem

    async def _fetch(self, result: Any, target: Path) -> None:
        """Download it, riding out an outage."""
        for failures in range(_TRIES):
            async with self._at_once:
                try:
                    await self._heygen.download(result, target, overwrite=True, resume=True)
                except DownloadError as broken:
                    passing = broken.status is None or broken.status == 429 or broken.status >= 500
                    if isinstance(broken.__cause__, OSError) or not passing or failures == _TRIES - 1:
                        raise
                else:
                    return
            await asyncio.sleep(OUTAGE.delay(failures))

    def _target(self, row: Row, number: int | None, result: Any) -> Path | None:
        """Where a result goes; None when nobody wants it, or there is nothing to fetch."""
        url = next((url for name in ("video_url", "audio_url", "url") if (url := getattr(result, name, None))), None)
        if url is None or (self._folder is None and row.item.path is None):
            return None
        if row.item.path is not None:
            path = Path(row.item.path)
            return path if number is None else path.with_name(f"{path.stem}-{number + 1}{path.suffix}")
        name = re.sub(r"[^\w.+@=-]+", "_", row.item.key).strip(".") or "_"
        if name != row.item.key or len(name) > _LONGEST_NAME or name != name.lower():
            name = f"{name[:_LONGEST_NAME]}-{hashlib.sha256(row.item.key.encode()).hexdigest()[:8]}"
        part = "" if number is None else f"-{number + 1}"
        return cast("Path", self._folder) / f"{name}{part}{Path(urlsplit(str(url)).path).suffix}"
