"""Background removals: a video split into layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Required, TypedDict

from msgspec import Meta

from .base import CompletedAtStruct, OpenEnum, Title
from .files import FileInput


class BackgroundRemovalStatus(OpenEnum):
    """The state of a background removal; the last three are final."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    DELETED = "deleted"


class BackgroundRemoval(CompletedAtStruct):
    """A background removal. `duration` is in seconds, times are in unix seconds.

    `layers` maps `foreground`, `mask` and `background` to presigned URLs; it is set when the job is completed.
    """

    id: str
    status: BackgroundRemovalStatus | None = None
    layers: dict[str, str | int] | None = None
    duration: float | None = None
    error: str | None = None


class BackgroundRemovalRequest(TypedDict, total=False):
    """The arguments of `background_removals.create`."""

    video: Required[Annotated[FileInput, Meta(description="The source video.")]]
    layers: Annotated[
        Sequence[str] | None, Meta(description="Some of `foreground`, `mask`, `background`; default: all.")
    ]
    title: Title
    request_id: Annotated[str | None, Meta(description="The key of this job; a repeat with the same key is free.")]
