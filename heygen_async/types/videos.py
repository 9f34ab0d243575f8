"""Videos: the four kinds of request, and the one `Video` that comes of them all."""

from __future__ import annotations

from typing import Literal, TypeAlias

from .base import CompletedAtStruct, JSONValue, OpenEnum, RequestStruct, ResponseStruct
from .files import FileInput

AspectRatio = Literal["16:9", "9:16", "4:5", "5:4", "1:1", "auto"]
Resolution = Literal["4k", "1080p", "720p"]
OutputFormat = Literal["mp4", "webm"]
Expressiveness = Literal["high", "medium", "low"]
Fit = Literal["contain", "cover"]
Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]


class VideoStatus(OpenEnum):
    """The state of a video; the last two are ends."""

    WAITING = "waiting"
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Video(CompletedAtStruct):
    """A video. Times are in unix seconds, `duration` is in seconds.

    The URLs of files are presigned and expire: `AsyncHeyGen.download` asks for fresh ones. `failure_code` and
    `failure_message` are set when `status` is failed, `output_language` for a translated video.
    """

    id: str
    status: VideoStatus
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


class VideoScenes(ResponseStruct):
    """What a finished video is made of, scene by scene; what is inside a scene, the API leaves open."""

    video_id: str
    scenes: list[dict[str, JSONValue]]


class VideoCreated(ResponseStruct):
    """A video that was begun, with the container that it will have."""

    video_id: str
    status: VideoStatus
    output_format: str = "mp4"


class AvatarIII(RequestStruct, tag_field="type", tag="avatar_iii"):
    """The Avatar III engine; not for images."""


class AvatarIV(RequestStruct, tag_field="type", tag="avatar_iv"):
    """The Avatar IV engine, the default."""


class AvatarV(RequestStruct, tag_field="type", tag="avatar_v"):
    """The Avatar V engine, for looks that have it among their `supported_api_engines`.

    Args:
        reference_look_id: An instant-avatar look of the same group, to move like; by default the avatar's own.
    """

    reference_look_id: str | None = None


Engine: TypeAlias = AvatarIII | AvatarIV | AvatarV


class ElevenLabsSettings(RequestStruct, tag_field="engine_type", tag="elevenlabs"):
    """Tuning of an ElevenLabs voice; the numbers from 0 to 1.

    Args:
        model: Which of ElevenLabs' models speaks.
        stability: Higher is more even.
        similarity_boost: Higher is closer to the original voice.
        style: Higher exaggerates the speaker's style.
        use_speaker_boost: ElevenLabs' speaker boost.
    """

    model: Literal["eleven_multilingual_v2", "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v3"] | None = None
    stability: float | None = None
    similarity_boost: float | None = None
    style: float | None = None
    use_speaker_boost: bool | None = None


class FishSettings(RequestStruct, tag_field="engine_type", tag="fish"):
    """Tuning of a Fish Audio voice; the numbers from 0 to 1.

    Args:
        model: `s1` by default.
        stability: Higher is more even.
        similarity: Higher is closer to the original voice.
    """

    model: Literal["s1", "s2-pro"] | None = None
    stability: float | None = None
    similarity: float | None = None


class StarfishSettings(RequestStruct, tag_field="engine_type", tag="starfish"):
    """Makes a voice that has several engines use Starfish."""


class VoiceSettings(RequestStruct):
    """How a voice speaks.

    Args:
        speed: From 0.5 to 1.5, by default 1.
        pitch: From -50 to 50 semitones, by default 0.
        volume: From 0 to 1, by default 1.
        locale: The accent of a voice that has several, such as `en-US`.
        engine_settings: Tuning of the engine that the voice has; that of another one is refused.
    """

    speed: float | None = None
    pitch: float | None = None
    volume: float | None = None
    locale: str | None = None
    engine_settings: ElevenLabsSettings | FishSettings | StarfishSettings | None = None


