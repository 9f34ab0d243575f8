"""`heygen.brand_kits`: the workspace's brand kits."""

from __future__ import annotations

from ..models.brand_kits import BrandKit
from ..pagination import Pager
from ..route import Route
from .base import Resource

_LIST = Route("GET", "/v3/brand-kits")


class BrandKits(Resource):
    """Brand kits, whose ids Video Agent sessions take."""

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[BrandKit]:
        """All brand kits; `limit` from 1 to 100, by default 20."""
        return self._list(_LIST, BrandKit, limit=limit, token=token)
