"""`heygen.brand_glossaries`: how the workspace wants its terms spoken and translated."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from ..models import brand_glossaries as models
from ..pagination import Pager
from ..route import Route
from . import checks
from .base import Resource

_CREATE = Route("POST", "/v3/brand-glossaries", idempotency="header")
_GET = Route("GET", "/v3/brand-glossaries/{brand_glossary_id}")
_LIST = Route("GET", "/v3/brand-glossaries")
_UPDATE = Route("PATCH", "/v3/brand-glossaries/{brand_glossary_id}")
_DELETE = Route("DELETE", "/v3/brand-glossaries/{brand_glossary_id}")


class BrandGlossaries(Resource):
    """Brand glossaries, whose ids translations take."""

    async def create(
        self,
        *,
        name: str,
        terms: Sequence[models.Pronunciation] | None = None,
        do_not_translate_terms: Sequence[models.KeptTerm] | None = None,
        forced_translations: Sequence[models.ForcedTranslation] | None = None,
        idempotency_key: str | None = None,
    ) -> models.BrandGlossary:
        """Make a glossary.

        :param name: 1 to 64 characters, unlike every other glossary's, whatever their case
        :param terms: how terms are spoken
        :param do_not_translate_terms: terms that stay as they are
        :param forced_translations: the one translation that a term has
        :raises ConflictError: there is a glossary of this name
        """
        checks.text("name", name, 64)
        body = {
            "name": name,
            "terms": terms,
            "do_not_translate_terms": do_not_translate_terms,
            "forced_translations": forced_translations,
        }
        return await self._call(_CREATE, models.BrandGlossary, body=body, key=idempotency_key)

    async def get(self, brand_glossary_id: str) -> models.BrandGlossary:
        """A glossary with its terms."""
        return await self._call(_GET, models.BrandGlossary, brand_glossary_id)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.BrandGlossary]:
        """All glossaries; `limit` from 1 to 100, by default 10."""
        return self._list(_LIST, models.BrandGlossary, limit=limit, token=token)

    async def update(
        self,
        brand_glossary_id: str,
        *,
        name: str | UnsetType = UNSET,
        terms: Sequence[models.Pronunciation] | UnsetType = UNSET,
        do_not_translate_terms: Sequence[models.KeptTerm] | UnsetType = UNSET,
        forced_translations: Sequence[models.ForcedTranslation] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> models.BrandGlossary:
        """Change a glossary. What is left out stays; a list replaces the one that is there, and an empty one clears it.

        :param name: 1 to 64 characters, unlike every other glossary's, whatever their case
        :param terms: how terms are spoken
        :param do_not_translate_terms: terms that stay as they are
        :param forced_translations: the one translation that a term has
        :raises InvalidInputError: None was given, which the API takes for nothing here
        :raises ConflictError: there is another glossary of this name
        """
        if name is not UNSET:
            checks.text("name", name, 64)
        body = {
            "name": name,
            "terms": terms,
            "do_not_translate_terms": do_not_translate_terms,
            "forced_translations": forced_translations,
        }
        return await self._call(
            _UPDATE, models.BrandGlossary, brand_glossary_id, body=checks.without_nulls(body), key=idempotency_key
        )

    async def delete(
        self, brand_glossary_id: str, *, idempotency_key: str | None = None
    ) -> models.BrandGlossaryDeleted:
        """Delete a glossary for good."""
        return await self._call(_DELETE, models.BrandGlossaryDeleted, brand_glossary_id, key=idempotency_key)
