"""Lipsyncs: a video with another soundtrack, and lips that match it."""

from __future__ import annotations

from typing import Annotated, Required

from msgspec import Meta

from .base import CreatedAtStruct, Dubbing, ResponseStruct, RunStatus
from .files import FileInput


class LipsyncCreated(ResponseStruct):
    """A lipsync that was started."""

    lipsync_id: str


class Lipsync(CreatedAtStruct):
    """A lipsync. `duration` is in seconds, `created_at` in unix seconds.

    URLs are presigned, and set when the lipsync is completed.
    """

    id: str
    status: RunStatus | None = None
    title: str | None = None
    duration: float | None = None
    video_url: str | None = None
    caption_url: str | None = None
    callback_id: str | None = None
    failure_message: str | None = None


class LipsyncRequest(Dubbing, total=False):
    """The arguments of `lipsyncs.create`."""

    video: Required[Annotated[FileInput, Meta(description="The source video.")]]
    audio: Required[Annotated[FileInput, Meta(description="The new soundtrack.")]]
    enable_caption: Annotated[bool | None, Meta(description="Whether to create captions.")]
    fps_mode: Annotated[str | None, Meta(description="`vfr` (variable), `cfr` (constant) or `passthrough` frame rate.")]
