"""Assets: files that were uploaded to HeyGen."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from .base import OpenEnum, ResponseStruct, as_datetime

AssetSearchType = Literal["image", "icon"]
AssetSearchScope = Literal["public", "personal"]


class UploadedAsset(ResponseStruct):
    """An uploaded file. Other requests refer to it by `asset_id`."""

    asset_id: str
    mime_type: str | None = None
    size_bytes: int | None = None
    url: str | None = None


class CompletedAsset(UploadedAsset):
    """A completed direct upload. Its `status` may still be `processing`."""

    status: str | None = None


class Asset(ResponseStruct):
    """A file in the workspace. `uploaded_at` is in unix seconds."""

    id: str
    name: str | None = None
    owner: str | None = None
    space_id: str | None = None
    type: str | None = None
    uploaded_at: int | None = None
    folder_id: str | None = None
    url: str | None = None

    @property
    def uploaded(self) -> datetime | None:
        """`uploaded_at` as an aware datetime."""
        return as_datetime(self.uploaded_at)


class DirectUpload(ResponseStruct):
    """The upload target of one file in HeyGen's storage.

    The client sends the bytes to `upload_url` by PUT, with exactly `upload_headers`, within `expires_in_seconds`.
    """

    asset_id: str
    upload_url: str | None = None
    upload_headers: dict[str, str | int] | None = None
    expires_in_seconds: int | None = None
    max_bytes: int | None = None
    status: str | None = None


class DirectUploadBatch(ResponseStruct):
    """The upload targets of several files in HeyGen's storage, in the order of the request."""

    batch_id: str
    items: list[DirectUpload] | None = None


class FoundAssetType(OpenEnum):
    """The type of a picture that a search found."""

    IMAGE = "image"
    ICON = "icon"


class FoundAsset(ResponseStruct):
    """A picture that a search found. Sizes are in pixels."""

    id: str
    url: str | None = None
    type: FoundAssetType | None = FoundAssetType.IMAGE
    width: int | None = None
    height: int | None = None
    orientation: str | None = None
    is_transparent: bool | None = None


class DirectUploadFile(TypedDict, total=False):
    """One file of a direct-upload batch."""

    filename: Required[Annotated[str, Meta(description="The name of the file; its ending decides the asset's type.")]]
    content_type: Required[Annotated[str, Meta(description="The media type, such as `video/mp4`; checked by HeyGen.")]]
    size_bytes: Required[Annotated[int, Meta(description="The exact size in bytes.")]]
    checksum_sha256: Annotated[str | None, Meta(description="The SHA-256 in hex. The storage rejects other bytes.")]
