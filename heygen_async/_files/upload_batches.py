"""Upload of many files in batches: one request creates up to 100 upload targets, and one completes them.

One bad file must not fail the others. If the API rejects a batch request, a separate request creates the target of each
file, so that only the bad ones fail. A file leaves its batch when its target has expired, or when its SHA-256 is known
only after it was sent; such a file is completed alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from itertools import chain, islice
from typing import NamedTuple, Unpack

from .._http.endpoint import Endpoint
from .._http.tasks import start_task
from .._http.transport import Transport
from .._jobs import waiting
from .._jobs.registry import ASSET
from .._jobs.wait_options import WaitOptions
from ..errors import BadRequestError, HeyGenError
from ..types.assets import DirectUpload, DirectUploadBatch
from ..types.batches import MAX_IDS, BatchCreated
from ..types.files import AssetFile
from .direct_upload import complete_upload, describe_file, retry_until_visible, store_file, total_timeout
from .file_inputs import SourceInput, open_source
from .file_sources import FileSource
from .parallel_transfers import run_in_parallel
from .transfer_progress import CombinedProgress, OnProgress

CREATE_BATCH = Endpoint("POST", "/v3/assets/direct-uploads/batches", idempotency="header")
COMPLETE_BATCH = Endpoint("POST", "/v3/assets/complete/batches", idempotency="natural")


class _OpenedFile(NamedTuple):
    source: FileSource
    sha256: str | None
    resources: AsyncExitStack
    target: DirectUpload | None = None


async def upload_many(
    transport: Transport,
    files: Iterable[SourceInput],
    *,
    concurrency: int,
    wait: bool,
    on_progress: OnProgress | None,
    **options: Unpack[WaitOptions],
) -> list[AssetFile | HeyGenError]:
    """Upload the files in batches of 100; return the asset or the error of each, in the order of the files.

    With `wait`, the next batch is sent while HeyGen processes the ones before.
    """

    async def wait_for(result: AssetFile | HeyGenError) -> AssetFile:
        if isinstance(result, HeyGenError):
            raise result
        await waiting.wait_for_job(transport, ASSET, result, **options)
        return result

    remaining, progress = iter(files), CombinedProgress(on_progress)
    results: list[AssetFile | HeyGenError] = []
    waits: list[asyncio.Task[list[AssetFile | HeyGenError]]] = []  # of the batches that were sent
    try:
        while (batch := list(islice(remaining, MAX_IDS))) and not any(map(_has_failed, waits)):
            async with AsyncExitStack() as open_files:
                uploaded = await _BatchUpload(transport, open_files, concurrency, progress).run(batch)
            if wait:
                waits.append(start_task(run_in_parallel(wait_for, uploaded, MAX_IDS)))
            else:
                results += uploaded
        return results + list(chain.from_iterable(await asyncio.gather(*waits)))
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


def _has_failed(task: asyncio.Task[object]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


class _BatchUpload:
    """The upload of up to 100 files. Each is open from its digest until it is stored; `open_files` closes the rest."""

    def __init__(
        self, transport: Transport, open_files: AsyncExitStack, concurrency: int, progress: CombinedProgress
    ) -> None:
        self._transport = transport
        self._open_files = open_files
        self._concurrency = concurrency
        self._progress = progress
        self._stored_in_batch: set[str] = set()  # ids of the assets that the batch completes

    async def run(self, files: Sequence[SourceInput]) -> list[AssetFile | HeyGenError]:
        opened = await run_in_parallel(self._open, files, self._concurrency)
        try:
            batch = await self._create_batch([file for file in opened if isinstance(file, _OpenedFile)])
        except HeyGenError as error:
            return [file if isinstance(file, HeyGenError) else error for file in opened]
        targets = iter(batch.items or () if batch is not None else ())
        with_places = [
            file if isinstance(file, HeyGenError) else file._replace(target=next(targets, None)) for file in opened
        ]
        results = await run_in_parallel(self._store, with_places, self._concurrency)
        if batch is None or not self._stored_in_batch:
            return results
        body = {"batch_id": batch.batch_id}
        try:
            await retry_until_visible(partial(self._transport.call, COMPLETE_BATCH, BatchCreated, body=body))
        except HeyGenError as error:
            stored = self._stored_in_batch
            return [error if isinstance(file, AssetFile) and file.asset_id in stored else file for file in results]
        return results

    async def _open(self, file: SourceInput) -> _OpenedFile:
        resources = await self._open_files.enter_async_context(AsyncExitStack())
        source = await resources.enter_async_context(open_source(file, allow_zip=True, is_hashed=True))
        return _OpenedFile(source, await source.sha256(), resources)

    async def _create_batch(self, files: Sequence[_OpenedFile]) -> DirectUploadBatch | None:
        """Create upload targets for the files; None if there are no files, or if the API rejects one of them."""
        if not files:
            return None
        body = {"files": [describe_file(file.source, file.sha256) for file in files]}
        try:
            return await self._transport.call(CREATE_BATCH, DirectUploadBatch, body=body)
        except BadRequestError:
            return None

    async def _store(self, file: _OpenedFile | HeyGenError) -> AssetFile:
        if isinstance(file, HeyGenError):
            raise file
        source, sha256, resources, target = file
        progress = self._progress.add_transfer()
        async with resources, total_timeout(self._transport, source):
            stored = await store_file(self._transport, source, sha256, progress, target=target)
            if stored.target is target and sha256 is not None:
                self._stored_in_batch.add(stored.target.asset_id)
            else:
                await complete_upload(self._transport, source, stored)
        return AssetFile(asset_id=stored.target.asset_id)
