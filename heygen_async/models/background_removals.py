"""Videos without their background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from .base import Answer, OpenEnum
from .files import FileInput

__all__ = ["BackgroundRemoval", "BackgroundRemovalRequest", "BackgroundRemovalStatus", "DeletedBackgroundRemoval"]


class BackgroundRemovalStatus(OpenEnum):
    """The state of a removal; the last three are ends."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    DELETED = "deleted"


class BackgroundRemoval(Answer):
    """A removal; `layers` are presigned URLs by name (foreground, mask, background), set when it is completed.

    `duration` is in seconds, the times are in unix seconds.
    """

    id: str
    status: BackgroundRemovalStatus
    layers: dict[str, str | int] | None = None
    duration: float | None = None
    error: str | None = None
    created_at: int | None = None
    completed_at: int | None = None


class DeletedBackgroundRemoval(Answer):
    """The id of what was deleted."""

    id: str
    deleted: bool


class _BackgroundRemovalRequest(TypedDict):
    video: FileInput


class BackgroundRemovalRequest(_BackgroundRemovalRequest, total=False):
    """What `background_removals.create` takes: `layers` of foreground, mask and background, all three by default."""

    layers: Sequence[str] | None
    title: str | None
    request_id: str | None
