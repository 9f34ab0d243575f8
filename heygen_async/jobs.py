"""What the API makes slowly, as values: where each kind is looked at, and what its states mean.

A state that is in none of the sets means that the job goes on: an unknown status never counts as an end.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from .backoff import Backoff
from .models.video_agents import Session
from .models.videos import Video
from .route import Route

__all__ = ["SESSION", "VIDEO", "Kind"]

J = TypeVar("J")

#: A video takes one to five minutes. With these pauses a five-minute job costs about 32 looks, and its end is known
#: about 5 s late.
VIDEO_POLL = Backoff(initial=2.0, factor=1.5, maximum=11.0, jitter=0.1)


class Kind(msgspec.Struct, Generic[J], frozen=True, kw_only=True, eq=False):
    """One kind of job: how it is called in messages, where it is looked at, what its states mean, how often to look."""

    name: str
    look: Route
    into: type[J]
    done: frozenset[str]
    failed: frozenset[str]
    asks: frozenset[str] = frozenset()
    poll: Backoff = VIDEO_POLL

    @property
    def ends(self) -> frozenset[str]:
        """The states at which a wait is over, well or badly or because a person is asked."""
        return self.done | self.failed | self.asks

    def state(self, job: J) -> str:
        """The state that the API gives, as it spells it."""
        return str(getattr(job, "status", None) or "unknown")

    def failure(self, job: J) -> tuple[str | None, str | None]:
        """The API's code and words for a bad end, where it gives any."""
        return getattr(job, "failure_code", None), getattr(job, "failure_message", None)


VIDEO: Kind[Video] = Kind(
    name="video",
    look=Route("GET", "/v3/videos/{video_id}"),
    into=Video,
    done=frozenset({"completed"}),
    failed=frozenset({"failed"}),
)
SESSION: Kind[Session] = Kind(
    name="video agent session",
    look=Route("GET", "/v3/video-agents/{session_id}"),
    into=Session,
    done=frozenset({"completed"}),
    failed=frozenset({"failed"}),
    asks=frozenset({"waiting_for_input", "reviewing"}),
)

STOP_SESSION = Route(
    "POST",
    "/v3/video-agents/{session_id}/stop",
    look="Look at the session with video_agents.get(): it says whether it still works.",
)
