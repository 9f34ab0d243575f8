"""`heygen.hyperframes`: videos rendered from a zipped HTML composition."""

from __future__ import annotations

from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs.registry import RENDER
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import hyperframes as models
from . import validation as checks
from .base import Resource

_CREATE = Endpoint("POST", "/v3/hyperframes/renders", idempotency="header", billable=True)
_LIST = Endpoint("GET", "/v3/hyperframes/renders")
_DELETE = Endpoint("DELETE", "/v3/hyperframes/renders/{render_id}")


class RenderAndWait(models.RenderRequest, AndWait, total=False):
    """What `create_and_wait` takes."""


class Hyperframes(Resource):
    """Renders. https://developers.heygen.com/hyperframes"""

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.RenderRequest]
    ) -> models.RenderCreated:
        """Begin a render of a zipped project; a local zip is uploaded first. It is charged for."""
        checks.number("fps", request.get("fps"), 1, 240)
        body = await self._files(checks.given(request, models.RenderRequest))
        return await self._call(_CREATE, models.RenderCreated, body=body, key=idempotency_key)

    async def create_and_wait(self, **request: Unpack[RenderAndWait]) -> models.Render:
        """`create`, then wait for the finished render."""
        return await self._and_wait(RENDER, self.create, request)

    async def get(self, render_id: str) -> models.Render:
        """A render as it stands."""
        return await self._call(RENDER.endpoint, models.Render, render_id)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Render]:
        """All renders; `limit` from 1 to 100, by default 10."""
        return self._list(_LIST, models.Render, limit=limit, token=token)

    async def delete(self, render_id: str, *, idempotency_key: str | None = None) -> models.DeletedRender:
        """Delete a render."""
        return await self._call(_DELETE, models.DeletedRender, render_id, key=idempotency_key)
