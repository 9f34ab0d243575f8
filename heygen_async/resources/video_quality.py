"""`heygen.video_quality`: comparisons of two videos by a judge model. HeyGen's reference calls them a preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from .._http.argument_checks import check_mappings
from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import COMPARISON, COMPARISON_BATCH
from .._jobs.wait_options import AndWait
from ..types import video_quality as models
from ..types.base import JSONValue
from ..types.batches import MAX_IDS
from . import validation
from .base import Resource

_MAX_CHARACTERS = 10_000


class ComparisonAndWait(models.ComparisonRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class VideoQuality(Resource):
    """Comparisons of videos, which are a preview. They need an API key; an OAuth token is not enough.

    An account without access to the preview gets a 403 or 404 error. https://developers.heygen.com/reference
    """

    @operation(
        "create_video_quality_comparison",
        "POST",
        "/v3/video-quality/comparisons",
        idempotency="header",
        billable=True,
        preview=True,
        wait="comparison",
    )
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.ComparisonRequest]
    ) -> models.Comparison:
        """Have a judge model compare two videos. A preview.

        Costs credit. Local files are uploaded first. The comparison in the response may be completed already; otherwise
        its `status` is `processing`, and `wait_for_comparison` waits for its result.

        Args:
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **request: The fields of `ComparisonRequest`.
        """
        self._check_keywords(self.create, request)
        validation.check_text("prompt", request.get("prompt"), _MAX_CHARACTERS)
        body = await self._upload_files(dict(request))
        return await self._call(self.create, models.Comparison, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[ComparisonAndWait]) -> models.Comparison:
        """Call `create`, then wait for the result if it is not in the response. A preview."""
        return await self._create_and_wait(COMPARISON, self.create_and_wait, self.create, request)

    @operation("get_video_quality_comparison", COMPARISON.endpoint, wait="comparison")
    async def get(self, comparison_id: str) -> models.Comparison:
        """Return a comparison. A preview.

        Args:
            comparison_id: The id that `create` returned.
        """
        return await self._call(self.get, models.Comparison, comparison_id)

    @operation(
        "create_video_quality_comparison_batch",
        "POST",
        "/v3/video-quality/comparisons/batches",
        idempotency="header",
        billable=True,
        preview=True,
        wait="comparison_batch",
    )
    async def create_batch(
        self,
        *,
        comparisons: Sequence[models.ComparisonRequest | Mapping[str, JSONValue]],
        idempotency_key: str | None = None,
    ) -> models.ComparisonBatchCreated:
        """Start many comparisons in one request. `wait_for_comparison_batch` waits for all of them. A preview.

        Costs credit. Local files are uploaded first.

        Args:
            comparisons: 1 to 100 requests, each with the fields of `create`.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        check_mappings(self.create_batch, comparisons=comparisons)
        validation.check_length("comparisons", comparisons, MAX_IDS, min_length=1)
        for n, comparison in enumerate(comparisons):
            validation.check_text(f"comparisons[{n}].prompt", comparison.get("prompt"), _MAX_CHARACTERS)
        body = {"comparisons": await self._upload_files(list(comparisons))}
        return await self._call(self.create_batch, models.ComparisonBatchCreated, body=body, key=idempotency_key)

    @operation("get_video_quality_comparison_batch", COMPARISON_BATCH.endpoint, wait="comparison_batch")
    async def get_batch(
        self, batch_id: str, *, limit: int | None = None, token: str | None = None
    ) -> models.ComparisonBatch:
        """Return a batch and one page of its comparisons with their results. A preview.

        Args:
            batch_id: The id that `create_batch` returned.
            limit: The number of items per page, 1 to 100; by default 100.
            token: The `next_token` of the previous page.
        """
        query = {"limit": validation.check_limit(limit), "token": token}
        return await self._call(self.get_batch, models.ComparisonBatch, batch_id, query=query)
