"""The newest response of each task, for `AsyncHeyGen.last_response`."""

from __future__ import annotations

import asyncio
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .response import Response
    from .shared_state import SharedState


class _Record:
    """A task's newest response. It is changed in place: setting a context variable anew costs more than that."""

    __slots__ = ("client", "response", "task_id")

    def __init__(self, task_id: int) -> None:
        self.task_id = task_id
        self.client: weakref.ref[SharedState] | None = None
        self.response: Response | None = None


_record: ContextVar[_Record | None] = ContextVar("heygen_last_response", default=None)


def record_response(client: weakref.ref[SharedState], response: Response, loop: asyncio.AbstractEventLoop) -> None:
    """Record a response of a client for the current task of the running loop."""
    record, task_id = _record.get(), id(asyncio.current_task(loop))
    if record is None or record.task_id != task_id:
        record = _Record(task_id)
        _record.set(record)
    record.client, record.response = client, response


def recorded_response(client: weakref.ref[SharedState]) -> Response | None:
    """Return the newest response that the current task got from this client; None when there is none."""
    record = _record.get()
    if record is None or record.client is not client or record.task_id != id(asyncio.current_task()):
        return None
    return record.response
