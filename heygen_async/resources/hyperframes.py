"""`heygen.hyperframes`: videos rendered from a zipped HTML composition."""

from __future__ import annotations

from typing import Unpack

from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import RENDER
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import hyperframes as models
from . import validation
from .base import Resource


class RenderAndWait(models.RenderRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class Hyperframes(Resource):
    """Renders. https://developers.heygen.com/hyperframes"""

    @operation(
        "create_hyperframes_render",
        "POST",
        "/v3/hyperframes/renders",
        idempotency="header",
        billable=True,
        wait="render",
    )
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.RenderRequest]
    ) -> models.RenderCreated:
        """Start the render of a zipped project.

        Costs credit. A local zip is uploaded first.

        Args:
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **request: The fields of `RenderRequest`.
        """
        validation.check_number("fps", request.get("fps"), 1, 240)
        body = await self._body(self.create, request)
        return await self._call(self.create, models.RenderCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[RenderAndWait]) -> models.Render:
        """Call `create`, then wait for the finished render."""
        return await self._create_and_wait(RENDER, self.create_and_wait, self.create, request)

    @operation("get_hyperframes_render", RENDER.endpoint, wait="render")
    async def get(self, render_id: str) -> models.Render:
        """Return a render.

        Args:
            render_id: The id that `create` returned.
        """
        return await self._call(self.get, models.Render, render_id)

    @operation("list_hyperframes_renders", "GET", "/v3/hyperframes/renders")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Render]:
        """List all renders.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.Render, limit=limit, token=token)

    @operation("delete_hyperframes_render", "DELETE", "/v3/hyperframes/renders/{render_id}")
    async def delete(self, render_id: str, *, idempotency_key: str | None = None) -> models.DeletedRender:
        """Delete a render.

        Args:
            render_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, models.DeletedRender, render_id, key=idempotency_key)
