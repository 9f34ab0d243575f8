"""Waiting until HeyGen has processed an uploaded asset, so that other requests can use it."""

from __future__ import annotations

from typing import Unpack

from .._http.transport import Transport
from .._jobs import waiting
from .._jobs.registry import ASSET
from .._jobs.wait_options import WaitOptions
from ..types.assets import UploadedAsset
from ..types.files import AssetFile


async def wait_until_processed(
    transport: Transport, asset: UploadedAsset | AssetFile, **options: Unpack[WaitOptions]
) -> None:
    """Wait until the asset is processed.

    Raises:
        JobFailedError: HeyGen could not process the file.
        WaitTimeoutError: The time ran out.
    """
    await waiting.wait_for_job(transport, ASSET, asset, **options)
