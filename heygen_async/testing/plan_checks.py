"""The plans of an account: a request for more than the plan includes is refused, with a hint for the test.

A further limit of a plan is one entry of a table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .api_errors import APIErrorResponse
from .names import check_name
from .operations.prices import video_seconds
from .request_fields import walk

if TYPE_CHECKING:
    from .jobs import State

__all__ = ["PLANS", "account_options", "check"]


class _Plan(NamedTuple):
    """What a plan includes: the jobs in parallel, the seconds of a video, and the features that others lack."""

    concurrency: int
    video_seconds: float
    features: frozenset[str]


#: The operations and the fields that only some plans include, and the name of the feature.
_OPERATIONS: Mapping[str, str] = {"VideoTranslateProofreadsCreate": "proofreads"}
_FIELDS: Mapping[str, str] = {
    "srt": "custom subtitles",
    "srt_role": "custom subtitles",
    "stock_voice_config": "stock voices for translations",
}
PLANS: Mapping[str, _Plan] = {
    "pay_as_you_go": _Plan(10, 1800.0, frozenset()),
    "enterprise": _Plan(20, math.inf, frozenset({*_OPERATIONS.values(), *_FIELDS.values()})),
}


def account_options(plan: str | None, concurrency_limit: int | None) -> dict[str, Any]:
    """Return the options of the state for a plan; without one, nothing but ten jobs in parallel is limited.

    Raises:
        ValueError: The plan is not known; the message has the nearest name.
    """
    if plan is not None:
        check_name("The plan", plan, PLANS)
    if concurrency_limit is None:
        concurrency_limit = PLANS[plan or "pay_as_you_go"].concurrency
    return {"account_plan": plan or "enterprise", "concurrency_limit": concurrency_limit}


def check(state: State, operation: str, body: Any) -> None:
    """Check that the account's plan includes a request. A lenient emulator allows everything.

    Raises:
        APIErrorResponse: 402: the request needs another plan.
    """
    plan = PLANS[state.account_plan]
    if state.catalog.is_lenient or plan is PLANS["enterprise"]:  # which includes everything
        return
    feature = _OPERATIONS.get(operation)
    if feature is not None and feature not in plan.features:
        raise _refusal(state, f"{feature.capitalize()} need", None)
    if operation.startswith("VideoTranslate"):
        for name, value, where in walk(body):
            feature = None if value is None else _FIELDS.get(name)
            if feature is not None and feature not in plan.features:
                raise _refusal(state, f"{feature.capitalize()} need", where)
    for seconds, place in _lengths(operation, body):
        if seconds > plan.video_seconds:
            raise _refusal(state, f"A video of {seconds:.0f} seconds, more than {plan.video_seconds:.0f}, needs", place)


def _lengths(operation: str, body: Any) -> Iterator[tuple[float, str | None]]:
    """Yield the seconds of each video of a request, and its path."""
    if operation == "VideoCreate":
        yield video_seconds(body), None
    elif operation == "VideoBatchesCreate":
        for index, entry in enumerate(body["videos"]):
            yield video_seconds(entry), f"videos[{index}]"


def _refusal(state: State, start: str, where: str | None) -> APIErrorResponse:
    """Return the error for a request that another plan includes."""
    return APIErrorResponse(
        402,
        "plan_upgrade_required",
        f"{start} another plan than '{state.account_plan}'.",
        param=where,
        hint=(
            f"The account of the emulator has the plan '{state.account_plan}'. Choose another: "
            "HeyGenEmulator(plan='enterprise') or @pytest.mark.heygen(plan='enterprise'); heygen_plan in pytest's "
            "settings; or --plan of python -m heygen_async.testing. lenient=True allows every request."
        ),
    )
