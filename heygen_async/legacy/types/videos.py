"""Videos, templates and translations of v1 and v2."""

from __future__ import annotations

from typing import Annotated, Literal, Required, TypeAlias, TypedDict

from msgspec import Meta

from ...types.base import JSONValue, OpenEnum, RequestStruct, ResponseStruct
from ...types.templates import Dimension, Variable

Fit = Literal["cover", "crop", "contain", "none"]
Emotion = Literal["Excited", "Friendly", "Serious", "Soothing", "Broadcaster"]


class Offset(RequestStruct):
    """The position of a character, in shares of the frame from its center.

    Args:
        x: The horizontal share of the frame.
        y: The vertical share of the frame.
    """

    x: float
    y: float


class AvatarCharacter(RequestStruct, tag_field="type", tag="avatar"):
    """An avatar in a scene; `scale` from 0 to 5.

    Args:
        avatar_id: The id of an avatar, from `avatars.list`.
        avatar_style: The part of the avatar that is shown; by default `normal`.
        scale: The size of the character, 0 to 5; by default 1.
        offset: The position of the character; by default the center.
        matting: Whether to cut out the background.
        circle_background_color: The colour behind a character in a circle, such as `#1a2b3c`.
    """

    avatar_id: str
    avatar_style: Literal["normal", "closeUp", "circle", "voice_only"] | None = None
    scale: float | None = None
    offset: Offset | None = None
    matting: bool | None = None
    circle_background_color: str | None = None


class TalkingPhotoCharacter(RequestStruct, tag_field="type", tag="talking_photo"):
    """A photo in a scene: an id of `photo_avatars.create_group` or of `talking_photos`.

    Args:
        talking_photo_id: The id of the photo.
        talking_photo_style: The frame of the photo: `square` or `circle`.
        talking_style: How much the head moves: `stable` or `expressive`.
        expression: The expression of the face: `default` or `happy`.
        super_resolution: Whether to increase the resolution of the photo.
        scale: The size of the character, 0 to 5; by default 1.
        offset: The position of the character; by default the center.
        matting: Whether to cut out the background.
        circle_background_color: The colour behind a character in a circle, such as `#1a2b3c`.
    """

    talking_photo_id: str
    talking_photo_style: Literal["square", "circle"] | None = None
    talking_style: Literal["stable", "expressive"] | None = None
    expression: Literal["default", "happy"] | None = None
    super_resolution: bool | None = None
    scale: float | None = None
    offset: Offset | None = None
    matting: bool | None = None
    circle_background_color: str | None = None


Character: TypeAlias = AvatarCharacter | TalkingPhotoCharacter


class TextVoice(RequestStruct, tag_field="type", tag="text"):
    """A spoken script: `speed` from 0.5 to 1.5, `pitch` from -50 to 50.

    Args:
        voice_id: The id of a voice, from `voices.list`.
        input_text: The script.
        speed: The speed, 0.5 to 1.5; by default 1.
        pitch: The pitch, -50 to 50; by default 0.
        emotion: The emotion, for voices with `emotion_support`.
        locale: The accent, such as `en-GB`, for voices with `support_locale`.
    """

    voice_id: str
    input_text: str
    speed: float | None = None
    pitch: float | None = None
    emotion: Emotion | None = None
    locale: str | None = None


class AudioVoice(RequestStruct, tag_field="type", tag="audio"):
    """An existing recording: exactly one of `audio_url` and `audio_asset_id`.

    Args:
        audio_url: The public https URL of the recording.
        audio_asset_id: The id of an uploaded recording, from `assets.upload`.
    """

    audio_url: str | None = None
    audio_asset_id: str | None = None


class SilenceVoice(RequestStruct, tag_field="type", tag="silence"):
    """Silence."""

    duration: Annotated[float | None, Meta(description="The length in seconds, 1 to 100; by default 1.")] = None


Voice: TypeAlias = TextVoice | AudioVoice | SilenceVoice


