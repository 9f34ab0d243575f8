"""What every resource stands on: the transport, lists, batches, ids by the hundred, and waiting for what it creates."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from logging import getLogger
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from .._http.endpoint import Endpoint
from .._http.transport import Transport
from ..errors import HeyGenError
from ..pagination import Pager
from ..types.batches import MAX_IDS, Batch, BatchCreated
from . import validation as checks

if TYPE_CHECKING:
    from .._jobs.kinds import JobKind

T = TypeVar("T")
J = TypeVar("J")

_log = getLogger("heygen_async")


class Resource:
    """One noun of the API. It holds nothing but the way to send."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._call = transport.call

    async def _and_wait(
        self, kind: JobKind[J], create: Callable[..., Awaitable[object]], request: Any, *args: Any
    ) -> J:
        """Create, then wait; `request` holds the options of both."""
        from .._jobs import waiting  # noqa: PLC0415  most resources have nothing to wait for
        from .._jobs.wait_options import split_options  # noqa: PLC0415  most resources have nothing to wait for

        body, wait = split_options(request)
        created = await create(*args, **body)
        return await self._awaited(created, waiting.wait_for_job(self._transport, kind, created, **wait))

    async def _awaited(self, created: object, wait: Awaitable[T]) -> T:
        """Wait for what nobody else knows of; whatever ends that early, its id is told."""
        try:
            return await wait
        except asyncio.CancelledError:
            _log.warning("Nobody waits any more for %r; it goes on at HeyGen.", created)
            raise
        except HeyGenError as error:
            if not hasattr(error, "id"):  # which tells it already
                error.add_note(f"Begun was {created!r}; it goes on at HeyGen.")
            raise

    def _list(
        self,
        route: Endpoint,
        item: type[T],
        *ids: str,
        limit: int | None,
        token: str | None,
        most: int = 100,
        shape: str = "data",
        **query: object,
    ) -> Pager[T]:
        """A cursor list with pages of 1 to `most`."""
        asked = {"limit": checks.limit(limit, most), "token": token, **query}
        return self._transport.pager(route, item, *ids, query=asked, shape=shape)

    async def _files(self, body: T) -> T:
        """The body with its local files uploaded and its URLs in the API's form."""
        from .._files.request_files import upload_files_in_body  # noqa: PLC0415  most requests carry no file

        return cast("T", await upload_files_in_body(self._transport, body))

    async def _by_hundreds(self, route: Endpoint, into: type[T], **ids: Sequence[str] | None) -> list[T]:
        """Bulk statuses for any number of ids: at most a hundred a request, put together in the order asked."""
        wanted = [(name, id) for name, given in ids.items() for id in given or ()]
        found: list[T] = []
        for start in range(0, max(len(wanted), 1), MAX_IDS):
            query: dict[str, list[str]] = {}
            for name, id in wanted[start : start + MAX_IDS]:
                query.setdefault(name, []).append(id)
            found += await self._call(route, list[into], query=query)  # type: ignore[valid-type]  # a type at run time only
        return found


class Batches(Resource):
    """A resource that takes many jobs in one request."""

    _BATCH: ClassVar[JobKind[Batch]]

    async def _create_batch(self, route: Endpoint, of: str, body: object, key: str | None) -> BatchCreated:
        created = await self._call(route, BatchCreated, body=body, key=key)
        created.resource = of
        return created

    async def get_batch(self, batch_id: str, *, limit: int | None = None, token: str | None = None) -> Batch:
        """A batch and one page of its items; `limit` from 1 to 100, by default 100."""
        query = {"limit": checks.limit(limit), "token": token}
        return await self._call(self._BATCH.endpoint, Batch, batch_id, query=query)
