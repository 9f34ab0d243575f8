"""Files on their way from HeyGen: streamed beside their target, checked, and only then given its name.

A file that stands under the target's name is whole. Until then the bytes are in a hidden file beside it (`.name.part`,
with the file's ETag in `.name.part.etag`), which goes away with whatever ends the download; a process that is killed
leaves it, and `resume=True` takes it up. A connection that breaks is taken up where it broke (`Range`, and `If-Range`,
so that a file that changed meanwhile is begun anew); a presigned URL that expired is asked for again.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec

from .._http.encoding import is_url, without_query
from .._http.transport import Transport
from .._http.worker_threads import run_in_abandonable_thread, run_in_thread
from .._jobs.kinds import JobKind, kind_named
from ..errors import APIConnectionError, DownloadError, HeyGenError, InvalidInputError
from ..types.base import ResponseStruct
from . import file_store as storage
from .download_resume import Part, check_target
from .file_store import StoredAnswer
from .transfers import OnProgress, Tally, each, file_digest, gathered, tell

if TYPE_CHECKING:
    from ..types import (
        ai_clipping,
        assets,
        audio,
        avatars,
        background_removals,
        brand_kits,
        filler_word_removals,
        hyperframes,
        lipsyncs,
        models,
        podcasts,
        templates,
        video_agents,
        video_translations,
        videos,
        voices,
    )

    #: What has a URL, or is one.
    Downloadable: TypeAlias = (
        ai_clipping.Clip | ai_clipping.Clipping | assets.Asset | assets.FoundAsset | assets.UploadedAsset | audio.Sound
        | avatars.Avatar | avatars.Look | background_removals.BackgroundRemoval | brand_kits.BrandKit
        | filler_word_removals.FillerWordRemoval | models.ModelImage | models.ModelImages | models.ModelSpeech
        | models.ModelVideo | podcasts.Podcast
        | hyperframes.Render | lipsyncs.Lipsync | templates.TemplateSummary | video_agents.SessionResource
        | video_agents.Style | video_translations.TranslationCaption | video_translations.ProofreadSrt
        | video_translations.Translation | videos.Video | voices.Speech | voices.Voice | voices.VoiceDetails | str
    )  # fmt: skip

T = TypeVar("T")

_ANEW = 8  # times, where what comes does not fit what is there
_EXPIRED = frozenset({401, 403, 410})
_RENEWALS = 3
_WRITTEN_AT_ONCE = 4 << 20  # bytes
_LARGEST = 1 << 20  # bytes of a piece of a stream
_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")
_DIGESTS = {"sha-512": 64, "sha-256": 32, "md5": 16}  # the best first, with their lengths in bytes
#: What is meant when no field is named: the first of these that is set.
_MAIN = (
    "video_url", "audio_url", "url", "srt_url", "caption_url", "image_url", "preview_video_url", "preview_audio_url",
)  # fmt: skip
#: Whose URLs expire, and how such a thing is looked at again.
_KINDS = {
    "BackgroundRemoval": "background_removals.REMOVAL", "Clipping": "ai_clipping.CLIPPING",
    "FillerWordRemoval": "filler_word_removals.REMOVAL", "Lipsync": "lipsyncs.LIPSYNC", "Look": "avatars.LOOK",
    "ModelImages": "models.IMAGES", "ModelVideo": "models.VIDEO", "Podcast": "podcasts.PODCAST",
    "Render": "hyperframes.RENDER", "Translation": "video_translations.TRANSLATION", "Video": "videos.VIDEO",
    "VoiceDetails": "voices.CLONE",
}  # fmt: skip


class _Link:
    """A URL, and the thing in which it stands: it is asked for again when the URL has expired."""

    def __init__(self, transport: Transport, what: Downloadable, field: str | None) -> None:
        self._transport = transport
        self._kind: JobKind[Any] | None = None
        if isinstance(what, str) and is_url(what):
            self.url: str = what
            return
        if not isinstance(what, msgspec.Struct):
            raise InvalidInputError("what", what, "an https URL, or what HeyGen returned")
        if type(what).__name__ in _KINDS:
            self._kind = kind_named(_KINDS[type(what).__name__])
            self._id = self._kind.id_of(what)
        self._field = field or next((name for name in _MAIN if getattr(what, name, None)), _MAIN[0])
        self.url = self._url_in(what)

    def _url_in(self, what: ResponseStruct) -> str:
        found: Any = what
        for part in self._field.split("."):
            found = _inside(found, part)
        if isinstance(found, str) and is_url(found):
            return found
        there = [name for name in what.__struct_fields__ if name.endswith("url") and getattr(what, name)]
        there += [f"layers.{name}" for name in getattr(what, "layers", None) or ()]
        there += [f"clips.{number}.video_url" for number, _ in enumerate(getattr(what, "clips", None) or ())]
        there += [f"images.{number}.image_url" for number, _ in enumerate(getattr(what, "images", None) or ())]
        expected = f"a URL; it has {', '.join(there) or 'none'}"
        if (status := getattr(what, "status", None)) not in {None, "completed"}:
            expected += f", and is {status}: wait for its end first"
        raise InvalidInputError(f"{type(what).__name__.lower()}.{self._field}", found, expected)

    async def renew(self) -> bool:
        """Ask for a fresh URL; False when there is nobody to ask."""
        if self._kind is None:
            return False
        self.url = self._url_in(await self._kind.seen(self._transport, self._id))
        return True

    def __str__(self) -> str:
        return without_query(self.url)


def _inside(thing: Any, name: str) -> Any:
    """A field of a struct, a key of a mapping, or a place in a list; None when it is not there."""
    try:
        return thing[int(name) if name.isdecimal() else name]
    except (TypeError, LookupError):
        return getattr(thing, name, None)


class _OtherFileError(Exception):
    """What the server has now does not continue what is there already; the text says why."""


class _Fetch:
    """The bytes of a file, over as many connections as it takes, from where `done` says."""

    def __init__(self, transport: Transport, link: _Link, target: Path | None = None) -> None:
        self._transport = transport
        self._link = link
        self._target = target
        self._limit = transport.options.timeout.for_method("GET", transfer=True)
        self._deadline = asyncio.get_running_loop().time() + self._limit
        self.done: int = 0
        self.etag: str | None = None
        self.total: int | None = None
        self.media_type: str = ""
        self.digest: tuple[str, bytes] | None = None

    def start_over(self) -> None:
        """From the beginning, whatever is there then."""
        self.done, self.etag, self.total, self.digest = 0, None, None, None

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Pieces as they come, each counted before it is given.

        Raises:
            _OtherFileError: Another file stands there now; nothing of it was given.
            DownloadError: It cannot be had.
        """
        fruitless, renewals = 0, _RENEWALS
        while True:
            before = self.done
            if self.done and not self.etag:
                raise _OtherFileError("broke off, and its server gives no ETag to go on by")
            headers = {"Range": f"bytes={self.done}-", "If-Range": self.etag} if self.done and self.etag else {}
            try:
                async with storage.exchange(
                    self._transport, "GET", self._link.url, headers=headers, deadline=self._deadline
                ) as answer:
                    if answer.status in _EXPIRED and renewals and await self._renewed():
                        renewals -= 1
                        continue
                    if answer.status == 416 and answer.headers.get("Content-Range") == f"bytes */{self.done}":
                        return  # it was whole
                    skip, renewals = self._skipped(answer), _RENEWALS
                    async for chunk in answer.chunks():
                        kept = chunk[skip:] if skip else chunk
                        skip = max(skip - len(chunk), 0)
                        if kept:
                            self.done += len(kept)
                            yield kept
                if self.total is not None and self.done < self.total:
                    raise self._broken(f"{self.done:,} of {self.total:,} bytes came")
                if self.total is not None and self.done > self.total:
                    raise _OtherFileError("is longer than its server says")
                return
            except APIConnectionError as broken:
                fruitless = 0 if self.done > before else fruitless + 1
                await self._pause(fruitless, broken)

    async def _pause(self, fruitless: int, broken: APIConnectionError) -> None:
        """Before it is taken up again, after so many tries in a row without a byte; or else the end of it."""
        options = self._transport.options
        if fruitless > options.breaks:
            raise self.failed(f"could not be fetched whole: {broken}") from None
        pause = options.retry.delay(max(fruitless - 1, 0))
        if asyncio.get_running_loop().time() + pause >= self._deadline:
            why = f"could not be fetched whole in the {self._limit:g} s of the client's timeout"
            raise self.failed(f"{why}: {broken}") from None
        await asyncio.sleep(pause)

    async def _renewed(self) -> bool:
        limit = asyncio.timeout_at(None if self._deadline == inf else self._deadline)
        try:
            async with limit:
                return await self._link.renew()
        except TimeoutError:
            if not limit.expired():
                raise
            raise self._broken("no fresh link came in time") from None

    def _skipped(self, answer: StoredAnswer) -> int:
        """How many bytes of this answer are there already, when it goes on where it broke; else it raises."""
        if answer.status in {408, 429} or answer.status >= 500:
            raise self._broken(f"the server answered {answer.status}")
        if answer.status == 416:
            raise _OtherFileError("has no rest any more")
        if answer.status not in {200, 206}:
            expired = "the link has expired; fetch the thing again for a fresh one"
            advice = expired if answer.status in _EXPIRED else "check the link"
            raise self.failed(f"answered {answer.status}: {advice}", answer.status)
        etag, total, start = _facts(answer)
        if start not in {0, self.done} or (self.done and etag != self.etag):
            raise _OtherFileError("changed on the way")
        self.etag, self.total = etag, self.total if total is None else total
        self.media_type = answer.headers.get("Content-Type", "")
        self.digest = self.digest or _digest(answer)
        return self.done - start

    def _broken(self, why: str) -> APIConnectionError:
        return APIConnectionError(f"GET {self._link}: {why}.", method="GET", path=str(self._link))

    async def on_disk(self, work: Awaitable[T]) -> T:
        """Have this done; what the disk refuses is the end of the download."""
        try:
            return await work
        except OSError as problem:
            raise DownloadError(
                f"{self._target} could not be written: {problem.strerror or problem}. Nothing was left there; make "
                "room or choose another place, and download again.",
                url=str(self._link),
                path=str(self._target),
            ) from problem

    def failed(self, why: str, status: int | None = None) -> DownloadError:
        """The end of it, in words."""
        what = f"{self._link} {why.rstrip('.')}."
        if self._target is not None:
            what += f" Nothing was written to {self._target}; download again."
        return DownloadError(what, url=str(self._link), path=str(self._target or ""), status=status)


