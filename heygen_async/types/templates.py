"""Templates: videos from HeyGen's editor, with variables that a program fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Required, TypeAlias, TypedDict

from msgspec import Meta

from .base import (
    BrandGlossaryId,
    BrandVoiceId,
    CallbackId,
    CallbackUrl,
    CreatedAtStruct,
    FolderId,
    JSONValue,
    RequestStruct,
    ResponseStruct,
    Title,
    VoiceId,
    as_datetime,
)
from .compositions import TemplateComposition


class TemplateSummary(CreatedAtStruct):
    """A template as lists return it. Times are in unix seconds."""

    id: str
    name: str | None = None
    aspect_ratio: str | None = None
    thumbnail_url: str | None = None
    updated_at: int | None = None

    @property
    def updated(self) -> datetime | None:
        """`updated_at` as an aware datetime."""
        return as_datetime(self.updated_at)


class TemplateVariable(ResponseStruct):
    """A variable of a scene. Its type is text, image, video, audio, character or voice."""

    name: str | None = None
    variable_type: str | None = None


class TemplateScene(ResponseStruct):
    """A scene of a template. Its script contains placeholders for the variables.

    HeyGen has deprecated it in favour of `Template.composition`.
    """

    scene_id: str
    script: str | None = None
    variables: list[TemplateVariable] | None = None


class Template(TemplateSummary):
    """A template with its scenes and variables.

    `variables` holds the defaults, ready to be edited and passed to `templates.generate`. `composition`,
    `edit_version` and `source_video_id` (the video that it was made from) are set only in workspaces that may edit
    templates. HeyGen has deprecated `scenes` in favour of `composition`.
    """

    variables: dict[str, JSONValue] | None = None
    scenes: list[TemplateScene] | None = None
    scene_ids: list[str] | None = None
    composition: TemplateComposition | None = None
    edit_version: str | None = None
    source_video_id: str | None = None


class TextProperties(RequestStruct):
    """The value of a text variable."""

    content: Annotated[str, Meta(description="The text.")]


class FileProperties(RequestStruct):
    """A file by its `url` or by its `asset_id`."""

    url: Annotated[str | None, Meta(description="The public URL of the file.")] = None
    asset_id: Annotated[str | None, Meta(description="The `asset_id` of an uploaded file.")] = None
    fit: Annotated[str | None, Meta(description="The fit of a picture: `cover`, `contain`, `crop` or `none`.")] = None


class CharacterProperties(RequestStruct):
    """An avatar or a talking photo."""

    character_id: Annotated[str, Meta(description="The id of the avatar or talking photo.")]
    type: Annotated[str | None, Meta(description="Whether it is an avatar or a talking photo.")] = None


class VoiceProperties(RequestStruct):
    """The value of a voice variable."""

    voice_id: VoiceId


class _Variable(RequestStruct):
    """The value of a template's variable."""

    name: Annotated[str, Meta(description="The name of the variable in the template.")]


class TextVariable(_Variable, tag_field="type", tag="text"):
    """The value of a text variable."""

    properties: Annotated[TextProperties, Meta(description="The new text.")]


class ImageVariable(_Variable, tag_field="type", tag="image"):
    """The value of an image variable."""

    properties: Annotated[FileProperties, Meta(description="The new picture.")]


class VideoVariable(_Variable, tag_field="type", tag="video"):
    """The value of a video variable."""

    properties: Annotated[FileProperties, Meta(description="The new clip.")]


class AudioVariable(_Variable, tag_field="type", tag="audio"):
    """The value of an audio variable."""

    properties: Annotated[FileProperties, Meta(description="The new sound.")]


class CharacterVariable(_Variable, tag_field="type", tag="character"):
    """The value of a character variable."""

    properties: Annotated[CharacterProperties, Meta(description="The new presenter.")]


class VoiceVariable(_Variable, tag_field="type", tag="voice"):
    """The value of a voice variable."""

    properties: Annotated[VoiceProperties, Meta(description="The new voice.")]


