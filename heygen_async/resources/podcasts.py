"""`heygen.podcasts`: a host and a guest who talk about a topic. HeyGen's reference calls podcasts a preview."""

from __future__ import annotations

from typing import Unpack

from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import PODCAST
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import podcasts as models
from ..types.base import JSONValue
from .base import Resource


class PodcastAndWait(models.PodcastRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class Podcasts(Resource):
    """Podcasts, which are a preview. An account without access to it gets a 403 or 404 error."""

    @operation(
        "create_podcast",
        "POST",
        "/v3/podcasts",
        billable=True,
        preview=True,
        recovery="podcasts.list() shows whether the podcast was started; start it again only if it was not.",
        wait="podcast",
    )
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.PodcastRequest]
    ) -> models.PodcastCreated:
        """Start a podcast about a `topic`, about `source_files`, or both. A preview.

        Costs credit. Local files are uploaded first.

        Args:
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.
            **request: The fields of `PodcastRequest`.

        Raises:
            AmbiguousRequestError: The response was lost, so the podcast may have been started.
        """
        body = await self._body(self.create, request)
        return await self._call(self.create, models.PodcastCreated, body=body, key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[PodcastAndWait]) -> models.Podcast:
        """Call `create`, then wait for the finished podcast. A preview."""
        return await self._create_and_wait(PODCAST, self.create_and_wait, self.create, request)

    @operation("get_podcast", PODCAST.endpoint, wait="podcast")
    async def get(self, podcast_id: str) -> models.Podcast:
        """Return a podcast. A preview.

        Args:
            podcast_id: The id that `create` returned.
        """
        return await self._call(self.get, models.Podcast, podcast_id)

    @operation("list_podcasts", "GET", "/v3/podcasts", preview=True)
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.Podcast]:
        """List all podcasts. A preview.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.Podcast, limit=limit, token=token)

    @operation("delete_podcast", "DELETE", "/v3/podcasts/{podcast_id}", preview=True)
    async def delete(self, podcast_id: str, *, idempotency_key: str | None = None) -> dict[str, JSONValue]:
        """Delete a podcast. The API does not document the response, which is mostly empty. A preview.

        Args:
            podcast_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, dict[str, JSONValue], podcast_id, key=idempotency_key)
