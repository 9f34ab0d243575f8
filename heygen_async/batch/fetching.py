"""Results on the disk: each under a name of its own, fetched again by a later run when it is not there."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from ..errors import DownloadError, HeyGenError
from ..threads import finished
from .outage import Outage

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from .row import Row

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
        for number, result in enumerate(results, 1):
            target = self._target(row, f"-{number}" if len(results) > 1 else "", result)
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
        outage = Outage()
        while True:
            try:
                async with self._at_once:
                    await self._heygen.download(result, target, overwrite=True, resume=True)
                return
            except DownloadError as broken:
                passing = broken.status is None or broken.status == 429 or broken.status >= 500
                if isinstance(broken.__cause__, OSError) or not passing:
                    raise
                await outage.pause(broken)

    def _target(self, row: Row, part: str, result: Any) -> Path | None:
        """Where a result goes, `part` after its name; None when nobody wants it, or there is nothing to fetch."""
        url = next((url for name in ("video_url", "audio_url", "url") if (url := getattr(result, name, None))), None)
        if url is None or (self._folder is None and row.item.path is None):
            return None
        if row.item.path is not None:
            path = Path(row.item.path)
            return path.with_stem(path.stem + part) if part else path
        name = re.sub(r"[^\w.+@=-]+", "_", row.item.key).strip(".") or "_"
        if name != row.item.key or len(name) > _LONGEST_NAME or name != name.lower():
            name = f"{name[:_LONGEST_NAME]}-{hashlib.sha256(row.item.key.encode()).hexdigest()[:8]}"
        return cast("Path", self._folder) / f"{name}{part}{Path(urlsplit(str(url)).path).suffix}"
