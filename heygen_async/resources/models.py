"""`heygen.models`: HeyGen's models, asked directly for voices, speech, images and videos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from ..jobs import QUICK_POLL, Kind
from ..models import models
from ..models.base import JSONValue
from ..pagination import Pager
from ..route import Route
from ..waiting import AndWait
from . import checks
from .base import Resource

_SPEECH = Route(
    "POST",
    "/v3/models/audio/tts",
    spends=True,
    look="Speech is not listed anywhere; users.me() shows whether it was charged.",
)
_CREATE_VOICE = Route("POST", "/v3/models/audio/voices", idempotency="header", spends=True)
_LIST_VOICES = Route("GET", "/v3/models/audio/voices")
_DELETE_VOICE = Route("DELETE", "/v3/models/audio/voices/{voice_id}")
_CREATE_IMAGES = Route("POST", "/v3/models/images", idempotency="header", spends=True)
_CREATE_VIDEO = Route("POST", "/v3/models/videos", idempotency="header", spends=True)
VOICE: Kind[models.ModelVoice] = Kind(
    "model voice",
    "voice_id",
    Route("GET", "/v3/models/audio/voices/{voice_id}"),
    models.ModelVoice,
    done=frozenset({"ACTIVE"}),
    failed=frozenset({"FAILED"}),
    poll=QUICK_POLL,
)
IMAGES: Kind[models.ModelImages] = Kind(
    "generation of model images",
    "generation_id",
    Route("GET", "/v3/models/images/{generation_id}"),
    models.ModelImages,
    failed=frozenset({"failed", "cancelled"}),
    poll=QUICK_POLL,
)
VIDEO: Kind[models.ModelVideo] = Kind(
    "model video",
    "video_id",
    Route("GET", "/v3/models/videos/{video_id}"),
    models.ModelVideo,
    failed=frozenset({"failed", "cancelled"}),
)


class ModelVoiceAndWait(models.ModelVoiceRequest, AndWait, total=False):
    """What `voices.create_and_wait` takes."""


class ModelImagesAndWait(models.ModelImagesRequest, AndWait, total=False):
    """What `images.create_and_wait` takes."""


class ModelVoices(Resource):
    """Voices that speak through `models.create_speech`."""

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.ModelVoiceRequest]
    ) -> models.ModelVoiceCreated:
        """Begin to train a voice on recordings; local files are uploaded first. It is charged for."""
        checks.at_most("audio", request.get("audio"), 10, least=1)
        body = await self._files(checks.given(request, models.ModelVoiceRequest))
        return await self._call(_CREATE_VOICE, models.ModelVoiceCreated, body=body, key=idempotency_key)

    async def create_and_wait(self, **request: Unpack[ModelVoiceAndWait]) -> models.ModelVoice:
        """`create`, then wait until the voice can speak."""
        return await self._and_wait(VOICE, self.create, request)

    async def get(self, voice_id: str) -> models.ModelVoice:
        """One voice, and how far its training is."""
        return await self._call(VOICE.look, models.ModelVoice, voice_id)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.ModelVoice]:
        """The account's own voices; `limit` from 1 to 100, by default 10."""
        return self._list(_LIST_VOICES, models.ModelVoice, limit=limit, token=token)

    async def delete(self, voice_id: str, *, idempotency_key: str | None = None) -> models.ModelVoiceDeleted:
        """Delete a voice for good."""
        return await self._call(_DELETE_VOICE, models.ModelVoiceDeleted, voice_id, key=idempotency_key)


class ModelImages(Resource):
    """Images that put a person into another picture."""

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.ModelImagesRequest]
    ) -> models.ModelImagesCreated:
        """Begin to make images; local files are uploaded first. They are charged for."""
        checks.at_most("identity_images", request.get("identity_images"), 5, least=1)
        checks.number("num_images", request.get("num_images"), 1, 5)
        only = {"model": "heygen-image-1", "mode": "identity_remix"}
        body = await self._files(only | checks.given(request, models.ModelImagesRequest))
        return await self._call(_CREATE_IMAGES, models.ModelImagesCreated, body=body, key=idempotency_key)

    async def create_and_wait(self, **request: Unpack[ModelImagesAndWait]) -> models.ModelImages:
        """`create`, then wait for the images."""
        return await self._and_wait(IMAGES, self.create, request)

    async def get(self, generation_id: str) -> models.ModelImages:
        """A generation as it stands."""
        return await self._call(IMAGES.look, models.ModelImages, generation_id)


class ModelVideos(Resource):
    """Videos from words, pictures, videos and sounds."""

    async def create(
        self, request: models.ModelVideoRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> models.ModelVideoCreated:
        """Begin a video; `AsyncHeyGen.wait_for_model_video` takes what this returns. It is charged for.

        :param request: a `TextToVideo`, `ImageToVideo` or `ReferenceToVideo`, or an equal mapping; local files in it
            are uploaded first
        """
        checks.model_video(request)
        return await self._call(
            _CREATE_VIDEO, models.ModelVideoCreated, body=await self._files(request), key=idempotency_key
        )

    async def create_and_wait(
        self, request: models.ModelVideoRequest | Mapping[str, JSONValue], **wait: Unpack[AndWait]
    ) -> models.ModelVideo:
        """`create`, then wait for the finished video."""
        return await self._and_wait(VIDEO, self.create, wait, request)

    async def get(self, video_id: str) -> models.ModelVideo:
        """A video as it stands."""
        return await self._call(VIDEO.look, models.ModelVideo, video_id)


class Models(Resource):
    """HeyGen's models. https://developers.heygen.com/docs/voices/heygen-voice-speech"""

    @property
    def voices(self) -> ModelVoices:
        """Voices that speak through `create_speech`."""
        return ModelVoices(self._transport)

    @property
    def images(self) -> ModelImages:
        """Images that put a person into another picture."""
        return ModelImages(self._transport)

    @property
    def videos(self) -> ModelVideos:
        """Videos from words, pictures, videos and sounds."""
        return ModelVideos(self._transport)

    async def create_speech(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.ModelSpeechRequest]
    ) -> models.ModelSpeech:
        """Speak a text; the answer comes when it is spoken whole. A member has 30 requests a minute. It is charged for.

        :raises AmbiguousRequestError: the answer was lost; the API honours no key here
        """
        body = checks.given(request, models.ModelSpeechRequest)
        checks.text("text", body["text"], 5_000)
        return await self._call(_SPEECH, models.ModelSpeech, body=body, key=idempotency_key)
