"""HeyGen's models, asked directly: for voices, speech, images and videos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Required, TypeAlias, TypedDict

import msgspec

from .base import JSONValue, OpenEnum, OptionalCreatedAtStruct, RequestStruct, ResponseStruct
from .files import FileInput

VoiceMode = Literal["professional", "instant"]
ImageModel = Literal["heygen-image-1"]
ImageMode = Literal["identity_remix"]
ImageShape = Literal["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9"]
VideoModel = Literal["heygen-video-1"]
VideoShape = Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
VideoSize = Literal["480p", "768p"]
PromptEnhancement = Literal["turbo", "quality", "default", "disabled"]


class ModelVoiceStatus(OpenEnum):
    """The state of a voice, in capitals; the last two are ends."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"


class ModelImageStatus(OpenEnum):
    """The state of a generation of images; the last three are ends."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ModelVideoStatus(OpenEnum):
    """The state of a video; the last three are ends."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ModelVoiceCreated(ResponseStruct):
    """A voice whose training was begun."""

    voice_id: str


class ModelVoice(OptionalCreatedAtStruct):
    """A voice of the account's own; it can speak when it is `ACTIVE`. `mode` is how it was made."""

    voice_id: str
    status: ModelVoiceStatus
    name: str | None = None
    mode: str | None = None
    failure_reason: str | None = None


class ModelVoiceDeleted(ResponseStruct):
    """What became of the voice."""

    status: str


class ModelSpeech(ResponseStruct):
    """Speech that was made; `duration` in seconds."""

    audio_url: str
    duration: float


class ModelImagesCreated(ResponseStruct):
    """Images that were begun, all under one id."""

    generation_id: str


class ModelImage(ResponseStruct):
    """One image; its size in pixels, and the `seed` that gives it again."""

    image_id: str
    image_url: str
    width: int | None = None
    height: int | None = None
    seed: int | None = None


class ModelImages(ResponseStruct):
    """The images of one generation, set when it is completed."""

    generation_id: str
    status: ModelImageStatus
    images: list[ModelImage] | None = None
    failure_code: str | None = None
    failure_message: str | None = None


class ModelVideoCreated(ResponseStruct):
    """A video that was begun."""

    video_id: str


class ModelVideo(ResponseStruct):
    """A video; `duration` in seconds, its size in pixels; `video_url` is presigned and set when it is completed."""

    video_id: str
    status: ModelVideoStatus
    video_url: str | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    failure_code: str | None = None
    failure_message: str | None = None


class ModelVoiceRequest(TypedDict, total=False):
    """What `models.voices.create` takes.

    Args:
        mode: `professional` learns from recordings of 20 minutes at least in all.
        audio: 1 to 10 recordings.
        name: How HeyGen shows it.
        voice_id: A voice to be trained anew.
    """

    mode: Required[VoiceMode]
    audio: Required[Sequence[FileInput]]
    name: str | None
    voice_id: str | None


class ModelSpeechRequest(TypedDict, total=False):
    """What speech is made of.

    Args:
        voice_id: A voice of the account's own or everybody's.
        text: 1 to 5,000 characters.
        language: Such as `en`; found out when it is not given.
        model: `heygen-voice-1` by default.
        expressiveness_boost: 1 by default.
        seed: The same number speaks the same way.
    """

    voice_id: Required[str]
    text: Required[str]
    language: str | None
    model: str | None
    expressiveness_boost: float | None
    seed: int | None


class ModelImagesRequest(TypedDict, total=False):
    """What `models.images.create` takes.

    Args:
        identity_images: 1 to 5 pictures of a person.
        reference_images: The one picture to put the person into.
        model: There is one, which is the default.
        mode: There is one, which is the default.
        num_images: From 1 to 5, by default 1.
        seed: The same number gives the same images.
    """

    identity_images: Required[Sequence[FileInput]]
    reference_images: Required[Sequence[FileInput]]
    model: ImageModel
    mode: ImageMode
    num_images: int | None
    aspect_ratio: ImageShape | None
    seed: int | None


class _ModelVideo(RequestStruct):
    """What the ways to a video share.

    Args:
        prompt: What is to be seen.
        model: There is one, which is the default.
        duration: From 5 (the default) to 15 s.
        resolution: 768p by default.
        prompt_enhancement: How HeyGen writes the prompt out, by default for `quality`.
        seed: The same number gives the same video.
    """

    prompt: str
    #: By a factory, so that it is sent: what equals a default is not.
    model: VideoModel = msgspec.field(default_factory=lambda: "heygen-video-1")
    duration: int | None = None
    resolution: VideoSize | None = None
    prompt_enhancement: PromptEnhancement | None = None
    seed: int | None = None
    callback_url: str | None = None
    callback_id: str | None = None


class TextToVideo(_ModelVideo, kw_only=True, tag_field="mode", tag="text_to_video"):
    """A video from words alone."""

    aspect_ratio: VideoShape | None = None


class ImageToVideo(_ModelVideo, kw_only=True, tag_field="mode", tag="image_to_video"):
    """A video that begins with a picture.

    Args:
        image: The picture.
    """

    image: FileInput


class ReferenceToVideo(_ModelVideo, kw_only=True, tag_field="mode", tag="reference_to_video"):
    """A video after pictures, videos and sounds.

    Args:
        reference_images: Pictures to go by.
        reference_videos: Videos to go by.
        reference_audio: Sounds to go by.
    """

    reference_images: list[FileInput] | None = None
    reference_videos: list[FileInput] | None = None
    reference_audio: list[FileInput] | None = None


ModelVideoRequest: TypeAlias = TextToVideo | ImageToVideo | ReferenceToVideo


class SpeechAudio(ResponseStruct):
    """A part of speech: `audio` is a WAV file of its own. The parts one after the other are the whole."""

    audio: bytes
    part_index: int | None = None

    def __repr__(self) -> str:
        return f"SpeechAudio(part_index={self.part_index}, audio=<{len(self.audio)} bytes>)"


class SpokenWord(ResponseStruct):
    """A word with its times, in seconds from the start of the speech; `confidence` from 0 to 1."""

    text: str
    start_time: float
    end_time: float
    confidence: float | None = None


class SpeechAlignment(ResponseStruct):
    """When the next words of the speech are spoken."""

    word_alignments: list[SpokenWord]


class UnknownSpeechPart(ResponseStruct):
    """A part of a type that came later than this version; `raw` is all of it."""

    type: str
    raw: dict[str, JSONValue]


SpeechPart: TypeAlias = SpeechAudio | SpeechAlignment | UnknownSpeechPart
