"""`heygen.ai_clipping`: short clips from a long video."""

from __future__ import annotations

from typing import Unpack

from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import CLIPPING
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import ai_clipping as models
from ..types.base import Deleted
from .base import Resource


class ClippingAndWait(models.ClippingRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class AiClipping(Resource):
    """Clipping jobs."""

    @operation(
        "create_ai_clipping",
        "POST",
        "/v3/ai-clipping",
        billable=True,
        recovery="ai_clipping.list() shows whether the job was started; start it again only if it was not.",
        wait="clips",
    )
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.ClippingRequest]
    ) -> models.ClippingCreated:
        """Start a job that cuts clips from a video.

        Costs credit. A local file is uploaded first.

        Args:
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.
            **request: The fields of `ClippingRequest`.

        Raises:
            AmbiguousRequestError: The response was lost, so the job may have been started.
        """
        body = await self._body(self.create, request)
        return await self._call(self.create, models.ClippingCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[ClippingAndWait]) -> models.Clipping:
        """Call `create`, then wait until the clips are finished."""
        return await self._create_and_wait(CLIPPING, self.create_and_wait, self.create, request)

    @operation("get_ai_clipping", CLIPPING.endpoint, wait="clips")
    async def get(self, job_id: str) -> models.Clipping:
        """Return a clipping job with its clips so far.

        Args:
            job_id: The id that `create` returned.
        """
        return await self._call(self.get, models.Clipping, job_id)

    @operation("list_ai_clippings", "GET", "/v3/ai-clipping")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Clipping]:
        """List all clipping jobs. Their `progress` is 0 or 100 here.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.Clipping, limit=limit, token=token)

    @operation("delete_ai_clipping", "DELETE", "/v3/ai-clipping/{job_id}")
    async def delete(self, job_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a clipping job and its clips.

        Args:
            job_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, Deleted, job_id, key=idempotency_key)
