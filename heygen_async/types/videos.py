"""Videos: the four kinds of request, and the `Video` that each of them creates."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from .base import (
    AvatarId,
    BrandGlossaryId,
    CallbackId,
    CallbackUrl,
    CompletedAtStruct,
    FolderId,
    OpenEnum,
    RequestStruct,
    ResponseStruct,
    Title,
)
from .files import FileInput

AspectRatio = Literal["16:9", "9:16", "4:5", "5:4", "1:1", "auto"]
Resolution = Literal["4k", "1080p", "720p"]
OutputFormat = Literal["mp4", "webm"]
Expressiveness = Literal["high", "medium", "low"]
Fit = Literal["contain", "cover"]
ElevenLabsModel = Literal["eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3", "eleven_v4"]
PlaybackModeName = Literal["freeze", "loop", "fit_to_scene"]
Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]


class VideoStatus(OpenEnum):
    """The state of a video; the last two are final."""

    WAITING = "waiting"
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Video(CompletedAtStruct):
    """A video. Times are in unix seconds, `duration` is in seconds.

    URLs of files are presigned and expire; `AsyncHeyGen.download` fetches fresh ones. `failure_code` and
    `failure_message` are set when `status` is `failed`, `output_language` for a translated video.
    """

    id: str
    status: VideoStatus | None = None
    title: str | None = None
    duration: float | None = None
    video_url: str | None = None
    captioned_video_url: str | None = None
    subtitle_url: str | None = None
    thumbnail_url: str | None = None
    gif_url: str | None = None
    video_page_url: str | None = None
    folder_id: str | None = None
    output_language: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None


class VideoCreated(ResponseStruct):
    """A video that was started, with its file format."""

    video_id: str
    status: VideoStatus | None = None
    output_format: str | None = "mp4"


class AvatarIII(RequestStruct, tag_field="type", tag="avatar_iii"):
    """The Avatar III engine, which images do not support."""


class AvatarIV(RequestStruct, tag_field="type", tag="avatar_iv"):
    """The Avatar IV engine, the default."""


class AvatarV(RequestStruct, tag_field="type", tag="avatar_v"):
    """The Avatar V engine, for looks that list it in `supported_api_engines`."""

    reference_look_id: Annotated[str | None, Meta(description="A look of the same group, whose motion is used.")] = None


Engine: TypeAlias = AvatarIII | AvatarIV | AvatarV


class ElevenLabsSettings(RequestStruct, tag_field="engine_type", tag="elevenlabs"):
    """Settings of an ElevenLabs voice. Numbers are 0 to 1."""

    model: Annotated[ElevenLabsModel | None, Meta(description="The ElevenLabs model.")] = None
    stability: Annotated[float | None, Meta(description="A higher value makes the speech more even.")] = None
    similarity_boost: Annotated[float | None, Meta(description="A higher value is closer to the original.")] = None
    style: Annotated[float | None, Meta(description="A higher value exaggerates the speaker's style.")] = None
    use_speaker_boost: Annotated[bool | None, Meta(description="ElevenLabs' speaker boost.")] = None


class FishSettings(RequestStruct, tag_field="engine_type", tag="fish"):
    """Settings of a Fish Audio voice. Numbers are 0 to 1."""

    model: Annotated[Literal["s1", "s2-pro"] | None, Meta(description="By default `s1`.")] = None
    stability: Annotated[float | None, Meta(description="A higher value makes the speech more even.")] = None
    similarity: Annotated[float | None, Meta(description="A higher value is closer to the original.")] = None


class StarfishSettings(RequestStruct, tag_field="engine_type", tag="starfish"):
    """Selects the Starfish engine for a voice that has several."""


EngineSettings: TypeAlias = ElevenLabsSettings | FishSettings | StarfishSettings


class VoiceSettings(RequestStruct):
    """The settings of a voice."""

    speed: Annotated[float | None, Meta(description="0.5 to 1.5; by default 1.")] = None
    pitch: Annotated[float | None, Meta(description="-50 to 50 semitones; by default 0.")] = None
    volume: Annotated[float | None, Meta(description="0 to 1; by default 1.")] = None
    locale: Annotated[str | None, Meta(description="The accent, such as `en-US`, of a voice that has several.")] = None
    engine_settings: Annotated[EngineSettings | None, Meta(description="Settings of the voice's own engine.")] = None


class Background(RequestStruct):
    """The background: a colour or an image."""

    type: Annotated[Literal["color", "image"], Meta(description="`color` takes `value`, `image` `url` or `asset_id`.")]
    value: Annotated[str | None, Meta(description="A colour such as `#1a2b3c`.")] = None
    url: Annotated[str | None, Meta(description="The public URL of the image.")] = None
    asset_id: Annotated[str | None, Meta(description="The `asset_id` of an uploaded image.")] = None


class Caption(RequestStruct):
    """Captions. HeyGen always creates a caption file. With a `style` it also burns captions into the picture."""

    file_format: Annotated[Literal["srt"] | None, Meta(description="The format of the file; only `srt`.")] = None
    style: Annotated[Literal["default"] | None, Meta(description="The style of captions in the picture.")] = None


class WatermarkPlacement(RequestStruct):
    """The position of a watermark."""

    position: Annotated[Corner | None, Meta(description="The corner; by default the bottom right.")] = None
    offset_x: Annotated[float | None, Meta(description="The distance to the right, as a fraction of the frame.")] = None
    offset_y: Annotated[float | None, Meta(description="The distance downwards, as a fraction of the frame.")] = None


class Watermark(RequestStruct):
    """A picture over the video, for some Enterprise accounts."""

    image: Annotated[FileInput, Meta(description="A PNG or JPEG.")]
    opacity: Annotated[float | None, Meta(description="0 to 1; by default 1.")] = None
    scale: Annotated[float | None, Meta(description="The scale; 1, the default, is the picture's own size.")] = None
    placement: Annotated[WatermarkPlacement | None, Meta(description="The position; by default bottom right.")] = None


class _Spoken(RequestStruct, kw_only=True):
    """The speech: exactly one of `script`, `audio_url` and `audio_asset_id`."""

    script: Annotated[str | None, Meta(description="The text to speak; HeyGen accepts up to 5,000 characters.")] = None
    voice_id: Annotated[str | None, Meta(description="The voice of the script; by default the avatar's own.")] = None
    audio_url: Annotated[str | None, Meta(description="The public URL of a recording.")] = None
    audio_asset_id: Annotated[str | None, Meta(description="The `asset_id` of an uploaded recording.")] = None
    voice_settings: Annotated[VoiceSettings | None, Meta(description="The settings of the voice.")] = None


class _Speaker(_Spoken, kw_only=True):
    """The motion of a speaker."""

    motion_prompt: Annotated[str | None, Meta(description="The body's motion; for photo looks, or on Avatar V.")] = None
    expressiveness: Annotated[
        Expressiveness | None, Meta(description="For photo looks on Avatar IV; default: `low`.")
    ] = None


class _Presented(_Speaker, kw_only=True):
    """The frame around a speaker."""

    background: Annotated[Background | None, Meta(description="The background; not with `output_format` webm.")] = None
    remove_background: Annotated[bool | None, Meta(description="Whether to remove the avatar's background.")] = None
    fit: Annotated[Fit | None, Meta(description="`cover` fills the frame and may crop; `contain` shows all.")] = None
    caption: Annotated[Caption | None, Meta(description="Burned-in captions, in addition to the file.")] = None
    watermark: Annotated[Watermark | None, Meta(description="A picture on top; for some Enterprise accounts.")] = None
    title: Title = None
    folder_id: FolderId = None
    brand_glossary_id: BrandGlossaryId = None
    aspect_ratio: Annotated[AspectRatio | None, Meta(description="Default: `16:9`. `auto` is the source's own.")] = None
    resolution: Annotated[Resolution | None, Meta(description="The resolution.")] = None
    output_format: Annotated[OutputFormat | None, Meta(description="Default: `mp4`. `webm` is transparent.")] = None
    callback_url: CallbackUrl = None
    callback_id: CallbackId = None


class AvatarVideo(_Presented, kw_only=True, tag_field="type", tag="avatar"):
    """A video of an avatar that speaks: exactly one of `script`, `audio_url` and `audio_asset_id`.

    `voice_id` applies to a script. `expressiveness` is for photo looks on Avatar IV. `output_format="webm"` is
    transparent and excludes `background`.
    """

    avatar_id: AvatarId
    engine: Annotated[
        Engine | None, Meta(description="By default Avatar IV; see `supported_api_engines` of the look.")
    ] = None


class ImageVideo(_Presented, kw_only=True, tag_field="type", tag="image"):
    """A video of a picture that speaks: exactly one of `script` (with `voice_id`), `audio_url` and `audio_asset_id`."""

    image: Annotated[FileInput, Meta(description="The picture that speaks.")]


class CinematicVideo(RequestStruct, tag_field="type", tag="cinematic_avatar"):
    """A video from a prompt, looks and reference files. This kind has no `callback_url`."""

    prompt: Annotated[str, Meta(description="A description of the video.")]
    avatar_id: Annotated[list[str], Meta(description="One to three looks, from `avatars.looks.list`.")]
    references: Annotated[
        list[FileInput] | None, Meta(description="At most 3 videos and 9 images, looks included.")
    ] = None
    duration: Annotated[int | None, Meta(description="Seconds, 4 to 15; default: 10. Not with `auto_duration`.")] = None
    auto_duration: Annotated[bool | None, Meta(description="Whether the model chooses the length.")] = None
    enhance_prompt: Annotated[bool | None, Meta(description="Whether HeyGen extends the prompt.")] = None
    title: Title = None
    folder_id: FolderId = None
    aspect_ratio: Annotated[AspectRatio | None, Meta(description="`16:9` (the default), `9:16` or `1:1`.")] = None
    resolution: Annotated[Literal["720p", "1080p"] | None, Meta(description="By default `720p`.")] = None


class ColorBackground(RequestStruct, tag_field="type", tag="color"):
    """A colour as the background of a studio scene."""

    color: Annotated[str, Meta(description="A colour such as `#1a2b3c`.")]


class ImageBackground(RequestStruct, tag_field="type", tag="image"):
    """A picture as the background of a studio scene, by its `url` or by its `asset_id`."""

    url: Annotated[str | None, Meta(description="The public URL of the picture.")] = None
    asset_id: Annotated[str | None, Meta(description="The `asset_id` of an uploaded picture.")] = None


class VideoBackground(RequestStruct, tag_field="type", tag="video"):
    """A clip as the background of a studio scene, by its `url` or by its `asset_id`."""

    url: Annotated[str | None, Meta(description="The public URL of the clip.")] = None
    asset_id: Annotated[str | None, Meta(description="The `asset_id` of an uploaded clip.")] = None


SceneBackgroundRequest: TypeAlias = ColorBackground | ImageBackground | VideoBackground


class AvatarInput(_Speaker, kw_only=True, tag_field="type", tag="avatar"):
    """An avatar that speaks in a studio scene: exactly one of `script`, `audio_url` and `audio_asset_id`."""

    avatar_id: AvatarId
    engine: Annotated[
        Engine | None, Meta(description="By default Avatar IV; see `supported_api_engines` of the look.")
    ] = None
    background: Annotated[
        SceneBackgroundRequest | None, Meta(description="A colour, a picture or a clip behind the avatar.")
    ] = None


class ImageInput(_Speaker, kw_only=True, tag_field="type", tag="image"):
    """A picture that speaks in a studio scene: exactly one of `script`, `audio_url` and `audio_asset_id`.

    Deprecated: HeyGen's newer documents do not have it. Create a photo avatar, and use its look in an `AvatarInput`.
    """

    image: Annotated[FileInput, Meta(description="The picture that speaks.")]


class AvatarScene(RequestStruct, tag_field="type", tag="avatar_video"):
    """A scene with a speaker. It lasts as long as the speech."""

    input: Annotated[AvatarInput | ImageInput, Meta(description="The speaker and the speech.")]


class ImageScene(_Spoken, kw_only=True, tag_field="type", tag="image"):
    """A still picture, shown for `duration` or narrated by exactly one of script and audio."""

    source: Annotated[FileInput, Meta(description="The picture.")]
    duration: Annotated[float | None, Meta(description="Seconds, up to 300; for a scene without narration.")] = None


class Playback(RequestStruct):
    """The playback of a clip."""

    mode: Annotated[
        PlaybackModeName | None,
        Meta(description="How a narrated clip fills the speech: by `freeze` (default), `loop` or `fit_to_scene`."),
    ] = None
    volume: Annotated[float | None, Meta(description="0 to 1; by default 1.")] = None
    mute: Annotated[bool | None, Meta(description="Whether the clip is silent at every volume.")] = None


class VideoScene(_Spoken, kw_only=True, tag_field="type", tag="video"):
    """An existing clip, narrated by at most one of `script` (with `voice_id`), `audio_url` and `audio_asset_id`.

    With a narration the scene lasts as long as the speech.
    """

    source: Annotated[FileInput, Meta(description="The clip.")]
    playback: Annotated[Playback | None, Meta(description="The sound and the alignment of the clip.")] = None


Scene: TypeAlias = AvatarScene | ImageScene | VideoScene


class StudioVideo(RequestStruct, tag_field="type", tag="studio"):
    """A video of 1 to 50 scenes, each cropped to the same frame."""

    scenes: Annotated[list[Scene], Meta(description="The scenes in their order: speakers, still pictures and clips.")]
    title: Title = None
    folder_id: FolderId = None
    brand_glossary_id: BrandGlossaryId = None
    aspect_ratio: Annotated[AspectRatio | None, Meta(description="By default `16:9`.")] = None
    resolution: Annotated[Resolution | None, Meta(description="The resolution.")] = None
    caption: Annotated[Caption | None, Meta(description="Burned-in captions, in addition to the file.")] = None
    watermark: Annotated[Watermark | None, Meta(description="A picture on top; for some Enterprise accounts.")] = None
    callback_url: CallbackUrl = None
    callback_id: CallbackId = None


VideoRequest: TypeAlias = AvatarVideo | ImageVideo | CinematicVideo | StudioVideo