async def download(
    transport: Transport,
    what: Downloadable,
    path: str | os.PathLike[str],
    *,
    field: str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    on_progress: OnProgress | None = None,
    on_whole: Callable[[Path], Awaitable[object]] | None = None,
) -> Path:
    """See `AsyncHeyGen.download`; `on_whole` is awaited with the whole file, before it gets its name."""
    target = Path(path)
    link = _Link(transport, what, field)
    await check_target(target, overwrite=overwrite)
    part, fetch = Part(target), _Fetch(transport, link, target)
    try:
        await fetch.on_disk(run_in_thread(partial(part.claim, resume=resume)))
        fetch.done, fetch.etag = part.done, part.etag
        await _fill(part, fetch, on_progress)
        await fetch.on_disk(run_in_abandonable_thread(part.flush))
        if on_whole is not None:
            await on_whole(part.path)
        await fetch.on_disk(run_in_thread(partial(part.finish, overwrite=overwrite)))
    except DownloadError as error:
        resume = resume and not isinstance(error.__cause__, OSError)  # a full disk has its room back
        raise
    finally:
        await run_in_thread(partial(part.release, keep=resume))
    return target


async def _fill(part: Part, fetch: _Fetch, on_progress: OnProgress | None) -> None:
    """Write all of it into the part, from the beginning when what is there does not fit."""
    why, wrong = "", 0
    for _ in range(_ANEW):
        try:
            async with aclosing(fetch.chunks()) as chunks:
                async for pieces in gathered(chunks, _WRITTEN_AT_ONCE):
                    await fetch.on_disk(run_in_thread(part.write, pieces, fetch.etag))
                    await tell(on_progress, fetch.done, fetch.total)
            if fetch.digest is None:
                return
            if await fetch.on_disk(file_digest(part.path, fetch.digest[0])) == fetch.digest[1]:
                return
            why, wrong = "has not the digest that its server gives", wrong + 1
        except _OtherFileError as other:
            why = str(other)
        await fetch.on_disk(run_in_thread(part.start_over))
        fetch.start_over()
        if wrong > 1:
            break
    raise fetch.failed(f"{why}, again and again")


