"""`heygen.templates`: videos from the editor, with their variables filled in."""

from __future__ import annotations

from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs.registry import VIDEO
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import templates as models
from ..types.videos import Video
from . import validation as checks
from .base import Resource

_LIST = Endpoint("GET", "/v3/templates")
_GET = Endpoint("GET", "/v3/templates/{template_id}")
_GENERATE = Endpoint("POST", "/v3/templates/{template_id}", idempotency="header", billable=True)


class TemplateAndWait(models.TemplateRequest, AndWait, total=False):
    """What `generate_and_wait` takes."""


class Templates(Resource):
    """Templates."""

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.TemplateSummary]:
        """The templates that have variables; `limit` from 1 to 100, by default 10."""
        return self._list(_LIST, models.TemplateSummary, limit=limit, token=token)

    async def get(self, template_id: str) -> models.Template:
        """A template with its scenes and its variables, which can be edited and given to `generate`."""
        return await self._call(_GET, models.Template, template_id)

    async def generate(
        self, template_id: str, *, idempotency_key: str | None = None, **request: Unpack[models.TemplateRequest]
    ) -> Video:
        """Begin a video from a template. It is charged for.

        `AsyncHeyGen.wait_for_video` takes what this returns.

        Args:
            variables: By name: what `get` returned, edited, or `TextVariable` and its kin.
        """
        body = checks.given(request, models.TemplateRequest)
        return await self._call(_GENERATE, Video, template_id, body=body, key=idempotency_key)

    async def generate_and_wait(self, template_id: str, **request: Unpack[TemplateAndWait]) -> Video:
        """`generate`, then wait for the finished video."""
        return await self._and_wait(VIDEO, self.generate, request, template_id)
