"""Video Agent: sessions that make a video from a prompt, their messages and what they produce."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required, TypedDict

from .base import CreatedAtStruct, JSONValue, OpenEnum, OptionalCreatedAtStruct, ResponseStruct
from .files import FileInput

SessionMode = Literal["generate", "chat"]
Orientation = Literal["landscape", "portrait"]
ResourceSource = Literal["generated", "user_uploaded"]


class SessionStatus(OpenEnum):
    """The state of a session. `waiting_for_input` and `reviewing` ask for a person; the last two are ends."""

    THINKING = "thinking"
    GENERATING = "generating"
    WAITING_FOR_INPUT = "waiting_for_input"
    REVIEWING = "reviewing"
    COMPLETED = "completed"
    FAILED = "failed"


class MessageType(OpenEnum):
    """What a message holds."""

    TEXT = "text"
    RESOURCE = "resource"
    ERROR = "error"


class SessionCreated(OptionalCreatedAtStruct):
    """A session that was begun; `created_at` in unix seconds, where it is told."""

    session_id: str
    status: SessionStatus
    video_id: str | None = None


class Message(OptionalCreatedAtStruct):
    """A message of a session; `role` is `user` or `model`, `created_at` is in unix seconds."""

    role: str
    content: str
    type: MessageType
    resource_ids: list[str] | None = None


class Session(CreatedAtStruct):
    """A session: its state, `progress` from 0 to 100, and at most 40 messages, newest first.

    `video_id` is set once the video is being made.
    """

    session_id: str
    status: SessionStatus
    progress: int = 0
    title: str | None = None
    video_id: str | None = None
    messages: list[Message] | None = None

    @property
    def conversation(self) -> list[Message]:
        """The messages in the order in which they were said."""
        return (self.messages or [])[::-1]


class SessionSummary(CreatedAtStruct):
    """A session as lists show it."""

    session_id: str
    title: str | None = None


class MessageSent(ResponseStruct):
    """A message that was taken; the agent works on it as `run_id`."""

    session_id: str
    run_id: str
    title: str | None = None


class SessionStopped(ResponseStruct):
    """The session that was told to stop."""

    session_id: str


class Style(ResponseStruct):
    """A visual style for sessions."""

    style_id: str
    name: str
    aspect_ratio: str | None = None
    tags: list[str] | None = None
    thumbnail_url: str | None = None
    preview_video_url: str | None = None


class SessionResource(OptionalCreatedAtStruct):
    """Something that a session uses or made: an image, video, draft, avatar, voice, …"""

    resource_id: str
    resource_type: str
    source_type: str | None = None
    url: str | None = None
    thumbnail_url: str | None = None
    preview_url: str | None = None
    metadata: dict[str, JSONValue] | None = None


class SessionRequest(TypedDict, total=False):
    """What `video_agents.create` takes.

    Args:
        prompt: What the video is about, in 1 to 10,000 characters.
        mode: `generate` (the default) makes one video by itself, `chat` may stop to ask and takes changes.
        files: At most 20 files to go by.
        voice_id: Who narrates, of `voices.list`.
        orientation: By default what suits the content.
        incognito_mode: Use nothing of earlier sessions, and remember nothing of this one.
    """

    prompt: Required[str]
    mode: SessionMode | None
    files: Sequence[FileInput] | None
    avatar_id: str | None
    voice_id: str | None
    style_id: str | None
    brand_kit_id: str | None
    orientation: Orientation | None
    incognito_mode: bool | None
    callback_url: str | None
    callback_id: str | None


class MessageRequest(TypedDict, total=False):
    """What `video_agents.send_message` takes: the message, and what it overrides.

    Args:
        message: 1 to 10,000 characters.
        files: At most 20 files to go by.
    """

    message: Required[str]
    files: Sequence[FileInput] | None
    avatar_id: str | None
    voice_id: str | None
    brand_kit_id: str | None
