"""`heygen.brand_kits`: the workspace's brand kits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models.brand_kits import BrandKit
from ..route import Route
from . import checks
from .base import Resource

if TYPE_CHECKING:
    from ..pagination import Pager

_LIST = Route("GET", "/v3/brand-kits")


class BrandKits(Resource):
    """Brand kits, whose ids Video Agent sessions take."""

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[BrandKit]:
        """All brand kits; `limit` from 1 to 100, by default 20."""
        return self._pager(_LIST, BrandKit, query={"limit": checks.limit(limit), "token": token})
