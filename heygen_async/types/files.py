"""File inputs: the forms that the API accepts, and the local files that the SDK uploads first."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, ClassVar, Self, TypeAlias

from msgspec import Meta

from .base import RequestStruct

__all__ = ["AssetFile", "Base64File", "BytesFile", "FileInput", "UrlFile"]


class UrlFile(RequestStruct, tag_field="type", tag="url"):
    """A file at a public `https` URL, at most 32 MB. HeyGen fetches it."""

    url: Annotated[str, Meta(description="The URL.")]


class AssetFile(RequestStruct, tag_field="type", tag="asset_id"):
    """A file that was uploaded to HeyGen before."""

    asset_id: Annotated[str, Meta(description="The `asset_id` that `assets.upload` returned.")]


class Base64File(RequestStruct, tag_field="type", tag="base64"):
    """A small file inside the request."""

    media_type: Annotated[str, Meta(description="The media type, such as `image/png`.")]
    data: Annotated[str, Meta(description="The bytes in base64.")]

    @classmethod
    def from_bytes(cls, content: bytes, media_type: str) -> Self:
        """Return the file with these bytes, encoded.

        Args:
            content: The bytes.
            media_type: The media type, such as `image/png`.
        """
        return cls(media_type=media_type, data=base64.b64encode(content).decode("ascii"))


class BytesFile(RequestStruct):
    """Bytes in memory. The SDK uploads them first and sends an `AssetFile`."""

    is_local: ClassVar[bool] = True

    content: Annotated[bytes, Meta(description="The bytes.")]
    media_type: Annotated[str, Meta(description="The media type, such as `image/png`.")]
    filename: Annotated[str | None, Meta(description="The name of the asset; default: from the media type.")] = None


if TYPE_CHECKING:
    import os
    from typing import IO

    from .assets import UploadedAsset

    #: A file of a request: a struct, an http(s) URL or an asset id as a string, or a local file: a `Path`, bytes or an
    #: open binary file. The SDK uploads local files first. A string is never a path.
    FileInput: TypeAlias = (
        UrlFile | AssetFile | Base64File | BytesFile | UploadedAsset | str | bytes | IO[bytes] | os.PathLike[str]
    )
else:
    FileInput = (
        UrlFile | AssetFile | Base64File | str
    )  # the forms that the API accepts; the SDK uploads the others first
