"""Files on their way to HeyGen: multipart up to 32 MB, straight into its storage above, both streamed.

Files in a request's body are uploaded before the request goes out.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import partial
from itertools import islice
from typing import Any, TypeVar, Unpack, cast

import msgspec

from .._http.backoff import Backoff
from .._http.encoding import Body, is_url
from .._http.endpoint import Endpoint
from .._http.transport import Transport
from .._jobs import waiting
from .._jobs.kinds import JobKind
from .._jobs.waiting import WaitOptions
from ..errors import APIConnectionError, BadRequestError, ConflictError, HeyGenError, UploadError
from ..types.assets import CompletedAsset, DirectUpload, DirectUploadBatch, UploadedAsset
from ..types.batches import MAX_IDS, BatchCreated, ItemStatus, JobStatus
from ..types.files import AssetFile, BytesFile, UrlFile
from . import file_store as storage
from .file_sources import ZIP, Source, SourceInput, source_of
from .transfers import AT_ONCE, OnProgress, Tally, each, tell

T = TypeVar("T")

MULTIPART_LIMIT = 32 * 1024 * 1024
_RENEWALS = 3
_ONCE = "It can be read only once, so it was not sent again: give a path, bytes or a new iterator."
_WORDS = re.compile(r"<(?:Code|Message)>([^<]*)<")
#: How long the API may take to see, at complete, what its storage has taken.
_NOT_SEEN_YET = Backoff(initial=0.5, factor=2.0, maximum=8.0, jitter=0.1)
_LOOKS_FOR_IT = 9  # about 50 s

#: The fields in which the API takes a file: a plain string there is a URL or a local path.
FILE_FIELDS = frozenset(
    "audio consent_video file files identity_images image project reference_audio reference_images reference_videos "
    "references source source_files srt video".split()
)

CREATE = Endpoint("POST", "/v3/assets", idempotency="header")
CREATE_DIRECT = Endpoint("POST", "/v3/assets/direct-uploads", idempotency="header")
COMPLETE = Endpoint("POST", "/v3/assets/{asset_id}/complete", idempotency="natural")
CREATE_BATCH = Endpoint("POST", "/v3/assets/direct-uploads/batches", idempotency="header")
COMPLETE_BATCH = Endpoint("POST", "/v3/assets/complete/batches", idempotency="natural")
STATUSES = Endpoint("GET", "/v3/assets/statuses")


class _AssetKind(JobKind[JobStatus], frozen=True):
    """Only the bulk statuses tell how far an asset is; one that they do not know is asked for by itself at the end."""

    async def seen(self, transport: Transport, id: str) -> JobStatus:
        """One look."""
        found = await transport.call(self.look, list[JobStatus], query={"asset_ids": [id]})
        return found[0] if found else JobStatus(status=ItemStatus.NOT_FOUND, video_id=id)


ASSET = _AssetKind(
    "asset",
    "asset_id",
    STATUSES,
    JobStatus,
    done=frozenset({"completed", "not_found"}),
    poll=Backoff(initial=0.5, factor=1.5, maximum=5.0, jitter=0.1),  # a file is checked within seconds
    bulk=STATUSES,
    bulk_ids="asset_ids",
)


def form(source: Source, on_progress: OnProgress | None = None) -> Body:
    """The file as the only part of a form, of a known length: storage refuses a chunked body."""
    boundary = f"heygen-{secrets.token_hex(16)}"
    name = source.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {source.media_type}\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()

    async def read() -> AsyncGenerator[bytes]:
        yield head
        async with aclosing(_Reading(source, on_progress).read()) as chunks:
            async for chunk in chunks:
                yield chunk
        yield tail

    return Body(
        length=len(head) + source.size + len(tail), content_type=f"multipart/form-data; boundary={boundary}", read=read
    )


async def upload(
    transport: Transport,
    source: Source,
    *,
    wait: bool,
    key: str | None = None,
    on_progress: OnProgress | None = None,
    **options: Unpack[WaitOptions],
) -> UploadedAsset:
    """Upload by the way that suits the size, and wait until the asset can be used."""
    if source.size <= MULTIPART_LIMIT and source.media_type not in ZIP:
        return await transport.call(CREATE, UploadedAsset, key=key, stream=form(source, on_progress))
    async with _in_time(transport, source):
        digest = await source.sha256()
        place, digest = await _put(transport, source, digest, on_progress, key=key)
        asset = await _completed(transport, source, place.asset_id, digest)
    if wait and asset.status != "completed":
        await waiting.job(transport, ASSET, asset, **options)
        asset.status = "completed"
    return asset


async def upload_many(
    transport: Transport,
    given: Iterable[SourceInput],
    *,
    concurrency: int,
    wait: bool,
    on_progress: OnProgress | None,
    **options: Unpack[WaitOptions],
) -> list[AssetFile | HeyGenError]:
    """Upload them straight into storage, by batches of a hundred; what became of each, in their order."""

    async def usable(end: AssetFile | HeyGenError) -> AssetFile:
        if isinstance(end, HeyGenError):
            raise end
        await waiting.job(transport, ASSET, end, **options)
        return end

    left, tally = iter(given), Tally(on_progress)
    ends: list[AssetFile | HeyGenError] = []
    while hundred := list(islice(left, MAX_IDS)):
        async with AsyncExitStack() as stack:
            some = await _hundred(transport, hundred, stack, concurrency, tally)
        ends += await each(usable, some, MAX_IDS) if wait else some
    return ends


async def _hundred(
    transport: Transport, given: Sequence[SourceInput], stack: AsyncExitStack, concurrency: int, tally: Tally
) -> list[AssetFile | HeyGenError]:
    async def prepared(one: SourceInput) -> tuple[Source, str | None]:
        source = await stack.enter_async_context(source_of(one, zips=True))
        return source, await source.sha256()

    ready = await each(prepared, given, concurrency)
    files = [_announced(*one) for one in ready if not isinstance(one, HeyGenError)]
    batch: DirectUploadBatch | None = None
    try:
        if files:
            batch = await transport.call(CREATE_BATCH, DirectUploadBatch, body={"files": files})
    except BadRequestError:
        pass  # for one of them: each is asked for alone, and tells for itself
    except HeyGenError as error:
        return [one if isinstance(one, HeyGenError) else error for one in ready]
    places = iter(batch.items if batch is not None else ())
    by_batch: set[str] = set()

    async def put(one: tuple[Source, str | None, DirectUpload | None] | HeyGenError) -> AssetFile:
        if isinstance(one, HeyGenError):
            raise one
        source, known, begun = one
        async with _in_time(transport, source):
            place, digest = await _put(transport, source, known, tally.one(), begun)
            if place is begun and known is not None:
                by_batch.add(place.asset_id)
            else:
                await _completed(transport, source, place.asset_id, digest)
        return AssetFile(asset_id=place.asset_id)

    paired = [one if isinstance(one, HeyGenError) else (*one, next(places, None)) for one in ready]
    ends = await each(put, paired, concurrency)
    if batch is None or not by_batch:
        return ends
    try:
        await _once_seen(partial(transport.call, COMPLETE_BATCH, BatchCreated, body={"batch_id": batch.batch_id}))
    except HeyGenError as error:
        return [error if isinstance(end, AssetFile) and end.asset_id in by_batch else end for end in ends]
    return ends


@asynccontextmanager
async def _in_time(transport: Transport, source: Source) -> AsyncGenerator[None]:
    """Within the client's timeout for a whole call, when it has one: the requests of one file are one call.

    Raises:
        UploadError: It is over.
    """
    limit = asyncio.timeout(transport.options.timeout.total)
    try:
        async with limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        why = f"did not arrive in the {transport.options.timeout.total:g} s of the client's timeout"
        raise UploadError(f"{source.name} {why}. Give it a longer one.", source=source.name) from None


def _announced(source: Source, digest: str | None) -> dict[str, Any]:
    about = {"filename": source.name, "content_type": source.media_type, "size_bytes": source.size}
    return about if digest is None else {**about, "checksum_sha256": digest}


async def _put(
    transport: Transport,
    source: Source,
    digest: str | None,
    on_progress: OnProgress | None,
    place: DirectUpload | None = None,
    key: str | None = None,
) -> tuple[DirectUpload, str]:
    """Put the bytes into storage, from their beginning as often as it takes.

    They go to the `place` that a batch has for them, or to one of their own. Returns where they are in the end, and
    their digest.
    """
    retries, renewals = 0, 0
    while True:
        if place is None:
            place = await transport.call(CREATE_DIRECT, DirectUpload, body=_announced(source, digest), key=key)
        if source.size > place.max_bytes:
            raise UploadError(
                f"{source.name} has {source.size:,} bytes; HeyGen takes at most {place.max_bytes:,} here.",
                source=source.name,
            )
        reading = _Reading(source, on_progress, hashed=not source.again)
        body = Body(length=source.size, content_type=source.media_type, read=reading.read)
        signed = {name: str(value) for name, value in place.upload_headers.items()}
        expired = False
        try:
            async with storage.exchange(transport, "PUT", place.upload_url, headers=signed, body=body) as answer:
                if answer.status < 300:
                    return place, digest or await reading.digest()
                said = await answer.text()
            words = ": ".join(_WORDS.findall(said)).rstrip(".") or "it gave no reason"  # and not what was signed
            why = f"HeyGen's storage refused {source.name} with {answer.status}: {words}."
            expired = answer.status == 403 and renewals < _RENEWALS
            passing = answer.status in {408, 429} or answer.status >= 500 or "BadDigest" in said
        except APIConnectionError as broken:
            if reading.done == source.size and not source.again:
                return place, await reading.digest()  # complete will tell whether they are there
            why, passing = f"{source.name} did not reach HeyGen's storage: {broken}", True
        if not expired and not (passing and retries < transport.options.max_retries):
            raise UploadError(f"{why} Upload it again.", source=source.name)
        if not source.again:
            raise UploadError(f"{why} {_ONCE}", source=source.name)
        if expired:
            renewals += 1
            place = key = None
        else:
            await asyncio.sleep(transport.options.retry.delay(retries))
            retries += 1


class _Reading:
    """One reading of a source, whose digest may be computed while the bytes are on their way."""

    def __init__(self, source: Source, on_progress: OnProgress | None, *, hashed: bool = False) -> None:
        self.done = 0
        self._source = source
        self._tell = on_progress
        self._hashes = hashed
        self._digest = hashlib.sha256()
        self._hashing: asyncio.Future[None] | None = None

    async def read(self) -> AsyncGenerator[bytes]:
        """The bytes, once; each piece is told of as it goes out, since nobody asks for more after the last one."""
        loop = asyncio.get_running_loop()
        async with aclosing(self._source.read()) as chunks:
            async for chunk in chunks:
                if self._hashes:
                    self._hashing = loop.run_in_executor(None, self._digest.update, chunk)
                self.done += len(chunk)
                await tell(self._tell, self.done, self._source.size)
                yield chunk
                await self._hashed()

    async def digest(self) -> str:
        """In hex, when all was read; the storage may have answered before the last piece is in it."""
        await self._hashed()
        return self._digest.hexdigest()

    async def _hashed(self) -> None:
        if self._hashing is not None:
            await asyncio.shield(self._hashing)


async def _completed(transport: Transport, source: Source, asset_id: str, digest: str | None) -> CompletedAsset:
    body = {"checksum_sha256": digest}
    try:
        return await _once_seen(partial(transport.call, COMPLETE, CompletedAsset, asset_id, body=body))
    except ConflictError:
        if source.again:
            raise
        why = f"{source.name} did not arrive in HeyGen's storage."
        raise UploadError(f"{why} {_ONCE}", source=source.name) from None


async def _once_seen(complete: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Complete, again and again while the API does not see the bytes yet."""
    for look in range(_LOOKS_FOR_IT):
        try:
            return await complete()
        except ConflictError:
            await asyncio.sleep(_NOT_SEEN_YET.delay(look))
    return await complete()


