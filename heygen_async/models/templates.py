"""Templates: videos made in the editor, whose variables a program fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Required, TypeAlias, TypedDict

from .base import Answer, Dated, JSONValue, Request


class TemplateSummary(Dated):
    """A template as lists show it; times in unix seconds."""

    id: str
    name: str
    aspect_ratio: str | None = None
    thumbnail_url: str | None = None
    updated_at: int | None = None


class TemplateVariable(Answer):
    """A variable that a scene uses; its type is text, image, video, audio, character or voice."""

    name: str
    variable_type: str


class TemplateScene(Answer):
    """A scene of a template, its script with the variables' places in it."""

    scene_id: str
    script: str | None = None
    variables: list[TemplateVariable] | None = None


class Template(TemplateSummary):
    """A template, its scenes, and its variables with what they hold by default, ready to be edited and posted back."""

    variables: dict[str, JSONValue] | None = None
    scenes: list[TemplateScene] | None = None
    scene_ids: list[str] | None = None


class TextProperties(Request):
    """The text."""

    content: str


class FileProperties(Request):
    """A file by `url` or by `asset_id`; `fit` is `cover`, `contain`, `crop` or `none` for what is seen."""

    url: str | None = None
    asset_id: str | None = None
    fit: str | None = None


class CharacterProperties(Request):
    """An avatar or talking photo (`type`) by its id."""

    character_id: str
    type: str | None = None


class VoiceProperties(Request):
    """A voice by its id."""

    voice_id: str


class TextVariable(Request, tag_field="type", tag="text"):
    """Another text."""

    name: str
    properties: TextProperties


class ImageVariable(Request, tag_field="type", tag="image"):
    """Another picture."""

    name: str
    properties: FileProperties


class VideoVariable(Request, tag_field="type", tag="video"):
    """Another clip."""

    name: str
    properties: FileProperties


class AudioVariable(Request, tag_field="type", tag="audio"):
    """Another sound."""

    name: str
    properties: FileProperties


class CharacterVariable(Request, tag_field="type", tag="character"):
    """Another presenter."""

    name: str
    properties: CharacterProperties


class VoiceVariable(Request, tag_field="type", tag="voice"):
    """Another voice."""

    name: str
    properties: VoiceProperties


Variable: TypeAlias = TextVariable | ImageVariable | VideoVariable | AudioVariable | CharacterVariable | VoiceVariable


class Dimension(Request):
    """The picture's size in pixels: even numbers from 128 to 4096, of the template's own shape."""

    width: int
    height: int


class SubtitlePosition(Request):
    """Where subtitles stand."""

    x: float | None = None
    y: float | None = None


class Subtitles(Request):
    """Subtitles in a preset's style (`classic`, `bold`, `bright`, …), perhaps changed."""

    preset_name: str
    alignment: int | None = None
    disable_highlight: bool | None = None
    font_size: int | None = None
    position: SubtitlePosition | None = None


class TemplateRequest(TypedDict, total=False):
    """What `templates.generate` takes: the variables by name, which scenes in which order, and how it is rendered.

    `fps` is 25, 30 or 60; scenes may be left out, reordered and repeated.
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
