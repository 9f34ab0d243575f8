"""Filler-word removals: videos without "um" and "uh"."""

from __future__ import annotations

from typing import Annotated, Required, TypedDict

from msgspec import Meta

from .base import CallbackId, CallbackUrl, CreatedAtStruct, ResponseStruct, RunStatus, Title
from .files import FileInput


class FillerWordRemovalCreated(ResponseStruct):
    """A filler-word removal that was started."""

    filler_word_removal_id: str


class FillerWordRemoval(CreatedAtStruct):
    """A filler-word removal. `progress` is 0 to 100, durations are in seconds.

    `reduction_pct` is a percentage of the original duration, `num_cuts` the number of cuts. URLs are presigned, and set
    when the job is completed.
    """

    id: str
    status: RunStatus | None = None
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
    """The arguments of `filler_word_removals.create`."""

    video: Required[Annotated[FileInput, Meta(description="The source video.")]]
    title: Title
    callback_url: CallbackUrl
    callback_id: CallbackId
