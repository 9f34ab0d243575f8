"""Avatars, voices, photo avatars and files of v1 and v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from .._files.file_inputs import SourceInput
from .._http.signatures import check_keywords, show_parameters
from ..errors import InvalidInputError
from ..resources import validation
from .endpoints import LegacyResource, older
from .types import avatars as models

_LIST = older("GET", "/v2/avatars", "avatars.looks.list")
_DETAILS = older("GET", "/v2/avatar/{avatar_id}/details", "avatars.looks.get")
_GROUPS = older("GET", "/v2/avatar_group.list", "avatars.list")
_IN_GROUP = older("GET", "/v2/avatar_group/{group_id}/avatars", "avatars.looks.list")
_VOICES = older("GET", "/v2/voices", "voices.list")
_BRAND_VOICES = older("GET", "/v2/brand_voice/list")
_GENERATE_PHOTO = older("POST", "/v2/photo_avatar/photo/generate", "avatars.create", billable=True)
_GENERATE_LOOKS = older("POST", "/v2/photo_avatar/look/generate", "avatars.create", billable=True)
_GENERATION = older("GET", "/v2/photo_avatar/generation/{generation_id}")
_CREATE_GROUP = older("POST", "/v2/photo_avatar/avatar_group/create", "avatars.create", billable=True)
_ADD = older("POST", "/v2/photo_avatar/avatar_group/add", "avatars.create", billable=True)
_TRAIN = older("POST", "/v2/photo_avatar/train", billable=True)
_TRAINING = older("GET", "/v2/photo_avatar/train/status/{group_id}")
_MOTION = older("POST", "/v2/photo_avatar/add_motion", billable=True)
_SOUND = older("POST", "/v2/photo_avatar/add_sound_effect", billable=True)
_UPSCALE = older("POST", "/v2/photo_avatar/upscale", billable=True)
_PHOTO = older("GET", "/v2/photo_avatar/{id}", "avatars.looks.get")
_DELETE_PHOTO = older("DELETE", "/v2/photo_avatar/{id}", "avatars.looks.delete")
_DELETE_GROUP = older("DELETE", "/v2/photo_avatar_group/{group_id}", "avatars.delete")
_ASSET = older("POST", "/v1/asset", "assets.upload")
_UPLOAD_PHOTO = older("POST", "/v1/talking_photo", "avatars.create")
_PHOTOS = older("GET", "/v1/talking_photo.list", "avatars.looks.list")
_DELETE_TALKING = older("DELETE", "/v2/talking_photo/{id}", "avatars.looks.delete")


class Avatars(LegacyResource):
    """Who can present."""

    async def list(self) -> models.Avatars:
        """All avatars and talking photos, those of the library among them: a long list, in one answer."""
        return await self._ask(_LIST, models.Avatars)

    async def details(self, avatar_id: str) -> models.AvatarDetails:
        """One avatar, with the voice that suits it."""
        return await self._ask(_DETAILS, models.AvatarDetails, avatar_id)

    async def list_groups(self, *, include_public: bool | None = None) -> Sequence[models.AvatarGroup]:
        """List the account's groups of looks, and on request those of the library."""
        query = {"include_public": include_public}
        return (await self._ask(_GROUPS, models.AvatarGroups, query=query)).avatar_group_list

    async def list_in_group(self, group_id: str) -> Sequence[models.GroupAvatar]:
        """List the looks of a group."""
        return (await self._ask(_IN_GROUP, models.GroupAvatars, group_id)).avatar_list


class Voices(LegacyResource):
    """What can speak."""

    async def list(self) -> Sequence[models.LegacyVoice]:
        """All voices, in one answer."""
        return (await self._ask(_VOICES, models.Voices)).voices

    async def list_brand_voices(
        self, *, limit: int | None = None, token: str | None = None, name_only: bool | None = None
    ) -> models.BrandVoices:
        """Return a page of the account's brand voices."""
        query = {"limit": validation.check_limit(limit), "token": token, "name_only": name_only}
        return await self._ask(_BRAND_VOICES, models.BrandVoices, query=query)


