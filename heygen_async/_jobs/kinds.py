"""`JobKind`: the facts of one kind of job. `registry.py` has an entry for each kind.

The entry names the states that HeyGen documents as ends; `states.py` knows the meaning of other words.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from .._http.backoff import Backoff
from .._http.endpoint import Endpoint
from ..errors import InvalidInputError, NotFoundError, PermissionDeniedError
from .states import documented_states, phase_of, state_word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.transport import Transport

J = TypeVar("J")

#: By HeyGen's guides a video takes one to five minutes, or five to ten times its own length. With this schedule a
#: five-minute job costs about 28 polls, and its end is known less than 6 s late on average.
POLL = Backoff(initial=8.0, factor=1.1, maximum=12.0, jitter=0.1)
#: For jobs that may end, or need input, within seconds.
QUICK_POLL = Backoff(initial=2.0, factor=1.5, maximum=11.0, jitter=0.1)
_NODES_A_PAGE = 100


class BatchCreate(msgspec.Struct, frozen=True):
    """A create method that rows of a batch may call.

    Attributes:
        resource: The resource on the client, such as `videos`; a row's `kind`.
        request: The request's type as `file.Name` in `heygen_async.types`.
        method: The resource's method.
        id_column: The name of the job's id in results; by default the kind's `id_field`.
        takes_struct: Whether the method takes the request as one struct, not as keyword arguments.
        lists_callback_id: Whether the resource's list shows each job's `callback_id`.
        lists_by_title: Whether the resource's list can be searched by title.
        has_batches: Whether the API has a batch endpoint.
        batch_field: The field of a batch's request that has the jobs; by default the resource's name.
    """

    resource: str
    request: str
    method: str = "create"
    id_column: str = ""
    takes_struct: bool = False
    lists_callback_id: bool = False
    lists_by_title: bool = False
    has_batches: bool = False
    batch_field: str = ""

    @property
    def request_type(self) -> Any:
        """The request's type."""
        return type_named(self.request)


