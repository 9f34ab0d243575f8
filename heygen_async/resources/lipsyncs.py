"""`heygen.lipsyncs`: a video with another soundtrack, and lips that match it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from .._http.argument_checks import check_mappings
from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import LIPSYNC, LIPSYNC_BATCH, LIPSYNC_STATUSES
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import lipsyncs as models
from ..types.base import Deleted, JSONValue
from ..types.batches import Batch, BatchCreated, JobStatus
from . import validation
from .base import Resource


class LipsyncAndWait(models.LipsyncRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class Lipsyncs(Resource):
    """Lipsyncs."""

    @operation("create_lipsync", "POST", "/v3/lipsyncs", idempotency="header", billable=True, wait="lipsync")
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.LipsyncRequest]
    ) -> models.LipsyncCreated:
        """Start a lipsync of a video to an audio.

        Costs credit. Local files are uploaded first.

        Args:
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **request: The fields of `LipsyncRequest`.
        """
        body = await self._body(self.create, request)
        return await self._call(self.create, models.LipsyncCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[LipsyncAndWait]) -> models.Lipsync:
        """Call `create`, then wait for the finished lipsync."""
        return await self._create_and_wait(LIPSYNC, self.create_and_wait, self.create, request)

    @operation("get_lipsync", LIPSYNC.endpoint, wait="lipsync")
    async def get(self, lipsync_id: str) -> models.Lipsync:
        """Return a lipsync.

        Args:
            lipsync_id: The id that `create` returned.
        """
        return await self._call(self.get, models.Lipsync, lipsync_id)

    @operation("list_lipsyncs", "GET", "/v3/lipsyncs")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Lipsync]:
        """List all lipsyncs.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.Lipsync, limit=limit, token=token)

    @operation("update_lipsync", "PATCH", "/v3/lipsyncs/{lipsync_id}")
    async def update(self, lipsync_id: str, *, title: str, idempotency_key: str | None = None) -> models.Lipsync:
        """Rename a lipsync.

        Args:
            lipsync_id: The id that `create` returned.
            title: The name that HeyGen shows.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.
        """
        return await self._call(self.update, models.Lipsync, lipsync_id, body={"title": title}, key=idempotency_key)

    @operation("delete_lipsync", "DELETE", "/v3/lipsyncs/{lipsync_id}")
    async def delete(self, lipsync_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a lipsync and its files permanently.

        Args:
            lipsync_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, Deleted, lipsync_id, key=idempotency_key)

    @operation("list_lipsync_statuses", LIPSYNC_STATUSES)
    async def statuses(
        self, *, lipsync_ids: Sequence[str] | None = None, batch_ids: Sequence[str] | None = None
    ) -> Sequence[JobStatus]:
        """Return the states of many lipsyncs. The field `video_id` of each entry is the id of the lipsync.

        Args:
            lipsync_ids: Any number of ids.
            batch_ids: Any number of batches, for the lipsyncs in them.
        """
        return await self._statuses(self.statuses, JobStatus, lipsync_ids=lipsync_ids, batch_ids=batch_ids)

    @operation(
        "create_lipsync_batch", "POST", "/v3/lipsyncs/batches", idempotency="header", billable=True, wait="batch"
    )
    async def create_batch(
        self,
        *,
        lipsyncs: Sequence[models.LipsyncRequest | Mapping[str, JSONValue]],
        title: str | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> BatchCreated:
        """Start many lipsyncs in one request. `get_batch` returns the state of each.

        Costs credit. Local files are uploaded first.

        Args:
            lipsyncs: 1 to 100 requests, each with the fields of `create`.
            title: The name that HeyGen shows.
            callback_url: A public https URL that HeyGen calls when the batch ends.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        check_mappings(self.create_batch, lipsyncs=lipsyncs)
        validation.check_length("lipsyncs", lipsyncs, 100, min_length=1)
        body = {"lipsyncs": await self._upload_files(list(lipsyncs)), "title": title, "callback_url": callback_url}
        return await self._create_batch(self.create_batch, "lipsyncs", body, idempotency_key)

    @operation("get_lipsync_batch", LIPSYNC_BATCH.endpoint, wait="batch")
    async def get_batch(self, batch_id: str, *, limit: int | None = None, token: str | None = None) -> Batch:
        """Return a batch and one page of its items.

        Args:
            batch_id: The id that `create_batch` returned.
            limit: The number of items per page, 1 to 100; by default 100.
            token: The `next_token` of the previous page.
        """
        return await self._get_batch(self.get_batch, batch_id, limit, token)
