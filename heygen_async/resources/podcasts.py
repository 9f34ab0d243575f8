"""`heygen.podcasts`: a host and a guest who talk about a topic. HeyGen's reference calls them a preview."""

from __future__ import annotations

from typing import Unpack

from .._http.endpoint import Endpoint
from .._jobs.registry import PODCAST
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import podcasts as models
from ..types.base import JSONValue
from . import validation as checks
from .base import Resource

_CREATE = Endpoint(
    "POST",
    "/v3/podcasts",
    billable=True,
    preview=True,
    recovery="The newest in podcasts.list() show whether it began; ask again only if it did not.",
)
_LIST = Endpoint("GET", "/v3/podcasts", preview=True)
_DELETE = Endpoint("DELETE", "/v3/podcasts/{podcast_id}", preview=True)


class PodcastAndWait(models.PodcastRequest, AndWait, total=False):
    """What `create_and_wait` takes."""


class Podcasts(Resource):
    """Podcasts, a preview: an account that does not have them gets a 403 or 404, which says so."""

    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.PodcastRequest]
    ) -> models.PodcastCreated:
        """Begin a podcast about a `topic`, `source_files` (local ones are uploaded first) or both. It is charged
        for. A preview.

        Raises:
            AmbiguousRequestError: The answer was lost; the API is not known to honour a key here.
        """
        body = await self._files(checks.given(request, models.PodcastRequest))
        return await self._call(_CREATE, models.PodcastCreated, body=body, key=idempotency_key)

    async def create_and_wait(self, **request: Unpack[PodcastAndWait]) -> models.Podcast:
        """`create`, then wait for the finished podcast. A preview."""
        return await self._and_wait(PODCAST, self.create, request)

    async def get(self, podcast_id: str) -> models.Podcast:
        """A podcast as it stands. A preview."""
        return await self._call(PODCAST.endpoint, models.Podcast, podcast_id)

    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Podcast]:
        """All podcasts; `limit` from 1 to 100, by default 10. A preview."""
        return self._list(_LIST, models.Podcast, limit=limit, token=token)

    async def delete(self, podcast_id: str, *, idempotency_key: str | None = None) -> dict[str, JSONValue]:
        """Delete a podcast. What the API answers is open, and mostly empty. A preview."""
        return await self._call(_DELETE, _Open, podcast_id, key=idempotency_key)


_Open = dict[str, JSONValue]
