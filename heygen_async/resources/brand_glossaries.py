"""`heygen.brand_glossaries`: how the workspace wants its terms translated."""

from __future__ import annotations

from ..models.brand_glossaries import BrandGlossary
from ..pagination import Pager
from ..route import Route
from .base import Resource

_LIST = Route("GET", "/v3/brand-glossaries")


class BrandGlossaries(Resource):
    """Brand glossaries, whose ids translations take."""

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[BrandGlossary]:
        """All glossaries; `limit` from 1 to 100, by default 10."""
        return self._list(_LIST, BrandGlossary, limit=limit, token=token)
