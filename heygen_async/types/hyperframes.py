"""HyperFrames: videos rendered from a zipped HTML composition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from .base import CallbackUrl, CompletedAtStruct, JSONValue, OpenEnum, ResponseStruct
from .files import FileInput

Quality = Literal["draft", "standard", "high"]
Container = Literal["mp4", "webm", "mov"]
RenderSize = Literal["1080p", "4k"]
RenderShape = Literal["16:9", "9:16", "1:1"]


class RenderStatus(OpenEnum):
    """The state of a render; the last two are final."""

    QUEUED = "queued"
    RENDERING = "rendering"
    COMPLETED = "completed"
    FAILED = "failed"


class RenderFormat(OpenEnum):
    """The container of a render."""

    MP4 = "mp4"
    WEBM = "webm"
    MOV = "mov"


class RenderQuality(OpenEnum):
    """The quality of a render."""

    DRAFT = "draft"
    STANDARD = "standard"
    HIGH = "high"


class RenderCreated(ResponseStruct):
    """A render that was started."""

    render_id: str
    status: RenderStatus | None = None


class Render(CompletedAtStruct):
    """A render. `duration` is in seconds, times are in unix seconds.

    URLs are presigned, and set when the render is completed.
    """

    render_id: str
    status: RenderStatus | None = None
    format: RenderFormat | None = None
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
    """The id of a deleted render."""

    render_id: str


class RenderRequest(TypedDict, total=False):
    """The arguments of `hyperframes.create`."""

    project: Required[Annotated[FileInput, Meta(description="A zip of the project.")]]
    composition: Annotated[str | None, Meta(description="The file in the zip to render; by default `index.html`.")]
    variables: Annotated[Mapping[str, JSONValue] | None, Meta(description="The values of the composition's variables.")]
    fps: Annotated[int | None, Meta(description="Frames per second, 1 to 240; by default 30.")]
    quality: Annotated[Quality | None, Meta(description="By default `standard`.")]
    format: Annotated[Container | None, Meta(description="By default `mp4`.")]
    resolution: Annotated[RenderSize | None, Meta(description="By default `1080p`.")]
    aspect_ratio: Annotated[RenderShape | None, Meta(description="By default `16:9`.")]
    title: Annotated[str | None, Meta(description="The name that HeyGen shows, at most 500 characters.")]
    callback_url: CallbackUrl
    callback_id: Annotated[str | None, Meta(description="Your own value for `callback_url`, at most 256 characters.")]
