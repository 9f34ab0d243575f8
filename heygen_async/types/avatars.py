"""Avatars: identities (groups), the looks that each of them has, and the three ways to make one."""

from __future__ import annotations

from typing import Literal, TypeAlias

from .base import CreatedAtStruct, OpenEnum, RequestStruct, ResponseStruct, Shape
from .files import FileInput

Ownership = Literal["public", "private"]
AvatarTypeName = Literal["studio_avatar", "digital_twin", "photo_avatar"]


class AvatarStatus(OpenEnum):
    """The training of an avatar or a look; `pending_consent` asks for a person."""

    PROCESSING = "processing"
    PENDING_CONSENT = "pending_consent"
    FAILED = "failed"
    COMPLETED = "completed"


class AvatarType(OpenEnum):
    """What a look was made of; it decides which engines and fields go with it."""

    STUDIO_AVATAR = "studio_avatar"
    DIGITAL_TWIN = "digital_twin"
    PHOTO_AVATAR = "photo_avatar"


class AvatarError(ResponseStruct):
    """Why the training failed."""

    code: str
    message: str


class Avatar(CreatedAtStruct):
    """An identity with its looks. `created_at` is in unix seconds; `status` is set for the account's own alone."""

    id: str
    name: str
    looks_count: int
    gender: str | None = None
    status: AvatarStatus | None = None
    error: AvatarError | None = None
    consent_status: str | None = None
    default_voice_id: str | None = None
    preview_image_url: str | None = None
    preview_video_url: str | None = None


class AvatarUpdated(ResponseStruct):
    """An identity as it is after a change."""

    id: str
    name: str
    default_voice_id: str | None = None


class Look(ResponseStruct):
    """A look: its `id` is the `avatar_id` of videos. Sizes in pixels; `supported_api_engines` are those it may use."""

    id: str
    name: str
    avatar_type: AvatarType
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
    """The look that is being made, and the identity that it belongs to."""

    avatar_item: Look | None = None
    avatar_group: Avatar | None = None


class Consent(ResponseStruct):
    """An identity's consent, and the page on which the person gives it, if one is needed."""

    avatar_group: Avatar
    url: str | None = None


class PhotoAvatar(RequestStruct, tag_field="type", tag="photo"):
    """An avatar from a photo; of a new identity, or of one that is there.

    Args:
        name: How HeyGen shows it.
        file: The photo.
        avatar_group_id: The identity to which the look belongs; by default a new one.
    """

    name: str
    file: FileInput
    avatar_group_id: str | None = None


class DigitalTwin(RequestStruct, tag_field="type", tag="digital_twin"):
    """An avatar from footage; of a new identity, or of one that is there.

    Args:
        name: How HeyGen shows it.
        file: The footage, a video.
        avatar_group_id: The identity to which the look belongs; by default a new one.
    """

    name: str
    file: FileInput
    avatar_group_id: str | None = None


class PromptAvatar(RequestStruct, tag_field="type", tag="prompt"):
    """An avatar from words, pictures and other looks.

    Args:
        name: How HeyGen shows it.
        prompt: What it looks like, in 1 to 1,000 characters.
        reference_images: At most 3 pictures to go by.
        avatar_id: A look to go by, of whose identity the new one is then.
        avatar_group_id: The identity to which the look belongs; by default a new one.
    """

    name: str
    prompt: str
    reference_images: list[FileInput] | None = None
    avatar_id: str | None = None
    avatar_group_id: str | None = None


AvatarRequest: TypeAlias = PhotoAvatar | DigitalTwin | PromptAvatar