class PhotoAvatars(LegacyResource):
    """Photos that are made to speak."""

    @show_parameters
    async def generate_photo(self, **request: Unpack[models.PhotoRequest]) -> models.GenerationCreated:
        """Begin four photos of a person who is not there; all eight fields are required. It is charged for."""
        check_keywords(self.generate_photo, request)
        for name in models.PhotoRequest.__annotations__:
            if not request.get(name):
                raise InvalidInputError(name, request.get(name), "a value; all eight are required")
        return await self._ask(_GENERATE_PHOTO, models.GenerationCreated, body=dict(request))

    async def generate_looks(
        self, *, group_id: str, prompt: str, orientation: models.Orientation, pose: models.Pose, style: models.Style
    ) -> models.GenerationCreated:
        """Begin further looks of a trained group. It is charged for."""
        body = {"group_id": group_id, "prompt": prompt, "orientation": orientation, "pose": pose, "style": style}
        return await self._ask(_GENERATE_LOOKS, models.GenerationCreated, body=body)

    async def get_generation(self, generation_id: str) -> models.Generation:
        """How far generated photos are: `in_progress`, `success` with their keys, `failed` with a `msg`."""
        return await self._ask(_GENERATION, models.Generation, generation_id)

    async def create_group(self, *, name: str, image_key: str, generation_id: str | None = None) -> models.PhotoAvatar:
        """Create a talking photo; pass the result to `AsyncHeyGen.wait_for_avatar`.

        Args:
            name: The name of the photo.
            image_key: The key of an image from `assets.upload` or from a generation.
            generation_id: The id of that generation, if the image is from one.
        """
        body = {"name": name, "image_key": image_key, "generation_id": generation_id}
        return await self._ask(_CREATE_GROUP, models.PhotoAvatar, body=body)

    async def add_photos(
        self, *, group_id: str, image_keys: Sequence[str], name: str, generation_id: str | None = None
    ) -> Sequence[models.PhotoAvatar]:
        """Add one to four photos of the same person to a group."""
        validation.check_length("image_keys", image_keys, 4, min_length=1)
        body = {"group_id": group_id, "image_keys": image_keys, "name": name, "generation_id": generation_id}
        return (await self._ask(_ADD, models.PhotoAvatars, body=body)).photo_avatar_list

    async def train(self, group_id: str) -> models.TrainingStarted:
        """Train a group, so that it moves better."""
        return await self._ask(_TRAIN, models.TrainingStarted, body={"group_id": group_id})

    async def get_training(self, group_id: str) -> models.Training:
        """How far a training is."""
        return await self._ask(_TRAINING, models.Training, group_id)

    async def add_motion(self, id: str) -> models.Changed:
        """Make a photo move."""
        return await self._ask(_MOTION, models.Changed, body={"id": id})

    async def add_sound_effect(self, id: str) -> models.Changed:
        """Give a photo a background of sound."""
        return await self._ask(_SOUND, models.Changed, body={"id": id})

    async def upscale(self, id: str) -> models.Changed:
        """Make a photo larger."""
        return await self._ask(_UPSCALE, models.Changed, body={"id": id})

    async def get(self, id: str) -> models.PhotoAvatar:
        """Return a photo."""
        return await self._ask(_PHOTO, models.PhotoAvatar, id)

    async def delete(self, id: str) -> None:
        """Delete a photo."""
        await self._done(_DELETE_PHOTO, id)

    async def delete_group(self, group_id: str) -> None:
        """Delete a group with all its photos."""
        await self._done(_DELETE_GROUP, group_id)


class Assets(LegacyResource):
    """Files, sent raw to a host of their own."""

    async def upload(self, file: SourceInput, *, media_type: str | None = None) -> models.LegacyAsset:
        """Upload a png, jpeg, mp4, webm, mp3 or wav, streamed.

        Raises:
            InvalidInputError: It is not there, empty, or of another type.
        """
        return await self._send(_ASSET, models.LegacyAsset, file, media_type, ("image/", "video/", "audio/"))


class TalkingPhotos(LegacyResource):
    """Photos that speak, without groups."""

    async def list(self) -> Sequence[models.TalkingPhoto]:
        """All of the account."""
        return await self._ask(_PHOTOS, _Photos)

    async def upload(self, file: SourceInput, *, media_type: str | None = None) -> models.TalkingPhotoUploaded:
        """Upload a png or jpeg, streamed, to speak.

        Raises:
            InvalidInputError: It is not there, empty, or of another type.
        """
        return await self._send(_UPLOAD_PHOTO, models.TalkingPhotoUploaded, file, media_type, ("image/",))

    async def delete(self, id: str) -> None:
        """Delete one."""
        await self._done(_DELETE_TALKING, id)


_Photos = list[models.TalkingPhoto]