async def with_files_uploaded(
    transport: Transport, body: Any, known: MutableMapping[object, asyncio.Future[AssetFile]] | None = None
) -> Any:
    """The body with every local file in it uploaded, and every URL in a file's place made a `UrlFile`.

    The same file is uploaded once, different ones at the same time; `known` remembers them for other bodies.
    """
    local = {_key(file): (file, field) for file, field in _local_files(body)}

    async def send(file: tuple[SourceInput, str]) -> AssetFile:
        async with source_of(file[0], field=file[1]) as source:
            return AssetFile(asset_id=(await upload(transport, source, wait=True)).asset_id)

    async def sent_once(file: tuple[SourceInput, str]) -> AssetFile:
        key = _key(file[0])
        if known is None or not isinstance(key, str):
            return await send(file)
        while (there := known.get(key)) is not None:  # another body is at it, or was
            await asyncio.wait({there})
            if not there.cancelled() and there.exception() is None:
                return there.result()
            if known.get(key) is there:
                del known[key]
        sending = known[key] = asyncio.ensure_future(send(file))
        try:
            return await sending
        except BaseException:
            known.pop(key, None)
            raise

    sent = await each(sent_once, list(local.values()), AT_ONCE, stop=True)
    return _replaced(body, "", dict(zip(local, cast("list[AssetFile]", sent), strict=True)))


