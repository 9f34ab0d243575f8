"""Direct upload in three steps: create an upload target (a presigned URL), PUT the bytes to it, complete the upload.

The problem: three requests go to two servers, and each may fail, lose its response, or outlive the presigned URL. The
result must still be exactly one asset with exactly the bytes of the file.

Rejected ways:

* Continue a broken PUT where it broke. A presigned PUT takes the whole body or nothing, so every attempt starts again.
* Trust the 200 of the storage. Its response may be lost after all bytes arrived, and the file may have changed between
  two attempts. So the SHA-256 is sent with the first step and with the last, and HeyGen compares it with the bytes.
* Repeat the first step under the same idempotency key when the URL has expired. The API would return the same expired
  URL, so a renewal uses a new key. The old target is never completed and never becomes an asset.

Invariants:

* A call completes only the target of its last PUT.
* A source that can be read only once is sent at most once. If its response is lost, the last step shows whether the
  bytes arrived.
* The last step may be repeated. While the API does not see the bytes yet (409), it is repeated for about 50 seconds.
* The presigned URL gets only the headers that were signed with it, never the API key.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple, TypeVar

from .._http.backoff import Backoff
from .._http.deadlines import seconds_allowed
from .._http.endpoint import Endpoint
from .._http.retrying import retrying
from .._http.streamed_body import Body
from .._http.transport import Transport
from ..errors import APIConnectionError, ConflictError, UploadError
from ..types.assets import CompletedAsset, DirectUpload
from ..types.redaction import without_query
from . import file_store
from .file_sources import FileSource
from .transfer_progress import OnProgress
from .upload_stream import UploadStream

T = TypeVar("T")

CREATE_TARGET = Endpoint("POST", "/v3/assets/direct-uploads", idempotency="header")
COMPLETE_UPLOAD = Endpoint("POST", "/v3/assets/{asset_id}/complete", idempotency="natural")

_MAX_RENEWALS = 3
_VISIBILITY_DELAYS = Backoff(initial=0.5, factor=2.0, maximum=8.0, jitter=0.1)
_VISIBILITY_RETRIES = 9  # about 50 s
_READ_ONCE = "It can be read only once, so it was not sent again: pass a path, bytes or a new iterator."
_STORAGE_ERROR = re.compile(r"<(?:Code|Message)>([^<]*)<")  # other elements repeat the signed request


class StoredFile(NamedTuple):
    """A file in the storage: its upload target, and its SHA-256 in hex."""

    target: DirectUpload
    sha256: str


class _PutFailure(NamedTuple):
    reason: str
    is_transient: bool
    is_expired: bool = False
    problem: APIConnectionError | None = None


async def upload_directly(
    transport: Transport, source: FileSource, *, key: str | None = None, on_progress: OnProgress | None = None
) -> CompletedAsset:
    """Upload the file in three steps; HeyGen may still be processing the asset afterwards.

    Raises:
        UploadError: The file is too large, changed meanwhile, was rejected by the storage, or took too long.
    """
    async with total_timeout(transport, source):
        sha256 = await source.sha256()
        stored = await store_file(transport, source, sha256, on_progress, key=key)
        return await complete_upload(transport, source, stored)


@asynccontextmanager
async def total_timeout(transport: Transport, source: FileSource) -> AsyncGenerator[None]:
    """Limit all requests of one file together by the client's `timeout.total`, and by `AsyncHeyGen.deadline`.

    Raises:
        UploadError: The time ran out.
    """
    limit = seconds_allowed(transport.options.timeout.for_method("POST", transfer=True))
    timeout = asyncio.timeout(None if limit == math.inf else limit)
    try:
        async with timeout:
            yield
    except TimeoutError:
        if not timeout.expired():
            raise
        raise UploadError(
            f"{source.name} was not uploaded within the timeout of {limit:g} s. Upload it again with a longer one.",
            source=source.name,
        ) from None


def describe_file(source: FileSource, sha256: str | None) -> dict[str, Any]:
    """Return the file's entry in a request that creates its upload target."""
    entry = {"filename": source.name, "content_type": source.media_type, "size_bytes": source.size}
    return entry if sha256 is None else {**entry, "checksum_sha256": sha256}


