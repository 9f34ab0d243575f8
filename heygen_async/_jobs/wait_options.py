"""The options of a wait, and the update that a wait reports after each poll."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from os import PathLike
from typing import Any, Generic, TypeAlias, TypedDict, TypeVar, cast

import msgspec

from .._http.backoff import Backoff
from .._http.configuration import check_seconds

J = TypeVar("J")


class JobUpdate(msgspec.Struct, Generic[J], frozen=True, kw_only=True):
    """The state of a job after one poll.

    Attributes:
        kind: The job's kind, such as `video`.
        id: The job's id.
        job: The struct that the status endpoint returned; None after a bulk status request, which returns the state
            alone.
        state: The state, in the API's own word.
        progress: The percentage, if the API gives one; for a workflow run, of the nodes that have ended.
        elapsed: The seconds since the wait started.
        poll_count: The number of polls so far.
        next_poll_in: The seconds until the next poll; None after the last one.
        nodes: For a workflow run, the number of its nodes in each state, such as `{"succeeded": 3, "failed": 1}`.
    """

    kind: str
    id: str
    job: J | None
    state: str
    progress: int | None
    elapsed: float
    poll_count: int
    next_poll_in: float | None
    nodes: Mapping[str, int] | None = None


#: The sections in the docstring of a wait that is built from the registry.
WAIT_SECTIONS = """

Args:
    job: The job's id, the struct that create returned, or an earlier state of the job.
    timeout: Seconds for the whole wait; by default the client's `wait_timeout`.
    poll: The pauses between polls; by default the kind's own.
    on_update: Called with a `JobUpdate` after every poll that got a response; may be async.
    download_to: The file to write, or an existing folder, for the finished job's file. A path that is no folder is
        the file's name. An existing file is kept if it has the same bytes, so the wait can be repeated.

Raises:
    DownloadError: The job is finished (`job`), but its file could not be saved, or another file has its name.
    JobFailedError: The job failed. The error has HeyGen's code and message.
    WaitTimeoutError: The time ran out. The job is still running; a wait with the same id resumes it.
"""


#: Called with a `JobUpdate` after every poll that got a response; may be async.
OnUpdate: TypeAlias = Callable[[JobUpdate[Any]], Awaitable[object] | object]


class WaitOptions(TypedDict, total=False):
    """The options of every wait.

    Attributes:
        timeout: Seconds for the whole wait; by default the client's `wait_timeout`.
        poll: The pauses between polls; by default the kind's own.
        on_update: Called with a `JobUpdate` after every poll that got a response; may be async.
    """

    timeout: float | None
    poll: Backoff | None
    on_update: OnUpdate | None


def wait_options(timeout: float | None, poll: Backoff | None, on_update: OnUpdate | None) -> WaitOptions:
    """Return only the options that are set, so that thousands of waits need less memory."""
    options: dict[str, Any] = {"timeout": timeout, "poll": poll, "on_update": on_update}
    return cast("WaitOptions", {name: value for name, value in options.items() if value is not None})


class AndWait(WaitOptions, total=False):
    """The options of every `create_and_wait`, in addition to the fields of the request.

    Attributes:
        idempotency_key: The key of the create; by default a new one.
        download_to: The file to write, which must not exist, or an existing folder, for the finished job's file. A
            path that is no folder is the file's name. It is checked before the job is created.
    """

    idempotency_key: str | None
    download_to: str | PathLike[str] | None


def check_timeout(timeout: float | None) -> None:
    """Reject an invalid timeout. Callers check it before they create the job, which is charged.

    Raises:
        InvalidInputError: `timeout` is 0, negative or not a number.
    """
    if timeout is not None:
        check_seconds("timeout", timeout)


def split_options(arguments: Mapping[str, object]) -> tuple[dict[str, Any], WaitOptions, Any]:
    """Split the arguments of a `create_and_wait` into the create's, the wait's, and the value of `download_to`.

    Raises:
        InvalidInputError: `timeout` is 0 or negative.
    """
    names = WaitOptions.__annotations__
    body = dict(arguments)
    wait = cast("WaitOptions", {name: body.pop(name) for name in names if name in body})
    check_timeout(wait.get("timeout"))
    return body, wait, body.pop("download_to", None)
