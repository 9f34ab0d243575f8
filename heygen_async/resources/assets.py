"""`heygen.assets`: files at HeyGen, uploaded through the API or directly into its storage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Unpack

from .._files import direct_upload, multipart, upload_batches, uploads
from .._files.file_inputs import SourceInput, open_source
from .._files.media_types import ZIP_TYPES
from .._files.parallel_transfers import DEFAULT_CONCURRENCY
from .._files.transfer_progress import OnProgress
from .._http.argument_checks import check_keywords
from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import ASSET_BATCH, ASSET_STATUSES, GET_ASSET
from .._jobs.wait_options import WaitOptions
from ..errors import HeyGenError, InvalidInputError
from ..pagination import Pager
from ..types import assets as models
from ..types.base import Deleted
from ..types.batches import Batch, BatchCreated, JobStatus
from ..types.files import AssetFile
from . import validation
from .base import Resource


class Assets(Resource):
    """Files at HeyGen. https://developers.heygen.com/docs/upload-assets"""

    @show_parameters
    async def upload(
        self,
        source: SourceInput,
        *,
        filename: str | None = None,
        media_type: str | None = None,
        size: int | None = None,
        wait: bool = True,
        on_progress: OnProgress | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[WaitOptions],
    ) -> models.UploadedAsset:
        """Upload a png, jpeg, mp4, webm, mp3, wav, pdf, srt or zip of any size, and return the asset, ready for use.

        A file of up to 32 MB goes through the API. A larger file, and a zip (a HyperFrames project), goes directly into
        HeyGen's storage, with its SHA-256. A broken upload starts again. The client's `timeout`, if set, covers the
        whole upload. https://developers.heygen.com/docs/upload-assets

        Args:
            source: A `Path`, bytes, an open binary file, an upload of a web framework, an async iterator of bytes, or a
                `BytesFile`. A string is never a path. An open file is read from its current position; it may be async.
            filename: The name of the asset, where the source has none.
            media_type: The media type; by default detected from the content, then from the name.
            size: The size of an async iterator in bytes. With it the bytes are streamed, and read once. Without it they
                are stored in a temporary file first.
            wait: Whether to wait until HeyGen has processed the file.
            on_progress: Called with the bytes sent and the total bytes; may be async. A retry starts at 0 again.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **options: The options of the wait.

        Raises:
            InvalidInputError: The file does not exist, is empty, or has a type that HeyGen does not accept.
            UploadError: The file changed meanwhile, is too large, or was rejected by the storage.
        """
        check_keywords(self.upload, options)
        async with open_source(source, filename=filename, media_type=media_type, size=size, allow_zip=True) as file:
            return await uploads.upload(
                self._transport, file, wait=wait, key=idempotency_key, on_progress=on_progress, **options
            )

    @show_parameters
    async def upload_many(
        self,
        sources: Iterable[SourceInput],
        *,
        concurrency: int = DEFAULT_CONCURRENCY,
        wait: bool = True,
        on_progress: OnProgress | None = None,
        **options: Unpack[WaitOptions],
    ) -> Sequence[AssetFile | HeyGenError]:
        """Upload any number of files, in batches of a hundred.

        Args:
            sources: The files, each as for `upload`.
            concurrency: The number of files that are sent in parallel.
            wait: Whether to wait until HeyGen has processed the files.
            on_progress: Called with the bytes sent of all files, and the total bytes of the files that were started;
                may be async.
            **options: The options of the wait.

        Returns:
            For each file, in order, its `AssetFile` or its error. One bad file fails alone.
        """
        check_keywords(self.upload_many, options)
        return await upload_batches.upload_many(
            self._transport, sources, concurrency=concurrency, wait=wait, on_progress=on_progress, **options
        )

    @operation("create_asset", multipart.CREATE_ASSET, wait="asset")
    async def create(self, file: SourceInput, *, idempotency_key: str | None = None) -> models.UploadedAsset:
        """Upload a file of up to 32 MB through the API in one request. `upload` also accepts larger files and zips.

        Args:
            file: A png, jpeg, mp4, webm, mp3, wav, pdf or srt of at most 32 MB.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.

        Raises:
            InvalidInputError: The file does not exist, is empty or too large, or HeyGen does not accept its type.
        """
        async with open_source(file, allow_zip=True) as source:
            if source.media_type in ZIP_TYPES:
                raise InvalidInputError("file", source.name, "no zip; assets.upload() sends it into the storage")
            if source.size > multipart.MULTIPART_LIMIT:
                raise InvalidInputError(
                    "file", source.name, f"at most 32 MB ({source.size:,} bytes here); assets.upload() accepts it"
                )
            body = multipart.multipart_body(source)
            return await self._call(self.create, models.UploadedAsset, key=idempotency_key, upload=body)

    @operation("get_asset", GET_ASSET, wait="asset")
    async def get(self, asset_id: str) -> models.Asset:
        """Return the metadata of a file.

        Args:
            asset_id: The id that `upload` or `create` returned.
        """
        return await self._call(self.get, models.Asset, asset_id)

    @operation("list_assets", "GET", "/v3/assets")
    def list(
        self, *, username: str, limit: int | None = None, token: str | None = None, folder_id: str | None = None
    ) -> Pager[models.Asset]:
        """List the files of a member, newest first. HeyGen calls this list a beta.

        Args:
            username: The `owner` of an asset, or the `username` of `users.me()`.
            limit: The number of items per page, 1 to 100; by default 20.
            token: The `next_token` of the previous page.
            folder_id: Only the files of this folder.
        """
        return self._pager(self.list, models.Asset, limit=limit, token=token, username=username, folder_id=folder_id)

    @operation("search_assets", "GET", "/v3/assets/search")
    def search(
        self,
        *,
        query: str,
        type: models.AssetSearchType,
        scope: models.AssetSearchScope | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[models.FoundAsset]:
        """Search for pictures by description, best match first.

        Args:
            query: The description.
            type: `image` or `icon`.
            scope: `public` (the default), or `personal` for the account's own.
            limit: The number of items per page, 1 to 50; by default 20.
            token: The `next_token` of the previous page.
        """
        return self._pager(
            self.search, models.FoundAsset, limit=limit, token=token, max_limit=50, query=query, type=type, scope=scope
        )

    @operation("delete_asset", "DELETE", "/v3/assets/{asset_id}")
    async def delete(self, asset_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a file permanently.

        Args:
            asset_id: The id that `upload` or `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, Deleted, asset_id, key=idempotency_key)

    @operation("list_asset_statuses", ASSET_STATUSES)
    async def statuses(
        self, *, asset_ids: Sequence[str] | None = None, batch_ids: Sequence[str] | None = None
    ) -> Sequence[JobStatus]:
        """Return the processing states of many files. The field `video_id` of each entry is the id of the asset.

        Args:
            asset_ids: Any number of ids.
            batch_ids: Any number of batches, for the files in them.
        """
        return await self._statuses(self.statuses, JobStatus, asset_ids=asset_ids, batch_ids=batch_ids)

    @operation("create_asset_direct_upload", direct_upload.CREATE_TARGET)
    async def create_direct_upload(
        self,
        *,
        filename: str,
        content_type: str,
        size_bytes: int,
        checksum_sha256: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.DirectUpload:
        """Create an upload target in HeyGen's storage for a file. Send the file there by PUT, then call `complete`.

        Args:
            filename: The name of the file; its ending decides the asset's type.
            content_type: The media type, such as `video/mp4`. HeyGen checks the bytes against it.
            size_bytes: The exact size in bytes.
            checksum_sha256: The SHA-256 in hex. The storage rejects other bytes.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        body = {
            "filename": filename,
            "content_type": content_type,
            "size_bytes": size_bytes,
            "checksum_sha256": checksum_sha256,
        }
        return await self._call(self.create_direct_upload, models.DirectUpload, body=body, key=idempotency_key)

    @operation("complete_asset", direct_upload.COMPLETE_UPLOAD, wait="asset")
    async def complete(
        self, asset_id: str, *, checksum_sha256: str | None = None, idempotency_key: str | None = None
    ) -> models.CompletedAsset:
        """Report that the bytes of a direct upload are in the storage. Repeating it is safe.

        Args:
            asset_id: The id that `create_direct_upload` returned.
            checksum_sha256: The SHA-256 in hex. HeyGen checks the bytes against it.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.

        Raises:
            ConflictError: The storage does not show the bytes yet. Call `complete` again in a moment.
        """
        body = {"checksum_sha256": checksum_sha256}
        return await self._call(self.complete, models.CompletedAsset, asset_id, body=body, key=idempotency_key)

    @operation("create_asset_direct_upload_batch", upload_batches.CREATE_BATCH)
    async def create_direct_upload_batch(
        self,
        *,
        files: Sequence[models.DirectUploadFile],
        title: str | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.DirectUploadBatch:
        """Create upload targets in HeyGen's storage for many files.

        Args:
            files: 1 to 100 files.
            title: The name that HeyGen shows.
            callback_url: Accepted by the API, but HeyGen calls no URL for assets.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        validation.check_length("files", files, 100, min_length=1)
        body = {"files": files, "title": title, "callback_url": callback_url}
        return await self._call(
            self.create_direct_upload_batch, models.DirectUploadBatch, body=body, key=idempotency_key
        )

    @operation("complete_asset_batch", upload_batches.COMPLETE_BATCH, wait="batch")
    async def complete_batch(self, *, batch_id: str, idempotency_key: str | None = None) -> BatchCreated:
        """Report that all files of a batch are in the storage. `get_batch` returns the state of each.

        Args:
            batch_id: The id that `create_direct_upload_batch` returned.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.
        """
        return await self._create_batch(self.complete_batch, "assets", {"batch_id": batch_id}, idempotency_key)

    @operation("get_asset_batch", ASSET_BATCH.endpoint, wait="batch")
    async def get_batch(self, batch_id: str, *, limit: int | None = None, token: str | None = None) -> Batch:
        """Return a batch and one page of its items.

        Args:
            batch_id: The id that `create_direct_upload_batch` returned.
            limit: The number of items per page, 1 to 100; by default 100.
            token: The `next_token` of the previous page.
        """
        return await self._get_batch(self.get_batch, batch_id, limit, token)
