"""`heygen.voices`: finding, designing and cloning voices, and speech from text."""

from __future__ import annotations

from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs.registry import VOICE_CLONE
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import voices as models
from . import validation as checks
from .base import Resource

_RECOVERY = "voices.list(type='private') shows the account's own voices; ask again only if it is not among them."
_DESIGN = Endpoint("POST", "/v3/voices", recovery="Designing makes nothing that is kept: ask again.")
_CLONE = Endpoint("POST", "/v3/voices/clone", billable=True, recovery=_RECOVERY)
_SPEECH = Endpoint(
    "POST",
    "/v3/voices/speech",
    billable=True,
    recovery="Speech is not listed anywhere; users.me() shows whether it was charged.",
)
_LIST = Endpoint("GET", "/v3/voices")
_DELETE = Endpoint("DELETE", "/v3/voices/{voice_id}")


class CloneAndWait(models.CloneRequest, AndWait, total=False):
    """What `clone_and_wait` takes."""


class Voices(Resource):
    """Voices. https://developers.heygen.com/docs/voices/overview"""

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
        """The public voices, or the account's own; `limit` from 1 to 100, by default 20.

        Args:
            type: `public` (the default) or `private`.
            engine: `starfish` for those that `create_speech` takes.
            language: Of one language alone, such as `English`.
            gender: `male` or `female`.
        """
        return self._list(
            _LIST, models.Voice, limit=limit, token=token, type=type, engine=engine, language=language, gender=gender
        )

    async def get(self, voice_id: str) -> models.VoiceDetails:
        """One voice; for a clone, how far it is (`status`, of which the good end is spelled `complete`)."""
        return await self._call(VOICE_CLONE.endpoint, models.VoiceDetails, voice_id)

    async def design(
        self,
        *,
        prompt: str,
        gender: str | None = None,
        locale: str | None = None,
        seed: int | None = None,
        idempotency_key: str | None = None,
    ) -> models.DesignedVoices:
        """Up to three voices that fit a description.

        Args:
            prompt: The description, such as a warm, calm narrator, in 1 to 1,000 characters.
            gender: `male` or `female`.
            locale: Such as `pt-BR`.
            seed: 0 (the default) gives the best, 1 the next ones; the same number gives the same voices.
        """
        body = {"prompt": prompt, "gender": gender, "locale": locale, "seed": seed}
        checks.text("prompt", prompt, 1_000)
        return await self._call(_DESIGN, models.DesignedVoices, body=body, key=idempotency_key)

    async def clone(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.CloneRequest]
    ) -> models.VoiceCloneCreated:
        """Begin to clone a voice from a recording; a local file is uploaded first.

        Args:
            language: A hint such as `en`; found out when it is not given.
        """
        body = await self._files(checks.given(request, models.CloneRequest))
        return await self._call(_CLONE, models.VoiceCloneCreated, body=body, key=idempotency_key)

    async def clone_and_wait(self, **request: Unpack[CloneAndWait]) -> models.VoiceDetails:
        """`clone`, then wait until the voice can speak."""
        return await self._and_wait(VOICE_CLONE, self.clone, request)

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
        """Speak a text, with the times of its words. It is charged for.

        Args:
            text: 1 to 5,000 characters.
            voice_id: A voice of the `starfish` engine.
            input_type: `text` (the default) or `ssml`.
            speed: From 0.5 to 2.0.
            language: Such as `en`; found out when it is not given.
            locale: Such as `en-US`; it stands over `language`.
        """
        checks.text("text", text, 5_000)
        checks.number("speed", speed, 0.5, 2.0)
        body = {
            "text": text,
            "voice_id": voice_id,
            "input_type": input_type,
            "speed": speed,
            "language": language,
            "locale": locale,
        }
        return await self._call(_SPEECH, models.Speech, body=body, key=idempotency_key)

    async def delete(self, voice_id: str, *, idempotency_key: str | None = None) -> models.DeletedVoice:
        """Delete a cloned voice that no template uses; one that is gone already is answered with 404."""
        return await self._call(_DELETE, models.DeletedVoice, voice_id, key=idempotency_key)