class Background(RequestStruct):
    """What is behind: a colour or an image.

    Args:
        type: `color` goes with a `value`, `image` with a `url` or an `asset_id`.
        value: A colour such as `#1a2b3c`.
        url: The image's public address.
        asset_id: The image, uploaded before.
    """

    type: Literal["color", "image"]
    value: str | None = None
    url: str | None = None
    asset_id: str | None = None


class Caption(RequestStruct):
    """Subtitles. A file of them always comes; with a `style` they are burned into the picture too.

    Args:
        file_format: Of the file; `srt` is the only one.
        style: How they look in the picture.
    """

    file_format: Literal["srt"] | None = None
    style: Literal["default"] | None = None


class WatermarkPlacement(RequestStruct):
    """Where a watermark stands.

    Args:
        position: A corner, by default the bottom right.
        offset_x: From there to the right, in parts of the frame: 0.05 is 5 %.
        offset_y: From there downwards, in parts of the frame.
    """

    position: Corner | None = None
    offset_x: float | None = None
    offset_y: float | None = None


class Watermark(RequestStruct):
    """A picture over the video; for some Enterprise accounts.

    Args:
        image: A PNG or JPEG.
        opacity: From 0 to 1 (the default).
        scale: 1 (the default) is the picture's own size.
        placement: Where it stands, by default at the bottom right.
    """

    image: FileInput
    opacity: float | None = None
    scale: float | None = None
    placement: WatermarkPlacement | None = None


class _Spoken(RequestStruct, kw_only=True):
    """What is said: exactly one of `script`, `audio_url` and `audio_asset_id`.

    Args:
        script: The text to speak; HeyGen takes 5,000 characters.
        voice_id: Who speaks the script, of `voices.list`; by default the avatar's own voice, which a picture has not.
        audio_url: A recording to speak with, at a public address.
        audio_asset_id: A recording to speak with, uploaded before.
        voice_settings: How the voice speaks.
    """

    script: str | None = None
    voice_id: str | None = None
    audio_url: str | None = None
    audio_asset_id: str | None = None
    voice_settings: VoiceSettings | None = None


class _Speaker(_Spoken, kw_only=True):
    """How somebody moves who speaks.

    Args:
        motion_prompt: How body and hands move, in words; for photo looks, and for others on Avatar V.
        expressiveness: By default `low`; for photo looks on Avatar IV.
    """

    motion_prompt: str | None = None
    expressiveness: Expressiveness | None = None


class _Presented(_Speaker, kw_only=True):
    """What is around somebody who speaks.

    Args:
        background: What is behind; nothing with `output_format` webm.
        remove_background: Cut the avatar out; footage must have been trained for it.
        fit: `cover` fills the frame and may crop, `contain` shows all; by default what suits the source.
        caption: Subtitles in the picture; a file of them comes in any case.
        watermark: A picture over the video; for some Enterprise accounts.
        aspect_ratio: 16:9 by default; `auto` is the source's own.
        output_format: `mp4` by default; `webm` is transparent, and goes with no `background`.
    """

    background: Background | None = None
    remove_background: bool | None = None
    fit: Fit | None = None
    caption: Caption | None = None
    watermark: Watermark | None = None
    title: str | None = None
    aspect_ratio: AspectRatio | None = None
    resolution: Resolution | None = None
    output_format: OutputFormat | None = None
    callback_url: str | None = None
    callback_id: str | None = None


class AvatarVideo(_Presented, kw_only=True, tag_field="type", tag="avatar"):
    """An avatar that speaks: exactly one of `script`, `audio_url` and `audio_asset_id`.

    `voice_id` goes with a script (by default the avatar's own voice). `expressiveness` is for photo looks on Avatar
    IV; `output_format="webm"` is transparent and goes with no `background`.

    Args:
        avatar_id: A look's id, of `avatars.looks.list`.
        engine: By default Avatar IV; a look's `supported_api_engines` tell which it may use.
    """

    avatar_id: str
    engine: Engine | None = None


