"""Background removals, which deduplicate on `request_id`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .call import Call, JobListing
from .prices import OWN_PRICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]

PRICE = OWN_PRICES["BackgroundRemovalCreate"]
_LAYERS = ("foreground", "mask", "background")


def _create(call: Call) -> dict[str, Any]:
    request_id = call.get_field("request_id")
    for job in call.state.jobs_of_kind("background_removal"):
        if request_id is not None and job.details["request_id"] == request_id:
            return _describe(call, job)
    layers = call.get_field("layers") or list(_LAYERS)
    call.check_files(call.body, "video")
    call.state.check_balance(PRICE)
    seconds = call.state.render_seconds
    states = [("pending", seconds * 0.1), ("processing", seconds * 0.9), ("completed", 0.0)]
    job = call.state.create_job("background_removal", "removal", states, layers=layers, request_id=request_id)
    call.state.charge(PRICE, call.operation, job.id, request_id)
    return _describe(call, job)


def _describe(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    done = state == "completed"
    paths = {layer: f"/removals/{job.id}/{layer}/video.mp4" for layer in job.details["layers"]}
    return {
        "id": job.id,
        "status": state,
        "created_at": int(job.created_at),
        "completed_at": int(job.ends_at) if done else None,
        "duration": 1.0 if done else None,
        "layers": {layer: call.storage.presigned(path) for layer, path in paths.items()} if done else {},
        "error": job.fail_message if state == "failed" else None,
    }


def _find(call: Call) -> Job:
    return call.state.find("background_removal", call.ids["job_id"])


def _get(call: Call) -> dict[str, Any]:
    return _describe(call, _find(call))


def _list(call: Call) -> JobListing:
    return JobListing(call.state, "background_removal", partial(_describe, call))


def _delete(call: Call) -> dict[str, Any]:
    job = _find(call)
    job.end(call.state.now(), "deleted")
    return {"id": job.id, "deleted": True}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "BackgroundRemovalCreate": _create,
    "BackgroundRemovalGet": _get,
    "BackgroundRemovalList": _list,
    "BackgroundRemovalDelete": _delete,
}
