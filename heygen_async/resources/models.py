"""`heygen.models`: HeyGen's models, asked directly for voices, speech, images and videos."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Unpack

import msgspec

from .. import errors
from .._http import event_stream as sse
from .._http.endpoint import Endpoint
from .._http.error_mapping import error_from_response
from .._http.response import Response
from .._jobs.registry import MODEL_IMAGES, MODEL_VIDEO, MODEL_VOICE
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import models
from ..types.base import JSONValue
from . import validation as checks
from .base import Resource

_RECOVERY = "Speech is not listed anywhere; users.me() shows whether it was charged."
_SPEECH = Endpoint("POST", "/v3/models/audio/tts", billable=True, recovery=_RECOVERY)
_STREAM = Endpoint("POST", "/v3/models/audio/tts/stream", billable=True, recovery=_RECOVERY)
_CREATE_VOICE = Endpoint("POST", "/v3/models/audio/voices", idempotency="header", billable=True)
_LIST_VOICES = Endpoint("GET", "/v3/models/audio/voices")
_DELETE_VOICE = Endpoint("DELETE", "/v3/models/audio/voices/{voice_id}")
_CREATE_IMAGES = Endpoint("POST", "/v3/models/images", idempotency="header", billable=True)
_CREATE_VIDEO = Endpoint("POST", "/v3/models/videos", idempotency="header", billable=True)


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
        return await self._and_wait(MODEL_VOICE, self.create, request)

    async def get(self, voice_id: str) -> models.ModelVoice:
        """One voice, and how far its training is."""
        return await self._call(MODEL_VOICE.endpoint, models.ModelVoice, voice_id)

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
        return await self._and_wait(MODEL_IMAGES, self.create, request)

    async def get(self, generation_id: str) -> models.ModelImages:
        """A generation as it stands."""
        return await self._call(MODEL_IMAGES.endpoint, models.ModelImages, generation_id)


class ModelVideos(Resource):
    """Videos from words, pictures, videos and sounds."""

    async def create(
        self, request: models.ModelVideoRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> models.ModelVideoCreated:
        """Begin a video. It is charged for.

        `AsyncHeyGen.wait_for_model_video` takes what this returns.

        Args:
            request: A `TextToVideo`, `ImageToVideo` or `ReferenceToVideo`, or an equal mapping; local files in it are
                uploaded first.
        """
        checks.model_video(request)
        body = {"model": "heygen-video-1", **request} if isinstance(request, Mapping) else request
        return await self._call(
            _CREATE_VIDEO, models.ModelVideoCreated, body=await self._files(body), key=idempotency_key
        )

    async def create_and_wait(
        self, request: models.ModelVideoRequest | Mapping[str, JSONValue], **wait: Unpack[AndWait]
    ) -> models.ModelVideo:
        """`create`, then wait for the finished video."""
        return await self._and_wait(MODEL_VIDEO, self.create, wait, request)

    async def get(self, video_id: str) -> models.ModelVideo:
        """A video as it stands."""
        return await self._call(MODEL_VIDEO.endpoint, models.ModelVideo, video_id)


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

        Raises:
            AmbiguousRequestError: The answer was lost; the API honours no key here.
        """
        return await self._call(_SPEECH, models.ModelSpeech, body=_speech(request), key=idempotency_key)

    async def stream_speech(
        self,
        *,
        with_timestamps: bool | None = None,
        idempotency_key: str | None = None,
        **request: Unpack[models.ModelSpeechRequest],
    ) -> AsyncGenerator[models.SpeechPart]:
        """Speak a text, and give what is spoken while it is made. It is charged for, and takes an API key alone.

        `SpeechAudio` is a part of the sound; with `with_timestamps`, `SpeechAlignment` tells the times of words. Each
        comes once, in order. A stream that breaks is not taken up again, since that would be another speech to be paid
        for: it ends in an error, after the parts that came whole. Leaving the loop early (or closing the generator)
        closes the connection.

        Raises:
            AmbiguousRequestError: It broke, or was silent too long, before its end; a note says how many parts came.
            APIError: HeyGen refused it, or gave up in the midst of it (then with `status` 200).
            ConfigurationError: The client is signed in by OAuth.
        """
        if self._transport.shared_state.credentials is not None:
            raise errors.ConfigurationError("models.stream_speech takes an API key; this client is signed in by OAuth.")
        body = {**_speech(request), "with_timestamps": with_timestamps}
        came = 0
        try:
            stream = self._transport.stream(_STREAM, body=body, key=idempotency_key)
            async with aclosing(sse.events(stream)) as events:
                async for event in events:
                    if event.data.strip() == "[DONE]":
                        return
                    yield _part(event.data)
                    came += 1
            raise _broken(errors.APIConnectionError, "The speech broke off before its end.")
        except errors.HeyGenError as error:
            if came:
                error.add_note(f"{came} parts of the speech came whole before.")
            raise


def _speech(request: models.ModelSpeechRequest) -> dict[str, object]:
    body = checks.given(request, models.ModelSpeechRequest)
    checks.text("text", body["text"], 5_000)
    return body


class _Part(msgspec.Struct):
    type: str = ""
    error: JSONValue = None


_kind = msgspec.json.Decoder(_Part).decode
_audio = msgspec.json.Decoder(models.SpeechAudio).decode
_alignment = msgspec.json.Decoder(models.SpeechAlignment).decode
_open = msgspec.json.Decoder(dict[str, JSONValue]).decode


def _part(data: str) -> models.SpeechPart:
    """What one event tells."""
    try:
        kind = _kind(data)
        if kind.error or kind.type == "error":
            raise error_from_response(Response("POST", _STREAM.path, 200, {}, data.encode(), 1, 0.0))
        if kind.type == "audio":
            return _audio(data)
        if kind.type == "alignment":
            return _alignment(data)
        return models.UnknownSpeechPart(type=kind.type, raw=_open(data))
    except msgspec.DecodeError as problem:
        why = f"A part of the speech is not of the documented form: {problem}."
        raise _broken(errors.DecodeError, why, status=200, body=data.encode()) from None


def _broken(kind: type[errors.HeyGenError], why: str, **facts: object) -> errors.HeyGenError:
    return errors.ambiguous(kind(why, method="POST", path=_STREAM.path, **facts), _STREAM.recovery)
