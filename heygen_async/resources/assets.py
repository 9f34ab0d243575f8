"""`heygen.assets`: files at HeyGen, uploaded through the API or straight into its storage."""

from __future__ import annotations

from collections.abc import Sequence

from .. import uploads
from ..backoff import Backoff
from ..jobs import Kind
from ..models import assets as models
from ..models.base import Deleted
from ..models.batches import Batch, BatchCreated, ItemStatus, JobStatus
from ..pagination import Pager
from ..route import Route
from ..transport import Transport
from . import checks
from .base import Batches

_GET = Route("GET", "/v3/assets/{asset_id}")
_LIST = Route("GET", "/v3/assets")
_SEARCH = Route("GET", "/v3/assets/search")
_DELETE = Route("DELETE", "/v3/assets/{asset_id}")
_STATUSES = Route("GET", "/v3/assets/statuses")
_DIRECT_BATCH = Route("POST", "/v3/assets/direct-uploads/batches", idempotency="header")
_COMPLETE_BATCH = Route("POST", "/v3/assets/complete/batches", idempotency="natural")
#: A file is checked within seconds.
POLL = Backoff(initial=0.5, factor=1.5, maximum=5.0, jitter=0.1)
BATCH: Kind[Batch] = Kind("asset batch", "batch_id", Route("GET", "/v3/assets/batches/{batch_id}"), Batch)


class _AssetKind(Kind[JobStatus], frozen=True):
    """Only the bulk statuses tell how far an asset is; one that they do not know is asked for by itself at the end."""

    async def seen(self, transport: Transport, id: str) -> JobStatus:
        """One look."""
        found = await transport.call(self.look, list[JobStatus], query={"asset_ids": [id]})
        return found[0] if found else JobStatus(status=ItemStatus.NOT_FOUND, video_id=id)


ASSET = _AssetKind(
    "asset",
    "asset_id",
    _STATUSES,
    JobStatus,
    done=frozenset({"completed", "not_found"}),
    poll=POLL,
    bulk=_STATUSES,
    bulk_ids="asset_ids",
)


class Assets(Batches):
    """Files at HeyGen. https://developers.heygen.com/docs/assets"""

    _BATCH = BATCH

    async def create(self, file: uploads.SourceInput, *, idempotency_key: str | None = None) -> models.UploadedAsset:
        """Upload a png, jpeg, mp4, webm, mp3, wav, pdf or srt of at most 32 MB, streamed.

        :param file: a path, an open binary file (read from where it stands), bytes, or a `BytesFile`
        :raises InvalidInputError: it is not there, empty, too large, or of a type that HeyGen does not take
        """
        return await uploads.multipart(self._transport, file, key=idempotency_key)

    async def get(self, asset_id: str) -> models.Asset:
        """What is known of a file."""
        return await self._call(_GET, models.Asset, asset_id)

    def list(
        self, *, username: str, limit: int | None = None, token: str | None = None, folder_id: str | None = None
    ) -> Pager[models.Asset]:
        """A member's files, newest first. `username` is the `owner` of an asset, or of `users.me()`.

        `limit` from 1 to 100, by default 20. HeyGen calls this list a beta.
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
        """Public pictures or icons that fit a description, best first; `limit` from 1 to 50, by default 20."""
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
        return await self._by_hundreds(_STATUSES, JobStatus, asset_ids=asset_ids, batch_ids=batch_ids)

    async def create_direct_upload(
        self,
        *,
        filename: str,
        content_type: str,
        size_bytes: int,
        checksum_sha256: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.DirectUpload:
        """Ask for a place in HeyGen's storage for a file of exactly this size; PUT it there, then `complete`.

        :param checksum_sha256: in hex; when given, the storage refuses other bytes
        """
        body = {
            "filename": filename,
            "content_type": content_type,
            "size_bytes": size_bytes,
            "checksum_sha256": checksum_sha256,
        }
        return await self._call(uploads.CREATE_DIRECT, models.DirectUpload, body=body, key=idempotency_key)

    async def complete(
        self, asset_id: str, *, checksum_sha256: str | None = None, idempotency_key: str | None = None
    ) -> models.CompletedAsset:
        """Tell that the bytes are there. Doing it again gives the same answer.

        :raises ConflictError: they are not seen there yet; ask again in a moment
        """
        return await self._call(
            uploads.COMPLETE,
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
        """Ask for places for up to 100 files. HeyGen calls no `callback_url` for assets."""
        checks.at_most("files", files, 100, least=1)
        body = {"files": files, "title": title, "callback_url": callback_url}
        return await self._call(_DIRECT_BATCH, models.DirectUploadBatch, body=body, key=idempotency_key)

    async def complete_batch(self, *, batch_id: str, idempotency_key: str | None = None) -> BatchCreated:
        """Tell that all the files of a batch are there; `get_batch` tells how each went."""
        body = {"batch_id": batch_id}
        return await self._create_batch(_COMPLETE_BATCH, "assets", body, idempotency_key)
