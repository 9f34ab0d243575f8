"""HeyGen's models: voices, speech, images and videos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Required, TypeAlias, TypedDict

import msgspec
from msgspec import Meta

from .base import CallbackId, CallbackUrl, CreatedAtStruct, JSONValue, OpenEnum, RequestStruct, ResponseStruct
from .files import FileInput

VoiceMode = Literal["professional", "instant"]
ImageModel = Literal["heygen-image-1"]
ImageMode = Literal["identity_remix"]
ImageShape = Literal["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9"]
VideoModel = Literal["heygen-video-1"]
VideoShape = Literal["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
ReferenceShape = Literal["adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
VideoSize = Literal["480p", "768p", "1080p", "2k"]
VoiceSimilarity = Literal["medium", "high", "mel", "extra_high", "max"]
SpeakerGender = Literal["male", "female"]
SpeakerAge = Literal["young", "old"]
PromptEnhancement = Literal["turbo", "quality", "default", "disabled"]


class ModelVoiceStatus(OpenEnum):
    """The state of a voice; the last two are final."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"


class ModelImageStatus(OpenEnum):
    """The state of an image generation; the last three are final."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ModelVideoStatus(OpenEnum):
    """The state of a video; the last three are final."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ModelVoiceCreated(ResponseStruct):
    """A voice that is being created or trained again."""

    voice_id: str


class ModelVoice(CreatedAtStruct):
    """A voice of the account. It can speak when its status is `ACTIVE`. `mode` is `instant` or `professional`.

    `language` is the code of the recordings' language, when it is known. `failure_reason` is set when the status is
    `FAILED`.
    """

    voice_id: str
    status: ModelVoiceStatus | None = None
    name: str | None = None
    mode: str | None = None
    language: str | None = None
    failure_reason: str | None = None


class ModelVoiceDeleted(ResponseStruct):
    """The status of a deleted voice."""

    status: str | None = None


class ModelSpeech(ResponseStruct):
    """Generated speech. `duration` is in seconds."""

    audio_url: str
    duration: float | None = None


class ModelImagesCreated(ResponseStruct):
    """An image generation that was started."""

    generation_id: str


class ModelImage(ResponseStruct):
    """One image. Its size is in pixels; the same `seed` generates it again."""

    image_id: str
    image_url: str | None = None
    width: int | None = None
    height: int | None = None
    seed: int | None = None


class ModelImages(ResponseStruct):
    """An image generation. `images` is set when it is completed."""

    generation_id: str
    status: ModelImageStatus | None = None
    images: list[ModelImage] | None = None
    failure_code: str | None = None
    failure_message: str | None = None


class ModelVideoCreated(ResponseStruct):
    """A video that was started."""

    video_id: str
    status: ModelVideoStatus | None = None


class ModelVideoTimings(ResponseStruct):
    """The times that a video took, in seconds."""

    inference: float | None = None


class ModelVideo(ResponseStruct):
    """A video with sound, at 24 frames per second. `duration` is in seconds, its size in pixels.

    `video_url` is presigned, and set when the video is completed.
    """

    video_id: str
    status: ModelVideoStatus | None = None
    video_url: str | None = None
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    aspect_ratio: str | None = None
    seed: int | None = None
    timings: ModelVideoTimings | None = None
    failure_code: str | None = None
    failure_message: str | None = None


class InstantVoice(RequestStruct, tag_field="mode", tag="instant"):
    """A voice from one recording, which can speak after seconds. It cannot be trained again."""

    name: Annotated[str, Meta(description="The name that HeyGen shows.")]
    audio: Annotated[
        list[FileInput],
        Meta(description="One recording: MP3, WAV or OGG, at most 100 MiB. Only its first 180 seconds are used."),
    ]
    language: Annotated[str | None, Meta(description="The language's code, such as `en`; detected by default.")] = None
    remove_background_noise: Annotated[bool | None, Meta(description="Whether to remove noise; by default true.")] = (
        None
    )
    similarity: Annotated[
        VoiceSimilarity | None, Meta(description="The similarity to the recording; by default `extra_high`.")
    ] = None
    gender: Annotated[SpeakerGender | None, Meta(description="The speaker's gender; detected by default.")] = None
    age: Annotated[SpeakerAge | None, Meta(description="The speaker's age; detected by default.")] = None


class ProfessionalVoice(RequestStruct, tag_field="mode", tag="professional"):
    """A voice that is trained on long recordings; with a `voice_id`, an existing one that is trained again."""

    audio: Annotated[
        list[FileInput],
        Meta(description="1 to 10 recordings of one speaker: together 20 minutes or more, and at most 1.5 GB."),
    ]
    name: Annotated[str | None, Meta(description="The name of a new voice.")] = None
    language: Annotated[str | None, Meta(description="The code of a new voice's language, such as `en`.")] = None
    voice_id: Annotated[str | None, Meta(description="A professional voice to train again.")] = None


NewModelVoice: TypeAlias = InstantVoice | ProfessionalVoice


class ModelVoiceRequest(TypedDict, total=False):
    """The fields of an `InstantVoice` or a `ProfessionalVoice` as keywords of `models.voices.create`. Deprecated."""

    mode: Annotated[VoiceMode | None, Meta(description="`instant` or `professional`.")]
    audio: Annotated[Sequence[FileInput] | None, Meta(description="The recordings.")]
    name: Annotated[str | None, Meta(description="The name that HeyGen shows.")]
    voice_id: Annotated[str | None, Meta(description="An existing voice to train again.")]


