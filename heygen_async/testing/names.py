"""Names that a test writes: a misspelt one is an error where it is written, with the nearest right one.

An unknown state or event may be what a test is about: `unknown=True` allows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from . import contract

__all__ = ["JOB_KINDS", "check_name", "check_operation", "check_states", "event_types"]

JOB_KINDS = frozenset(
    {
        "video", "session", "voice", "asset", "avatar", "translation", "proofread", "lipsync", "render",
        "background_removal", "ai_clipping", "brand_kit", "filler_word_removal", "podcast", "model_voice", "model_image",
        "model_video", "model_speech", "workflow_run", "comparison",
    }
)  # fmt: skip
#: The states of all kinds of jobs.
_STATES = frozenset(
    {
        "active", "canceled", "cancelled", "complete", "completed", "deleted", "error", "failed", "generating", "loading",
        "not_found", "partial", "pending", "pending_consent", "pending_upload", "processing", "queued", "ready",
        "rendering", "reviewing", "running", "streaming", "succeeded", "success", "thinking", "training", "waiting",
        "waiting_for_input",
    }
)  # fmt: skip
_LEGACY_NAME = re.compile(r"[A-Z]+ /v\d.*")


def check_name(argument: str, name: str, known: Iterable[str]) -> None:
    """Check a name.

    Raises:
        ValueError: It is not known. The message has the nearest known name.
    """
    names = sorted(known)
    if name in names:
        return
    nearest = get_close_matches(name, names, n=1, cutoff=0.4)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else f" The known ones are: {', '.join(names)}."
    raise ValueError(f"{argument} {name!r} is not known.{hint}")


def check_states(states: Iterable[tuple[str, float]]) -> None:
    """Check the names of states.

    Raises:
        ValueError: One is not known.
    """
    for state, _ in states:
        check_name("The state", state.lower(), _STATES)


def check_operation(name: str, others: Iterable[str]) -> None:
    """Check the name of an operation: of the contract, of OAuth, or a method and a path of v1 and v2.

    Raises:
        ValueError: It is not known.
    """
    if not _LEGACY_NAME.fullmatch(name):
        check_name("The operation", name, {*_operation_names(), *others})


@cache
def _operation_names() -> frozenset[str]:
    """Return the names of all operations of the contract."""
    return frozenset(operation.operation for operation in contract.operations())


@cache
def event_types() -> list[str]:
    """Return the types of webhook events."""
    listed = next(operation for operation in contract.operations() if operation.operation == "WebhookEventsList")
    return list(next(entry["enum"] for entry in listed.query if entry["name"] == "event_type"))
