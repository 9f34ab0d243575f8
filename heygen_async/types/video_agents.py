"""Video Agent: sessions that create a video from a prompt, their messages and their resources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from .base import BrandGlossaryId, CallbackId, CallbackUrl, CreatedAtStruct, JSONValue, OpenEnum, ResponseStruct
from .files import FileInput

SessionMode = Literal["generate", "chat"]
Orientation = Literal["landscape", "portrait"]
ResourceSource = Literal["generated", "user_uploaded"]


class SessionStatus(OpenEnum):
    """The state of a session. `waiting_for_input` and `reviewing` need a person; the last two are final."""

    THINKING = "thinking"
    GENERATING = "generating"
    WAITING_FOR_INPUT = "waiting_for_input"
    REVIEWING = "reviewing"
    COMPLETED = "completed"
    FAILED = "failed"


class MessageType(OpenEnum):
    """The content of a message."""

    TEXT = "text"
    RESOURCE = "resource"
    ERROR = "error"


class SessionCreated(CreatedAtStruct):
    """A session that was started. `created_at` is in unix seconds; the API may leave it out."""

    session_id: str
    status: SessionStatus | None = None
    video_id: str | None = None


class Message(CreatedAtStruct):
    """A message of a session. `role` is `user` or `model`, `created_at` is in unix seconds."""

    role: str | None = None
    content: str | None = None
    type: MessageType | None = None
    resource_ids: list[str] | None = None


class Session(CreatedAtStruct):
    """A session: its state, `progress` from 0 to 100, and at most 40 messages, newest first.

    `video_id` is set once the video is being created.
    """

    session_id: str
    status: SessionStatus | None = None
    progress: int | None = 0
    title: str | None = None
    video_id: str | None = None
    messages: list[Message] | None = None

    @property
    def conversation(self) -> list[Message]:
        """The messages, oldest first."""
        return (self.messages or [])[::-1]


class SessionSummary(CreatedAtStruct):
    """A session as lists return it."""

    session_id: str
    title: str | None = None


class MessageSent(ResponseStruct):
    """A message that was accepted. The agent works on it as `run_id`."""

    session_id: str
    run_id: str | None = None
    title: str | None = None


class SessionStopped(ResponseStruct):
    """A session whose stop was requested."""

    session_id: str


class Style(ResponseStruct):
    """A visual style for sessions."""

    style_id: str
    name: str | None = None
    aspect_ratio: str | None = None
    tags: list[str] | None = None
    thumbnail_url: str | None = None
    preview_video_url: str | None = None


class SessionResource(CreatedAtStruct):
    """A resource that a session uses or has created, such as an image, a video, a draft, an avatar or a voice."""

    resource_id: str
    resource_type: str | None = None
    source_type: str | None = None
    url: str | None = None
    thumbnail_url: str | None = None
    preview_url: str | None = None
    metadata: dict[str, JSONValue] | None = None


class SessionRequest(TypedDict, total=False):
    """The arguments of `video_agents.create`."""

    prompt: Required[Annotated[str, Meta(description="A description of the video, 1 to 10,000 characters.")]]
    mode: Annotated[SessionMode | None, Meta(description="`generate` (default): one video; `chat`: it may ask first.")]
    files: Annotated[Sequence[FileInput] | None, Meta(description="At most 20 reference files.")]
    avatar_id: Annotated[str | None, Meta(description="The id of an avatar look, from `avatars.looks.list`.")]
    voice_id: Annotated[str | None, Meta(description="The narrator's voice, from `voices.list`.")]
    style_id: Annotated[str | None, Meta(description="The visual style, from `video_agents.list_styles`.")]
    brand_kit_id: Annotated[str | None, Meta(description="The brand kit, from `brand_kits.list`.")]
    brand_glossary_id: BrandGlossaryId
    orientation: Annotated[Orientation | None, Meta(description="The default depends on the content.")]
    incognito_mode: Annotated[bool | None, Meta(description="Whether to neither use nor store the agent's memory.")]
    callback_url: CallbackUrl
    callback_id: CallbackId


class MessageRequest(TypedDict, total=False):
    """The arguments of `video_agents.send_message`: the message, and settings that it changes."""

    message: Annotated[str | None, Meta(description="The message, 1 to 10,000 characters; none for new files alone.")]
    files: Annotated[Sequence[FileInput] | None, Meta(description="At most 20 reference files.")]
    avatar_id: Annotated[str | None, Meta(description="The id of an avatar look, from `avatars.looks.list`.")]
    voice_id: Annotated[str | None, Meta(description="The id of a voice, from `voices.list`.")]
    brand_kit_id: Annotated[str | None, Meta(description="The brand kit, from `brand_kits.list`.")]
