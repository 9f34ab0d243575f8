"""Lipsyncs: another sound for a video, with the lips that go with it."""

from __future__ import annotations

from typing import Required

from .base import Dubbing, OptionalCreatedAtStruct, ResponseStruct, RunStatus
from .files import FileInput


class LipsyncCreated(ResponseStruct):
    """A lipsync that was begun."""

    lipsync_id: str


class Lipsync(OptionalCreatedAtStruct):
    """A lipsync; `duration` in seconds, `created_at` in unix seconds, URLs presigned and set when it is completed."""

    id: str
    status: RunStatus
    title: str | None = None
    duration: float | None = None
    video_url: str | None = None
    caption_url: str | None = None
    callback_id: str | None = None
    failure_message: str | None = None


class LipsyncRequest(Dubbing, total=False):
    """What `lipsyncs.create` takes.

    Args:
        video: The video, which stays as it is.
        audio: The new sound.
        fps_mode: `vfr`, `cfr` or `passthrough`: variable, constant or the source's own frame rate.
    """

    video: Required[FileInput]
    audio: Required[FileInput]
    fps_mode: str | None
