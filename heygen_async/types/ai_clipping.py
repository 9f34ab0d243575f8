"""AI clipping: short clips from a long video."""

from __future__ import annotations

from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from .base import CallbackId, CallbackUrl, CreatedAtStruct, OpenEnum, RequestStruct, ResponseStruct, Shape
from .files import FileInput

ClipShape = Literal["landscape", "portrait", "square"]
ClipLength = Literal["30", "60", "180", "long"]
CaptionStyle = Literal[
    "block_dark", "bold", "chunky", "clean", "elegant", "energy", "exotic", "golden", "modern_boxed", "modern_dark",
    "neon_pink", "outline_classic", "pop_purple", "pop_single", "racing", "retro_gold", "shadow_lime", "shadow_mint",
    "simple", "spotlight", "stamp_red", "subtle_cyan", "subtle_gray", "tag_yellow",
]  # fmt: skip


class ClippingStatus(OpenEnum):
    """The state of a clipping job; the last three are final."""

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
    """A clipping job that was started. The API sends the id under one of these two names."""

    ai_clipping_id: str | None = None
    id: str | None = None
    status: ClippingStatus | None = None


class Clip(ResponseStruct):
    """One clip. `virality_score` (0 to 100) and the URLs are set when the clip is completed."""

    id: str
    status: ClipStatus | None = None
    title: str | None = None
    aspect_ratio: Shape | None = None
    duration_seconds: float | None = None
    video_url: str | None = None
    thumbnail_url: str | None = None
    virality_score: int | None = None
    failure_message: str | None = None


class OutputSettings(ResponseStruct):
    """The settings of a clipping job as the API returns them."""

    aspect_ratio: Shape | None = None
    duration_types: list[str] | None = None
    captions: bool | None = None
    caption_style: str | None = None
    prompt: str | None = None


class Clipping(CreatedAtStruct):
    """A clipping job and its clips. `progress` is 0 to 100, `source_duration` is in seconds."""

    id: str
    status: ClippingStatus | None = None
    progress: int | None = 0
    clips: list[Clip] | None = None
    title: str | None = None
    input_language: str | None = None
    source_duration: float | None = None
    output_settings: OutputSettings | None = None
    callback_id: str | None = None
    failure_message: str | None = None


class ClipSettings(RequestStruct):
    """The settings of the clips."""

    aspect_ratio: Annotated[ClipShape | None, Meta(description="The shape of the clips; by default `portrait`.")] = None
    duration_types: Annotated[
        list[ClipLength] | None, Meta(description="Seconds (`long`: over 180); one clip for each.")
    ] = None
    captions: Annotated[bool | None, Meta(description="Whether to burn captions into the picture (default).")] = None
    caption_style: Annotated[
        CaptionStyle | None, Meta(description="The preset of the captions; by default `outline_classic`.")
    ] = None
    prompt: Annotated[str | None, Meta(description="The content to search for, at most 500 characters.")] = None


class ClippingRequest(TypedDict, total=False):
    """The arguments of `ai_clipping.create`."""

    video: Required[Annotated[FileInput, Meta(description="The long video.")]]
    output_settings: Annotated[ClipSettings | None, Meta(description="The settings of the clips.")]
    title: Annotated[str | None, Meta(description="The name that HeyGen shows; by default the video's own.")]
    input_language: Annotated[str | None, Meta(description="The spoken language, such as `en`; detected by default.")]
    callback_url: CallbackUrl
    callback_id: CallbackId
