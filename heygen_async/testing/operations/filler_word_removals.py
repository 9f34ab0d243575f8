"""Filler-word removals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import Call
from .prices import OWN_PRICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]

PRICE = OWN_PRICES["FillerWordRemovalCreate"]


def _create(call: Call) -> dict[str, Any]:
    call.check_files(call.body, "video")
    call.state.check_balance(PRICE)
    seconds = call.state.render_seconds
    states = [("pending", seconds * 0.1), ("running", seconds * 0.9), ("completed", 0.0)]
    details = {name: call.get_field(name) for name in ("title", "callback_id")}
    job = call.state.create_job("filler_word_removal", "filler", states, **details)
    call.state.charge(PRICE, call.operation, job.id, call.key)
    return {"filler_word_removal_id": job.id}


def _get(call: Call) -> dict[str, Any]:
    job = call.state.find("filler_word_removal", call.ids["filler_word_removal_id"])
    state = job.state(call.state.now())
    removal = {
        "id": job.id,
        "status": state,
        "progress": {"pending": 0, "completed": 100}.get(state, 50),
        "created_at": int(job.created_at),
        "failure_message": job.fail_message if state == "failed" else None,
        **job.details,
    }
    if state == "completed":
        removal |= _result(call, job)
    return removal


def _result(call: Call, job: Job) -> dict[str, Any]:
    return {
        "video_url": call.storage.presigned(f"/fillers/{job.id}/video.mp4"),
        "thumbnail_url": call.storage.presigned(f"/fillers/{job.id}/thumbnail.jpg"),
        "num_cuts": 2,
        "reduction_pct": 20.0,
        "original_duration": 1.25,
        "output_duration": 1.0,
    }


HANDLERS: dict[str, Callable[[Call], Any]] = {"FillerWordRemovalCreate": _create, "FillerWordRemovalGet": _get}
