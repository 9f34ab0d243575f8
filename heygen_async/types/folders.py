"""Folders of a workspace's videos."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from .base import CreatedAtStruct, OpenEnum, as_datetime

FolderTypeName = Literal["mixed", "video", "video_translate"]


class FolderType(OpenEnum):
    """The content of a folder."""

    MIXED = "mixed"
    VIDEO = "video"
    VIDEO_TRANSLATE = "video_translate"


class Folder(CreatedAtStruct):
    """A folder. `parent_id` is None at the top level. Times are in unix seconds."""

    folder_id: str
    name: str | None = None
    type: FolderType | None = None
    is_trash: bool | None = None
    parent_id: str | None = None
    creator_username: str | None = None
    updated_at: int | None = None

    @property
    def updated(self) -> datetime | None:
        """`updated_at` as an aware datetime."""
        return as_datetime(self.updated_at)
