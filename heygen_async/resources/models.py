"""`heygen.models`: voices, speech, images and videos from HeyGen's models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Unpack, cast

import msgspec

from .. import errors
from .._http.argument_checks import check_keywords, check_mappings
from .._http.drift import convert_event_data
from .._http.endpoint import endpoint_of
from .._http.error_mapping import ambiguous_error, error_from_response
from .._http.lenient_decoding import parse_json
from .._http.operation import operation
from .._http.response import Response
from .._http.signatures import show_parameters
from .._jobs.registry import MODEL_IMAGES, MODEL_VIDEO, MODEL_VOICE
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import models
from ..types.base import JSONValue
from . import validation
from .base import Resource

if TYPE_CHECKING:
    from .._http.configuration import Options

_SPEECH_RECOVERY = "No list shows speech; users.me() shows whether it was charged."


class ModelVoiceAndWait(models.ModelVoiceRequest, AndWait, total=False):
    """The arguments of `models.voices.create_and_wait`."""


class ModelImagesAndWait(models.ModelImagesRequest, AndWait, total=False):
    """The arguments of `images.create_and_wait`."""


class ModelVoices(Resource):
    """Voices for `models.create_speech`."""

    @operation(
        {
            "instant": "create_model_voice_from_instant",
            "professional": "create_model_voice_from_professional",
        },
        "POST",
        "/v3/models/audio/voices",
        idempotency="header",
        billable=True,
        wait="model_voice",
    )
    async def create(
        self,
        request: models.NewModelVoice | Mapping[str, JSONValue] | None = None,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[models.ModelVoiceRequest],
    ) -> models.ModelVoiceCreated:
        """Create a voice from recordings, or train a professional one again.

        Costs credit. Local files are uploaded first. `AsyncHeyGen.wait_for_model_voice` accepts the result.

        Args:
            request: An `InstantVoice` or a `ProfessionalVoice`, or an equal mapping.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **fields: Deprecated: the fields of the request as keywords.
        """
        body = self._new_voice(request, fields)
        body = await self._upload_files(body)
        return await self._call(self.create, models.ModelVoiceCreated, body=body, key=idempotency_key)

    def _new_voice(self, request: object, fields: models.ModelVoiceRequest) -> object:
        """Check the body of a new voice, and return it."""
        if request is not None:
            if fields:
                raise errors.InvalidInputError("request", request, "all fields of the voice, without further keywords")
            check_mappings(self.create, request=request)
            validation.check_model_voice(request)
            return request
        check_keywords(self.create, fields)
        validation.check_text("mode", fields.get("mode"))
        validation.check_length("audio", fields.get("audio") or (), 10, min_length=1)
        self._warn_once("models.voices.create() by keywords", "Pass an InstantVoice or a ProfessionalVoice.")
        return dict(fields)

    @show_parameters
    async def create_and_wait(
        self,
        request: models.NewModelVoice | Mapping[str, JSONValue] | None = None,
        **options: Unpack[ModelVoiceAndWait],
    ) -> models.ModelVoice:
        """Call `create`, then wait until the voice can speak."""
        return await self._create_and_wait(MODEL_VOICE, self.create_and_wait, self.create, options, request)

    @operation("get_model_voice", MODEL_VOICE.endpoint, wait="model_voice")
    async def get(self, voice_id: str) -> models.ModelVoice:
        """Return a voice with the state of its training.

        Args:
            voice_id: The id that `create` returned.
        """
        return await self._call(self.get, models.ModelVoice, voice_id)

    @operation("list_model_voices", "GET", "/v3/models/audio/voices")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.ModelVoice]:
        """List the voices of the account.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.ModelVoice, limit=limit, token=token)

    @operation("delete_model_voice", "DELETE", "/v3/models/audio/voices/{voice_id}")
    async def delete(self, voice_id: str, *, idempotency_key: str | None = None) -> models.ModelVoiceDeleted:
        """Delete a voice permanently. An instant voice that is being created is cancelled.

        Args:
            voice_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.

        Raises:
            ConflictError: A professional voice is being trained.
        """
        return await self._call(self.delete, models.ModelVoiceDeleted, voice_id, key=idempotency_key)


