"""Brand glossaries: the pronunciation and translation of a workspace's terms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from .base import ResponseStruct, as_datetime


class Pronunciation(ResponseStruct):
    """The pronunciation of a term."""

    term: Annotated[str, Meta(description="The written form.")]
    pronunciation: Annotated[str, Meta(description="The spoken form.")]


class KeptTerm(ResponseStruct):
    """A term that is never translated."""

    term: Annotated[str, Meta(description="The written form.")]


class ForcedTranslation(ResponseStruct):
    """The fixed translation of a term."""

    term: Annotated[str, Meta(description="The written form.")]
    translation: Annotated[str, Meta(description="Its translation.")]


class BrandGlossary(ResponseStruct):
    """A brand glossary. Times are ISO 8601 texts in UTC. A glossary from a list has no terms."""

    brand_glossary_id: str
    name: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    terms: list[Pronunciation] | None = None
    do_not_translate_terms: list[KeptTerm] | None = None
    forced_translations: list[ForcedTranslation] | None = None

    @property
    def created(self) -> datetime | None:
        """`created_at` as an aware datetime."""
        return as_datetime(self.created_at)

    @property
    def updated(self) -> datetime | None:
        """`updated_at` as an aware datetime."""
        return as_datetime(self.updated_at)


class BrandGlossaryDeleted(ResponseStruct):
    """The id of a deleted glossary."""

    brand_glossary_id: str
