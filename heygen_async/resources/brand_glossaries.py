"""`heygen.brand_glossaries`: how the workspace wants its terms translated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models.brand_glossaries import BrandGlossary
from ..route import Route
from . import checks
from .base import Resource

if TYPE_CHECKING:
    from ..pagination import Pager

_LIST = Route("GET", "/v3/brand-glossaries")


class BrandGlossaries(Resource):
    """Brand glossaries, whose ids translations take."""

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[BrandGlossary]:
        """All glossaries; `limit` from 1 to 100, by default 10."""
        return self._pager(_LIST, BrandGlossary, query={"limit": checks.limit(limit), "token": token})
