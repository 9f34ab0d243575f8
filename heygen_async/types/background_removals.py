"""Videos without their background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Required, TypedDict

from .base import CompletedAtStruct, OpenEnum
from .files import FileInput


class BackgroundRemovalStatus(OpenEnum):
    """The state of a removal; the last three are ends."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    DELETED = "deleted"


class BackgroundRemoval(CompletedAtStruct):
    """A removal; `layers` are presigned URLs by name (foreground, mask, background), set when it is completed.

    `duration` is in seconds, the times are in unix seconds.
    """

    id: str
    status: BackgroundRemovalStatus
    layers: dict[str, str | int] | None = None
    duration: float | None = None
    error: str | None = None


class BackgroundRemovalRequest(TypedDict, total=False):
    """What `background_removals.create` takes.

    Args:
        video: The video, which stays as it is.
        layers: Of `foreground`, `mask` and `background`; all three by default.
        request_id: The same gives the same job, and nothing is charged twice; one is made when none is given.
    """

    video: Required[FileInput]
    layers: Sequence[str] | None
    title: str | None
    request_id: str | None