class ModelImages(Resource):
    """Images that put a person into another picture."""

    @operation(
        "create_model_image", "POST", "/v3/models/images", idempotency="header", billable=True, wait="model_image"
    )
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.ModelImagesRequest]
    ) -> models.ModelImagesCreated:
        """Start the generation of images.

        Costs credit. Local files are uploaded first.

        Args:
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **request: The fields of `ModelImagesRequest`.
        """
        validation.check_length("identity_images", request.get("identity_images"), 5, min_length=1)
        validation.check_number("num_images", request.get("num_images"), 1, 5)
        body = {"model": "heygen-image-1"} | await self._body(self.create, request)
        return await self._call(self.create, models.ModelImagesCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[ModelImagesAndWait]) -> models.ModelImages:
        """Call `create`, then wait for the images."""
        return await self._create_and_wait(MODEL_IMAGES, self.create_and_wait, self.create, request)

    @operation("get_model_image", MODEL_IMAGES.endpoint, wait="model_image")
    async def get(self, generation_id: str) -> models.ModelImages:
        """Return a generation with its images.

        Args:
            generation_id: The id that `create` returned.
        """
        return await self._call(self.get, models.ModelImages, generation_id)


class ModelVideos(Resource):
    """Videos from prompts, pictures, videos and sounds."""

    @operation(
        {
            "text_to_video": "create_model_video_from_text_to_video",
            "image_to_video": "create_model_video_from_image_to_video",
            "reference_to_video": "create_model_video_from_reference_to_video",
        },
        "POST",
        "/v3/models/videos",
        idempotency="header",
        billable=True,
        wait="model_video",
    )
    async def create(
        self, request: models.ModelVideoRequest | Mapping[str, JSONValue], *, idempotency_key: str | None = None
    ) -> models.ModelVideoCreated:
        """Start a video.

        Costs credit. Local files are uploaded first. `AsyncHeyGen.wait_for_model_video` accepts the result.

        Args:
            request: A `TextToVideo`, `ImageToVideo` or `ReferenceToVideo`, or an equal mapping.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        check_mappings(self.create, request=request)
        validation.check_model_video(request)
        body = {"model": "heygen-video-1", **request} if isinstance(request, Mapping) else request
        body = await self._upload_files(body)
        return await self._call(self.create, models.ModelVideoCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(
        self, request: models.ModelVideoRequest | Mapping[str, JSONValue], **options: Unpack[AndWait]
    ) -> models.ModelVideo:
        """Call `create`, then wait for the finished video."""
        return await self._create_and_wait(MODEL_VIDEO, self.create_and_wait, self.create, options, request)

    @operation("get_model_video", MODEL_VIDEO.endpoint, wait="model_video")
    async def get(self, video_id: str) -> models.ModelVideo:
        """Return a video.

        Args:
            video_id: The id that `create` returned.
        """
        return await self._call(self.get, models.ModelVideo, video_id)


class Models(Resource):
    """HeyGen's models. https://developers.heygen.com/docs/voices/heygen-voice-speech"""

    @property
    def voices(self) -> ModelVoices:
        """Voices for `create_speech`."""
        return ModelVoices(self._transport)

    @property
    def images(self) -> ModelImages:
        """Images that put a person into another picture."""
        return ModelImages(self._transport)

    @property
    def videos(self) -> ModelVideos:
        """Videos from prompts, pictures, videos and sounds."""
        return ModelVideos(self._transport)

    @operation("create_model_speech", "POST", "/v3/models/audio/tts", billable=True, recovery=_SPEECH_RECOVERY)
    async def create_speech(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.ModelSpeechRequest]
    ) -> models.ModelSpeech:
        """Generate speech from a text. The response arrives when the speech is complete.

        Costs credit; a failed request is free. A member may send 30 requests per minute.

        Args:
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.
            **request: The fields of `ModelSpeechRequest`.

        Raises:
            AmbiguousRequestError: The response was lost, so the speech may have been charged.
        """
        check_keywords(self.create_speech, request)
        validation.check_text("text", request["text"], 5_000)
        return await self._call(self.create_speech, models.ModelSpeech, body=request, key=idempotency_key)

    @operation("stream_model_speech", "POST", "/v3/models/audio/tts/stream", billable=True, recovery=_SPEECH_RECOVERY)
    async def stream_speech(
        self,
        *,
        idempotency_key: str | None = None,
        **request: Unpack[models.ModelSpeechRequest],
    ) -> AsyncGenerator[models.SpeechPart]:
        """Generate speech from a text, and yield its parts while it is generated.

        Costs credit. Each part is yielded once, in order. A broken stream raises an error. It is not resumed, because a
        new request would be charged again. Closing the generator closes the connection. `with_timestamps` yields a
        `SpeechAlignment` with the times of words beside each `SpeechAudio`.

        Args:
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.
            **request: The fields of `ModelSpeechRequest`.

        Raises:
            AmbiguousRequestError: The stream broke or was silent too long. A note has the number of received parts.
            APIError: HeyGen rejected the request, or reported an error within the stream (then with `status` 200).
            ConfigurationError: The client is signed in by OAuth; the endpoint accepts only an API key.
        """
        if self._transport.shared_state.credentials is not None:
            raise errors.ConfigurationError("models.stream_speech needs an API key; this client is signed in by OAuth.")
        check_keywords(self.stream_speech, request)
        validation.check_text("text", request["text"], 5_000)
        received = 0
        try:
            async with aclosing(self._stream(self.stream_speech, body=request, key=idempotency_key)) as events:
                async for event in events:
                    if event.data.strip() == "[DONE]":
                        return
                    yield _decode_part(event.data, self._transport.options)
                    received += 1
            raise _ambiguous(errors.APIConnectionError, "The speech ended before its last event.")
        except errors.HeyGenError as error:
            if received:
                error.add_note(f"{received} parts of the speech arrived whole before.")
            raise


