"""`heygen.brand_glossaries`: the pronunciation and translation of a workspace's terms."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from .._http.operation import operation
from ..pagination import Pager
from ..types import brand_glossaries as models
from . import validation
from .base import Resource


class BrandGlossaries(Resource):
    """Brand glossaries. Translations refer to them by id."""

    @operation("create_brand_glossary", "POST", "/v3/brand-glossaries", idempotency="header")
    async def create(
        self,
        *,
        name: str,
        terms: Sequence[models.Pronunciation] | None = None,
        do_not_translate_terms: Sequence[models.KeptTerm] | None = None,
        forced_translations: Sequence[models.ForcedTranslation] | None = None,
        idempotency_key: str | None = None,
    ) -> models.BrandGlossary:
        """Create a glossary.

        Args:
            name: 1 to 64 characters, unique among the glossaries regardless of case.
            terms: The pronunciation of terms.
            do_not_translate_terms: Terms that are never translated.
            forced_translations: Terms with a fixed translation.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.

        Raises:
            ConflictError: A glossary with this name exists.
        """
        validation.check_text("name", name, 64)
        body = {
            "name": name,
            "terms": terms,
            "do_not_translate_terms": do_not_translate_terms,
            "forced_translations": forced_translations,
        }
        return await self._call(self.create, models.BrandGlossary, body=body, key=idempotency_key)

    @operation("get_brand_glossary", "GET", "/v3/brand-glossaries/{brand_glossary_id}")
    async def get(self, brand_glossary_id: str) -> models.BrandGlossary:
        """Return a glossary with its terms.

        Args:
            brand_glossary_id: The id of the glossary, from `brand_glossaries.list`.
        """
        return await self._call(self.get, models.BrandGlossary, brand_glossary_id)

    @operation("list_brand_glossaries", "GET", "/v3/brand-glossaries")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.BrandGlossary]:
        """List all glossaries.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.BrandGlossary, limit=limit, token=token)

    @operation("update_brand_glossary", "PATCH", "/v3/brand-glossaries/{brand_glossary_id}")
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
        """Change a glossary. A list replaces the current one; an empty list clears it.

        Args:
            brand_glossary_id: The id of the glossary, from `brand_glossaries.list`.
            name: 1 to 64 characters, unique among the glossaries regardless of case.
            terms: The pronunciation of terms.
            do_not_translate_terms: Terms that are never translated.
            forced_translations: Terms with a fixed translation.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.

        Raises:
            InvalidInputError: An argument is None, which the API ignores here.
            ConflictError: Another glossary with this name exists.
        """
        if name is not UNSET:
            validation.check_text("name", name, 64)
        body = validation.reject_nulls(
            {
                "name": name,
                "terms": terms,
                "do_not_translate_terms": do_not_translate_terms,
                "forced_translations": forced_translations,
            }
        )
        return await self._call(self.update, models.BrandGlossary, brand_glossary_id, body=body, key=idempotency_key)

    @operation("delete_brand_glossary", "DELETE", "/v3/brand-glossaries/{brand_glossary_id}")
    async def delete(
        self, brand_glossary_id: str, *, idempotency_key: str | None = None
    ) -> models.BrandGlossaryDeleted:
        """Delete a glossary permanently.

        Args:
            brand_glossary_id: The id of the glossary, from `brand_glossaries.list`.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, models.BrandGlossaryDeleted, brand_glossary_id, key=idempotency_key)
