"""Avatars, voices, photo avatars and files of v1 and v2."""

from __future__ import annotations

from typing import Literal, TypedDict

import msgspec

from ...types.base import JSONValue, ResponseStruct


class LegacyAvatar(ResponseStruct):
    """An avatar; its preview URLs need no key."""

    avatar_id: str
    avatar_name: str
    gender: str | None = None
    preview_image_url: str | None = None
    preview_video_url: str | None = None
    premium: bool | None = None
    default_voice_id: str | None = None
    tags: list[str] | None = None


class ListedPhoto(ResponseStruct):
    """A talking photo in the list of avatars."""

    talking_photo_id: str
    talking_photo_name: str | None = None
    preview_image_url: str | None = None


class Avatars(ResponseStruct):
    """All avatars and talking photos."""

    avatars: list[LegacyAvatar]
    talking_photos: list[ListedPhoto]


class AvatarDetails(ResponseStruct):
    """An avatar with its default voice."""

    id: str
    name: str
    type: str | None = None
    gender: str | None = None
    preview_image_url: str | None = None
    preview_video_url: str | None = None
    premium: bool | None = None
    is_public: bool | None = None
    default_voice_id: str | None = None
    tags: list[str] | None = None


class AvatarGroup(ResponseStruct):
    """Looks of one person; `created_at` in unix seconds."""

    id: str
    name: str
    created_at: float | None = None
    num_looks: int | None = None
    preview_image: str | None = None
    group_type: str | None = None
    train_status: str | None = None
    default_voice_id: str | None = None


class AvatarGroups(ResponseStruct):
    """The response of `avatars.list_groups`."""

    avatar_group_list: list[AvatarGroup]
    total_count: int | None = None


class GroupAvatar(ResponseStruct):
    """A look in a group."""

    id: str
    name: str | None = None
    group_id: str | None = None
    image_url: str | None = None
    status: str | None = None
    default_voice_id: str | None = None


class GroupAvatars(ResponseStruct):
    """The looks of a group."""

    avatar_list: list[GroupAvatar]


class LegacyVoice(ResponseStruct):
    """A voice."""

    voice_id: str
    name: str
    language: str | None = None
    gender: str | None = None
    preview_audio: str | None = None
    support_pause: bool | None = None
    emotion_support: bool | None = None
    support_locale: bool | None = None
    support_interactive_avatar: bool | None = None


class Voices(ResponseStruct):
    """All voices."""

    voices: list[LegacyVoice]


class BrandVoices(ResponseStruct):
    """A page of the account's brand voices, which define pronunciations."""

    voices: list[dict[str, JSONValue]] = msgspec.field(name="list")
    total: int | None = None
    token: str | None = None


class UpscaleAvailability(ResponseStruct):
    """Whether the resolution of a photo can be increased."""

    available: bool
    reason: str | None = None


class PhotoAvatar(ResponseStruct):
    """A photo avatar; when completed, its `id` is a `talking_photo_id`. `created_at` in Unix seconds."""

    id: str
    group_id: str
    status: str
    name: str | None = None
    image_url: str | None = None
    created_at: float | None = None
    is_motion: bool | None = None
    motion_preview_url: str | None = None
    business_type: str | None = None
    upscale_availability: UpscaleAvailability | None = None
    upscaled: bool | None = None
    background_sound_effect: str | None = None


class PhotoAvatars(ResponseStruct):
    """Photos added to a group."""

    photo_avatar_list: list[PhotoAvatar]


Age = Literal["Young Adult", "Early Middle Age", "Late Middle Age", "Senior", "Unspecified"]
Gender = Literal["Woman", "Man", "Unspecified"]
Ethnicity = Literal[
    "White", "Black", "Asian American", "East Asian", "South East Asian", "South Asian", "Middle Eastern", "Pacific",
    "Hispanic", "Unspecified",
]  # fmt: skip
Orientation = Literal["square", "horizontal", "vertical"]
Pose = Literal["half_body", "close_up", "full_body"]
Style = Literal["Realistic", "Pixar", "Cinematic", "Vintage", "Noir", "Cyberpunk", "Unspecified"]


class PhotoRequest(TypedDict):
    """The parameters of `photo_avatars.generate_photo`; all eight are required.

    Args:
        name: The name of the photos.
        age: The age of the person.
        gender: The gender of the person.
        ethnicity: The ethnicity of the person.
        orientation: The shape of the photos.
        pose: The part of the person that is shown.
        style: The style of the photos.
        appearance: A description of the person.
    """

    name: str
    age: Age
    gender: Gender
    ethnicity: Ethnicity
    orientation: Orientation
    pose: Pose
    style: Style
    appearance: str


class GenerationCreated(ResponseStruct):
    """A started generation of photos; `photo_avatars.get_generation` returns its status."""

    generation_id: str


class Generation(ResponseStruct):
    """Generated photos; pass a key of `image_key_list` to `photo_avatars.create_group`."""

    id: str
    status: str
    msg: str | None = None
    image_url_list: list[str] | None = None
    image_key_list: list[str] | None = None


class Training(ResponseStruct):
    """The status of a group's training: `empty`, `training`, `ready` and others."""

    status: str
    error_msg: str | None = None
    created_at: float | None = None
    updated_at: float | None = None


class TrainingStarted(ResponseStruct):
    """A started training."""

    flow_id: str | None = None


class Changed(ResponseStruct):
    """The photo or sound effect that a change created."""

    id: str | None = None
    sound_effect_id: str | None = None


class LegacyAsset(ResponseStruct):
    """An uploaded file; `image_key` is for photo avatars. `created_ts` in Unix seconds."""

    id: str
    name: str
    file_type: str
    url: str
    image_key: str | None = None
    folder_id: str | None = None
    meta: JSONValue = None
    created_ts: int | None = None


class TalkingPhoto(ResponseStruct):
    """A talking photo."""

    id: str
    image_url: str | None = None
    circle_image: str | None = None


class TalkingPhotoUploaded(ResponseStruct):
    """An uploaded talking photo."""

    talking_photo_id: str
    talking_photo_url: str | None = None
