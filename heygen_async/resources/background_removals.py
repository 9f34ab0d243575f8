"""`heygen.background_removals`: videos without their background."""

from __future__ import annotations

import uuid
from typing import Unpack

from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import BACKGROUND_REMOVAL
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import background_removals as models
from ..types.base import Deleted
from .base import Resource


class BackgroundRemovalAndWait(models.BackgroundRemovalRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class BackgroundRemovals(Resource):
    """Background removals."""

    @operation(
        "create_background_removal",
        "POST",
        "/v3/background-removals",
        idempotency="body",
        billable=True,
        wait="background_removal",
    )
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.BackgroundRemovalRequest]
    ) -> models.BackgroundRemoval:
        """Start a job that separates a video into layers.

        Costs credit. A local file is uploaded first. The API recognises a repeat by `request_id`.

        Args:
            idempotency_key: The value of a missing `request_id`; by default a new key.
            **request: The fields of `BackgroundRemovalRequest`.
        """
        body = await self._body(self.create, request)
        if body.get("request_id") is None:
            body["request_id"] = idempotency_key or str(uuid.uuid4())
        return await self._call(self.create, models.BackgroundRemoval, body=body)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[BackgroundRemovalAndWait]) -> models.BackgroundRemoval:
        """Call `create`, then wait for the layers."""
        return await self._create_and_wait(BACKGROUND_REMOVAL, self.create_and_wait, self.create, request)

    @operation("get_background_removal", BACKGROUND_REMOVAL.endpoint, wait="background_removal")
    async def get(self, job_id: str) -> models.BackgroundRemoval:
        """Return a background removal.

        Args:
            job_id: The id that `create` returned.
        """
        return await self._call(self.get, models.BackgroundRemoval, job_id)

    @operation("list_background_removals", "GET", "/v3/background-removals")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.BackgroundRemoval]:
        """List all background removals.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.BackgroundRemoval, limit=limit, token=token)

    @operation("delete_background_removal", "DELETE", "/v3/background-removals/{job_id}")
    async def delete(self, job_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a background removal. The API keeps it with the status `deleted`.

        Args:
            job_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, Deleted, job_id, key=idempotency_key)
