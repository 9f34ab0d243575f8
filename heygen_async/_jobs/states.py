"""The words for the state of a job, and the meaning of each word for a wait.

A kind's entry in the registry lists the states that HeyGen documents. HeyGen and similar APIs use other words for the
same states, and HeyGen may start to use them here. A wait that treated such a word as running would poll until its
timeout. So a word that the kind does not document is compared with the common words below. Any other word means that
the job is still running: an unknown state never counts as an end.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, Protocol, TypeAlias, get_args

import msgspec

from ..types.base import OpenEnum
from ..types.redaction import format_value

#: The meaning of a state. `unknown` jobs are running too, as far as a wait can tell.
Phase: TypeAlias = Literal["running", "unknown", "completed", "failed", "needs_input"]

#: The state of a struct without a status, such as a public avatar look.
NO_STATE = "none"
#: The words for a running job, in bulk statuses too.
RUNNING_WORDS = frozenset({"queued", "pending", "waiting", "processing", "running", "in_progress"})
COMPLETED_WORDS = frozenset({"completed", "complete", "succeeded", "success", "done", "finished"})
FAILED_WORDS = frozenset(
    {"failed", "canceled", "cancelled", "expired", "rejected", "error", "deleted", "aborted", "timeout"}
)


class KindStates(Protocol):
    """The states of a kind of job."""

    @property
    def completed(self) -> frozenset[str]:
        """The states of a completed job."""
        ...

    @property
    def failed(self) -> frozenset[str]:
        """The states of a failed job."""
        ...

    @property
    def needs_input(self) -> frozenset[str]:
        """The states in which the job waits for a person."""
        ...

    @property
    def documented_states(self) -> frozenset[str]:
        """All states that HeyGen documents."""
        ...


def state_word(status: object) -> str:
    """Return the API's word for a state. A status that is not text is converted to text."""
    if status is None or status == "":
        return NO_STATE
    return str(status) if isinstance(status, str) else format_value(status)


def phase_of(kind: KindStates, state: str) -> Phase:
    """Return the meaning of a state for this kind: by its entry, its documented states, or the common words."""
    if state in kind.completed:
        return "completed"
    if state in kind.failed:
        return "failed"
    if state in kind.needs_input:
        return "needs_input"
    word = state.lower()
    if state in kind.documented_states or word in RUNNING_WORDS:
        return "running"
    return "completed" if word in COMPLETED_WORDS else "failed" if word in FAILED_WORDS else "unknown"


def is_end_word(state: str) -> bool:
    """Whether the state is an end by the common words."""
    return state.lower() in COMPLETED_WORDS | FAILED_WORDS


@cache
def documented_states(struct: Any) -> frozenset[str]:
    """Return the values of a struct's enum of states; an empty set for a struct without one."""
    types = (field.type for field in msgspec.structs.fields(struct) if field.name == "status")
    enums = (one for type_ in types for one in (type_, *get_args(type_)) if isinstance(one, type))
    return frozenset(str(member) for enum in enums if issubclass(enum, OpenEnum) for member in enum)