class ColorBackground(RequestStruct, tag_field="type", tag="color"):
    """A colour."""

    value: Annotated[str, Meta(description="The colour, such as `#1a2b3c`.")]


class ImageBackground(RequestStruct, tag_field="type", tag="image"):
    """A picture: exactly one of `url` and `image_asset_id`.

    Args:
        url: The public https URL of the picture.
        image_asset_id: The id of an uploaded picture, from `assets.upload`.
        fit: How the picture fills the frame.
    """

    url: str | None = None
    image_asset_id: str | None = None
    fit: Fit | None = None


class VideoBackground(RequestStruct, tag_field="type", tag="video"):
    """A clip: exactly one of `url` and `video_asset_id`.

    Args:
        url: The public https URL of the clip.
        video_asset_id: The id of an uploaded clip, from `assets.upload`.
        play_style: What happens when the clip is shorter or longer than the scene.
        fit: How the clip fills the frame.
    """

    url: str | None = None
    video_asset_id: str | None = None
    play_style: Literal["fit_to_scene", "freeze", "loop", "once"] | None = None
    fit: Fit | None = None


class Scene(RequestStruct):
    """A scene: its character, its voice and its background.

    Args:
        voice: The script, the recording or the silence.
        character: The avatar or the photo; by default none.
        background: The colour, picture or clip behind the character.
    """

    voice: Voice
    character: Character | None = None
    background: ColorBackground | ImageBackground | VideoBackground | None = None


class CaptionStyle(RequestStruct):
    """The style of subtitles; `font_size` in pixels. Features outside of the account's plan are ignored.

    Args:
        font_family: The name of the font.
        font_size: The size in pixels.
        font_color: The colour of the letters, such as `#ffffff`.
        background_color: The colour behind the letters.
        position: The place on the frame: `top` or `bottom`.
    """

    font_family: str | None = None
    font_size: int | None = None
    font_color: str | None = None
    background_color: str | None = None
    position: Literal["top", "bottom"] | None = None


class Caption(RequestStruct):
    """Subtitles with their own style.

    Args:
        enabled: Whether the video has subtitles.
        style: The style; by default HeyGen's.
        language: The language of the subtitles; by default that of the speech.
    """

    enabled: bool = True
    style: CaptionStyle | None = None
    language: str | None = None


class VideoRequest(RequestStruct):
    """The request of `videos.generate`: 1 to 50 scenes. With `test` it is free and watermarked.

    Args:
        video_inputs: The scenes, 1 to 50.
        dimension: The size in pixels; `legacy.dimension` returns one for a shape.
        caption: Whether the video has subtitles, or their style.
        title: The name that HeyGen shows.
        test: Whether the video is free and has a watermark.
        folder_id: The folder for the video.
        callback_id: A value of your own that HeyGen sends to `callback_url`.
        callback_url: A public https URL that HeyGen calls when the job ends.
    """

    video_inputs: list[Scene]
    dimension: Dimension | None = None
    caption: bool | Caption | None = None
    title: str | None = None
    test: bool | None = None
    folder_id: str | None = None
    callback_id: str | None = None
    callback_url: str | None = None


class AvatarIVRequest(TypedDict, total=False):
    """The parameters of `videos.generate_av4`; `assets.upload` returns the `image_key` of a picture.

    Args:
        image_key: The key of the picture.
        script: The script.
        voice_id: The id of a voice, from `voices.list`.
        video_orientation: The shape of the video; by default that of the picture.
        video_title: The name that HeyGen shows.
        fit: How the picture fills the frame.
        custom_motion_prompt: A description of the motion.
        enhance_custom_motion_prompt: Whether HeyGen improves that description.
    """

    image_key: Required[str]
    script: Required[str]
    voice_id: Required[str]
    video_orientation: Literal["portrait", "landscape", "square"] | None
    video_title: str | None
    fit: Literal["cover", "contain"] | None
    custom_motion_prompt: str | None
    enhance_custom_motion_prompt: bool | None