class _PartType(msgspec.Struct):
    type: str = ""
    error: JSONValue = None


_decode_type = msgspec.json.Decoder(_PartType).decode
_decode_audio = msgspec.json.Decoder(models.SpeechAudio).decode
_decode_alignment = msgspec.json.Decoder(models.SpeechAlignment).decode
_decode_object = msgspec.json.Decoder(dict[str, JSONValue]).decode


def _decode_part(data: str, options: Options) -> models.SpeechPart:
    """Return the part of the speech in the data of one event."""
    try:
        part = _decode_type(data)
        if part.error or part.type == "error":
            raise _error_in_stream(data)
        if part.type == "audio":
            return _decode_audio(data)
        if part.type == "alignment":
            return _decode_alignment(data)
        return models.UnknownSpeechPart(type=part.type, raw=_decode_object(data))
    except msgspec.DecodeError as error:
        if not options.strict and (converted := _convert_part(data, options)) is not None:
            return converted
        message = f"A part of the speech does not have the documented form: {error}."
        raise _ambiguous(errors.DecodeError, message, status=200, body=data.encode()) from None


def _parse_object(data: str) -> dict[str, JSONValue] | None:
    """Return a JSON object; None when it is something else."""
    try:
        value: Any = parse_json(data.encode())
    except ValueError:
        return None
    return cast("dict[str, JSONValue]", value) if isinstance(value, dict) else None


def _convert_part(data: str, options: Options) -> models.SpeechPart | None:
    """Return a part that deviates from the documented form; None when it is not a JSON object."""
    fields = _parse_object(data)
    if fields is None:
        return None
    name = str(fields.get("type") or "")
    if fields.get("error") or name == "error":
        raise _error_in_stream(data)
    endpoint = endpoint_of(Models.stream_speech)
    if name == "audio":
        sound = convert_event_data(fields, models.SpeechAudio, endpoint, options)
        if isinstance(getattr(sound, "audio", None), bytes):
            return sound
    if name == "alignment":
        alignment = convert_event_data(fields, models.SpeechAlignment, endpoint, options)
        if isinstance(getattr(alignment, "word_alignments", None), list):
            return alignment
    return models.UnknownSpeechPart(type=name, raw=fields)


def _error_in_stream(data: str) -> errors.HeyGenError:
    path = endpoint_of(Models.stream_speech).path
    return error_from_response(Response("POST", path, 200, {}, data.encode(), 1, 0.0))


def _ambiguous(
    error_type: type[errors.APIConnectionError | errors.DecodeError], message: str, **response: Any
) -> errors.HeyGenError:
    endpoint = endpoint_of(Models.stream_speech)
    return ambiguous_error(error_type(message, method="POST", path=endpoint.path, **response), endpoint.recovery)
