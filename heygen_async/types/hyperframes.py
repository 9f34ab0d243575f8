"""HyperFrames: videos rendered from a zipped HTML composition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Required, TypedDict

from .base import CompletedAtStruct, JSONValue, OpenEnum, ResponseStruct
from .files import FileInput

Quality = Literal["draft", "standard", "high"]
Container = Literal["mp4", "webm", "mov"]
RenderSize = Literal["1080p", "4k"]
RenderShape = Literal["16:9", "9:16", "1:1"]


class RenderStatus(OpenEnum):
    """The state of a render; the last two are ends."""

    QUEUED = "queued"
    RENDERING = "rendering"
    COMPLETED = "completed"
    FAILED = "failed"


class RenderFormat(OpenEnum):
    """A render's container."""

    MP4 = "mp4"
    WEBM = "webm"
    MOV = "mov"


class RenderQuality(OpenEnum):
    """A render's quality."""

    DRAFT = "draft"
    STANDARD = "standard"
    HIGH = "high"


class RenderCreated(ResponseStruct):
    """A render that was begun."""

    render_id: str
    status: RenderStatus | None = None


class Render(CompletedAtStruct):
    """A render; `duration` in seconds, times in unix seconds, URLs presigned and set when it is completed."""

    render_id: str
    status: RenderStatus
    format: RenderFormat
    title: str | None = None
    duration: float | None = None
    fps: int | None = None
    quality: RenderQuality | None = None
    resolution: str | None = None
    aspect_ratio: str | None = None
    composition: str | None = None
    video_url: str | None = None
    thumbnail_url: str | None = None
    callback_id: str | None = None
    failure_message: str | None = None


class DeletedRender(ResponseStruct):
    """The id of what was deleted."""

    render_id: str


class RenderRequest(TypedDict, total=False):
    """What `hyperframes.create` takes.

    Args:
        project: A zip of the project.
        composition: The file in it to render; by default `index.html`.
        variables: Values for the composition's variables, by name.
        title: How HeyGen shows it, in at most 500 characters.
        callback_id: Comes back in the call to `callback_url`; at most 256 characters.
        fps: From 1 to 240, by default 30.
        quality: `standard` by default.
        format: `mp4` by default.
        resolution: 1080p by default.
        aspect_ratio: 16:9 by default.
    """

    project: Required[FileInput]
    composition: str | None
    variables: Mapping[str, JSONValue] | None
    fps: int | None
    quality: Quality | None
    format: Container | None
    resolution: RenderSize | None
    aspect_ratio: RenderShape | None
    title: str | None
    callback_url: str | None
    callback_id: str | None
