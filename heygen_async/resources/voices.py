"""`heygen.voices`: search, design and cloning of voices, and speech from text."""

from __future__ import annotations

from typing import Unpack

from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import VOICE_CLONE
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import voices as models
from . import validation
from .base import Resource


class CloneAndWait(models.CloneRequest, AndWait, total=False):
    """The arguments of `clone_and_wait`."""


class Voices(Resource):
    """Voices. https://developers.heygen.com/docs/voices/overview"""

    @operation("list_voices", "GET", "/v3/voices")
    def list(
        self,
        *,
        type: models.VoiceOwnership | None = None,
        engine: str | None = None,
        language: str | None = None,
        gender: str | None = None,
        limit: int | None = None,
        token: str | None = None,
    ) -> Pager[models.Voice]:
        """List the public voices, or the account's own.

        Args:
            type: `public` (the default) or `private`.
            engine: `starfish` for the voices that `create_speech` accepts.
            language: Only voices of this language, such as `English`.
            gender: `male` or `female`.
            limit: The number of items per page, 1 to 100; by default 20.
            token: The `next_token` of the previous page.
        """
        return self._pager(
            self.list,
            models.Voice,
            limit=limit,
            token=token,
            type=type,
            engine=engine,
            language=language,
            gender=gender,
        )

    @operation("get_voice", VOICE_CLONE.endpoint, wait="voice")
    async def get(self, voice_id: str) -> models.VoiceDetails:
        """Return a voice. The `status` of a finished clone is `complete`.

        Args:
            voice_id: The id of the voice, from `voices.list`.
        """
        return await self._call(self.get, models.VoiceDetails, voice_id)

    @operation(
        "design_voice", "POST", "/v3/voices", recovery="Designing voices stores nothing, so it is safe to repeat it."
    )
    async def design(
        self,
        *,
        prompt: str,
        gender: str | None = None,
        locale: str | None = None,
        seed: int | None = None,
        idempotency_key: str | None = None,
    ) -> models.DesignedVoices:
        """Return up to three voices that fit a description.

        Args:
            prompt: A description such as `a warm, calm narrator`, 1 to 1,000 characters.
            gender: `male` or `female`.
            locale: A locale such as `pt-BR`.
            seed: 0 (the default) returns the best voices, 1 the next ones. The same number returns the same voices.
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.
        """
        body = {"prompt": prompt, "gender": gender, "locale": locale, "seed": seed}
        validation.check_text("prompt", prompt, 1_000)
        return await self._call(self.design, models.DesignedVoices, body=body, key=idempotency_key)

    @operation(
        "clone_voice",
        "POST",
        "/v3/voices/clone",
        billable=True,
        recovery="voices.list(type='private') shows whether the voice was cloned; clone it again only if it was not.",
        wait="voice",
    )
    async def clone(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.CloneRequest]
    ) -> models.VoiceCloneCreated:
        """Start the cloning of a voice from a recording.

        Costs credit. A local file is uploaded first.

        Args:
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.
            **request: The fields of `CloneRequest`.
        """
        body = await self._body(self.clone, request)
        return await self._call(self.clone, models.VoiceCloneCreated, body=body, key=idempotency_key)

    @show_parameters
    async def clone_and_wait(self, **request: Unpack[CloneAndWait]) -> models.VoiceDetails:
        """Call `clone`, then wait until the voice can speak."""
        return await self._create_and_wait(VOICE_CLONE, self.clone_and_wait, self.clone, request)

    @operation(
        "create_speech",
        "POST",
        "/v3/voices/speech",
        billable=True,
        recovery="No list shows speech; users.me() shows whether it was charged.",
    )
    async def create_speech(
        self,
        *,
        text: str,
        voice_id: str,
        input_type: models.SpeechInput | None = None,
        speed: float | None = None,
        language: str | None = None,
        locale: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Speech:
        """Generate speech from a text, with the times of its words.

        Costs credit.

        Args:
            text: The text, 1 to 5,000 characters.
            voice_id: A voice of the `starfish` engine, from `voices.list`.
            input_type: `text` (the default) or `ssml`.
            speed: 0.5 to 2.0.
            language: The language, such as `en`; detected by default.
            locale: A locale such as `en-US`, in place of `language`.
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.
        """
        validation.check_text("text", text, 5_000)
        validation.check_number("speed", speed, 0.5, 2.0)
        body = {
            "text": text,
            "voice_id": voice_id,
            "input_type": input_type,
            "speed": speed,
            "language": language,
            "locale": locale,
        }
        return await self._call(self.create_speech, models.Speech, body=body, key=idempotency_key)

    @operation("delete_voice", "DELETE", "/v3/voices/{voice_id}")
    async def delete(self, voice_id: str, *, idempotency_key: str | None = None) -> models.DeletedVoice:
        """Delete a cloned voice that no template uses. Deleting it twice is a 404.

        Args:
            voice_id: The id of the voice, from `voices.list`.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, models.DeletedVoice, voice_id, key=idempotency_key)
