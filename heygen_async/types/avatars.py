"""Avatars: identities (groups), their looks, and the three ways to create one."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from .base import CreatedAtStruct, OpenEnum, RequestStruct, ResponseStruct, Shape
from .files import FileInput

Ownership = Literal["public", "private"]
AvatarTypeName = Literal["studio_avatar", "digital_twin", "photo_avatar"]
Gender = Literal["male", "female"]
LookTemplateTypeName = Literal["look_pack", "template"]
LookShape = Literal["16:9", "9:16"]


class AvatarStatus(OpenEnum):
    """The training state of an avatar or a look. `pending_consent` needs the person's consent."""

    PROCESSING = "processing"
    PENDING_CONSENT = "pending_consent"
    FAILED = "failed"
    COMPLETED = "completed"


class AvatarType(OpenEnum):
    """The source of a look. It decides which engines and fields the look supports."""

    STUDIO_AVATAR = "studio_avatar"
    DIGITAL_TWIN = "digital_twin"
    PHOTO_AVATAR = "photo_avatar"


class LookTemplateType(OpenEnum):
    """The kind of a template for looks. A look pack makes `looks_count` looks, a template makes two."""

    LOOK_PACK = "look_pack"
    TEMPLATE = "template"


class AvatarError(ResponseStruct):
    """The reason why a training failed."""

    code: str | None = None
    message: str | None = None


class Avatar(CreatedAtStruct):
    """An identity (group) of looks. `created_at` is in unix seconds.

    `status` is set only for the account's own identities.
    """

    id: str
    name: str | None = None
    looks_count: int | None = None
    gender: str | None = None
    status: AvatarStatus | None = None
    error: AvatarError | None = None
    consent_status: str | None = None
    default_voice_id: str | None = None
    preview_image_url: str | None = None
    preview_video_url: str | None = None


class AvatarUpdated(Avatar):
    """An identity after a change."""


class Look(ResponseStruct):
    """A look. Videos take its `id` as `avatar_id`. Sizes are in pixels.

    `supported_api_engines` lists the engines that the look may use.
    """

    id: str
    name: str | None = None
    avatar_type: AvatarType | None = None
    group_id: str | None = None
    gender: str | None = None
    status: AvatarStatus | None = None
    error: AvatarError | None = None
    supported_api_engines: list[str] | None = None
    tags: list[str] | None = None
    default_voice_id: str | None = None
    preferred_orientation: Shape | None = None
    image_width: int | None = None
    image_height: int | None = None
    preview_image_url: str | None = None
    preview_video_url: str | None = None


class AvatarCreated(ResponseStruct):
    """The look that is being trained, and the identity that it belongs to."""

    avatar_item: Look | None = None
    avatar_group: Avatar | None = None


class LookTemplate(ResponseStruct):
    """A template for new looks of an avatar. HeyGen charges 1 API credit for each of its `looks_count` looks."""

    id: str
    type: LookTemplateType | None = None
    name: str | None = None
    gender: str | None = None
    looks_count: int | None = None
    preview_image_url: str | None = None


class NewLook(ResponseStruct):
    """The id of a look that is being made."""

    id: str


class LooksCreated(ResponseStruct):
    """The looks that are being made, and the identity that they belong to."""

    looks: list[NewLook]
    group_id: str | None = None


class Consent(ResponseStruct):
    """The consent state of an identity. `url` is the page where the person consents, or None."""

    avatar_group: Avatar | None = None
    url: str | None = None


class PhotoAvatar(RequestStruct, tag_field="type", tag="photo"):
    """An avatar from a photo, as a new identity or as a look of an existing one."""

    name: Annotated[str, Meta(description="The name that HeyGen shows.")]
    file: Annotated[FileInput, Meta(description="The photo.")]
    avatar_group_id: Annotated[str | None, Meta(description="The identity of the look; by default a new one.")] = None


class DigitalTwin(RequestStruct, tag_field="type", tag="digital_twin"):
    """An avatar from video footage, as a new identity or as a look of an existing one."""

    name: Annotated[str, Meta(description="The name that HeyGen shows.")]
    file: Annotated[FileInput, Meta(description="The footage, a video.")]
    avatar_group_id: Annotated[str | None, Meta(description="The identity of the look; by default a new one.")] = None


class PromptAvatar(RequestStruct, tag_field="type", tag="prompt"):
    """An avatar from a description, reference pictures and other looks."""

    name: Annotated[str, Meta(description="The name that HeyGen shows.")]
    prompt: Annotated[str, Meta(description="A description of the appearance, 1 to 1,000 characters.")]
    reference_images: Annotated[list[FileInput] | None, Meta(description="At most 3 reference pictures.")] = None
    avatar_id: Annotated[str | None, Meta(description="A reference look; the new look joins its identity.")] = None
    avatar_group_id: Annotated[str | None, Meta(description="The identity of the look; by default a new one.")] = None


AvatarRequest: TypeAlias = PhotoAvatar | DigitalTwin | PromptAvatar

_ReferenceLookId: TypeAlias = Annotated[
    str, Meta(description="The look that shows the person, from `avatars.looks.list`; the new looks join its identity.")
]
_LookTemplateId: TypeAlias = Annotated[
    str, Meta(description="The template of the same type, from `avatars.list_look_templates`.")
]


class LookPack(RequestStruct, tag_field="type", tag="look_pack"):
    """All looks of a look pack, for an avatar."""

    reference_look_id: _ReferenceLookId
    template_id: _LookTemplateId
    aspect_ratio: Annotated[LookShape | None, Meta(description="`9:16` is a crop from the middle of `16:9`.")] = None


class LookFromTemplate(RequestStruct, tag_field="type", tag="template"):
    """The two looks of a template, for an avatar."""

    reference_look_id: _ReferenceLookId
    template_id: _LookTemplateId


LookRequest: TypeAlias = LookPack | LookFromTemplate