def local_paths(body: object) -> dict[str, str]:
    """The files of this machine that a body names, each with the field in which it stands."""
    return {os.fspath(file): field for file, field in _local_files(body) if isinstance(file, str | os.PathLike)}


def _key(value: object) -> object:
    """The same for the same file."""
    return os.fspath(cast("os.PathLike[str]", value)) if isinstance(value, str | os.PathLike) else id(value)


def _is_local(value: object, field: str) -> bool:
    return isinstance(value, os.PathLike | BytesFile) or (
        isinstance(value, str) and field in FILE_FIELDS and not is_url(value)
    )


def _local_files(body: object, field: str = "") -> Iterator[tuple[SourceInput, str]]:
    """The files of this machine in a body, and the fields in which they stand."""
    if _is_local(body, field):
        yield cast("SourceInput", body), field
    elif isinstance(body, msgspec.Struct | Mapping):
        fields = (
            msgspec.structs.asdict(body) if isinstance(body, msgspec.Struct) else cast("Mapping[str, object]", body)
        )
        for name, inner in fields.items():
            if inner is not None and (name in FILE_FIELDS or not isinstance(inner, str)):  # as most are
                yield from _local_files(inner, name)
    elif isinstance(body, list | tuple):
        for inner in cast("Sequence[object]", body):
            yield from _local_files(inner, field)


def _replaced(value: Any, field: str, assets: Mapping[object, AssetFile]) -> Any:
    if _is_local(value, field):
        return assets[_key(value)]
    if isinstance(value, str):
        return UrlFile(url=value) if field in FILE_FIELDS else value
    if isinstance(value, msgspec.Struct):
        now = msgspec.structs.asdict(value)
        new = {name: _replaced(inner, name, assets) for name, inner in now.items()}
        changed = {name: inner for name, inner in new.items() if inner is not now[name]}
        return msgspec.structs.replace(value, **changed) if changed else value
    if isinstance(value, Mapping):
        return {name: _replaced(inner, name, assets) for name, inner in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_replaced(inner, field, assets) for inner in cast("Sequence[Any]", value)]
    return value