async def store_file(
    transport: Transport,
    source: FileSource,
    sha256: str | None,
    on_progress: OnProgress | None,
    *,
    target: DirectUpload | None = None,
    key: str | None = None,
) -> StoredFile:
    """PUT the bytes into the storage, with retries, and with a new target when the URL has expired.

    Args:
        transport: The client's transport.
        source: The file.
        sha256: The digest in hex; None for a source that can be read only once, which is hashed while it is sent.
        on_progress: Called after each chunk.
        target: The upload target that a batch has created for the file; by default one is created.
        key: The idempotency key of the first request that creates a target.

    Raises:
        UploadError: The file is too large, or the storage did not take it.
    """
    options = transport.options
    attempts = retrying(options.retry, max_retries=options.max_retries)
    renewals = 0
    async for number in attempts:
        if target is None:
            body = describe_file(source, sha256)
            target = await transport.call(CREATE_TARGET, DirectUpload, body=body, key=key)
        if target.max_bytes is not None and source.size > target.max_bytes:
            limit = f"HeyGen takes at most {target.max_bytes:,} here"
            raise UploadError(f"{source.name} has {source.size:,} bytes; {limit}.", source=source.name)
        stream = UploadStream(source, on_progress, hash_content=not source.rereadable)
        failure = await _put(transport, source, target, stream, number)
        if failure is None:
            return StoredFile(target, sha256 or await stream.sha256())
        if failure.is_expired and renewals < _MAX_RENEWALS and source.rereadable:
            renewals += 1
            target = key = None
            attempts.repeat()
            continue
        would_retry = failure.is_transient or failure.is_expired
        advice = _READ_ONCE if would_retry and not source.rereadable else "Upload it again."
        error = UploadError(f"{failure.reason} {advice}", source=source.name)
        error.__cause__ = failure.problem
        attempts.failed(error, retryable=failure.is_transient and source.rereadable)
    raise attempts.error


async def _put(
    transport: Transport, source: FileSource, target: DirectUpload, stream: UploadStream, attempt: int
) -> _PutFailure | None:
    """Send the bytes once. Return None on success, and when a lost response cannot be followed by another attempt."""
    body = Body(length=source.size, content_type=source.media_type, read=stream.read)
    headers = {name: str(value) for name, value in (target.upload_headers or {}).items()}
    if target.upload_url is None:
        raise UploadError(
            f"{source.name} was not uploaded: HeyGen gave no upload URL. Upload it again.", source=source.name
        )
    try:
        async with file_store.exchange(
            transport, "PUT", target.upload_url, headers=headers, body=body, attempt=attempt
        ) as response:
            if response.status < 300:
                return None
            text = await response.text()
    except file_store.RefusedTransferError as error:
        address = without_query(target.upload_url)
        message = f"{source.name} was not uploaded: {address} {error}".rstrip(".")
        raise UploadError(f"{message}.", source=source.name) from None
    except APIConnectionError as error:
        if stream.done == source.size and not source.rereadable:
            return None
        reason = f"{source.name} did not reach HeyGen's storage: {error}"
        return _PutFailure(reason, is_transient=True, problem=error)
    reason = ": ".join(_STORAGE_ERROR.findall(text)).rstrip(".") or "it gave no reason"
    return _PutFailure(
        f"HeyGen's storage rejected {source.name} with status {response.status}: {reason}.",
        is_transient=response.status in {408, 429} or response.status >= 500 or "BadDigest" in text,
        is_expired=response.status == 403,
    )


async def complete_upload(transport: Transport, source: FileSource, stored: StoredFile) -> CompletedAsset:
    """Complete the upload of one file.

    Raises:
        ConflictError: The API does not see the bytes in its storage.
        UploadError: The API does not see the bytes, and the source cannot be read again.
    """
    body = {"checksum_sha256": stored.sha256}
    call = partial(transport.call, COMPLETE_UPLOAD, CompletedAsset, stored.target.asset_id, body=body)
    try:
        return await retry_until_visible(call)
    except ConflictError:
        if source.rereadable:
            raise
        reason = f"{source.name} did not arrive in HeyGen's storage."
        raise UploadError(f"{reason} {_READ_ONCE}", source=source.name) from None


async def retry_until_visible(complete: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Call `complete` again while the API does not see the stored bytes yet, for about 50 seconds.

    Raises:
        ConflictError: The API still does not see the bytes.
    """
    attempts = retrying(_VISIBILITY_DELAYS, max_retries=_VISIBILITY_RETRIES)
    async for _ in attempts:
        try:
            return await complete()
        except ConflictError as error:
            attempts.failed(error)
    raise attempts.error
