"""Audio: music and sound effects."""

from __future__ import annotations

from typing import Literal

from .base import OpenEnum, ResponseStruct

SoundKind = Literal["music", "sound_effects"]


class SoundType(OpenEnum):
    """The type of a sound."""

    MUSIC = "music"
    SOUND_EFFECTS = "sound_effects"


class Sound(ResponseStruct):
    """A sound that a search found; its URL expires.

    `score` is 0 to 1. `duration` and `peak_offset` are in seconds.
    """

    id: str
    name: str | None = None
    type: SoundType | None = None
    description: str | None = None
    score: float | None = None
    audio_url: str | None = None
    duration: float | None = None
    peak_offset: float | None = None
    placement: str | None = None
