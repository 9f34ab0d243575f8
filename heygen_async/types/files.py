"""Files as the API takes them, and as a caller may give them."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Self, TypeAlias

from .base import RequestStruct

__all__ = ["AssetFile", "Base64File", "BytesFile", "FileInput", "UrlFile"]


class UrlFile(RequestStruct, tag_field="type", tag="url"):
    """A file at a public `https` address, which HeyGen fetches itself; at most 32 MB.

    Args:
        url: The address.
    """

    url: str


class AssetFile(RequestStruct, tag_field="type", tag="asset_id"):
    """A file that is already at HeyGen.

    Args:
        asset_id: What `assets.create` returned.
    """

    asset_id: str


class Base64File(RequestStruct, tag_field="type", tag="base64"):
    """A small file inside the request itself.

    Args:
        media_type: Such as `image/png`.
        data: The file in base64.
    """

    media_type: str
    data: str

    @classmethod
    def from_bytes(cls, content: bytes, media_type: str) -> Self:
        """The same file, encoded."""
        return cls(media_type=media_type, data=base64.b64encode(content).decode("ascii"))


class BytesFile(RequestStruct):
    """Bytes in memory, to be uploaded before the request: they travel as an `AssetFile`.

    Args:
        content: The bytes.
        media_type: Such as `image/png`.
        filename: The asset's name; without one it is made from the media type.
    """

    content: bytes
    media_type: str
    filename: str | None = None


if TYPE_CHECKING:
    #: Wherever the API takes a file: a struct, an `https` URL as a string, or a local path (a `Path` or a string),
    #: which is uploaded first.
    FileInput: TypeAlias = UrlFile | AssetFile | Base64File | BytesFile | str | os.PathLike[str]
else:
    FileInput = UrlFile | AssetFile | Base64File | str  # what may travel; the rest is uploaded first
