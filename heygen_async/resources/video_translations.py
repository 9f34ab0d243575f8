"""`heygen.video_translations`: videos in other languages, with or without a proofread before the rendering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from .._http.argument_checks import check_mappings
from .._http.deprecated_fields import deprecated_fields
from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import PROOFREAD, TRANSLATION, TRANSLATION_BATCH, TRANSLATION_STATUSES
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import video_translations as models
from ..types.base import Deleted, JSONValue
from ..types.batches import Batch, BatchCreated, JobStatus
from ..types.files import FileInput
from . import validation
from .base import Resource

_ROOT = "/v3/video-translations"


class ProofreadAndWait(models.ProofreadRequest, AndWait, total=False):
    """The arguments of `proofreads.create_and_wait`."""


class GenerateAndWait(models.GenerateRequest, AndWait, total=False):
    """The arguments of `proofreads.generate_and_wait`."""


class TranslationAndWait(models.TranslationRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class Proofreads(Resource):
    """Subtitles that a person corrects before the translation is rendered."""

    @operation(
        "create_video_translation_proofread",
        "POST",
        _ROOT + "/proofreads",
        idempotency="header",
        billable=True,
        wait="proofread",
    )
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.ProofreadRequest]
    ) -> models.ProofreadsCreated:
        """Start the extraction and translation of a video's subtitles: one proofread for each language.

        Costs credit. Local files are uploaded first.

        Args:
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **request: The fields of `ProofreadRequest`.
        """
        body = await self._body(self.create, request)
        return await self._call(self.create, models.ProofreadsCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[ProofreadAndWait]) -> list[models.Proofread]:
        """Call `create`, then wait for the subtitles of all proofreads.

        Returns:
            One proofread for each language, in the order of the request.

        Raises:
            JobFailedError: A proofread failed. It is raised when all have ended, and has the ends of all: `finished`,
                `failed` and `pending`.
        """
        return await self._create_and_wait_for_all(PROOFREAD, self.create_and_wait, self.create, request)

    @operation("get_video_translation_proofread", PROOFREAD.endpoint, wait="proofread")
    async def get(self, proofread_id: str) -> models.Proofread:
        """Return a proofread. Its subtitles exist when it is completed.

        Args:
            proofread_id: The id that `create` returned.
        """
        return await self._call(self.get, models.Proofread, proofread_id)

    @operation("list_video_translation_proofreads", "GET", _ROOT + "/proofreads")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Proofread]:
        """List the proofreads of the workspace, newest first.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.Proofread, limit=limit, token=token)

    @operation("delete_video_translation_proofread", "DELETE", _ROOT + "/proofreads/{proofread_id}")
    async def delete(self, proofread_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a proofread permanently. The user of the key needs the role Creator or a higher one.

        Args:
            proofread_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.

        Raises:
            PermissionDeniedError: The role does not allow it.
        """
        return await self._call(self.delete, Deleted, proofread_id, key=idempotency_key)

    @operation("get_video_translation_proofread_srt", "GET", _ROOT + "/proofreads/{proofread_id}/srt")
    async def get_srt(self, proofread_id: str) -> models.ProofreadSrt:
        """Return the URLs of the subtitles of a proofread.

        Args:
            proofread_id: The id that `create` returned.
        """
        return await self._call(self.get_srt, models.ProofreadSrt, proofread_id)

    @operation("update_video_translation_proofread_srt", "PUT", _ROOT + "/proofreads/{proofread_id}/srt")
    async def update_srt(
        self, proofread_id: str, *, srt: FileInput, idempotency_key: str | None = None
    ) -> models.Proofread:
        """Replace the subtitles of a proofread. A local file is uploaded first.

        Args:
            proofread_id: The id that `create` returned.
            srt: The new subtitles.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.
        """
        body = await self._upload_files({"srt": srt})
        return await self._call(self.update_srt, models.Proofread, proofread_id, body=body, key=idempotency_key)

    @show_parameters
    async def generate_and_wait(self, proofread_id: str, **request: Unpack[GenerateAndWait]) -> models.Translation:
        """Call `generate`, then wait for the finished translation.

        Args:
            proofread_id: The id that `create` returned.
            **request: The arguments of `generate`, and the options of the wait.
        """
        return await self._create_and_wait(TRANSLATION, self.generate_and_wait, self.generate, request, proofread_id)

    @operation(
        "generate_video_translation_proofread",
        "POST",
        _ROOT + "/proofreads/{proofread_id}/generate",
        idempotency="header",
        billable=True,
        wait="translation",
    )
    async def generate(
        self, proofread_id: str, *, idempotency_key: str | None = None, **request: Unpack[models.GenerateRequest]
    ) -> models.ProofreadGenerated:
        """Start the translation with the current subtitles.

        Costs credit.

        Args:
            proofread_id: The id that `create` returned.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **request: The fields of `GenerateRequest`.
        """
        self._check_keywords(self.generate, request)
        return await self._call(
            self.generate, models.ProofreadGenerated, proofread_id, body=request, key=idempotency_key
        )


class VideoTranslations(Resource):
    """Translations. https://developers.heygen.com/docs/video-translate"""

    @property
    def proofreads(self) -> Proofreads:
        """Subtitles that a person corrects before the translation is rendered."""
        return Proofreads(self._transport)

    @operation("create_video_translation", "POST", _ROOT, idempotency="header", billable=True, wait="translation")
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.TranslationRequest]
    ) -> models.TranslationsCreated:
        """Start the translation of a video: one job for each language.

        Costs credit. Local files are uploaded first.

        Args:
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **request: The fields of `TranslationRequest`.
        """
        body = await self._body(self.create, request)
        return await self._call(self.create, models.TranslationsCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[TranslationAndWait]) -> list[models.Translation]:
        """Call `create`, then wait for all translations.

        Returns:
            One translation for each language, in the order of the request.

        Raises:
            JobFailedError: A translation failed. It is raised when all have ended, and has the ends of all: `finished`,
                `failed` and `pending`.
        """
        languages = request.get("output_languages")
        count = len(languages) if isinstance(languages, list | tuple) else 1
        return await self._create_and_wait_for_all(
            TRANSLATION, self.create_and_wait, self.create, request, job_count=count
        )

    @operation("get_video_translation", TRANSLATION.endpoint, wait="translation")
    async def get(self, video_translation_id: str) -> models.Translation:
        """Return a translation.

        Args:
            video_translation_id: One of the ids that `create` returned.
        """
        return await self._call(self.get, models.Translation, video_translation_id)

    @operation("list_video_translations", "GET", _ROOT)
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Translation]:
        """List all translations.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.Translation, limit=limit, token=token)

    @operation("update_video_translation", "PATCH", _ROOT + "/{video_translation_id}")
    async def update(
        self, video_translation_id: str, *, title: str, idempotency_key: str | None = None
    ) -> models.Translation:
        """Rename a translation.

        Args:
            video_translation_id: One of the ids that `create` returned.
            title: The name that HeyGen shows.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.
        """
        body = {"title": title}
        return await self._call(self.update, models.Translation, video_translation_id, body=body, key=idempotency_key)

    @operation("delete_video_translation", "DELETE", _ROOT + "/{video_translation_id}")
    async def delete(self, video_translation_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a translation and its files permanently.

        Args:
            video_translation_id: One of the ids that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, Deleted, video_translation_id, key=idempotency_key)

    @operation("list_video_translation_languages", "GET", _ROOT + "/languages")
    async def list_languages(self) -> models.Languages:
        """Return the names that `output_languages` accepts."""
        return await self._call(self.list_languages, models.Languages)

    @operation(
        "get_video_translation_caption",
        "GET",
        _ROOT + "/{video_translation_id}/caption",
        alternative="Some accounts lack this; video_translations.get() returns srt_caption_url and vtt_caption_url.",
    )
    async def get_caption(
        self, video_translation_id: str, *, format: models.CaptionFormat
    ) -> models.TranslationCaption:
        """Return the URL of a translation's captions.

        Some accounts lack this operation; `get` returns the same URLs as `srt_caption_url` and `vtt_caption_url`.

        Args:
            video_translation_id: One of the ids that `create` returned.
            format: `srt` or `vtt`.
        """
        query = {"format": format}
        return await self._call(self.get_caption, models.TranslationCaption, video_translation_id, query=query)

    @operation("list_video_translation_statuses", TRANSLATION_STATUSES)
    async def statuses(
        self, *, video_translation_ids: Sequence[str] | None = None, batch_ids: Sequence[str] | None = None
    ) -> Sequence[JobStatus]:
        """Return the states of many translations. The field `video_id` of each entry is the id of the translation.

        Args:
            video_translation_ids: Any number of ids.
            batch_ids: Any number of batches, for the translations in them.
        """
        return await self._statuses(
            self.statuses, JobStatus, video_translation_ids=video_translation_ids, batch_ids=batch_ids
        )

    @operation(
        "create_video_translation_batch", "POST", _ROOT + "/batches", idempotency="header", billable=True, wait="batch"
    )
    async def create_batch(
        self,
        *,
        video_translations: Sequence[models.TranslationRequest | Mapping[str, JSONValue]],
        title: str | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> BatchCreated:
        """Start many translations in one request. `get_batch` returns the state of each.

        Costs credit. Local files are uploaded first.

        Args:
            video_translations: 1 to 100 requests, each with the fields of `create`. Each language counts as a request.
            title: The name that HeyGen shows.
            callback_url: A public https URL that HeyGen calls when the batch ends.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
        """
        check_mappings(self.create_batch, video_translations=video_translations)
        validation.check_translations(video_translations)
        for request in video_translations:
            self._warn_of_deprecated(request, deprecated_fields(models.TranslationRequest))
        translations = await self._upload_files(list(video_translations))
        body = {"video_translations": translations, "title": title, "callback_url": callback_url}
        return await self._create_batch(self.create_batch, "video_translations", body, idempotency_key)

    @operation("get_video_translation_batch", TRANSLATION_BATCH.endpoint, wait="batch")
    async def get_batch(self, batch_id: str, *, limit: int | None = None, token: str | None = None) -> Batch:
        """Return a batch and one page of its items.

        Args:
            batch_id: The id that `create_batch` returned.
            limit: The number of items per page, 1 to 100; by default 100.
            token: The `next_token` of the previous page.
        """
        return await self._get_batch(self.get_batch, batch_id, limit, token)
