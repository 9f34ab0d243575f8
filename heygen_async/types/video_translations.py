"""Video translations, and the proofreads that may precede them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from .base import (
    BrandGlossaryId,
    BrandVoiceId,
    CallbackId,
    CallbackUrl,
    CreatedAtStruct,
    Dubbing,
    DubbingMode,
    FolderId,
    OpenEnum,
    RequestStruct,
    ResponseStruct,
    RunStatus,
    SpeakerCount,
    deprecated,
)
from .files import FileInput

FpsMode = Literal["vfr", "cfr", "passthrough"]
SrtRole = Literal["input", "output"]
CaptionFormat = Literal["srt", "vtt"]


class ProofreadStatus(OpenEnum):
    """The state of a proofread; the last two are final."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class TranslationsCreated(ResponseStruct):
    """The translations that were started: one id for each language, in the order of the request."""

    video_translation_ids: list[str]


class Translation(CreatedAtStruct):
    """A translation. `duration` is in seconds, `created_at` in unix seconds.

    URLs are presigned, and set when the translation is completed.
    """

    id: str
    status: RunStatus | None = None
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
    """The names that `output_languages` accepts."""

    languages: list[str] | None = None


class TranslationCaption(ResponseStruct):
    """The URL of a translation's captions."""

    caption_url: str | None = None


class ProofreadsCreated(ResponseStruct):
    """The proofreads that were started: one id for each language."""

    proofread_ids: list[str]
    status: ProofreadStatus | None = None


class Proofread(CreatedAtStruct):
    """A proofread: subtitles that a person corrects before the translation is rendered."""

    id: str
    status: ProofreadStatus | None = None
    title: str | None = None
    input_language: str | None = None
    output_language: str | None = None
    submitted_for_review: bool | None = None
    failure_message: str | None = None


class ProofreadSrt(ResponseStruct):
    """The URLs of the subtitles: the edited ones and the original ones."""

    srt_url: str | None = None
    original_srt_url: str | None = None


class ProofreadGenerated(ResponseStruct):
    """A translation that was started from a proofread."""

    video_translation_id: str
    status: ProofreadStatus | None = None


class StockVoiceConfig(RequestStruct):
    """A stock voice in place of a clone of the speaker's voice."""

    use_stock_voice: Annotated[bool | None, Meta(description="Whether to use a stock voice.")] = None
    preferred_stock_voice_ids: Annotated[list[str] | None, Meta(description="The preferred voices.")] = None


class TranslationRequest(Dubbing, total=False):
    """The arguments of `video_translations.create`."""

    video: Required[Annotated[FileInput, Meta(description="The source video.")]]
    output_languages: Required[
        Annotated[Sequence[str], Meta(description="Names from `video_translations.list_languages`; a job each.")]
    ]
    input_language: Annotated[str | None, Meta(description="The spoken language, such as `en`; detected by default.")]
    speaker_num: SpeakerCount
    audio: Annotated[FileInput | None, Meta(description="A dubbed soundtrack of your own.")]
    srt: Annotated[FileInput | None, Meta(description="Subtitles of your own.")]
    srt_role: Annotated[SrtRole | None, Meta(description="Whether `srt` is in the `input` or `output` language.")]
    stock_voice_config: Annotated[
        StockVoiceConfig | None, Meta(description="A stock voice in place of a clone; for Enterprise accounts.")
    ]
    brand_glossary_id: BrandGlossaryId
    brand_voice_id: BrandVoiceId
    enable_caption: Annotated[bool | None, deprecated("HeyGen ignores it; captions are always created.")]
    fps_mode: Annotated[FpsMode | None, Meta(description="Frame rate for `audio`: `vfr`, `cfr`, `passthrough`.")]
    translate_audio_only: Annotated[bool | None, Meta(description="Whether the picture stays as it is.")]


class ProofreadRequest(TypedDict, total=False):
    """The arguments of `video_translations.proofreads.create`."""

    video: Required[Annotated[FileInput, Meta(description="The source video.")]]
    output_languages: Required[
        Annotated[Sequence[str], Meta(description="Names from `video_translations.list_languages`; a job each.")]
    ]
    title: Required[Annotated[str, Meta(description="The name that HeyGen shows.")]]
    mode: Annotated[DubbingMode | None, Meta(description="`speed` (the default), or `precision` for better lips.")]
    srt: Annotated[FileInput | None, Meta(description="Subtitles to start from.")]
    speaker_num: SpeakerCount
    brand_glossary_id: BrandGlossaryId
    brand_voice_id: BrandVoiceId
    folder_id: FolderId
    keep_the_same_format: Annotated[bool | None, Meta(description="Whether to keep the resolution and bit rate.")]
    disable_music_track: Annotated[bool | None, Meta(description="Whether to leave the music out.")]
    enable_speech_enhancement: Annotated[bool | None, Meta(description="Whether to clean the speech.")]
    enable_video_stretching: Annotated[bool | None, Meta(description="Whether the length of the video may change.")]


class GenerateRequest(TypedDict, total=False):
    """The arguments of `video_translations.proofreads.generate`."""

    captions: Annotated[bool | None, deprecated("HeyGen ignores it; captions are always created.")]
    translate_audio_only: Annotated[bool | None, Meta(description="Whether the picture stays as it is.")]
    callback_url: CallbackUrl
    callback_id: CallbackId
