"""Files at HeyGen: what uploads answer, and what is known of a file that is there."""

from __future__ import annotations

from typing import Literal, Required, TypedDict

from .base import OpenEnum, ResponseStruct

AssetSearchType = Literal["image", "icon"]
AssetSearchScope = Literal["public", "personal"]


class UploadedAsset(ResponseStruct):
    """A file that was uploaded; `asset_id` stands for it in other requests."""

    asset_id: str
    mime_type: str
    size_bytes: int
    url: str


class CompletedAsset(UploadedAsset):
    """A direct upload that was completed; it may still be `processing`."""

    status: str


class Asset(ResponseStruct):
    """A file in the workspace. `uploaded_at` is in unix seconds."""

    id: str
    name: str
    owner: str
    space_id: str
    type: str
    uploaded_at: int
    folder_id: str | None = None
    url: str | None = None


class DirectUpload(ResponseStruct):
    """A place in HeyGen's storage for one file.

    The bytes go to `upload_url` by PUT with exactly `upload_headers`, within `expires_in_seconds`.
    """

    asset_id: str
    upload_url: str
    upload_headers: dict[str, str | int]
    expires_in_seconds: int
    max_bytes: int
    status: str


class DirectUploadBatch(ResponseStruct):
    """Places for many files, in the order in which they were asked for."""

    batch_id: str
    items: list[DirectUpload]


class FoundAssetType(OpenEnum):
    """What a search found."""

    IMAGE = "image"
    ICON = "icon"


class FoundAsset(ResponseStruct):
    """A public picture that a search found; sizes in pixels."""

    id: str
    url: str
    type: FoundAssetType = FoundAssetType.IMAGE
    width: int | None = None
    height: int | None = None
    orientation: str | None = None
    is_transparent: bool | None = None


class DirectUploadFile(TypedDict, total=False):
    """One file of a batch.

    Args:
        filename: Its name; the type decides what it is.
        content_type: Its media type, such as `video/mp4`; HeyGen holds the bytes against it.
        size_bytes: Its exact size.
        checksum_sha256: In hex; when given, the storage refuses other bytes.
    """

    filename: Required[str]
    content_type: Required[str]
    size_bytes: Required[int]
    checksum_sha256: str | None
