"""`heygen.brand_glossaries`: how the workspace wants its terms spoken and translated."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from .._http.endpoint import Endpoint
from ..pagination import Pager
from ..types import brand_glossaries as models
from . import validation as checks
from .base import Resource

_CREATE = Endpoint("POST", "/v3/brand-glossaries", idempotency="header")
_GET = Endpoint("GET", "/v3/brand-glossaries/{brand_glossary_id}")
_LIST = Endpoint("GET", "/v3/brand-glossaries")
_UPDATE = Endpoint("PATCH", "/v3/brand-glossaries/{brand_glossary_id}")
_DELETE = Endpoint("DELETE", "/v3/brand-glossaries/{brand_glossary_id}")


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

        Args:
            name: 1 to 64 characters, unlike every other glossary's, whatever their case.
            terms: How terms are spoken.
            do_not_translate_terms: Terms that stay as they are.
            forced_translations: The one translation that a term has.

        Raises:
            ConflictError: There is a glossary of this name.
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

        Args:
            name: 1 to 64 characters, unlike every other glossary's, whatever their case.
            terms: How terms are spoken.
            do_not_translate_terms: Terms that stay as they are.
            forced_translations: The one translation that a term has.

        Raises:
            InvalidInputError: None was given, which the API takes for nothing here.
            ConflictError: There is another glossary of this name.
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
