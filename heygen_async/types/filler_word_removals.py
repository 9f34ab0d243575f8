"""Videos without their ums and ahs."""

from __future__ import annotations

from typing import Required, TypedDict

from .base import OptionalCreatedAtStruct, ResponseStruct, RunStatus
from .files import FileInput


class FillerWordRemovalCreated(ResponseStruct):
    """A removal that was begun."""

    filler_word_removal_id: str


class FillerWordRemoval(OptionalCreatedAtStruct):
    """A removal; `progress` from 0 to 100, durations in seconds, `reduction_pct` in percent of the original's.

    The URLs are presigned and set when it is completed; `num_cuts` is how many places were cut.
    """

    id: str
    status: RunStatus
    progress: int | None = None
    title: str | None = None
    video_url: str | None = None
    thumbnail_url: str | None = None
    num_cuts: int | None = None
    reduction_pct: float | None = None
    original_duration: float | None = None
    output_duration: float | None = None
    callback_id: str | None = None
    failure_message: str | None = None


class FillerWordRemovalRequest(TypedDict, total=False):
    """What `filler_word_removals.create` takes.

    Args:
        video: The video, which stays as it is.
    """

    video: Required[FileInput]
    title: str | None
    callback_url: str | None
    callback_id: str | None
