"""The jobs behind an argument of `wait_for`, `wait_for_all`, `as_completed` and `wait_for_batch`, and their waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import InvalidInputError
from ..types.job_handles import JobHandle
from .kinds import JobKind
from .registry import SESSION, VIDEO, batch_kind, kind_created_by, kind_named

if TYPE_CHECKING:
    from ..types.batches import Batch, BatchCreated


class AwaitedJob(NamedTuple):
    """One job to wait for: its id, the word of its wait (`wait_for_<wait>`), and the argument of that wait."""

    id: str
    wait: str
    job: Any


def awaited_jobs(job: Any, kind: str | None = None) -> list[AwaitedJob]:
    """Return the jobs that an argument names: several for a create that started several.

    Args:
        job: A handle, the struct that create returned, or an id.
        kind: The kind of an id: a row's kind such as `videos`, or the word of its wait; by default `video`.

    Raises:
        InvalidInputError: The argument names no job.
    """
    if isinstance(job, JobHandle):
        return _jobs_of_handle(job)
    found = kind_named(kind or VIDEO.wait) if isinstance(job, str) else kind_created_by(type(job).__name__)
    if found is None:
        raise InvalidInputError("jobs", job, "a handle, the struct that create returned, or a video's id")
    if isinstance(job, str):
        return [AwaitedJob(job, _wait_of(found), job)]
    has_several = found.ids_field and getattr(job, found.ids_field, None)
    jobs = found.jobs_of(job) if has_several else [(_id_of(job), job)]
    return [AwaitedJob(id, found.wait, one) for id, one in jobs]


def awaited_job(job: Any, kind: str | None = None) -> AwaitedJob:
    """Return the one job that an argument names.

    Raises:
        InvalidInputError: The argument names no job, or several.
    """
    jobs = awaited_jobs(job, kind)
    if len(jobs) > 1:
        raise InvalidInputError("job", job, "one job; pass a list of such jobs to wait_for_all")
    return jobs[0]


def kind_of_batch(job: str | BatchCreated, resource: str | None) -> JobKind[Batch]:
    """Return the kind of a batch. The struct that created it names the resource; an id alone does not.

    Raises:
        InvalidInputError: `job` is an id, and no resource has batches of this name.
    """
    resource = resource if isinstance(job, str) else resource or job.resource
    kind = batch_kind(resource)
    if kind is None:
        raise InvalidInputError(
            "kind", resource, "the batch's resource: videos, video_translations, lipsyncs or assets"
        )
    return kind


def _jobs_of_handle(handle: JobHandle) -> list[AwaitedJob]:
    kind = kind_named(handle.kind)
    if not handle.ids:
        raise InvalidInputError("handle.ids", None, f"the ids of {handle.key!r}; create its job first")
    return [AwaitedJob(id, _wait_of(kind), _created_job(kind, id)) for id in handle.ids]


def _wait_of(kind: JobKind[Any]) -> str:
    """Return the word of the wait for the result: a session ends with its video."""
    return VIDEO.wait if kind is SESSION else kind.wait


def _created_job(kind: JobKind[Any], id: str) -> Any:
    """Return a struct that a wait takes as a new job, which the API may not show yet."""
    if kind is SESSION:
        from ..types.video_agents import SessionCreated  # noqa: PLC0415  the registry imports no structs

        return SessionCreated(session_id=id)
    return JobHandle(kind=kind.wait, key=id, idempotency_key="", mark="", requested_at=0.0, ids=(id,))


def _id_of(job: Any) -> str:
    """Return the id of a job from the first id field that is set."""
    job = getattr(job, "avatar_item", None) or job
    ids = (getattr(job, field, None) for field in job.__struct_fields__ if field == "id" or field.endswith("_id"))
    return next(id for id in ids if isinstance(id, str))
