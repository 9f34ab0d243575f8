"""Waiting until HeyGen has processed an uploaded asset, so that other requests can use it."""

from __future__ import annotations

from typing import Unpack

from .._http.backoff import Backoff
from .._http.endpoint import Endpoint
from .._http.transport import Transport
from .._jobs import waiting
from .._jobs.kinds import JobKind
from .._jobs.waiting import WaitOptions
from ..types.assets import UploadedAsset
from ..types.batches import ItemStatus, JobStatus
from ..types.files import AssetFile

STATUSES = Endpoint("GET", "/v3/assets/statuses")


class _AssetKind(JobKind[JobStatus], frozen=True):
    """An asset's state is known from the bulk status only; an id that is missing there is `not_found`."""

    async def seen(self, transport: Transport, id: str) -> JobStatus:
        """Request the status once."""
        found = await transport.call(self.look, list[JobStatus], query={"asset_ids": [id]})
        return found[0] if found else JobStatus(status=ItemStatus.NOT_FOUND, video_id=id)


ASSET = _AssetKind(
    "asset",
    "asset_id",
    STATUSES,
    JobStatus,
    done=frozenset({"completed", "not_found"}),
    poll=Backoff(initial=0.5, factor=1.5, maximum=5.0, jitter=0.1),  # processing takes seconds
    bulk=STATUSES,
    bulk_ids="asset_ids",
)


async def wait_until_processed(
    transport: Transport, asset: UploadedAsset | AssetFile, **options: Unpack[WaitOptions]
) -> None:
    """Wait until the asset is processed.

    Raises:
        JobFailedError: HeyGen could not process the file.
        WaitTimeoutError: The time ran out.
    """
    await waiting.job(transport, ASSET, asset, **options)
