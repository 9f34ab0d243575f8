"""Webhook events that wake waits.

A client created with `events=True` or with a `WebhookReceiver` keeps the entries of its waits by job id. An event has
its job's id somewhere in its data; the entries of that id then poll immediately. The event itself is never trusted,
because it may be forged or old. Only the status request returns the job's state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from .._http.shared_state import SharedState


class WaitingEntry(Protocol):
    """The entry of a wait."""

    id: str

    def poll_now(self) -> None:
        """Poll the job immediately."""
        ...


def listen(shared_state: SharedState, entry: WaitingEntry, id: str) -> None:
    """Wake this entry by events about the job with this id."""
    if shared_state.event_listeners is not None:
        shared_state.event_listeners.setdefault(id, set()).add(entry)


def stop_listening(shared_state: SharedState, entry: WaitingEntry) -> None:
    """Stop waking this entry by events."""
    listeners = shared_state.event_listeners
    if listeners is not None and entry.id in listeners:
        listeners[entry.id].discard(entry)
        if not listeners[entry.id]:
            del listeners[entry.id]


def wake(shared_state: SharedState, event: Mapping[str, Any]) -> int:
    """Poll the jobs of an event immediately; return the number of entries that wait for them.

    Raises:
        ConfigurationError: The client receives no events.
    """
    listeners = shared_state.event_listeners
    if listeners is None:
        raise ConfigurationError("This AsyncHeyGen receives no events; create it with events=True.")
    data = event.get("event_data")
    values = cast("dict[str, object]", data).values() if isinstance(data, dict) else ()
    ids = {str(value) for value in values if isinstance(value, str | int)}
    entries = [entry for id in ids for entry in listeners.get(id, ())]
    for entry in entries:
        entry.poll_now()
    return len(entries)
