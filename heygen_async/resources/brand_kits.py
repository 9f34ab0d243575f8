"""`heygen.brand_kits`: the brand kits of a workspace."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from .._http.operation import operation
from .._jobs.registry import BRAND_KIT
from ..pagination import Pager
from ..types import brand_kits as models
from . import validation
from .base import Resource


class BrandKits(Resource):
    """Brand kits. Video Agent sessions refer to them by id."""

    @operation("get_brand_kit", BRAND_KIT.endpoint, wait="brand_kit")
    async def get(self, brand_kit_id: str) -> models.BrandKit:
        """Return a brand kit. HeyGen still reads its website while it is `loading`.

        Args:
            brand_kit_id: The id of the kit, from `brand_kits.list`.
        """
        return await self._call(self.get, models.BrandKit, brand_kit_id)

    @operation("list_brand_kits", "GET", "/v3/brand-kits")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.BrandKit]:
        """List all brand kits.

        Args:
            limit: The number of items per page, 1 to 100; by default 20.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.BrandKit, limit=limit, token=token)

    @operation("update_brand_kit", "PATCH", "/v3/brand-kits/{brand_kit_id}")
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
        """Change a brand kit. Roles replace the current ones; empty roles clear them.

        Args:
            brand_kit_id: The id of the kit, from `brand_kits.list`.
            name: The new name.
            color_roles: The colour of each role.
            logo_roles: The logo of each role.
            font_roles: The font of each role.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.

        Raises:
            InvalidInputError: An argument is None, which the API ignores here.
        """
        body = validation.reject_nulls(
            {"name": name, "color_roles": color_roles, "logo_roles": logo_roles, "font_roles": font_roles}
        )
        return await self._call(self.update, models.BrandKit, brand_kit_id, body=body, key=idempotency_key)

    @operation("delete_brand_kit", "DELETE", "/v3/brand-kits/{brand_kit_id}")
    async def delete(self, brand_kit_id: str, *, idempotency_key: str | None = None) -> models.BrandKitDeleted:
        """Delete a brand kit permanently.

        Args:
            brand_kit_id: The id of the kit, from `brand_kits.list`.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, models.BrandKitDeleted, brand_kit_id, key=idempotency_key)
