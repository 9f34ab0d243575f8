"""`heygen.assets`: files at HeyGen, uploaded through the API or straight into its storage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Unpack

from .._files import direct_upload, multipart, upload_batches, uploads
from .._files.file_inputs import SourceInput, open_source
from .._files.media_types import ZIP_TYPES
from .._files.parallel_transfers import DEFAULT_CONCURRENCY
from .._files.transfer_progress import OnProgress
from .._http.endpoint import Endpoint
from .._jobs.registry import ASSET_BATCH, ASSET_STATUSES, GET_ASSET
from .._jobs.wait_options import WaitOptions
from ..errors import HeyGenError, InvalidInputError
from ..pagination import Pager
from ..types import assets as models
from ..types.base import Deleted
from ..types.batches import BatchCreated, JobStatus
from ..types.files import AssetFile
from . import validation as checks
from .base import Batches

_LIST = Endpoint("GET", "/v3/assets")
_SEARCH = Endpoint("GET", "/v3/assets/search")
_DELETE = Endpoint("DELETE", "/v3/assets/{asset_id}")


class Assets(Batches):
    """Files at HeyGen. https://developers.heygen.com/docs/upload-assets"""

    _BATCH = ASSET_BATCH

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
        """Upload a png, jpeg, mp4, webm, mp3, wav, pdf, srt or zip of any size, streamed, and return it ready for use.

        Up to 32 MB it goes through the API, above (and a zip, which is a HyperFrames project) straight into HeyGen's
        storage, with its SHA-256. What breaks off begins anew; the client's `timeout`, when it has one, is for the
        whole of it. https://developers.heygen.com/docs/upload-assets

        Args:
            source: A path, bytes, an open binary file (from where it stands; async ones and web frameworks' uploads
                too), an async iterator of bytes, or a `BytesFile`.
            filename: The asset's name, where the source has none.
            media_type: By default told by the content, then by the name.
            size: The bytes of an async iterator: with it they go out as they come, once; without it they are kept in a
                temporary file first.
            wait: Whether to wait until HeyGen has processed it; `options` are that wait's.
            on_progress: Called with the bytes sent and the bytes in all; may be async; begins anew with a retry.

        Raises:
            InvalidInputError: It is not there, empty, or of a type that HeyGen does not take.
            UploadError: It changed meanwhile, is too large, or the storage did not take it.
        """
        async with open_source(source, filename=filename, media_type=media_type, size=size, allow_zip=True) as file:
            return await uploads.upload(
                self._transport, file, wait=wait, key=idempotency_key, on_progress=on_progress, **options
            )

    async def upload_many(
        self,
        sources: Iterable[SourceInput],
        *,
        concurrency: int = DEFAULT_CONCURRENCY,
        wait: bool = True,
        on_progress: OnProgress | None = None,
        **options: Unpack[WaitOptions],
    ) -> Sequence[AssetFile | HeyGenError]:
        """Upload any number of files, by batches of a hundred: for each its `AssetFile`, or what went wrong with it.

        They are in the order of the sources, of which `upload` takes the same. One bad file fails alone.

        Args:
            concurrency: How many are sent at once.
            on_progress: Called with the bytes sent of all, and the bytes of all that have begun; may be async.
        """
        return await upload_batches.upload_many(
            self._transport, sources, concurrency=concurrency, wait=wait, on_progress=on_progress, **options
        )

    async def create(self, file: SourceInput, *, idempotency_key: str | None = None) -> models.UploadedAsset:
        """Upload a file through the API in one request; `upload` takes larger ones too.

        Args:
            file: At most 32 MB: png, jpeg, mp4, webm, mp3, wav, pdf or srt.

        Raises:
            InvalidInputError: It is not there, empty, too large, or of a type that HeyGen does not take.
        """
        async with open_source(file, allow_zip=True) as source:
            if source.media_type in ZIP_TYPES:
                raise InvalidInputError("file", source.name, "no zip: it goes straight into storage, by upload()")
            if source.size > multipart.MULTIPART_LIMIT:
                raise InvalidInputError(
                    "file", source.name, f"at most 32 MB ({source.size:,} bytes here); assets.upload() takes it"
                )
            return await self._call(
                multipart.CREATE_ASSET,
                models.UploadedAsset,
                key=idempotency_key,
                upload=multipart.multipart_body(source),
            )

    async def get(self, asset_id: str) -> models.Asset:
        """What is known of a file."""
        return await self._call(GET_ASSET, models.Asset, asset_id)

    def list(
        self, *, username: str, limit: int | None = None, token: str | None = None, folder_id: str | None = None
    ) -> Pager[models.Asset]:
        """A member's files, newest first; `limit` from 1 to 100, by default 20. HeyGen calls this list a beta.

        Args:
            username: The `owner` of an asset, or of `users.me()`.
            folder_id: Of one folder alone.
        """
        return self._list(_LIST, models.Asset, limit=limit, token=token, username=username, folder_id=folder_id)

    def search(
        self,
        *,
        query: str,
        type: models.AssetSearchType,
        scope: models.AssetSearchScope | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[models.FoundAsset]:
        """Pictures that fit a description, best first; `limit` from 1 to 50, by default 20.

        Args:
            query: The description.
            type: `image` or `icon`.
            scope: Everybody's (the default) or the account's own.
        """
        return self._list(
            _SEARCH, models.FoundAsset, limit=limit, token=token, most=50, query=query, type=type, scope=scope
        )

    async def delete(self, asset_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a file for good."""
        return await self._call(_DELETE, Deleted, asset_id, key=idempotency_key)

    async def statuses(
        self, *, asset_ids: Sequence[str] | None = None, batch_ids: Sequence[str] | None = None
    ) -> Sequence[JobStatus]:
        """How far many files are, by their ids or their batches'; each entry's id is called `video_id`."""
        return await self._by_hundreds(ASSET_STATUSES, JobStatus, asset_ids=asset_ids, batch_ids=batch_ids)

    async def create_direct_upload(
        self,
        *,
        filename: str,
        content_type: str,
        size_bytes: int,
        checksum_sha256: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.DirectUpload:
        """Ask for a place in HeyGen's storage for a file; PUT it there, then `complete`.

        Args:
            filename: Its name; the type decides what it is.
            content_type: Its media type, such as `video/mp4`; HeyGen holds the bytes against it.
            size_bytes: Its exact size.
            checksum_sha256: In hex; when given, the storage refuses other bytes.
        """
        body = {
            "filename": filename,
            "content_type": content_type,
            "size_bytes": size_bytes,
            "checksum_sha256": checksum_sha256,
        }
        return await self._call(direct_upload.CREATE_PLACE, models.DirectUpload, body=body, key=idempotency_key)

    async def complete(
        self, asset_id: str, *, checksum_sha256: str | None = None, idempotency_key: str | None = None
    ) -> models.CompletedAsset:
        """Tell that the bytes are there. Doing it again gives the same answer.

        Args:
            checksum_sha256: In hex; HeyGen holds the bytes against it.

        Raises:
            ConflictError: They are not seen there yet; ask again in a moment.
        """
        return await self._call(
            direct_upload.COMPLETE_UPLOAD,
            models.CompletedAsset,
            asset_id,
            body={"checksum_sha256": checksum_sha256},
            key=idempotency_key,
        )

    async def create_direct_upload_batch(
        self,
        *,
        files: Sequence[models.DirectUploadFile],
        title: str | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.DirectUploadBatch:
        """Ask for places for many files.

        Args:
            files: 1 to 100 of them.
            callback_url: HeyGen calls none for assets.
        """
        checks.at_most("files", files, 100, least=1)
        body = {"files": files, "title": title, "callback_url": callback_url}
        return await self._call(upload_batches.CREATE_BATCH, models.DirectUploadBatch, body=body, key=idempotency_key)

    async def complete_batch(self, *, batch_id: str, idempotency_key: str | None = None) -> BatchCreated:
        """Tell that all the files of a batch are there; `get_batch` tells how each went.

        Args:
            batch_id: Of `create_direct_upload_batch`.
        """
        body = {"batch_id": batch_id}
        return await self._create_batch(upload_batches.COMPLETE_BATCH, "assets", body, idempotency_key)
