"""One poll of a job, by the mechanism of waits: polls of the same moment share bulk status requests."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from .._jobs import waiting
from .._jobs.registry import SESSION
from .._jobs.states import phase_of
from .._jobs.wait_options import JobUpdate
from ..errors import NotFoundError
from ..types.video_agents import Session

if TYPE_CHECKING:
    from .._http.transport import Transport
    from .._jobs.kinds import JobKind


async def poll_job(
    transport: Transport, kind: JobKind[Any], id: str, timeout: float, *, is_new: bool
) -> JobUpdate[Any]:
    """Return the update of one poll. Its `next_poll_in` is None when the job is completed.

    A completed job whose result is still missing is polled for it, within the timeout.

    Args:
        transport: The client's transport.
        kind: The kind of the job that was created.
        id: Its id.
        timeout: The seconds to wait for a response during an outage.
        is_new: Whether the job was created so recently that the API may not show it yet.

    Raises:
        JobFailedError: The job failed.
        InputRequiredError: The job needs input from a person.
        HeyGenError: The poll got no response in time, or was rejected.
    """
    last = JobUpdate[Any](
        kind=kind.name, id=id, job=None, state="unknown", progress=None, elapsed=0.0, poll_count=1,
        next_poll_in=kind.poll.delay(0),
    )  # fmt: skip
    updates: AsyncGenerator[JobUpdate[Any]]
    if kind is SESSION:
        updates = waiting.watch_video(transport, Session(session_id=id), timeout=timeout)
    else:
        updates = waiting.watch_job(transport, kind, id, timeout=timeout)
    async with aclosing(updates):
        try:
            async for last in updates:
                if last.next_poll_in is not None and phase_of(kind, last.state) != "completed":
                    break
        except NotFoundError:
            if not is_new:
                raise
    return last