class ImageVideo(_Presented, kw_only=True, tag_field="type", tag="image"):
    """A picture that speaks: exactly one of `script` (with `voice_id`), `audio_url` and `audio_asset_id`.

    Args:
        image: The picture that is to speak.
    """

    image: FileInput


class CinematicVideo(RequestStruct, tag_field="type", tag="cinematic_avatar"):
    """A video from a prompt, with looks and reference files to go by. There is no `callback_url` for this kind.

    Args:
        prompt: What is to be seen.
        avatar_id: One to three looks, of `avatars.looks.list`.
        references: Pictures, videos and sounds to go by; with the looks at most 3 videos and 9 images.
        duration: 4 to 15 s, by default 10; nothing with `auto_duration`.
        auto_duration: Let the model find the length.
        enhance_prompt: Let HeyGen write the prompt out.
        aspect_ratio: 16:9 (the default), 9:16 or 1:1.
        resolution: 720p by default.
    """

    prompt: str
    avatar_id: list[str]
    references: list[FileInput] | None = None
    duration: int | None = None
    auto_duration: bool | None = None
    enhance_prompt: bool | None = None
    title: str | None = None
    aspect_ratio: AspectRatio | None = None
    resolution: Literal["720p", "1080p"] | None = None


class ColorBackground(RequestStruct, tag_field="type", tag="color"):
    """A studio scene's background.

    Args:
        color: Such as `#1a2b3c`.
    """

    color: str


class AvatarInput(_Speaker, kw_only=True, tag_field="type", tag="avatar"):
    """An avatar that speaks in a studio scene: exactly one of `script`, `audio_url` and `audio_asset_id`.

    Args:
        avatar_id: A look's id, of `avatars.looks.list`.
        engine: By default Avatar IV; a look's `supported_api_engines` tell which it may use.
        background: The colour behind.
    """

    avatar_id: str
    engine: Engine | None = None
    background: ColorBackground | None = None


class ImageInput(_Speaker, kw_only=True, tag_field="type", tag="image"):
    """A picture that speaks in a studio scene: exactly one of `script`, `audio_url` and `audio_asset_id`.

    Args:
        image: The picture that is to speak.
    """

    image: FileInput


class AvatarScene(RequestStruct, tag_field="type", tag="avatar_video"):
    """A scene in which somebody speaks, as long as what is said.

    Args:
        input: Who speaks, and what.
    """

    input: AvatarInput | ImageInput


class ImageScene(_Spoken, kw_only=True, tag_field="type", tag="image"):
    """A still picture: held for `duration`, or narrated by exactly one of script and audio.

    Args:
        source: The picture.
        duration: Up to 300 s, without a narration.
    """

    source: FileInput
    duration: float | None = None


class Playback(RequestStruct):
    """The sound of a clip.

    Args:
        volume: From 0 to 1 (the default).
        mute: Silent, whatever the volume.
    """

    volume: float | None = None
    mute: bool | None = None


class VideoScene(RequestStruct, tag_field="type", tag="video"):
    """A clip that is there already.

    Args:
        source: The clip.
        playback: Its sound; by default as it is.
    """

    source: FileInput
    playback: Playback | None = None


Scene: TypeAlias = AvatarScene | ImageScene | VideoScene


class StudioVideo(RequestStruct, tag_field="type", tag="studio"):
    """One to 50 scenes, one after the other, each cropped to the same frame.

    Args:
        scenes: What speaks, still pictures and clips, in their order.
        aspect_ratio: 16:9 by default.
        caption: Subtitles in the picture; a file of them comes in any case.
        watermark: A picture over the video; for some Enterprise accounts.
    """

    scenes: list[Scene]
    title: str | None = None
    aspect_ratio: AspectRatio | None = None
    resolution: Resolution | None = None
    caption: Caption | None = None
    watermark: Watermark | None = None
    callback_url: str | None = None
    callback_id: str | None = None


VideoRequest: TypeAlias = AvatarVideo | ImageVideo | CinematicVideo | StudioVideo
