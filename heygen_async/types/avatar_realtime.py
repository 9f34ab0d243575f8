"""Realtime streams: an avatar that speaks while its video is generated."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from .base import AvatarId, OpenEnum, RequestStruct, ResponseStruct, VoiceId
from .files import FileInput


class StreamStatus(OpenEnum):
    """The state of a stream; the last two are final."""

    PENDING = "pending"
    STREAMING = "streaming"
    COMPLETED = "completed"
    ERROR = "error"


class StreamCreated(ResponseStruct):
    """A stream that was started."""

    stream_id: str


class Stream(ResponseStruct):
    """A stream. `hls_url` plays it while it is streaming. `end_reason` is `final_marker` or `idle_timeout`."""

    stream_id: str
    status: StreamStatus | None = None
    hls_url: str | None = None
    end_reason: str | None = None
    error_message: str | None = None


class TextAppended(ResponseStruct):
    """The response to appended text. `buffered_bytes` is the amount of text that is not spoken yet."""

    buffered_bytes: int | None = None
    ok: bool | None = None


class StreamCancelled(ResponseStruct):
    """A stream that was cancelled."""

    stream_id: str | None = None


class TtsStream(RequestStruct, tag_field="type", tag="tts"):
    """A stream whose whole text is known at the start."""

    avatar_id: AvatarId
    voice_id: VoiceId
    text: Annotated[str, Meta(description="The text to speak.")]


class AudioStream(RequestStruct, tag_field="type", tag="audio"):
    """A stream in which the avatar lip-syncs to a recording."""

    avatar_id: AvatarId
    audio: Annotated[FileInput, Meta(description="The recording.")]


class TextStream(RequestStruct, tag_field="type", tag="text_stream"):
    """A stream that receives its text in pieces."""

    avatar_id: AvatarId
    voice_id: VoiceId
    text: Annotated[str, Meta(description="The first piece of the text; `append_text` sends the following ones.")]


StreamRequest: TypeAlias = TtsStream | AudioStream | TextStream
