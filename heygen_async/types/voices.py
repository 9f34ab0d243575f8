"""Voices: public ones, clones of the account, and generated speech."""

from __future__ import annotations

from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from .base import CreatedAtStruct, OpenEnum, ResponseStruct, Word
from .files import FileInput

VoiceOwnership = Literal["public", "private"]
SpeechInput = Literal["text", "ssml"]


class VoiceType(OpenEnum):
    """Whether a voice is public or the account's own."""

    PUBLIC = "public"
    PRIVATE = "private"


class CloneStatus(OpenEnum):
    """The state of a voice clone. A finished clone is `complete`."""

    PROCESSING = "processing"
    COMPLETE = "complete"
    FAILED = "failed"


class Voice(ResponseStruct):
    """A voice as lists return it. A designed voice has fewer fields."""

    voice_id: str
    name: str | None = None
    language: str | None = None
    gender: str | None = None
    type: VoiceType | None = None
    support_pause: bool | None = None
    support_locale: bool | None = None
    preview_audio_url: str | None = None


class VoiceDetails(CreatedAtStruct):
    """One voice. `status` and `failure_message` are set for a clone; `created_at` is in unix seconds."""

    voice_id: str
    support_pause: bool | None = None
    name: str | None = None
    language: str | None = None
    gender: str | None = None
    preview_audio_url: str | None = None
    support_interactive_avatar: bool | None = False
    status: CloneStatus | None = None
    failure_message: str | None = None


class DesignedVoices(ResponseStruct, kw_only=True):
    """Up to three voices that fit a description, best first. Another `seed` returns others."""

    seed: int | None = None
    voices: list[Voice]


class VoiceCloneCreated(ResponseStruct):
    """A voice clone that was started. `voices.get` with this id returns its status."""

    voice_clone_id: str


class DeletedVoice(ResponseStruct):
    """The id of a deleted voice."""

    voice_id: str


class Speech(ResponseStruct):
    """Generated speech. `duration` is in seconds."""

    audio_url: str
    duration: float | None = None
    request_id: str | None = None
    word_timestamps: list[Word] | None = None


class CloneRequest(TypedDict, total=False):
    """The arguments of `voices.clone`."""

    audio: Required[Annotated[FileInput, Meta(description="A recording of the voice.")]]
    voice_name: Required[Annotated[str, Meta(description="The name that HeyGen shows.")]]
    language: Annotated[str | None, Meta(description="A hint such as `en`; detected by default.")]
    remove_background_noise: Annotated[bool | None, Meta(description="Whether to clean the recording first (default).")]