class ModelSpeechRequest(TypedDict, total=False):
    """The arguments of `models.create_speech` and `models.stream_speech`."""

    voice_id: Required[Annotated[str, Meta(description="A voice of the account or a public one.")]]
    text: Required[
        Annotated[
            str,
            Meta(
                description="The text to speak, 1 to 5,000 characters. For a professional voice it may have pauses of "
                'at most 5 seconds, such as `<break time="0.5s"/>`.'
            ),
        ]
    ]
    language: Annotated[
        str | None,
        Meta(
            description="The code of one of 39 languages, without a region: `en`, not `en-US`. By default it is found "
            "from the text; the response header `Content-Language` names it."
        ),
    ]
    model: Annotated[
        str | None, Meta(description="`heygen-voice-1` (the default), or the faster `heygen-voice-1-turbo`.")
    ]
    expressiveness_boost: Annotated[float | None, Meta(description="0 to 1, by default 1; for instant voices.")]
    speed: Annotated[float | None, Meta(description="A factor of the speed; for professional voices.")]
    pitch_shift: Annotated[float | None, Meta(description="A shift in semitones; for professional voices.")]
    pitch_variance: Annotated[
        float | None, Meta(description="A factor of the melody, 1 keeps the voice's own; for professional voices.")
    ]
    seed: Annotated[int | None, Meta(description="The same number generates similar speech; for professional voices.")]
    with_timestamps: Annotated[bool | None, Meta(description="Whether to return the times of characters and words.")]
    end_user_id: Annotated[str | None, Meta(description="Your own id of the user for whom the speech is generated.")]


class ModelImagesRequest(TypedDict, total=False):
    """The arguments of `models.images.create`."""

    identity_images: Required[Annotated[Sequence[FileInput], Meta(description="1 to 5 pictures of a person.")]]
    reference_images: Required[Annotated[Sequence[FileInput], Meta(description="One picture to put the person into.")]]
    model: Annotated[ImageModel, Meta(description="The only model, which is the default.")]
    mode: Annotated[ImageMode, Meta(description="The only mode, which is the default.")]
    num_images: Annotated[int | None, Meta(description="The number of images, 1 to 5; by default 1.")]
    aspect_ratio: Annotated[ImageShape | None, Meta(description="The shape; by default the reference picture's.")]
    seed: Annotated[int | None, Meta(description="The same number generates the same images.")]


class _ModelVideo(RequestStruct):
    """The fields that every model video has."""

    prompt: Annotated[str, Meta(description="A description of the video.")]
    #: A factory, because a value that equals the default is not sent.
    model: Annotated[VideoModel, Meta(description="The only model.")] = msgspec.field(
        default_factory=lambda: "heygen-video-1"
    )
    duration: Annotated[int | None, Meta(description="The length in seconds, 5 to 15; by default 5.")] = None
    resolution: Annotated[
        VideoSize | None,
        Meta(description="By default `768p`. `1080p` and `2k` need the shape 16:9 or 9:16, except from a picture."),
    ] = None
    prompt_enhancement: Annotated[PromptEnhancement | None, Meta(description="The extension of the prompt.")] = None
    seed: Annotated[int | None, Meta(description="0 to 4,294,967,295; the same generates the same video.")] = None
    callback_url: CallbackUrl = None
    callback_id: CallbackId = None


class TextToVideo(_ModelVideo, kw_only=True, tag_field="mode", tag="text_to_video"):
    """A video from a prompt alone."""

    aspect_ratio: Annotated[VideoShape | None, Meta(description="The shape of the picture.")] = None


class ImageToVideo(_ModelVideo, kw_only=True, tag_field="mode", tag="image_to_video"):
    """A video that starts with a picture."""

    image: Annotated[FileInput, Meta(description="The first picture.")]


class ReferenceToVideo(_ModelVideo, kw_only=True, tag_field="mode", tag="reference_to_video"):
    """A video from reference pictures, videos and sounds."""

    aspect_ratio: Annotated[ReferenceShape | None, Meta(description="By default `adaptive`: the references'.")] = None
    reference_images: Annotated[list[FileInput] | None, Meta(description="The reference pictures.")] = None
    reference_videos: Annotated[list[FileInput] | None, Meta(description="The reference videos.")] = None
    reference_audio: Annotated[list[FileInput] | None, Meta(description="The reference sounds.")] = None


ModelVideoRequest: TypeAlias = TextToVideo | ImageToVideo | ReferenceToVideo


class SpeechAudio(ResponseStruct):
    """A part of streamed speech. `audio` is a complete WAV file; play the parts one after the other."""

    audio: bytes
    part_index: int | None = None

    def __repr__(self) -> str:
        return f"SpeechAudio(part_index={self.part_index}, audio=<{len(self.audio)} bytes>)"


class SpokenWord(ResponseStruct):
    """A spoken word. Times are in seconds from the start of the speech, `confidence` is 0 to 1."""

    text: str | None = None
    start_time: float | None = None
    end_time: float | None = None
    confidence: float | None = None


class SpeechAlignment(ResponseStruct):
    """The times of the next words of the speech."""

    word_alignments: list[SpokenWord]


class UnknownSpeechPart(ResponseStruct):
    """A part of a type that this version of the SDK does not know. `raw` is the whole part."""

    type: str
    raw: dict[str, JSONValue]


SpeechPart: TypeAlias = SpeechAudio | SpeechAlignment | UnknownSpeechPart
