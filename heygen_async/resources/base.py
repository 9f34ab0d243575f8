"""The base of every resource: requests, lists, batches, bulk statuses, and waits for the jobs that it starts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from logging import getLogger
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .._http.argument_checks import check_keywords
from .._http.call_errors import explains_calls, missing_method
from .._http.deprecated_fields import deprecated_keywords, warn_once
from ..pagination import Pager
from ..types.batches import MAX_IDS, Batch, BatchCreated
from ..types.file_fields import has_files
from . import validation

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from .._http.event_stream import Event
    from .._http.transport import Transport
    from .._jobs.kinds import JobKind

T = TypeVar("T")
J = TypeVar("J")

_log = getLogger("heygen_async.jobs")


class Resource:
    """One noun of the API. It holds only the transport.

    A method passes itself when it sends its request (`self._call(self.get, ...)`): the transport reads the endpoint
    from the method's `@operation`.
    """

    def __init_subclass__(cls) -> None:
        explains_calls(cls)

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._call = transport.call

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            raise missing_method(self, name)

    def _stream(self, method: object, *ids: str, body: object = None, key: str | None = None) -> AsyncGenerator[Event]:
        """Open the event stream that `method` declares."""
        return self._transport.stream(method, *ids, body=body, key=key)

    def _pager(
        self,
        method: object,
        item_type: type[T],
        *ids: str,
        limit: int | None,
        token: str | None,
        max_limit: int = 100,
        shape: str = "data",
        **query: object,
    ) -> Pager[T]:
        """Return a pager over the list that `method` declares."""
        query = {"limit": validation.check_limit(limit, max_limit), "token": token, **query}
        return self._transport.pager(method, item_type, *ids, query=query, shape=shape)

    async def _body(self, method: Callable[..., object], request: Mapping[str, object]) -> dict[str, object]:
        """Return the body of a request that `method` received as keywords, with its local files uploaded."""
        self._check_keywords(method, request)
        return await self._upload_files(dict(request))

    def _check_keywords(self, method: Callable[..., object], request: Mapping[str, object]) -> None:
        """Check the keywords that `method` received, and warn once of each that HeyGen has deprecated."""
        check_keywords(method, request)
        self._warn_of_deprecated(request, deprecated_keywords(method))

    def _warn_of_deprecated(self, request: Mapping[str, object], fields: Mapping[str, str]) -> None:
        for name in fields.keys() & request.keys():
            if request[name] is not None:
                self._warn_once(name, fields[name])

    def _warn_once(self, name: str, advice: str) -> None:
        """Warn of the use of something deprecated, once for this client."""
        warn_once(self._transport.shared_state.deprecations, name, advice)

    async def _upload_files(self, body: T) -> T:
        """Return the body with its local files uploaded and its URLs in the API's form."""
        if not has_files(body):
            return body
        from .._files.request_files import upload_files_in_body  # noqa: PLC0415  most requests have no file

        return cast("T", await upload_files_in_body(self._transport, body))

    async def _statuses(self, method: object, response_type: type[T], **ids: Sequence[str] | None) -> list[T]:
        """Return bulk statuses in the order of the ids, from one request for each hundred of them."""
        all_ids = [(name, id) for name, values in ids.items() for id in values or ()]
        statuses: list[T] = []
        for start in range(0, max(len(all_ids), 1), MAX_IDS):
            query: dict[str, list[str]] = {}
            for name, id in all_ids[start : start + MAX_IDS]:
                query.setdefault(name, []).append(id)
            statuses += await self._call(method, list[response_type], query=query)  # type: ignore[valid-type]  # a type at run time only
        return statuses

    async def _create_batch(self, method: object, resource: str, body: object, key: str | None) -> BatchCreated:
        created = await self._call(method, BatchCreated, body=body, key=key)
        created.resource = resource
        return created

    async def _get_batch(self, method: object, batch_id: str, limit: int | None, token: str | None) -> Batch:
        query = {"limit": validation.check_limit(limit), "token": token}
        return await self._call(method, Batch, batch_id, query=query)

    async def _create_and_wait(
        self,
        kind: JobKind[J],
        method: Callable[..., object],
        create: Callable[..., Awaitable[object]],
        arguments: Any,
        *args: Any,
    ) -> J:
        """Create a job, then wait for it. `arguments` are the keywords of create and of the wait."""
        from .._jobs import wait_options, waiting  # noqa: PLC0415  a resource without jobs needs no waits

        check_keywords(method, arguments)
        body, options, destination = wait_options.split_options(arguments)
        await self._check_destination(kind, destination)
        created = await create(*args, **body)
        wait = waiting.wait_for_job(self._transport, kind, created, **options)
        job = await self._wait_for_created(created, wait)
        await self._download_results(kind, [job], destination)
        return job

    async def _create_and_wait_for_all(
        self,
        kind: JobKind[J],
        method: Callable[..., object],
        create: Callable[..., Awaitable[object]],
        arguments: Any,
        *args: Any,
        job_count: int = 1,
    ) -> list[J]:
        """Create several jobs with one request, then wait for all of them, in the order of the request.

        Raises:
            JobFailedError: A job failed. It is raised when all have ended.
        """
        from .._jobs import wait_options, waiting  # noqa: PLC0415  a resource without jobs needs no waits

        check_keywords(method, arguments)
        body, options, destination = wait_options.split_options(arguments)
        await self._check_destination(kind, destination, job_count=job_count)
        created = await create(*args, **body)
        waits = {id: waiting.wait_for_job(self._transport, kind, job, **options) for id, job in kind.jobs_of(created)}
        jobs = await self._wait_for_created(created, waiting.wait_for_every(waits))
        await self._download_results(kind, jobs, destination)
        return jobs

    async def _check_destination(self, kind: JobKind[Any], destination: Any, *, job_count: int = 1) -> None:
        """Reject a `download_to` that cannot be written, before the job is created."""
        if destination is not None:
            from .._files.result_download import check_destination  # noqa: PLC0415  few calls download

            await check_destination(kind, destination, job_count=job_count)

    async def _download_results(self, kind: JobKind[Any], jobs: list[Any], destination: Any) -> None:
        if destination is not None:
            from .._files.result_download import download_results  # noqa: PLC0415  few calls download

            await download_results(self._transport, kind, jobs, destination)

    async def _wait_for_created(self, created: object, wait: Awaitable[T]) -> T:
        """Wait for a new job. If the wait ends early, log the job, because only this call knows its id."""
        try:
            return await wait
        except BaseException as error:
            import asyncio  # noqa: PLC0415  the catalog reads this file without an event loop

            if isinstance(error, asyncio.CancelledError):
                _log.warning("Stopped waiting for %r. The job is still running.", created)
            if not hasattr(error, "id"):  # the message of an error with an id names the job
                error.add_note(f"This call started {created!r}. Wait for it; creating again would pay again.")
            raise
