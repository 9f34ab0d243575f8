"""Voices: those that are there, those that are cloned, and what they say."""

from __future__ import annotations

from typing import Literal, Required, TypedDict

from .base import OpenEnum, OptionalCreatedAtStruct, ResponseStruct, Word
from .files import FileInput

VoiceOwnership = Literal["public", "private"]
SpeechInput = Literal["text", "ssml"]


class VoiceType(OpenEnum):
    """Whether a voice is everybody's or the account's own."""

    PUBLIC = "public"
    PRIVATE = "private"


class CloneStatus(OpenEnum):
    """The state of a voice clone; its good end is spelled `complete`."""

    PROCESSING = "processing"
    COMPLETE = "complete"
    FAILED = "failed"


class Voice(ResponseStruct):
    """A voice as lists show it; one that was designed tells less of itself."""

    voice_id: str
    name: str
    language: str | None = None
    gender: str | None = None
    type: VoiceType | None = None
    support_pause: bool | None = None
    support_locale: bool | None = None
    preview_audio_url: str | None = None


class VoiceDetails(OptionalCreatedAtStruct):
    """One voice; `status` and `failure_message` for a clone, `created_at` in unix seconds."""

    voice_id: str
    support_pause: bool
    name: str | None = None
    language: str | None = None
    gender: str | None = None
    preview_audio_url: str | None = None
    support_interactive_avatar: bool = False
    status: CloneStatus | None = None
    failure_message: str | None = None


class DesignedVoices(ResponseStruct):
    """Up to three voices that fit a description, best first; another `seed` gives others."""

    seed: int
    voices: list[Voice]


class VoiceCloneCreated(ResponseStruct):
    """A clone that was begun; `voices.get` with this id tells when it is `complete`."""

    voice_clone_id: str


class DeletedVoice(ResponseStruct):
    """The id of what was deleted."""

    voice_id: str


class Speech(ResponseStruct):
    """Speech that was made; `duration` in seconds."""

    audio_url: str
    duration: float
    request_id: str | None = None
    word_timestamps: list[Word] | None = None


class CloneRequest(TypedDict, total=False):
    """What `voices.clone` takes.

    Args:
        audio: A recording of the voice.
        voice_name: How HeyGen shows it.
        language: A hint such as `en`; found out when it is not given.
        remove_background_noise: Clean the recording first (the default).
    """

    audio: Required[FileInput]
    voice_name: Required[str]
    language: str | None
    remove_background_noise: bool | None
