"""Upload of one file: multipart up to 32 MB, direct upload above that size and for zips."""

from __future__ import annotations

from typing import Unpack

from .._http.transport import Transport
from .._jobs import waiting
from .._jobs.registry import ASSET
from .._jobs.wait_options import WaitOptions
from ..types.assets import UploadedAsset
from . import multipart
from .direct_upload import upload_directly
from .file_sources import FileSource
from .media_types import ZIP_TYPES
from .transfer_progress import OnProgress


async def upload(
    transport: Transport,
    source: FileSource,
    *,
    wait: bool,
    key: str | None = None,
    on_progress: OnProgress | None = None,
    **options: Unpack[WaitOptions],
) -> UploadedAsset:
    """Upload a file, by multipart or directly, as its size and type require.

    Args:
        transport: The client's transport.
        source: The file.
        wait: Whether to wait until HeyGen has processed the asset.
        key: The idempotency key.
        on_progress: Called with the bytes sent and the total bytes.
        **options: The options of the wait.

    Raises:
        UploadError: The file changed meanwhile, is too large, or was rejected by the storage.
        JobFailedError: HeyGen could not process the file.
    """
    if source.size <= multipart.MULTIPART_LIMIT and source.media_type not in ZIP_TYPES:
        body = multipart.multipart_body(source, on_progress)
        return await transport.call(multipart.CREATE_ASSET, UploadedAsset, key=key, upload=body)
    asset = await upload_directly(transport, source, key=key, on_progress=on_progress)
    if wait and asset.status != "completed":
        await waiting.wait_for_job(transport, ASSET, asset, **options)
        asset.status = "completed"
    return asset
