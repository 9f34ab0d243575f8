"""Brand glossaries: how a workspace wants its terms spoken and translated."""

from __future__ import annotations

from .base import ResponseStruct


class Pronunciation(ResponseStruct):
    """How a term is spoken.

    Args:
        term: As it is written.
        pronunciation: As it is spoken.
    """

    term: str
    pronunciation: str


class KeptTerm(ResponseStruct):
    """A term that no translation touches.

    Args:
        term: As it is written.
    """

    term: str


class ForcedTranslation(ResponseStruct):
    """The one translation of a term.

    Args:
        term: As it is written.
        translation: What stands for it.
    """

    term: str
    translation: str


class BrandGlossary(ResponseStruct):
    """A glossary; its times are texts, in UTC. Lists leave its terms out."""

    brand_glossary_id: str
    name: str
    created_at: str | None = None
    updated_at: str | None = None
    terms: list[Pronunciation] | None = None
    do_not_translate_terms: list[KeptTerm] | None = None
    forced_translations: list[ForcedTranslation] | None = None


class BrandGlossaryDeleted(ResponseStruct):
    """The id of what was deleted."""

    brand_glossary_id: str
