"""`heygen.filler_word_removals`: videos without "um" and "uh"."""

from __future__ import annotations

from typing import Unpack

from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import FILLER_WORD_REMOVAL
from .._jobs.wait_options import AndWait
from ..types import filler_word_removals as models
from .base import Resource


class FillerWordRemovalAndWait(models.FillerWordRemovalRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class FillerWordRemovals(Resource):
    """Filler-word removals."""

    @operation(
        "create_filler_word_removal",
        "POST",
        "/v3/filler-word-removals",
        idempotency="header",
        billable=True,
        wait="filler_word_removal",
    )
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.FillerWordRemovalRequest]
    ) -> models.FillerWordRemovalCreated:
        """Start a job that cuts the filler words out of a video.

        Costs credit. A local file is uploaded first.

        Args:
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **request: The fields of `FillerWordRemovalRequest`.
        """
        body = await self._body(self.create, request)
        return await self._call(self.create, models.FillerWordRemovalCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[FillerWordRemovalAndWait]) -> models.FillerWordRemoval:
        """Call `create`, then wait for the shorter video."""
        return await self._create_and_wait(FILLER_WORD_REMOVAL, self.create_and_wait, self.create, request)

    @operation("get_filler_word_removal", FILLER_WORD_REMOVAL.endpoint, wait="filler_word_removal")
    async def get(self, filler_word_removal_id: str) -> models.FillerWordRemoval:
        """Return a filler-word removal.

        Args:
            filler_word_removal_id: The id that `create` returned.
        """
        return await self._call(self.get, models.FillerWordRemoval, filler_word_removal_id)
