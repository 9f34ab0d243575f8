"""Avatars, voices, photo avatars and files of v1 and v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from .._files.file_inputs import SourceInput
from .._http.argument_checks import check_keywords
from .._http.signatures import show_parameters
from ..errors import InvalidInputError
from ..resources import validation
from .endpoints import LegacyResource, legacy_endpoint
from .types import avatars as models

_LIST = legacy_endpoint("GET", "/v2/avatars", "avatars.looks.list")
_DETAILS = legacy_endpoint("GET", "/v2/avatar/{avatar_id}/details", "avatars.looks.get")
_GROUPS = legacy_endpoint("GET", "/v2/avatar_group.list", "avatars.list")
_IN_GROUP = legacy_endpoint("GET", "/v2/avatar_group/{group_id}/avatars", "avatars.looks.list")
_VOICES = legacy_endpoint("GET", "/v2/voices", "voices.list")
_BRAND_VOICES = legacy_endpoint("GET", "/v2/brand_voice/list")
_GENERATE_PHOTO = legacy_endpoint("POST", "/v2/photo_avatar/photo/generate", "avatars.create", billable=True)
_GENERATE_LOOKS = legacy_endpoint("POST", "/v2/photo_avatar/look/generate", "avatars.create", billable=True)
_GENERATION = legacy_endpoint("GET", "/v2/photo_avatar/generation/{generation_id}")
_CREATE_GROUP = legacy_endpoint("POST", "/v2/photo_avatar/avatar_group/create", "avatars.create", billable=True)
_ADD = legacy_endpoint("POST", "/v2/photo_avatar/avatar_group/add", "avatars.create", billable=True)
_TRAIN = legacy_endpoint("POST", "/v2/photo_avatar/train", billable=True)
_TRAINING = legacy_endpoint("GET", "/v2/photo_avatar/train/status/{group_id}")
_MOTION = legacy_endpoint("POST", "/v2/photo_avatar/add_motion", billable=True)
_SOUND = legacy_endpoint("POST", "/v2/photo_avatar/add_sound_effect", billable=True)
_UPSCALE = legacy_endpoint("POST", "/v2/photo_avatar/upscale", billable=True)
_PHOTO = legacy_endpoint("GET", "/v2/photo_avatar/{id}", "avatars.looks.get")
_DELETE_PHOTO = legacy_endpoint("DELETE", "/v2/photo_avatar/{id}", "avatars.looks.delete")
_DELETE_GROUP = legacy_endpoint("DELETE", "/v2/photo_avatar_group/{group_id}", "avatars.delete")
_ASSET = legacy_endpoint("POST", "/v1/asset", "assets.upload")
_UPLOAD_PHOTO = legacy_endpoint("POST", "/v1/talking_photo", "avatars.create")
_PHOTOS = legacy_endpoint("GET", "/v1/talking_photo.list", "avatars.looks.list")
_DELETE_TALKING = legacy_endpoint("DELETE", "/v2/talking_photo/{id}", "avatars.looks.delete")


class Avatars(LegacyResource):
    """Avatars and groups of looks."""

    async def list(self) -> models.Avatars:
        """Return all avatars and talking photos, including the library: a long list in one response."""
        return await self._call(_LIST, models.Avatars)

    async def details(self, avatar_id: str) -> models.AvatarDetails:
        """Return an avatar with its default voice.

        Args:
            avatar_id: The id of the avatar.
        """
        return await self._call(_DETAILS, models.AvatarDetails, avatar_id)

    async def list_groups(self, *, include_public: bool | None = None) -> Sequence[models.AvatarGroup]:
        """Return the account's groups of looks, and on request the groups of the library.

        Args:
            include_public: Whether the groups of HeyGen's library are included; by default they are not.
        """
        query = {"include_public": include_public}
        return (await self._call(_GROUPS, models.AvatarGroups, query=query)).avatar_group_list

    async def list_in_group(self, group_id: str) -> Sequence[models.GroupAvatar]:
        """List the looks of a group.

        Args:
            group_id: The id of the group.
        """
        return (await self._call(_IN_GROUP, models.GroupAvatars, group_id)).avatar_list


class Voices(LegacyResource):
    """Voices."""

    async def list(self) -> Sequence[models.LegacyVoice]:
        """Return all voices in one response."""
        return (await self._call(_VOICES, models.Voices)).voices

    async def list_brand_voices(
        self, *, limit: int | None = None, token: str | None = None, name_only: bool | None = None
    ) -> models.BrandVoices:
        """Return a page of the account's brand voices.

        Args:
            limit: The number of items of the page, 1 to 100.
            token: The `token` of the previous page.
            name_only: Whether items have only their ids and names.
        """
        query = {"limit": validation.check_limit(limit), "token": token, "name_only": name_only}
        return await self._call(_BRAND_VOICES, models.BrandVoices, query=query)


class PhotoAvatars(LegacyResource):
    """Avatars created from photos."""

    @show_parameters
    async def generate_photo(self, **request: Unpack[models.PhotoRequest]) -> models.GenerationCreated:
        """Create four photos of a fictional person. All eight fields are required. It is charged."""
        check_keywords(self.generate_photo, request)
        for name in models.PhotoRequest.__annotations__:
            if not request.get(name):
                raise InvalidInputError(name, request.get(name), "a value; all eight are required")
        return await self._call(_GENERATE_PHOTO, models.GenerationCreated, body=dict(request))

    async def generate_looks(
        self, *, group_id: str, prompt: str, orientation: models.Orientation, pose: models.Pose, style: models.Style
    ) -> models.GenerationCreated:
        """Create more looks of a trained group. It is charged.

        Args:
            group_id: The id of the group.
            prompt: A description of the looks.
            orientation: The shape of the photos.
            pose: The part of the person that is shown.
            style: The style of the photos.
        """
        body = {"group_id": group_id, "prompt": prompt, "orientation": orientation, "pose": pose, "style": style}
        return await self._call(_GENERATE_LOOKS, models.GenerationCreated, body=body)

    async def get_generation(self, generation_id: str) -> models.Generation:
        """Return the status of generated photos: `in_progress`, `success` with their keys, or `failed` with a `msg`.

        Args:
            generation_id: The id that `generate_photo` or `generate_looks` returned.
        """
        return await self._call(_GENERATION, models.Generation, generation_id)

    async def create_group(self, *, name: str, image_key: str, generation_id: str | None = None) -> models.PhotoAvatar:
        """Create a talking photo; pass the result to `AsyncHeyGen.wait_for_avatar`.

        Args:
            name: The name of the photo.
            image_key: The key of an image from `assets.upload` or from a generation.
            generation_id: The id of that generation, if the image is from one.
        """
        body = {"name": name, "image_key": image_key, "generation_id": generation_id}
        return await self._call(_CREATE_GROUP, models.PhotoAvatar, body=body)

    async def add_photos(
        self, *, group_id: str, image_keys: Sequence[str], name: str, generation_id: str | None = None
    ) -> Sequence[models.PhotoAvatar]:
        """Add one to four photos of the same person to a group.

        Args:
            group_id: The id of the group.
            image_keys: 1 to 4 keys of images, from `assets.upload` or from a generation.
            name: The name of the photos.
            generation_id: The id of that generation, if the images are from one.
        """
        validation.check_length("image_keys", image_keys, 4, min_length=1)
        body = {"group_id": group_id, "image_keys": image_keys, "name": name, "generation_id": generation_id}
        return (await self._call(_ADD, models.PhotoAvatars, body=body)).photo_avatar_list

    async def train(self, group_id: str) -> models.TrainingStarted:
        """Train a group, which improves its motion.

        Args:
            group_id: The id of the group.
        """
        return await self._call(_TRAIN, models.TrainingStarted, body={"group_id": group_id})

    async def get_training(self, group_id: str) -> models.Training:
        """Return the status of a training.

        Args:
            group_id: The id of the group.
        """
        return await self._call(_TRAINING, models.Training, group_id)

    async def add_motion(self, id: str) -> models.Changed:
        """Add motion to a photo.

        Args:
            id: The id of the photo.
        """
        return await self._call(_MOTION, models.Changed, body={"id": id})

    async def add_sound_effect(self, id: str) -> models.Changed:
        """Add a background sound to a photo.

        Args:
            id: The id of the photo.
        """
        return await self._call(_SOUND, models.Changed, body={"id": id})

    async def upscale(self, id: str) -> models.Changed:
        """Increase the resolution of a photo.

        Args:
            id: The id of the photo.
        """
        return await self._call(_UPSCALE, models.Changed, body={"id": id})

    async def get(self, id: str) -> models.PhotoAvatar:
        """Return a photo.

        Args:
            id: The id of the photo.
        """
        return await self._call(_PHOTO, models.PhotoAvatar, id)

    async def delete(self, id: str) -> None:
        """Delete a photo.

        Args:
            id: The id of the photo.
        """
        await self._call_without_result(_DELETE_PHOTO, id)

    async def delete_group(self, group_id: str) -> None:
        """Delete a group with all its photos.

        Args:
            group_id: The id of the group.
        """
        await self._call_without_result(_DELETE_GROUP, group_id)


class Assets(LegacyResource):
    """Files, uploaded to a separate host."""

    async def upload(self, file: SourceInput, *, media_type: str | None = None) -> models.LegacyAsset:
        """Upload a png, jpeg, mp4, webm, mp3 or wav file as a stream.

        Args:
            file: The file: a path, bytes, an open binary file or an async iterable of bytes.
            media_type: The media type, such as `image/png`; by default from the content.

        Raises:
            InvalidInputError: The file is missing, empty or of another type.
        """
        return await self._upload(_ASSET, models.LegacyAsset, file, media_type, ("image/", "video/", "audio/"))


class TalkingPhotos(LegacyResource):
    """Talking photos, which belong to no group."""

    async def list(self) -> Sequence[models.TalkingPhoto]:
        """Return all talking photos of the account."""
        return await self._call(_PHOTOS, _Photos)

    async def upload(self, file: SourceInput, *, media_type: str | None = None) -> models.TalkingPhotoUploaded:
        """Upload a png or jpeg photo as a stream.

        Args:
            file: The file: a path, bytes, an open binary file or an async iterable of bytes.
            media_type: The media type, such as `image/png`; by default from the content.

        Raises:
            InvalidInputError: The file is missing, empty or of another type.
        """
        return await self._upload(_UPLOAD_PHOTO, models.TalkingPhotoUploaded, file, media_type, ("image/",))

    async def delete(self, id: str) -> None:
        """Delete a talking photo.

        Args:
            id: The id of the photo.
        """
        await self._call_without_result(_DELETE_TALKING, id)


_Photos = list[models.TalkingPhoto]
