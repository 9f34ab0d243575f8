"""Templates: videos made in the editor, whose variables a program fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Required, TypeAlias, TypedDict

from .base import JSONValue, OptionalCreatedAtStruct, RequestStruct, ResponseStruct


class TemplateSummary(OptionalCreatedAtStruct):
    """A template as lists show it; times in unix seconds."""

    id: str
    name: str
    aspect_ratio: str | None = None
    thumbnail_url: str | None = None
    updated_at: int | None = None


class TemplateVariable(ResponseStruct):
    """A variable that a scene uses; its type is text, image, video, audio, character or voice."""

    name: str
    variable_type: str


class TemplateScene(ResponseStruct):
    """A scene of a template, its script with the variables' places in it."""

    scene_id: str
    script: str | None = None
    variables: list[TemplateVariable] | None = None


class Template(TemplateSummary):
    """A template, its scenes, and its variables with what they hold by default, ready to be edited and posted back."""

    variables: dict[str, JSONValue] | None = None
    scenes: list[TemplateScene] | None = None
    scene_ids: list[str] | None = None


class TextProperties(RequestStruct):
    """A text.

    Args:
        content: The text itself.
    """

    content: str


class FileProperties(RequestStruct):
    """A file by `url` or by `asset_id`.

    Args:
        url: Its public address.
        asset_id: The file, uploaded before.
        fit: For what is seen: `cover`, `contain`, `crop` or `none`.
    """

    url: str | None = None
    asset_id: str | None = None
    fit: str | None = None


class CharacterProperties(RequestStruct):
    """An avatar or a talking photo.

    Args:
        character_id: Its id.
        type: Which of the two it is.
    """

    character_id: str
    type: str | None = None


class VoiceProperties(RequestStruct):
    """A voice.

    Args:
        voice_id: Its id, of `voices.list`.
    """

    voice_id: str


class _Variable(RequestStruct):
    """What a template's variable shall be.

    Args:
        name: As the template has it.
    """

    name: str


class TextVariable(_Variable, tag_field="type", tag="text"):
    """Another text."""

    properties: TextProperties


class ImageVariable(_Variable, tag_field="type", tag="image"):
    """Another picture."""

    properties: FileProperties


class VideoVariable(_Variable, tag_field="type", tag="video"):
    """Another clip."""

    properties: FileProperties


class AudioVariable(_Variable, tag_field="type", tag="audio"):
    """Another sound."""

    properties: FileProperties


class CharacterVariable(_Variable, tag_field="type", tag="character"):
    """Another presenter."""

    properties: CharacterProperties


class VoiceVariable(_Variable, tag_field="type", tag="voice"):
    """Another voice."""

    properties: VoiceProperties


Variable: TypeAlias = TextVariable | ImageVariable | VideoVariable | AudioVariable | CharacterVariable | VoiceVariable


class Dimension(RequestStruct):
    """The picture's size in pixels: even numbers from 128 to 4096, of the template's own shape.

    Args:
        width: In pixels.
        height: In pixels.
    """

    width: int
    height: int


class SubtitlePosition(RequestStruct):
    """Where subtitles stand.

    Args:
        x: Horizontally, by default 0.
        y: Vertically, by default 0.
    """

    x: float | None = None
    y: float | None = None


class Subtitles(RequestStruct):
    """Subtitles in a preset's style, perhaps changed.

    Args:
        preset_name: `classic`, `bold`, `bright`, ….
        alignment: 2 by default.
        disable_highlight: Do not mark the word that is spoken.
        font_size: In place of the preset's.
        position: In place of the preset's.
    """

    preset_name: str
    alignment: int | None = None
    disable_highlight: bool | None = None
    font_size: int | None = None
    position: SubtitlePosition | None = None


class TemplateRequest(TypedDict, total=False):
    """What `templates.generate` takes: the variables by name, which scenes in which order, and how it is rendered.

    Args:
        scene_ids: Which of the template's scenes, in their order, repeated if need be; by default all.
        brand_voice_id: The brand voice that says how words are pronounced.
        dimension: Another size, of the template's own shape.
        fps: 25 (the default), 30 or 60.
        caption: Burn captions into the picture.
        subtitles: Captions in this style.
        include_gif: Name an animated preview in the webhook's payload.
        enable_sharing: Let everybody with the address see the video's page.
        reorder_music: Move music along with its scene (the default).
        keep_text_vertically_centered: Centre new texts where the old ones were.
    """

    variables: Required[Mapping[str, Variable | JSONValue]]
    scene_ids: Sequence[str] | None
    title: str | None
    folder_id: str | None
    brand_voice_id: str | None
    dimension: Dimension | Mapping[str, JSONValue] | None
    fps: float | None
    caption: bool | None
    subtitles: Subtitles | Mapping[str, JSONValue] | None
    include_gif: bool | None
    enable_sharing: bool | None
    reorder_music: bool | None
    keep_text_vertically_centered: bool | None
    callback_url: str | None
    callback_id: str | None
