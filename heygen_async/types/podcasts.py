"""Podcasts: a host and a guest who talk about a topic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from .base import CallbackId, CallbackUrl, CreatedAtStruct, OpenEnum, ResponseStruct
from .files import FileInput

PodcastLayout = Literal["landscape", "portrait"]
PodcastLength = Literal["auto", "1min", "2min", "3min", "5min"]


class PodcastStatus(OpenEnum):
    """The state of a podcast; the last two are final."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class PodcastCreated(ResponseStruct):
    """A podcast that was started."""

    podcast_id: str
    status: PodcastStatus | None = None


class Podcast(CreatedAtStruct):
    """A podcast. `duration` is in seconds. URLs are presigned, and set when the podcast is completed."""

    podcast_id: str
    status: PodcastStatus | None = None
    title: str | None = None
    video_url: str | None = None
    thumbnail_url: str | None = None
    duration: float | None = None
    failure_message: str | None = None


class PodcastRequest(TypedDict, total=False):
    """The arguments of `podcasts.create`."""

    host_avatar_id: Required[Annotated[str, Meta(description="The host's look, from `avatars.looks.list`.")]]
    guest_avatar_id: Required[Annotated[str, Meta(description="The guest's look, from `avatars.looks.list`.")]]
    host_voice_id: Required[Annotated[str, Meta(description="The host's voice, from `voices.list`.")]]
    guest_voice_id: Required[Annotated[str, Meta(description="The guest's voice, from `voices.list`.")]]
    topic: Annotated[str | None, Meta(description="The topic.")]
    source_files: Annotated[Sequence[FileInput] | None, Meta(description="Files about the topic.")]
    layout: Annotated[PodcastLayout | None, Meta(description="The shape of the picture.")]
    duration: Annotated[PodcastLength | None, Meta(description="The length; HeyGen chooses it with `auto`.")]
    instructions: Annotated[str | None, Meta(description="Instructions for the style of the conversation.")]
    callback_url: CallbackUrl
    callback_id: CallbackId
