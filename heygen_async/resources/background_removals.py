"""`heygen.background_removals`: videos without their background."""

from __future__ import annotations

import uuid
from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs.registry import BACKGROUND_REMOVAL
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import background_removals as models
from ..types.base import Deleted
from . import validation as checks
from .base import Resource

_CREATE = Endpoint("POST", "/v3/background-removals", idempotency="body", billable=True)
_LIST = Endpoint("GET", "/v3/background-removals")
_DELETE = Endpoint("DELETE", "/v3/background-removals/{job_id}")


class BackgroundRemovalAndWait(models.BackgroundRemovalRequest, AndWait, total=False):
    """What `create_and_wait` takes."""


class BackgroundRemovals(Resource):
    """Background removals."""

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.BackgroundRemovalRequest]
    ) -> models.BackgroundRemoval:
        """Begin to separate a video into layers; a local file is uploaded first. It is charged for.

        The API deduplicates on `request_id` here; one is made when none is given (or `idempotency_key` is taken).
        """
        body = await self._files(checks.given(request, models.BackgroundRemovalRequest))
        if body.get("request_id") is None:
            body["request_id"] = idempotency_key or str(uuid.uuid4())
        return await self._call(_CREATE, models.BackgroundRemoval, body=body)

    async def create_and_wait(self, **request: Unpack[BackgroundRemovalAndWait]) -> models.BackgroundRemoval:
        """`create`, then wait for the layers."""
        return await self._and_wait(BACKGROUND_REMOVAL, self.create, request)

    async def get(self, job_id: str) -> models.BackgroundRemoval:
        """A removal as it stands."""
        return await self._call(BACKGROUND_REMOVAL.endpoint, models.BackgroundRemoval, job_id)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.BackgroundRemoval]:
        """All removals; `limit` from 1 to 100, by default 10."""
        return self._list(_LIST, models.BackgroundRemoval, limit=limit, token=token)

    async def delete(self, job_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a removal; it is kept, and marked deleted."""
        return await self._call(_DELETE, Deleted, job_id, key=idempotency_key)