Variable: TypeAlias = TextVariable | ImageVariable | VideoVariable | AudioVariable | CharacterVariable | VoiceVariable


class TextBinding(RequestStruct, tag_field="type", tag="text"):
    """A text variable in place of a text of the template."""

    match: Annotated[str, Meta(description="The text that becomes a placeholder, wherever the template has it.")]


class _ElementBinding(RequestStruct):
    """A variable in place of a node of the template that has its type in `bindable_as`."""

    element_id: Annotated[str, Meta(description="The `id` of the node in the template's `composition`.")]


class ImageBinding(_ElementBinding, tag_field="type", tag="image"):
    """A variable in place of a picture."""


class VideoBinding(_ElementBinding, tag_field="type", tag="video"):
    """A variable in place of a clip."""


class AudioBinding(_ElementBinding, tag_field="type", tag="audio"):
    """A variable in place of a sound."""


class CharacterBinding(_ElementBinding, tag_field="type", tag="character"):
    """A variable in place of a presenter."""


class VoiceBinding(_ElementBinding, tag_field="type", tag="voice"):
    """A variable in place of the voice of a script."""


VariableBinding: TypeAlias = TextBinding | ImageBinding | VideoBinding | AudioBinding | CharacterBinding | VoiceBinding


class Dimension(RequestStruct):
    """The size of the picture in pixels: even numbers from 128 to 4096, in the template's aspect ratio."""

    width: Annotated[int, Meta(description="The width in pixels.")]
    height: Annotated[int, Meta(description="The height in pixels.")]


class SubtitlePosition(RequestStruct):
    """The position of subtitles."""

    x: Annotated[float | None, Meta(description="The horizontal position; by default 0.")] = None
    y: Annotated[float | None, Meta(description="The vertical position; by default 0.")] = None


class Subtitles(RequestStruct):
    """Subtitles in the style of a preset, with changes."""

    preset_name: Annotated[str, Meta(description="The preset, such as `classic`, `bold` or `bright`.")]
    alignment: Annotated[int | None, Meta(description="The alignment; by default 2.")] = None
    disable_highlight: Annotated[bool | None, Meta(description="Whether the spoken word is not highlighted.")] = None
    font_size: Annotated[int | None, Meta(description="The font size; by default the preset's.")] = None
    position: Annotated[SubtitlePosition | None, Meta(description="The position; by default the preset's.")] = None


class TemplateRequest(TypedDict, total=False):
    """The arguments of `templates.generate`: values for the variables, the scenes, and how to render them."""

    variables: Required[
        Annotated[
            Mapping[str, str | Variable | JSONValue],
            Meta(
                description=(
                    "The values by name: a plain string for a text variable; edited `variables` of `templates.get`, "
                    "or `TextVariable` and so on. The placeholder of a text that is left out stays in the video."
                )
            ),
        ]
    ]
    scene_ids: Annotated[Sequence[str] | None, Meta(description="The scenes in order; they may repeat; default: all.")]
    title: Title
    folder_id: FolderId
    brand_glossary_id: BrandGlossaryId
    brand_voice_id: BrandVoiceId
    dimension: Annotated[
        Dimension | Mapping[str, JSONValue] | None, Meta(description="A size in the same aspect ratio.")
    ]
    fps: Annotated[float | None, Meta(description="Frames per second: 25 (the default), 30 or 60.")]
    caption: Annotated[bool | None, Meta(description="Whether to burn captions into the picture.")]
    subtitles: Annotated[Subtitles | Mapping[str, JSONValue] | None, Meta(description="The style of the captions.")]
    include_gif: Annotated[bool | None, Meta(description="Whether the webhook event has the URL of a GIF preview.")]
    enable_sharing: Annotated[bool | None, Meta(description="Whether everybody with its URL may see the video's page.")]
    reorder_music: Annotated[bool | None, Meta(description="Whether music moves along with its scene (default).")]
    keep_text_vertically_centered: Annotated[bool | None, Meta(description="Whether to centre new texts vertically.")]
    callback_url: CallbackUrl
    callback_id: CallbackId
