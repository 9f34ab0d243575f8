"""Podcasts: a host and a guest who talk about a topic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required, TypedDict

from .base import OpenEnum, OptionalCreatedAtStruct, ResponseStruct
from .files import FileInput

PodcastLayout = Literal["landscape", "portrait"]
PodcastLength = Literal["auto", "1min", "2min", "3min", "5min"]


class PodcastStatus(OpenEnum):
    """The state of a podcast; the last two are ends."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class PodcastCreated(ResponseStruct):
    """A podcast that was begun."""

    podcast_id: str
    status: PodcastStatus | None = None


class Podcast(OptionalCreatedAtStruct):
    """A podcast; `duration` in seconds, URLs presigned and set when it is completed."""

    podcast_id: str
    status: PodcastStatus
    title: str | None = None
    video_url: str | None = None
    thumbnail_url: str | None = None
    duration: float | None = None
    failure_message: str | None = None


class PodcastRequest(TypedDict, total=False):
    """What `podcasts.create` takes.

    Args:
        host_avatar_id: The host's look, of `avatars.looks.list`.
        guest_avatar_id: The guest's look, of `avatars.looks.list`.
        host_voice_id: The host's voice, of `voices.list`.
        guest_voice_id: The guest's voice, of `voices.list`.
        topic: What they talk about.
        source_files: Files to talk about.
        layout: The shape of the picture.
        duration: How long it is; with `auto` HeyGen chooses.
        instructions: How they shall talk.
    """

    host_avatar_id: Required[str]
    guest_avatar_id: Required[str]
    host_voice_id: Required[str]
    guest_voice_id: Required[str]
    topic: str | None
    source_files: Sequence[FileInput] | None
    layout: PodcastLayout | None
    duration: PodcastLength | None
    instructions: str | None
    callback_url: str | None
    callback_id: str | None
