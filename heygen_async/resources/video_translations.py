"""`heygen.video_translations`: videos in other languages, proofread before they are rendered if need be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs import waiting
from .._jobs.registry import PROOFREAD, TRANSLATION, TRANSLATION_BATCH, TRANSLATION_STATUSES
from .._jobs.wait_options import AndWait, split_options
from ..pagination import Pager
from ..types import video_translations as models
from ..types.base import Deleted, JSONValue
from ..types.batches import BatchCreated, JobStatus
from ..types.files import FileInput
from . import validation as checks
from .base import Batches, Resource

_ROOT = "/v3/video-translations"
_CREATE = Endpoint("POST", _ROOT, idempotency="header", billable=True)
_LIST = Endpoint("GET", _ROOT)
_UPDATE = Endpoint("PATCH", _ROOT + "/{video_translation_id}")
_DELETE = Endpoint("DELETE", _ROOT + "/{video_translation_id}")
_LANGUAGES = Endpoint("GET", _ROOT + "/languages")
_CAPTION = Endpoint(
    "GET",
    _ROOT + "/{video_translation_id}/caption",
    alternative="Not every account has this; video_translations.get() gives srt_caption_url and vtt_caption_url.",
)
_CREATE_BATCH = Endpoint("POST", _ROOT + "/batches", idempotency="header", billable=True)
_PROOFREAD = Endpoint("POST", _ROOT + "/proofreads", idempotency="header", billable=True)
_GENERATE = Endpoint("POST", _ROOT + "/proofreads/{proofread_id}/generate", idempotency="header", billable=True)
_GET_SRT = Endpoint("GET", _ROOT + "/proofreads/{proofread_id}/srt")
_UPDATE_SRT = Endpoint("PUT", _ROOT + "/proofreads/{proofread_id}/srt")


class ProofreadAndWait(models.ProofreadRequest, AndWait, total=False):
    """What `create_and_wait` takes."""


class GenerateAndWait(models.GenerateRequest, AndWait, total=False):
    """What `generate_and_wait` takes."""


class TranslationAndWait(models.TranslationRequest, AndWait, total=False):
    """What `create_and_wait` takes."""


class Proofreads(Resource):
    """Subtitles that a person corrects before the translation is rendered."""

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.ProofreadRequest]
    ) -> models.ProofreadsCreated:
        """Begin to extract and translate a video's subtitles: one proofread a language."""
        body = await self._files(checks.given(request, models.ProofreadRequest))
        return await self._call(_PROOFREAD, models.ProofreadsCreated, body=body, key=idempotency_key)

    async def create_and_wait(self, **request: Unpack[ProofreadAndWait]) -> models.Proofread:
        """`create`, then wait until the subtitles are there; for one language."""
        return await self._and_wait(PROOFREAD, self.create, request)

    async def get(self, proofread_id: str) -> models.Proofread:
        """A proofread as it stands; its subtitles are there when it is completed."""
        return await self._call(PROOFREAD.endpoint, models.Proofread, proofread_id)

    async def get_srt(self, proofread_id: str) -> models.ProofreadSrt:
        """Where its subtitles can be downloaded."""
        return await self._call(_GET_SRT, models.ProofreadSrt, proofread_id)

    async def update_srt(
        self, proofread_id: str, *, srt: FileInput, idempotency_key: str | None = None
    ) -> models.Proofread:
        """Replace its subtitles; a local file is uploaded first.

        Args:
            srt: The new ones.
        """
        body = await self._files({"srt": srt})
        return await self._call(_UPDATE_SRT, models.Proofread, proofread_id, body=body, key=idempotency_key)

    async def generate_and_wait(self, proofread_id: str, **request: Unpack[GenerateAndWait]) -> models.Translation:
        """`generate`, then wait for the finished translation."""
        return await self._and_wait(TRANSLATION, self.generate, request, proofread_id)

    async def generate(
        self, proofread_id: str, *, idempotency_key: str | None = None, **request: Unpack[models.GenerateRequest]
    ) -> models.ProofreadGenerated:
        """Begin the translation with the subtitles as they are now."""
        body = checks.given(request, models.GenerateRequest)
        return await self._call(_GENERATE, models.ProofreadGenerated, proofread_id, body=body, key=idempotency_key)


class VideoTranslations(Batches):
    """Translations. https://developers.heygen.com/docs/video-translate"""

    _BATCH = TRANSLATION_BATCH

    @property
    def proofreads(self) -> Proofreads:
        """Subtitles that a person corrects before the translation is rendered."""
        return Proofreads(self._transport)

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.TranslationRequest]
    ) -> models.TranslationsCreated:
        """Begin to translate a video: one job a language. Local files are uploaded first. It is charged for."""
        body = await self._files(checks.given(request, models.TranslationRequest))
        return await self._call(_CREATE, models.TranslationsCreated, body=body, key=idempotency_key)

    async def create_and_wait(self, **request: Unpack[TranslationAndWait]) -> Sequence[models.Translation]:
        """`create`, then wait for the finished translations: one a language, in the order asked.

        All are waited for; when one fails, its error is raised, and its notes name the others.
        """
        body, wait = split_options(request)
        created = await self.create(**body)
        waits = {
            id: waiting.wait_for_job(self._transport, TRANSLATION, id, **wait) for id in created.video_translation_ids
        }
        return await self._awaited(created, waiting.wait_for_every(waits))

    async def get(self, video_translation_id: str) -> models.Translation:
        """A translation as it stands."""
        return await self._call(TRANSLATION.endpoint, models.Translation, video_translation_id)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Translation]:
        """All translations; `limit` from 1 to 100, by default 10."""
        return self._list(_LIST, models.Translation, limit=limit, token=token)

    async def update(
        self, video_translation_id: str, *, title: str, idempotency_key: str | None = None
    ) -> models.Translation:
        """Rename a translation."""
        return await self._call(
            _UPDATE, models.Translation, video_translation_id, body={"title": title}, key=idempotency_key
        )

    async def delete(self, video_translation_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a translation and its files for good."""
        return await self._call(_DELETE, Deleted, video_translation_id, key=idempotency_key)

    async def list_languages(self) -> models.Languages:
        """The names that `output_languages` takes."""
        return await self._call(_LANGUAGES, models.Languages)

    async def get_caption(
        self, video_translation_id: str, *, format: models.CaptionFormat
    ) -> models.TranslationCaption:
        """Where a translation's captions are, when it was made with `enable_caption`.

        Not every account has this; `get` gives the same as `srt_caption_url` and `vtt_caption_url`.

        Args:
            format: `srt` or `vtt`.
        """
        return await self._call(_CAPTION, models.TranslationCaption, video_translation_id, query={"format": format})

    async def statuses(
        self, *, video_translation_ids: Sequence[str] | None = None, batch_ids: Sequence[str] | None = None
    ) -> Sequence[JobStatus]:
        """The states of many translations; each entry's id is called `video_id`."""
        return await self._by_hundreds(
            TRANSLATION_STATUSES, JobStatus, video_translation_ids=video_translation_ids, batch_ids=batch_ids
        )

    async def create_batch(
        self,
        *,
        video_translations: Sequence[models.TranslationRequest | Mapping[str, JSONValue]],
        title: str | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> BatchCreated:
        """Begin many translations in one request.

        Args:
            video_translations: At most 100, each as `create` takes it; one of several languages counts as several.
        """
        checks.translations(video_translations)
        translations = await self._files(list(video_translations))
        body = {"video_translations": translations, "title": title, "callback_url": callback_url}
        return await self._create_batch(_CREATE_BATCH, "video_translations", body, idempotency_key)
