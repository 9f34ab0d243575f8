"""Realtime streams: an avatar that speaks while it is being made."""

from __future__ import annotations

from typing import TypeAlias

from .base import OpenEnum, RequestStruct, ResponseStruct
from .files import FileInput


class StreamStatus(OpenEnum):
    """The state of a stream; the last two are ends."""

    PENDING = "pending"
    STREAMING = "streaming"
    COMPLETED = "completed"
    ERROR = "error"


class StreamCreated(ResponseStruct):
    """A stream that was begun."""

    stream_id: str


class Stream(ResponseStruct):
    """A stream; `hls_url` plays it while it is streaming. `end_reason` is `final_marker` or `idle_timeout`."""

    stream_id: str
    status: StreamStatus
    hls_url: str | None = None
    end_reason: str | None = None
    error_message: str | None = None


class TextAppended(ResponseStruct):
    """Text that was taken, and how much of it waits to be spoken, in bytes."""

    buffered_bytes: int | None = None
    ok: bool | None = None


class StreamCancelled(ResponseStruct):
    """The stream that was ended."""

    stream_id: str | None = None


class TtsStream(RequestStruct, tag_field="type", tag="tts"):
    """An avatar that speaks a text that is known whole.

    Args:
        text: What it says.
    """

    avatar_id: str
    voice_id: str
    text: str


class AudioStream(RequestStruct, tag_field="type", tag="audio"):
    """An avatar that moves its lips to a recording.

    Args:
        audio: The recording.
    """

    avatar_id: str
    audio: FileInput


class TextStream(RequestStruct, tag_field="type", tag="text_stream"):
    """An avatar that speaks text as it comes.

    Args:
        text: The beginning; the rest is appended.
    """

    avatar_id: str
    voice_id: str
    text: str


StreamRequest: TypeAlias = TtsStream | AudioStream | TextStream
