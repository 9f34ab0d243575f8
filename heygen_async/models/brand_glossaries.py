"""Brand glossaries: how a workspace wants its terms translated."""

from __future__ import annotations

from .base import Answer


class BrandGlossary(Answer):
    """A glossary; its times are texts, in UTC."""

    brand_glossary_id: str
    name: str
    created_at: str
    updated_at: str
