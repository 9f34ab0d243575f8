"""Translations of videos, and the proofreading that may come before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required, TypedDict

from .base import Dubbing, DubbingMode, OpenEnum, OptionalCreatedAtStruct, RequestStruct, ResponseStruct, RunStatus
from .files import FileInput

FpsMode = Literal["vfr", "cfr", "passthrough"]
SrtRole = Literal["input", "output"]
CaptionFormat = Literal["srt", "vtt"]


class ProofreadStatus(OpenEnum):
    """The state of a proofread; the last two are ends."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class TranslationsCreated(ResponseStruct):
    """The translations that were begun: one id a language, in the order asked."""

    video_translation_ids: list[str]


class Translation(OptionalCreatedAtStruct):
    """A translation; `duration` in seconds, `created_at` in unix seconds. URLs are presigned, and set at its end."""

    id: str
    status: RunStatus
    title: str | None = None
    input_language: str | None = None
    output_language: str | None = None
    duration: float | None = None
    video_url: str | None = None
    audio_url: str | None = None
    srt_caption_url: str | None = None
    vtt_caption_url: str | None = None
    translate_audio_only: bool | None = None
    callback_id: str | None = None
    failure_message: str | None = None


class Languages(ResponseStruct):
    """The names that `output_languages` takes."""

    languages: list[str]


class TranslationCaption(ResponseStruct):
    """Where a translation's captions are."""

    caption_url: str


class ProofreadsCreated(ResponseStruct):
    """The proofreads that were begun: one id a language."""

    proofread_ids: list[str]
    status: ProofreadStatus


class Proofread(OptionalCreatedAtStruct):
    """A proofread: subtitles to be corrected before the translation is rendered."""

    id: str
    status: ProofreadStatus
    title: str | None = None
    input_language: str | None = None
    output_language: str | None = None
    submitted_for_review: bool | None = None
    failure_message: str | None = None


class ProofreadSrt(ResponseStruct):
    """Where the subtitles are: as edited, and as they came."""

    srt_url: str
    original_srt_url: str | None = None


class ProofreadGenerated(ResponseStruct):
    """The translation that is rendered from a proofread."""

    video_translation_id: str
    status: ProofreadStatus


class StockVoiceConfig(RequestStruct):
    """A preset voice in place of a clone of the speaker's.

    Args:
        use_stock_voice: Speak with a preset voice.
        preferred_stock_voice_ids: Of which; by default HeyGen's own choice for the language.
    """

    use_stock_voice: bool | None = None
    preferred_stock_voice_ids: list[str] | None = None


class TranslationRequest(Dubbing, total=False):
    """What `video_translations.create` takes.

    Args:
        video: The video, which stays as it is.
        output_languages: Names of `video_translations.list_languages`: one translation for each.
        input_language: What is spoken, such as `en`; found out when it is not given.
        audio: A dubbing of one's own.
        srt: Subtitles of one's own.
        srt_role: Whether those are of the `input` or of the `output`.
        stock_voice_config: A preset voice in place of a clone of the speaker's.
        fps_mode: Variable, constant or the source's own frame rate, where `audio` is given.
        translate_audio_only: Leave the picture as it is.
    """

    video: Required[FileInput]
    output_languages: Required[Sequence[str]]
    input_language: str | None
    speaker_num: int | None
    audio: FileInput | None
    srt: FileInput | None
    srt_role: SrtRole | None
    stock_voice_config: StockVoiceConfig | None
    brand_glossary_id: str | None
    brand_voice_id: str | None
    fps_mode: FpsMode | None
    translate_audio_only: bool | None


class ProofreadRequest(TypedDict, total=False):
    """What `proofreads.create` takes.

    Args:
        video: The video, which stays as it is.
        output_languages: Names of `video_translations.list_languages`: one proofread for each.
        srt: Subtitles to begin with.
        enable_video_stretching: Let the translation be longer or shorter than the video.
    """

    video: Required[FileInput]
    output_languages: Required[Sequence[str]]
    title: Required[str]
    mode: DubbingMode | None
    srt: FileInput | None
    speaker_num: int | None
    brand_glossary_id: str | None
    brand_voice_id: str | None
    folder_id: str | None
    keep_the_same_format: bool | None
    disable_music_track: bool | None
    enable_speech_enhancement: bool | None
    enable_video_stretching: bool | None


class GenerateRequest(TypedDict, total=False):
    """What `proofreads.generate` takes.

    Args:
        captions: Make captions too.
        translate_audio_only: Leave the picture as it is.
    """

    captions: bool | None
    translate_audio_only: bool | None
    callback_url: str | None
    callback_id: str | None