class WebMRequest(TypedDict, total=False):
    """The parameters of `videos.generate_webm`: `input_text` with a `voice_id`, or `input_audio`.

    Args:
        avatar_pose_id: The id of a pose of an avatar.
        avatar_style: The part of the avatar that is shown; by default `normal`.
        input_text: The script.
        voice_id: The id of a voice, from `voices.list`; required with `input_text`.
        input_audio: The public https URL of a recording.
    """

    avatar_pose_id: Required[str]
    avatar_style: Literal["normal", "circle", "closeUp", "voiceOnly"] | None
    input_text: str | None
    voice_id: str | None
    input_audio: str | None


class LegacyVideoCreated(ResponseStruct):
    """A created video; pass it to `AsyncHeyGen.wait_for_video`."""

    video_id: str


class LegacyVideoStatus(OpenEnum):
    """The state of a video; the last two are final."""

    DRAFT = "draft"
    WAITING = "waiting"
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class LegacyVideo(ResponseStruct):
    """A video. `duration` in seconds, `created_at` in Unix seconds."""

    id: str
    status: LegacyVideoStatus
    video_url: str | None = None
    video_url_caption: str | None = None
    gif_url: str | None = None
    thumbnail_url: str | None = None
    duration: float | None = None
    callback_id: str | None = None
    created_at: int | None = None
    error: dict[str, JSONValue] | None = None


class VideoSummary(ResponseStruct):
    """A video in a list; `type` is GENERATED or TRANSLATED."""

    video_id: str
    status: LegacyVideoStatus
    video_title: str | None = None
    type: str | None = None
    created_at: int | None = None


class VideoPage(ResponseStruct):
    """A page of `videos.list`."""

    videos: list[VideoSummary]
    token: str | None = None
    total: int | None = None


class LegacyTemplate(ResponseStruct):
    """A template."""

    template_id: str
    name: str
    thumbnail_image_url: str | None = None
    aspect_ratio: str | None = None


class Templates(ResponseStruct):
    """All templates."""

    templates: list[LegacyTemplate]


class TemplateVariables(ResponseStruct):
    """The variables of a template; edit them and pass them to `templates.generate`."""

    variables: dict[str, Variable]


class TranslateRequest(TypedDict, total=False):
    """The parameters of `translations.create`: a public `video_url` and the name of a language.

    Args:
        video_url: The public https URL of the source video.
        output_language: The name of the language, from `translations.list_languages`.
        title: The name that HeyGen shows.
        translate_audio_only: Whether the picture stays as it is.
        speaker_num: The number of speakers, which helps HeyGen to distinguish them.
        enable_dynamic_duration: Whether the length of the video may change.
        brand_voice_id: The id of a brand voice, from `voices.list_brand_voices`.
        callback_id: A value of your own that HeyGen sends to `callback_url`.
        callback_url: A public https URL that HeyGen calls when the job ends.
    """

    video_url: Required[str]
    output_language: Required[str]
    title: str | None
    translate_audio_only: bool | None
    speaker_num: int | None
    enable_dynamic_duration: bool | None
    brand_voice_id: str | None
    callback_id: str | None
    callback_url: str | None


class TranslationCreated(ResponseStruct):
    """A created translation; pass it to `AsyncHeyGen.wait_for_translation`."""

    video_translate_id: str

    @property
    def video_translation_id(self) -> str:
        """The id, under its name in v3."""
        return self.video_translate_id


class TranslationStatus(OpenEnum):
    """The state of a translation; the last two are final."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


class LegacyTranslation(ResponseStruct):
    """A translation; `message` is the reason of a failure."""

    video_translate_id: str
    status: TranslationStatus
    title: str | None = None
    url: str | None = None
    output_language: str | None = None
    message: str | None = None


class TargetLanguages(ResponseStruct):
    """The languages that a video can be translated into."""

    languages: list[str]
