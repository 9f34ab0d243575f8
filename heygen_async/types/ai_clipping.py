"""Short clips from a long video."""

from __future__ import annotations

from typing import Literal, Required, TypedDict

from .base import OpenEnum, OptionalCreatedAtStruct, RequestStruct, ResponseStruct, Shape
from .files import FileInput

ClipShape = Literal["landscape", "portrait", "square"]
ClipLength = Literal["30", "60", "180", "long"]


class ClippingStatus(OpenEnum):
    """The state of a clipping job; the last three are ends."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ClipStatus(OpenEnum):
    """The state of one clip."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


class ClippingCreated(ResponseStruct):
    """A job that was begun; its id comes under two names."""

    ai_clipping_id: str | None = None
    id: str | None = None
    status: ClippingStatus | None = None


class Clip(ResponseStruct):
    """One clip; `virality_score` is from 0 to 100, and like the URLs set when it is completed."""

    id: str
    status: ClipStatus
    title: str | None = None
    aspect_ratio: Shape | None = None
    duration_seconds: float | None = None
    video_url: str | None = None
    thumbnail_url: str | None = None
    virality_score: int | None = None
    failure_message: str | None = None


class OutputSettings(ResponseStruct):
    """The settings as the API gives them back, where it does."""

    aspect_ratio: Shape | None = None
    duration_types: list[str] | None = None
    captions: bool | None = None
    caption_style: str | None = None
    prompt: str | None = None


class Clipping(OptionalCreatedAtStruct):
    """A job and its clips; `progress` from 0 to 100, `source_duration` in seconds."""

    id: str
    status: ClippingStatus
    progress: int = 0
    clips: list[Clip] | None = None
    title: str | None = None
    input_language: str | None = None
    source_duration: float | None = None
    output_settings: OutputSettings | None = None
    callback_id: str | None = None
    failure_message: str | None = None


class ClipSettings(RequestStruct):
    """How the clips shall be.

    Args:
        aspect_ratio: `portrait` by default.
        duration_types: Seconds, or `long` for over 180; one clip for each.
        captions: Burn captions into the picture (the default).
        caption_style: A preset such as `classic` or `bold`.
        prompt: What to look for, in at most 500 characters.
    """

    aspect_ratio: ClipShape | None = None
    duration_types: list[ClipLength] | None = None
    captions: bool | None = None
    caption_style: str | None = None
    prompt: str | None = None


class ClippingRequest(TypedDict, total=False):
    """What `ai_clipping.create` takes.

    Args:
        video: The long video.
        output_settings: How the clips shall be.
        title: By default the video's own.
        input_language: Such as `en`; found out when it is not given.
    """

    video: Required[FileInput]
    output_settings: ClipSettings | None
    title: str | None
    input_language: str | None
    callback_url: str | None
    callback_id: str | None
