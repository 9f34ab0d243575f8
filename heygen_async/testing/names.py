"""Names that a test writes: a misspelt one is an error where it is written, with the nearest right one.

An unknown state or event may be what a test is about: `unknown=True` allows it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache

from . import contract

__all__ = ["JOB_KINDS", "check_code", "check_name", "check_operation", "check_options", "check_states", "event_types"]

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
#: The documented codes of errors. Some are not, so that another name is allowed unless it resembles one of these.
_CODES = (
    "ai_vendor_access_restricted", "asset_not_found", "avatar_not_found", "conflict", "content_policy_violation",
    "design_failed", "download_failed", "endpoint_sunset", "ephemeral_upload_disabled", "forbidden", "gateway_timeout",
    "hyperframes_project_invalid", "hyperframes_project_too_large", "hyperframes_render_not_found",
    "insufficient_api_key_scope", "insufficient_credit", "internal_error", "invalid_parameter", "method_not_allowed",
    "not_found", "plan_upgrade_required", "quota_exceeded", "rate_limit_exceeded", "request_in_progress",
    "resource_access_denied", "resource_limit_reached", "resource_not_found", "resource_not_ready", "script_too_short",
    "service_unavailable", "stale_edit_version", "template_not_found", "template_source_unsupported",
    "trial_limit_exceeded", "tts_text_invalid", "unauthorized", "unlimited_mode_disabled", "video_not_found",
    "voice_expired", "voice_not_found", "voice_not_ready", "voice_not_usable", "voice_training_failed",
    "voice_unavailable", "webhook_not_found",
)  # fmt: skip
_SIMILARITY = 0.85  # above which a code counts as a misspelt one
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


def check_options(function: Callable[..., object], names: Iterable[str], others: Iterable[str]) -> None:
    """Check the names of options, which are the keywords of a function and some others.

    Raises:
        TypeError: One is not known. The message has the nearest known name.
    """
    parameters = inspect.signature(function).parameters.values()
    known = [*(one.name for one in parameters if one.kind is one.KEYWORD_ONLY), *others]
    for name in names:
        try:
            check_name("The option", name, known)
        except ValueError as error:
            raise TypeError(str(error)) from None


def check_code(code: str) -> None:
    """Check that an error code is not a misspelt one.

    Raises:
        ValueError: It resembles a documented code. The message has that code.
    """
    if code not in _CODES and (nearest := get_close_matches(code, _CODES, n=1, cutoff=_SIMILARITY)):
        raise ValueError(f"The code {code!r} is not documented. Did you mean {nearest[0]!r}? unknown=True allows it.")


@cache
def _operation_names() -> frozenset[str]:
    """Return the names of all operations of the contract."""
    return frozenset(operation.operation for operation in contract.operations())


@cache
def event_types() -> list[str]:
    """Return the types of webhook events."""
    listed = next(operation for operation in contract.operations() if operation.operation == "WebhookEventsList")
    return list(next(entry["enum"] for entry in listed.query if entry["name"] == "event_type"))
