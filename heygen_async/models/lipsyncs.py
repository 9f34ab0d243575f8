"""Lipsyncs: another sound for a video, with the lips that go with it."""

from __future__ import annotations

from typing import Literal, Required, TypedDict

from .base import Answer, Dated, RunStatus
from .files import FileInput

LipsyncMode = Literal["speed", "precision"]


class LipsyncCreated(Answer):
    """A lipsync that was begun."""

    lipsync_id: str


class Lipsync(Dated):
    """A lipsync; `duration` in seconds, `created_at` in unix seconds, URLs presigned and set when it is completed."""

    id: str
    status: RunStatus
    title: str | None = None
    duration: float | None = None
    video_url: str | None = None
    caption_url: str | None = None
    callback_id: str | None = None
    failure_message: str | None = None


class LipsyncRequest(TypedDict, total=False):
    """What `lipsyncs.create` takes; `start_time` and `end_time` are in seconds, `fps_mode` vfr, cfr or passthrough."""

    video: Required[FileInput]
    audio: Required[FileInput]
    mode: LipsyncMode | None
    title: str | None
    start_time: float | None
    end_time: float | None
    folder_id: str | None
    fps_mode: str | None
    keep_the_same_format: bool | None
    disable_music_track: bool | None
    enable_caption: bool | None
    enable_dynamic_duration: bool | None
    enable_speech_enhancement: bool | None
    enable_watermark: bool | None
    callback_url: str | None
    callback_id: str | None
