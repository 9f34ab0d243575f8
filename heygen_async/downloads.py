"""Files on their way from HeyGen: streamed beside their target, checked, and only then given its name.

A file that stands under the target's name is whole. Until then the bytes are in a hidden file beside it, which goes
away with whatever ends the download. A connection that breaks is taken up where it broke (`Range`, and `If-Range`, so
that a file that changed meanwhile is begun anew); a presigned URL that expired is asked for again.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import anyio.to_thread

from . import storage
from .encoding import without_query
from .errors import APIConnectionError, DownloadError, InvalidInputError
from .jobs import VIDEO
from .models.videos import Video
from .storage import StoredAnswer
from .threads import opened, uninterrupted
from .transport import Transport

if TYPE_CHECKING:
    from aiofiles.threadpool.binary import AsyncBufferedIOBase

CHUNK = 1 << 20  # bytes; a thread hop a chunk is what smaller ones would pay for
_BREAKS = 8  # in a row, without a byte between them, before a download gives up
_EXPIRED = frozenset({401, 403, 410})
_RENEWALS = 3

#: Called with the bytes that are there and the bytes in all (None when the server does not say); may be async.
OnProgress: TypeAlias = "Callable[[int, int | None], Awaitable[object] | object]"


async def download(
    transport: Transport,
    what: Video | str,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> Path:
    """See `AsyncHeyGen.download`."""
    target = Path(path)
    source = _Source(transport, what)
    await _check_target(target, overwrite=overwrite)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        async with opened(part, "xb") as file:
            await _fetch(transport, source, target, file, on_progress)
            await uninterrupted(_flush(file))
        await uninterrupted(anyio.to_thread.run_sync(os.replace, part, target))
    except OSError as problem:
        if isinstance(problem, DownloadError):
            raise
        raise DownloadError(
            f"{target} could not be written: {problem.strerror or problem}. Nothing was left there; make room or "
            "choose another place, and download again.",
            url=without_query(source.url),
            path=str(target),
        ) from problem
    finally:
        await uninterrupted(anyio.to_thread.run_sync(_remove, part))
    return target


class _Source:
    """A URL, and the video that it can be asked for from again when it has expired."""

    def __init__(self, transport: Transport, what: Video | str) -> None:
        self._transport = transport
        self._video_id = what.id if isinstance(what, Video) else None
        self._renewals = _RENEWALS if self._video_id else 0
        self.url = self._url_of(what)

    @staticmethod
    def _url_of(what: Video | str) -> str:
        if isinstance(what, Video):
            if not what.video_url:
                raise InvalidInputError(
                    "video.video_url",
                    what.video_url,
                    f"a finished video ({what.id} is {what.status}); wait_for_video first",
                )
            return what.video_url
        if not isinstance(what, str) or not what.startswith(("https://", "http://")):
            raise InvalidInputError("what", what, "a finished Video or an https URL")
        return what

    async def renew(self) -> bool:
        """Ask for a fresh URL; False when there is nobody to ask."""
        if self._video_id is None or not self._renewals:
            return False
        self._renewals -= 1
        self.url = self._url_of(await self._transport.call(VIDEO.look, Video, self._video_id))
        return True


async def _fetch(
    transport: Transport, source: _Source, target: Path, file: AsyncBufferedIOBase, on_progress: OnProgress | None
) -> None:
    """Write the whole of the source into the file, over as many connections as it takes."""
    done = breaks = 0
    validator: str | None = None
    while True:
        headers = {"Range": f"bytes={done}-", "If-Range": validator} if done and validator else {}
        if done and not validator:
            done = await _start_over(file)
        before = done
        try:
            async with storage.exchange(transport, "GET", source.url, headers=headers) as answer:
                if answer.status in _EXPIRED and await source.renew():
                    continue
                if answer.status == 416:
                    done, validator = await _start_over(file), None
                    raise _broken(source, "the server no longer has the rest")
                if answer.status in {408, 429} or answer.status >= 500:
                    raise _broken(source, f"the server answered {answer.status}")
                if answer.status not in {200, 206}:
                    raise await _refused(source, target, answer)
                if answer.status == 200 and done:
                    done = await _start_over(file)
                total = _total(answer)
                validator = _strong(answer.headers.get("ETag"))
                async for chunk in _gathered(answer):
                    await uninterrupted(file.write(chunk))
                    done += len(chunk)
                    if on_progress is not None:
                        said = on_progress(done, total)
                        if isawaitable(said):
                            await said
            if total is not None and done != total:
                raise _broken(source, f"{done:,} of {total:,} bytes came")
            return
        except APIConnectionError as broken:
            breaks = 1 if done > before else breaks + 1
            if breaks > _BREAKS:
                raise DownloadError(
                    f"{without_query(source.url)} could not be fetched whole: {broken} Nothing was left at {target}; "
                    "download again.",
                    url=without_query(source.url),
                    path=str(target),
                ) from None
            await asyncio.sleep(transport.options.retry.delay(breaks - 1))


async def _gathered(answer: StoredAnswer) -> AsyncIterator[bytes]:
    """The body in pieces large enough to be worth a hop to a thread."""
    pieces: list[bytes] = []
    size = 0
    async for piece in answer.chunks(CHUNK):
        pieces.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(pieces)
            pieces, size = [], 0
    if pieces:
        yield b"".join(pieces)


async def _refused(source: _Source, target: Path, answer: StoredAnswer) -> DownloadError:
    url = without_query(source.url)
    reason = (
        "the link has expired; fetch the thing again for a fresh one" if answer.status in _EXPIRED else "check the link"
    )
    return DownloadError(
        f"{url} answered {answer.status}, so nothing was written to {target}: {reason}.",
        url=url,
        path=str(target),
        status=answer.status,
    )


def _broken(source: _Source, why: str) -> APIConnectionError:
    url = without_query(source.url)
    return APIConnectionError(f"GET {url}: {why}.", method="GET", path=url)


def _total(answer: StoredAnswer) -> int | None:
    if answer.status == 206:
        whole = answer.headers.get("Content-Range", "").rpartition("/")[2]
        return int(whole) if whole.isdigit() else None
    length = answer.headers.get("Content-Length")
    return int(length) if length is not None and length.isdigit() else None


def _strong(etag: str | None) -> str | None:
    return etag if etag and not etag.startswith("W/") else None


async def _start_over(file: AsyncBufferedIOBase) -> int:
    await uninterrupted(file.seek(0))
    await uninterrupted(file.truncate(0))
    return 0


async def _check_target(target: Path, *, overwrite: bool) -> None:
    def look() -> tuple[bool, bool, bool]:
        return target.parent.is_dir(), target.is_dir(), target.exists()

    folder, is_folder, exists = await anyio.to_thread.run_sync(look)
    if not folder:
        raise InvalidInputError("path", str(target), f"a file in a folder that is there; make {target.parent} first")
    if is_folder:
        raise InvalidInputError("path", str(target), "a file's name; this is a folder")
    if exists and not overwrite:
        raise InvalidInputError("path", str(target), "a name that is free; pass overwrite=True to replace this file")


async def _flush(file: AsyncBufferedIOBase) -> None:
    await file.flush()
    await anyio.to_thread.run_sync(os.fsync, file.fileno())


def _remove(part: Path) -> None:
    part.unlink(missing_ok=True)
