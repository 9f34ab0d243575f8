"""Compositions: the scenes of a video or a template, as HeyGen's editor holds them.

A node has a `type`, which decides the fields that it has. HeyGen may add types; a program skips those that it does not
know. The URLs in a composition expire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from .base import OpenEnum, ResponseStruct


class ElementType(OpenEnum):
    """The type of an element. `group` and `mask` hold other elements in `children`."""

    AVATAR = "avatar"
    IMAGE = "image"
    VIDEO = "video"
    TEXT = "text"
    GROUP = "group"
    MASK = "mask"


class ScriptType(OpenEnum):
    """The type of a part of a script."""

    TEXT = "text"
    AUDIO = "audio"
    SILENCE = "silence"


class PlaybackMode(OpenEnum):
    """The way in which a clip fills the duration of its scene."""

    FREEZE = "freeze"
    LOOP = "loop"
    FIT_TO_SCENE = "fit_to_scene"
    FULL_VIDEO = "full_video"


class Trim(ResponseStruct):
    """The part of a clip that is shown, in seconds from its start."""

    start_offset: float | None = None
    end_offset: float | None = None


class _Bindable(ResponseStruct, kw_only=True):
    """The variables of a template's node; a video's nodes have none.

    `bindable_as` lists the types of variable that the node accepts, `variable` names the one that it has, and
    `text_variables` names the placeholders in its text.
    """

    bindable_as: list[str] | None = None
    variable: str | None = None
    text_variables: list[str] | None = None


class _Clip(_Bindable, kw_only=True):
    """The fields of pictures and clips: `volume` is 0 to 1, `speed_multiplier` 1 for the clip's own speed."""

    url: str | None = None
    playback: PlaybackMode | None = None
    speed_multiplier: float | None = None
    volume: float | None = None
    trim: Trim | None = None


class SceneBackground(_Clip):
    """The background of a scene: `color` has a `color`, `image` and `video` have an `id` and a `url`."""

    type: str
    id: str | None = None
    color: str | None = None


class SceneElement(_Clip):
    """An element of a scene.

    `avatar` has `avatar_id`, `engine`, `expressiveness` and `motion_prompt`; `image` and `video` have a `url`; `text`
    has a `text`; `group` and `mask` have `children`.
    """

    id: str
    type: ElementType
    avatar_id: str | None = None
    engine: str | None = None
    expressiveness: str | None = None
    motion_prompt: str | None = None
    text: str | None = None
    children: list[SceneElement] | None = None


class SceneEngineSettings(ResponseStruct):
    """The settings of a voice's engine: `elevenlabs`, `fish` or `starfish`. Numbers are 0 to 1."""

    engine_type: str | None = None
    model: str | None = None
    stability: float | None = None
    similarity: float | None = None
    similarity_boost: float | None = None
    style: float | None = None
    use_speaker_boost: bool | None = None


class SceneVoiceSettings(ResponseStruct):
    """The settings of the voice of a script. `pitch` is in semitones, `volume` is 0 to 1."""

    speed: float | None = None
    pitch: float | None = None
    volume: float | None = None
    locale: str | None = None
    engine_settings: SceneEngineSettings | None = None


class ScriptPart(_Bindable):
    """A part of a scene's script. Scenes may share a part, which then has the same `id` in each.

    `text` has `text`, `voice_id` and `voice_settings`; `audio` has `audio_url`; `silence` has a `duration` in seconds.
    `trim_to_speech` is deprecated by HeyGen.
    """

    id: str
    type: ScriptType
    text: str | None = None
    voice_id: str | None = None
    voice_settings: SceneVoiceSettings | None = None
    trim_to_speech: bool | None = None
    audio_url: str | None = None
    duration: float | None = None


class CompositionScene(ResponseStruct):
    """A scene: its background, its elements and its script."""

    id: str
    background: SceneBackground | None = None
    elements: list[SceneElement] | None = None
    script: list[ScriptPart] | None = None


class SceneCaption(ResponseStruct):
    """Whether a video has captions in its picture."""

    enabled: bool | None = None


class SceneVideo(ResponseStruct):
    """The settings of a video that apply to all of its scenes."""

    title: str | None = None
    aspect_ratio: str | None = None
    resolution: str | None = None
    brand_glossary_id: str | None = None
    caption: SceneCaption | None = None


if TYPE_CHECKING:
    _Scenes: TypeAlias = list[CompositionScene]
else:
    _Scenes = list[Any]  # `VideoScenes` converts each by itself


class VideoScenes(ResponseStruct):
    """The scenes of a finished video. `edit_version` changes with each edit in HeyGen's editor.

    A scene of another form than the documented one stays as it was received.
    """

    video_id: str
    edit_version: str | None = None
    video: SceneVideo | None = None
    scenes: _Scenes | None = None

    def __post_init__(self) -> None:
        if isinstance(self.scenes, list):
            self.scenes = [_scene(scene) for scene in self.scenes]


def _scene(scene: CompositionScene) -> CompositionScene:
    try:
        return scene if isinstance(scene, CompositionScene) else msgspec.convert(scene, CompositionScene)
    except (msgspec.ValidationError, RecursionError):
        return scene


class BackgroundAudio(_Bindable):
    """A sound that plays under the scenes of a template."""

    id: str
    type: str | None = None
    url: str | None = None


class TemplateComposition(ResponseStruct):
    """The scenes of a template, and the sounds under them."""

    background_audio: list[BackgroundAudio] | None = None
    scenes: list[CompositionScene] | None = None
