"""What the API makes slowly, as values: where each kind is looked at, and what its states mean.

A state that is in none of the sets means that the job goes on: an unknown status never counts as an end. Videos and
sessions stand here, since more than one resource makes them; every other kind stands in its resource's file.
"""

from __future__ import annotations

from collections.abc import Coroutine
from importlib import import_module
from typing import Any, Generic, TypeVar, cast

import msgspec

from .._http.backoff import Backoff
from .._http.endpoint import Endpoint
from .._http.transport import Transport
from ..errors import InvalidInputError
from ..types.video_agents import Session
from ..types.videos import Video

J = TypeVar("J")

#: By HeyGen's guides a video takes one to five minutes, or five to ten times its own length. With these pauses a
#: five-minute job costs about 28 looks, and its end is known less than 6 s late on average.
POLL = Backoff(initial=8.0, factor=1.1, maximum=12.0, jitter=0.1)
#: For what may be done, or ask, within seconds.
QUICK_POLL = Backoff(initial=2.0, factor=1.5, maximum=11.0, jitter=0.1)


class JobKind(msgspec.Struct, Generic[J], frozen=True, eq=False):
    """One kind of job: how it is called in messages, where it is looked at, what its states mean, how often to look.

    `id` is the field in which what creates such a job names it; `advice` is what a person does when it asks; `bulk`
    tells the states of up to a hundred, whose ids travel as `bulk_ids`.
    """

    name: str
    id: str
    look: Endpoint
    into: type[J]
    done: frozenset[str] = frozenset({"completed"})
    failed: frozenset[str] = frozenset({"failed"})
    asks: frozenset[str] = frozenset()
    advice: str = ""
    poll: Backoff = POLL
    bulk: Endpoint | None = None
    bulk_ids: str = ""

    @property
    def ends(self) -> frozenset[str]:
        """The states at which a wait is over, well or badly or because a person is asked."""
        return self.done | self.failed | self.asks

    def seen(self, transport: Transport, id: str) -> Coroutine[Any, Any, J]:
        """One look."""
        return transport.call(self.look, self.into, id)

    def id_of(self, job: object) -> str:
        """The id in what create or an earlier look returned, or the id itself."""
        looked_at_by = self.look.path.rpartition("{")[2].rstrip("}")
        id = job if isinstance(job, str) else _first(job, self.id, f"{self.id}s", "id", looked_at_by)
        if isinstance(id, list):  # one request may begin several jobs
            several = cast("list[object]", id)
            if len(several) != 1:
                raise InvalidInputError(self.id, several, "one job; wait for each of these ids")
            id = several[0]
        id = getattr(id, "id", id)  # what creates an avatar holds the look itself
        if not isinstance(id, str) or not id.strip():
            raise InvalidInputError(self.id, job, "the id as the API gave it, or what create returned")
        return id

    def is_new(self, job: object) -> bool:
        """Whether it was begun a moment ago, so that a look at once would be a wasted one."""
        return not isinstance(job, str | self.into)

    def state(self, job: object) -> str:
        """The state that the API gives, as it spells it; `none` for what has no state, such as a public look."""
        return str(getattr(job, "status", None) or "none")

    def failure(self, job: object) -> tuple[str | None, str | None]:
        """The API's code and words for a bad end, where it gives any; they stand in another place for each kind."""
        error = getattr(job, "error", None)
        if isinstance(error, str):
            return None, error
        code = _first(job, "failure_code") or _first(error, "code")
        return code, _first(job, "failure_message", "failure_reason", "error_message") or _first(error, "message")


def _first(thing: Any, *names: str) -> Any:
    """The first of these fields that is set, in a struct or in a mapping."""
    is_open = isinstance(thing, dict)
    found = (thing.get(name) if is_open else getattr(thing, name, None) for name in names)
    return next((value for value in found if value is not None), None)


def kind_named(name: str) -> JobKind[Any]:
    """A kind by the file and the name under which its resource has it, such as `lipsyncs.LIPSYNC`."""
    resource, kind = name.split(".")
    return cast("JobKind[Any]", getattr(import_module(f"heygen_async.resources.{resource}"), kind))


VIDEO_STATUSES = Endpoint("GET", "/v3/videos/statuses")
VIDEO: JobKind[Video] = JobKind(
    "video",
    "video_id",
    Endpoint("GET", "/v3/videos/{video_id}"),
    Video,
    bulk=VIDEO_STATUSES,
    bulk_ids="video_ids",
)
SESSION: JobKind[Session] = JobKind(
    "video agent session",
    "session_id",
    Endpoint("GET", "/v3/video-agents/{session_id}"),
    Session,
    asks=frozenset({"waiting_for_input", "reviewing"}),
    advice="answer with video_agents.send_message, then wait again",
    poll=QUICK_POLL,
)

STOP_SESSION = Endpoint(
    "POST",
    "/v3/video-agents/{session_id}/stop",
    recovery="Look at the session with video_agents.get(): it says whether it still works.",
)