class JobKind(msgspec.Struct, Generic[J], frozen=True, eq=False, kw_only=True, dict=True):
    """One kind of job. `J` is the struct that a status request returns.

    Attributes:
        name: The kind's name in messages.
        wait: The client's methods are `wait_for_<wait>` and `watch_<wait>`.
        about: The docstring of `wait_for_<wait>`, where it is built from this entry.
        result: The struct that the status endpoint returns, as `file.Name` in `heygen_async.types`.
        created: The structs that create methods return, as `file.Name`. A wait takes the id from them too.
        id_field: The field of those structs that has the job's id.
        ids_field: The field that has several ids, for a create that may start several jobs.
        endpoint: The status endpoint.
        completed: The states of a successful job.
        failed: The states of a failed job.
        needs_input: The states in which the job waits for a person.
        input_advice: The person's next step in such a state.
        poll: The pauses between polls.
        bulk_endpoint: The endpoint that returns the states of up to 100 jobs, if there is one.
        bulk_id_parameter: Its query parameter for the ids.
        final_endpoint: The endpoint of the result, for kinds whose status endpoint returns only the state.
        final_result: The struct that `final_endpoint` returns.
        nodes_endpoint: The list of the job's nodes, for a kind whose jobs consist of nodes. When such a job ends with
            failed nodes, they are listed as its `failed_nodes`.
        event_prefixes: The webhook events about this kind are `<prefix>.success`, `<prefix>.fail` and the like. When
            the client receives events, only kinds without a prefix keep their own poll schedule.
        url_fields: The fields that `download` takes the URL from; the first one that is set.
        result_fields: The fields of which a completed job has at least one. They may be set a little later than the
            state. Empty for a kind whose result is the struct itself.
        batch_of: The resource of the jobs in a batch, for a kind that is a batch.
        batch_creates: The create methods that rows of a batch may call.
    """

    name: str
    wait: str
    result: str
    id_field: str
    endpoint: Endpoint
    about: str = ""
    created: tuple[str, ...] = ()
    ids_field: str = ""
    completed: frozenset[str] = frozenset({"completed"})
    failed: frozenset[str] = frozenset({"failed"})
    needs_input: frozenset[str] = frozenset()
    input_advice: str = ""
    poll: Backoff = POLL
    bulk_endpoint: Endpoint | None = None
    bulk_id_parameter: str = ""
    final_endpoint: Endpoint | None = None
    final_result: str = ""
    nodes_endpoint: Endpoint | None = None
    event_prefixes: tuple[str, ...] = ()
    url_fields: tuple[str, ...] = ("video_url",)
    result_fields: tuple[str, ...] = ()
    batch_of: str = ""
    batch_creates: tuple[BatchCreate, ...] = ()

    @property
    def result_type(self) -> type[J]:
        """The struct that the status endpoint returns, imported at its first use."""
        return cast("type[J]", type_named(self.result))

    @property
    def final_name(self) -> str:
        """The name of the struct that `wait_for_<wait>` returns."""
        return base_name(self.final_result or self.result)

    @property
    def end_states(self) -> frozenset[str]:
        """The documented states that end a wait: completed, failed, or needing input."""
        return self.completed | self.failed | self.needs_input

    @property
    def documented_states(self) -> frozenset[str]:
        """The states that HeyGen documents, including the states of running jobs."""
        return documented_states(cast("Any", self.result_type))

    @property
    def wait_call(self) -> str:
        """The call that resumes a wait, with `{id!r}` in place of the id."""
        resource = f", kind={self.batch_of!r}" if self.batch_of else ""
        return f"wait_for_{self.wait}({{id!r}}{resource})"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The structs, as `file.Name`, from which a wait can take the id."""
        return self.created if self.final_endpoint else (self.result, *self.created)

    def accepts(self, struct: str) -> bool:
        """Whether a wait can take the id from a struct of this name."""
        return struct in map(base_name, self.inputs)

    async def fetch(self, transport: Transport, id: str) -> J:
        """Send one status request."""
        if self.endpoint is not self.bulk_endpoint:
            job = await transport.call(self.endpoint, self.result_type, id)
            if self.nodes_endpoint is not None and self.state(job) in {"partial", "failed"}:
                await self._list_failed_nodes(transport, self.nodes_endpoint, id, job)
            return job
        from ..types.batches import ItemStatus, JobStatus  # noqa: PLC0415  keeps the structs out of the client's import

        found = await transport.call(self.endpoint, list[JobStatus], query={self.bulk_id_parameter: [id]})
        return cast("J", found[0] if found else JobStatus(status=ItemStatus.NOT_FOUND, video_id=id))

    async def _list_failed_nodes(self, transport: Transport, endpoint: Endpoint, id: str, job: Any) -> None:
        """Set `failed_nodes` of a job, unless the account cannot list its nodes."""
        from ..types.workflow_runs import WorkflowNodeStatus, WorkflowRunNode  # noqa: PLC0415  as above

        nodes = transport.pager(endpoint, WorkflowRunNode, id, query={"limit": _NODES_A_PAGE})
        with suppress(NotFoundError, PermissionDeniedError):
            job.failed_nodes = [node async for node in nodes if node.status == WorkflowNodeStatus.FAILED]

    async def fetch_final(self, transport: Transport, id: str) -> Any:
        """Request the result, which `wait_for_<wait>` returns."""
        if self.final_endpoint is None:
            return await self.fetch(transport, id)
        return await transport.call(self.final_endpoint, type_named(self.final_result), id)

    def id_of(self, job: object) -> str:
        """Return the job's id from the struct of a create or an earlier poll, or the id itself.

        Raises:
            InvalidInputError: `job` has no id of this kind, or several.
        """
        path_parameter = self.endpoint.path.rpartition("{")[2].rstrip("}")
        fields = (self.id_field, self.ids_field, "id", path_parameter)
        id = job if isinstance(job, str) else first_set(job, *fields)
        if isinstance(id, list):
            ids = cast("list[object]", id)
            if len(ids) != 1:
                raise InvalidInputError(
                    self.id_field, ids, "one job; wait for all of them with wait_for_all([created])"
                )
            id = ids[0]
        id = getattr(id, "id", id)  # the struct of a created avatar holds the avatar look itself
        if not isinstance(id, str) or not id.strip():
            raise InvalidInputError(self.id_field, job, "the id from the API, or the struct that create returned")
        return id

    def ids_of(self, created: object) -> list[str]:
        """Return the ids of all jobs that one create started."""
        several = first_set(created, self.ids_field)
        return [getattr(one, "id", one) for one in several] if several else [self.id_of(created)]

    def jobs_of(self, created: Any) -> list[tuple[str, Any]]:
        """Return, for each job that one create started, its id and a struct that a wait takes as a new job."""
        ids = self.ids_of(created)
        if not first_set(created, self.ids_field):
            return [(ids[0], created)]
        return [(id, msgspec.structs.replace(created, **{self.ids_field: [id]})) for id in ids]

    def is_new(self, job: object) -> bool:
        """Whether the job was created a moment ago, so that an immediate poll would be wasted."""
        return not isinstance(job, str | self.result_type)

    def state(self, job: object) -> str:
        """Return the API's word for the state; `none` for a resource without state, such as a public avatar look."""
        return state_word(getattr(job, "status", None))

    def is_completed(self, job: object) -> bool:
        """Whether this is the struct of a completed job, as a wait returns it."""
        return isinstance(job, self.result_type) and phase_of(self, self.state(job)) == "completed"

    def lacks_result(self, job: object) -> bool:
        """Whether a completed job does not have its result yet."""
        return bool(self.result_fields) and not any(getattr(job, name, None) for name in self.result_fields)

    def progress(self, job: object) -> int | None:
        """Return the percentage of the job that is done, if the API reports it."""
        progress = getattr(job, "progress", None)
        return getattr(progress, "percentage", progress)

    def node_states(self, job: object) -> Mapping[str, int] | None:
        """Return the number of the job's nodes in each state; None for a kind without nodes."""
        return getattr(getattr(job, "progress", None), "by_state", None)

    def failure(self, job: object) -> tuple[str | None, str | None]:
        """Return the API's code and message for a failure; their fields differ between kinds."""
        error = getattr(job, "error", None)
        if isinstance(error, str):
            return None, error
        code = first_set(job, "failure_code") or first_set(error, "code")
        message = first_set(job, "failure_message", "failure_reason", "error_message") or first_set(error, "message")
        node = first_set(error, "node_id")
        return code, f"{message or 'no reason given'} (node {node})" if node else message


def first_set(thing: object, *names: str) -> Any:
    """Return the first of these fields of a struct or mapping that is not None."""
    from ..types.base import get_field  # noqa: PLC0415  opening a client needs no structs

    return next((value for name in names if name and (value := get_field(thing, name)) is not None), None)


def base_name(name: str) -> str:
    """Return the struct's own name: `Video` for `videos.Video`."""
    return name.rpartition(".")[2]


@cache
def type_named(name: str) -> Any:
    """Import a type of `heygen_async.types` by `file.Name`."""
    file, _, struct = name.rpartition(".")
    return getattr(import_module(f"heygen_async.types.{file}"), struct)
