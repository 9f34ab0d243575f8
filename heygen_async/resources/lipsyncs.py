"""`heygen.lipsyncs`: another sound for a video, with the lips that go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs.registry import LIPSYNC, LIPSYNC_BATCH, LIPSYNC_STATUSES
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import lipsyncs as models
from ..types.base import Deleted, JSONValue
from ..types.batches import BatchCreated, JobStatus
from . import validation as checks
from .base import Batches

_CREATE = Endpoint("POST", "/v3/lipsyncs", idempotency="header", billable=True)
_LIST = Endpoint("GET", "/v3/lipsyncs")
_UPDATE = Endpoint("PATCH", "/v3/lipsyncs/{lipsync_id}")
_DELETE = Endpoint("DELETE", "/v3/lipsyncs/{lipsync_id}")
_CREATE_BATCH = Endpoint("POST", "/v3/lipsyncs/batches", idempotency="header", billable=True)


class LipsyncAndWait(models.LipsyncRequest, AndWait, total=False):
    """What `create_and_wait` takes."""


class Lipsyncs(Batches):
    """Lipsyncs."""

    _BATCH = LIPSYNC_BATCH

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.LipsyncRequest]
    ) -> models.LipsyncCreated:
        """Begin a lipsync of a video to an audio; local files are uploaded first. It is charged for."""
        body = await self._files(checks.given(request, models.LipsyncRequest))
        return await self._call(_CREATE, models.LipsyncCreated, body=body, key=idempotency_key)

    async def create_and_wait(self, **request: Unpack[LipsyncAndWait]) -> models.Lipsync:
        """`create`, then wait for the finished lipsync."""
        return await self._and_wait(LIPSYNC, self.create, request)

    async def get(self, lipsync_id: str) -> models.Lipsync:
        """A lipsync as it stands."""
        return await self._call(LIPSYNC.endpoint, models.Lipsync, lipsync_id)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Lipsync]:
        """All lipsyncs; `limit` from 1 to 100, by default 10."""
        return self._list(_LIST, models.Lipsync, limit=limit, token=token)

    async def update(self, lipsync_id: str, *, title: str, idempotency_key: str | None = None) -> models.Lipsync:
        """Rename a lipsync."""
        return await self._call(_UPDATE, models.Lipsync, lipsync_id, body={"title": title}, key=idempotency_key)

    async def delete(self, lipsync_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a lipsync and its files for good."""
        return await self._call(_DELETE, Deleted, lipsync_id, key=idempotency_key)

    async def statuses(
        self, *, lipsync_ids: Sequence[str] | None = None, batch_ids: Sequence[str] | None = None
    ) -> Sequence[JobStatus]:
        """The states of many lipsyncs; each entry's id is called `video_id`."""
        return await self._by_hundreds(LIPSYNC_STATUSES, JobStatus, lipsync_ids=lipsync_ids, batch_ids=batch_ids)

    async def create_batch(
        self,
        *,
        lipsyncs: Sequence[models.LipsyncRequest | Mapping[str, JSONValue]],
        title: str | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> BatchCreated:
        """Begin many lipsyncs in one request; `get_batch` tells of each.

        Args:
            lipsyncs: At most 100, each as `create` takes it.
        """
        checks.at_most("lipsyncs", lipsyncs, 100, least=1)
        body = {"lipsyncs": await self._files(list(lipsyncs)), "title": title, "callback_url": callback_url}
        return await self._create_batch(_CREATE_BATCH, "lipsyncs", body, idempotency_key)
