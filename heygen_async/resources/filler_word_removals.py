"""`heygen.filler_word_removals`: videos without their ums and ahs."""

from __future__ import annotations

from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs.registry import FILLER_WORD_REMOVAL
from .._jobs.wait_options import AndWait
from ..types import filler_word_removals as models
from . import validation as checks
from .base import Resource

_CREATE = Endpoint("POST", "/v3/filler-word-removals", idempotency="header", billable=True)


class FillerWordRemovalAndWait(models.FillerWordRemovalRequest, AndWait, total=False):
    """What `create_and_wait` takes."""


class FillerWordRemovals(Resource):
    """Filler-word removals."""

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.FillerWordRemovalRequest]
    ) -> models.FillerWordRemovalCreated:
        """Begin to cut the filler words out of a video; a local file is uploaded first. It is charged for."""
        body = await self._files(checks.given(request, models.FillerWordRemovalRequest))
        return await self._call(_CREATE, models.FillerWordRemovalCreated, body=body, key=idempotency_key)

    async def create_and_wait(self, **request: Unpack[FillerWordRemovalAndWait]) -> models.FillerWordRemoval:
        """`create`, then wait for the shorter video."""
        return await self._and_wait(FILLER_WORD_REMOVAL, self.create, request)

    async def get(self, filler_word_removal_id: str) -> models.FillerWordRemoval:
        """A removal as it stands."""
        return await self._call(FILLER_WORD_REMOVAL.endpoint, models.FillerWordRemoval, filler_word_removal_id)
