"""`heygen.brand_kits`: the brand kits of a workspace."""

from __future__ import annotations

from typing import Unpack

from msgspec import UNSET, UnsetType

from .._http.argument_checks import check_keywords
from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import BRAND_KIT
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import brand_kits as models
from . import validation
from .base import Resource


class BrandKitAndWait(models.BrandKitRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class BrandKits(Resource):
    """Brand kits. Video Agent sessions refer to them by id."""

    @operation("create_brand_kit", "POST", "/v3/brand-kits", idempotency="header", wait="brand_kit")
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.BrandKitRequest]
    ) -> models.BrandKitCreated:
        """Start the import of a brand kit from a public website: its colours, logos and fonts.

        An import usually takes less than 2 minutes. `AsyncHeyGen.wait_for_brand_kit` accepts the result.

        Args:
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **request: The fields of `BrandKitRequest`.

        Raises:
            BadRequestError: HeyGen cannot read this website.
            PermissionDeniedError: The settings of the workspace do not allow imports.
        """
        check_keywords(self.create, request)
        validation.check_text("url", request.get("url"), 2_048)
        if request.get("name") is not None:
            validation.check_text("name", request.get("name"), 256)
        return await self._call(self.create, models.BrandKitCreated, body=request, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[BrandKitAndWait]) -> models.BrandKit:
        """Call `create`, then wait until the website is read."""
        return await self._create_and_wait(BRAND_KIT, self.create_and_wait, self.create, request)

    @operation("get_brand_kit", BRAND_KIT.endpoint, wait="brand_kit")
    async def get(self, brand_kit_id: str) -> models.BrandKit:
        """Return a brand kit. HeyGen still reads its website while it is `loading`.

        Args:
            brand_kit_id: The id of the kit, from `brand_kits.list` or `brand_kits.create`.
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
