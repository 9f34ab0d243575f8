"""`heygen.brand_kits`: the workspace's brand kits."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from .._http.endpoint import Endpoint
from .._jobs.registry import BRAND_KIT
from ..pagination import Pager
from ..types import brand_kits as models
from . import validation as checks
from .base import Resource

_LIST = Endpoint("GET", "/v3/brand-kits")
_UPDATE = Endpoint("PATCH", "/v3/brand-kits/{brand_kit_id}")
_DELETE = Endpoint("DELETE", "/v3/brand-kits/{brand_kit_id}")


class BrandKits(Resource):
    """Brand kits, whose ids Video Agent sessions take."""

    async def get(self, brand_kit_id: str) -> models.BrandKit:
        """A kit whole; while it is `loading`, its website is still being read."""
        return await self._call(BRAND_KIT.endpoint, models.BrandKit, brand_kit_id)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.BrandKit]:
        """All brand kits; `limit` from 1 to 100, by default 20."""
        return self._list(_LIST, models.BrandKit, limit=limit, token=token)

    async def update(
        self,
        brand_kit_id: str,
        *,
        name: str | UnsetType = UNSET,
        color_roles: models.ColorRoles | UnsetType = UNSET,
        logo_roles: models.LogoRoles | UnsetType = UNSET,
        font_roles: models.FontRoles | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> models.BrandKit:
        """Change a kit. What is left out stays; roles replace those that are set, and empty ones clear them.

        Args:
            name: The new name.
            color_roles: Which colour is for what.
            logo_roles: Which logo is for what.
            font_roles: Which font is for what.

        Raises:
            InvalidInputError: None was given, which the API takes for nothing here.
        """
        body = {"name": name, "color_roles": color_roles, "logo_roles": logo_roles, "font_roles": font_roles}
        return await self._call(
            _UPDATE, models.BrandKit, brand_kit_id, body=checks.without_nulls(body), key=idempotency_key
        )

    async def delete(self, brand_kit_id: str, *, idempotency_key: str | None = None) -> models.BrandKitDeleted:
        """Delete a kit for good."""
        return await self._call(_DELETE, models.BrandKitDeleted, brand_kit_id, key=idempotency_key)