async def download_many(
    transport: Transport,
    items: Iterable[tuple[Downloadable, str | os.PathLike[str]]],
    *,
    concurrency: int,
    on_progress: OnProgress | None,
    **options: Any,
) -> list[Path | HeyGenError]:
    """See `AsyncHeyGen.download_many`."""
    tally = Tally(on_progress)

    async def one(item: tuple[Downloadable, str | os.PathLike[str]]) -> Path:
        return await download(transport, *item, on_progress=tally.one(), **options)

    return await each(one, items, concurrency)


class Stream:
    """The bytes of a file as they come, each once and in order: `async for chunk in stream`.

    `total` is its length in bytes and `media_type` its type, where the server tells them.
    """

    def __init__(self, fetch: _Fetch, first: bytes, rest: AsyncGenerator[bytes]) -> None:
        self.total: int | None = fetch.total
        self.media_type: str = fetch.media_type
        self._fetch = fetch
        self._first = first
        self._rest = rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes, in pieces of at most 1 MiB.

        Raises:
            DownloadError: It broke off for good, changed meanwhile, or has not the digest that the server gave.
        """
        wanted = self._fetch.digest
        digest = None if wanted is None else hashlib.new(wanted[0], usedforsecurity=False)
        chunk = self._first
        while chunk:
            if digest is not None:
                await run_in_thread(digest.update, chunk)
            for start in range(0, len(chunk), _LARGEST):  # what was unpacked may be more
                yield chunk[start : start + _LARGEST]
            try:
                chunk = await anext(self._rest, b"")
            except _OtherFileError as other:
                raise self._fetch.failed(f"{other}: begin anew") from None
        if digest is not None and wanted is not None and digest.digest() != wanted[1]:
            raise self._fetch.failed("has not the digest that its server gives: do not use what was read")


@asynccontextmanager
async def open_stream(transport: Transport, what: Downloadable, *, field: str | None = None) -> AsyncGenerator[Stream]:
    """See `AsyncHeyGen.open_stream`."""
    fetch = _Fetch(transport, _Link(transport, what, field))
    async with aclosing(fetch.chunks()) as chunks:
        try:
            first = await anext(chunks, b"")
        except _OtherFileError as other:
            raise fetch.failed(str(other)) from None
        yield Stream(fetch, first, chunks)


def _facts(answer: StoredAnswer) -> tuple[str | None, int | None, int]:
    """The strong ETag, the length of the whole and where this answer begins (-1 when it does not say)."""
    headers = answer.headers
    if headers.get("Content-Encoding", "identity") != "identity":
        return None, None, 0  # all that is told is of other bytes
    said = headers.get("ETag", "")
    etag = said if said and said.isprintable() and not said.startswith("W/") else None
    if answer.status == 206:
        found = _RANGE.fullmatch(headers.get("Content-Range", ""))
        return (etag, int(found[2]) if found[2] != "*" else None, int(found[1])) if found else (etag, None, -1)
    length = headers.get("Content-Length", "")
    return etag, int(length) if length.isdecimal() else None, 0


def _digest(answer: StoredAnswer) -> tuple[str, bytes] | None:
    """The best digest of the whole that the server gives: algorithm and value."""
    headers = answer.headers
    if "Content-Encoding" in headers:
        return None
    said = [headers.get(name, "") for name in ("Repr-Digest", "Digest", "x-goog-hash")]
    if answer.status == 200:
        said += [f"sha-256={headers.get('x-amz-checksum-sha256', '')}", f"md5={headers.get('Content-MD5', '')}"]
    for name, length in _DIGESTS.items():
        for value in re.findall(rf"(?i)\b{name}=:?([A-Za-z0-9+/]+=*)(?=[:,\s]|$)", ",".join(said)):
            try:
                digest = base64.b64decode(value, validate=True)
            except binascii.Error:
                continue
            if len(digest) == length:
                return name.replace("-", ""), digest
    return None
