"""`heygen.ai_clipping`: short clips from a long video."""

from __future__ import annotations

from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs.registry import CLIPPING
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import ai_clipping as models
from ..types.base import Deleted
from . import validation as checks
from .base import Resource

_CREATE = Endpoint(
    "POST",
    "/v3/ai-clipping",
    billable=True,
    recovery="The newest jobs in ai_clipping.list() show whether it began; ask again only if it did not.",
)
_LIST = Endpoint("GET", "/v3/ai-clipping")
_DELETE = Endpoint("DELETE", "/v3/ai-clipping/{job_id}")


class ClippingAndWait(models.ClippingRequest, AndWait, total=False):
    """What `create_and_wait` takes."""


class AiClipping(Resource):
    """Clipping jobs."""

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.ClippingRequest]
    ) -> models.ClippingCreated:
        """Begin to cut clips from a video; a local file is uploaded first. It is charged for.

        Raises:
            AmbiguousRequestError: The answer was lost; the API is not known to honour a key here.
        """
        body = await self._files(checks.given(request, models.ClippingRequest))
        return await self._call(_CREATE, models.ClippingCreated, body=body, key=idempotency_key)

    async def create_and_wait(self, **request: Unpack[ClippingAndWait]) -> models.Clipping:
        """`create`, then wait until the clips are cut."""
        return await self._and_wait(CLIPPING, self.create, request)

    async def get(self, job_id: str) -> models.Clipping:
        """A job as it stands, with its clips so far."""
        return await self._call(CLIPPING.endpoint, models.Clipping, job_id)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Clipping]:
        """All jobs; `progress` is 0 or 100 here. `limit` from 1 to 100, by default 10."""
        return self._list(_LIST, models.Clipping, limit=limit, token=token)

    async def delete(self, job_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a job and its clips."""
        return await self._call(_DELETE, Deleted, job_id, key=idempotency_key)
