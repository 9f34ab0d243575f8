"""Brand glossaries: how a workspace wants its terms pronounced and translated."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from .base import ResponseStruct


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
    """A brand glossary. Times are ISO 8601 texts in UTC. Lists return it without its terms."""

    brand_glossary_id: str
    name: str
    created_at: str | None = None
    updated_at: str | None = None
    terms: list[Pronunciation] | None = None
    do_not_translate_terms: list[KeptTerm] | None = None
    forced_translations: list[ForcedTranslation] | None = None


class BrandGlossaryDeleted(ResponseStruct):
    """The id of a deleted glossary."""

    brand_glossary_id: str
