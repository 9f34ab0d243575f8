"""Podcasts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .call import Call, JobListing
from .prices import OWN_PRICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]

PRICE = OWN_PRICES["PodcastCreate"]
_LENGTHS = {"1min": 60.0, "2min": 120.0, "3min": 180.0, "5min": 300.0}


def _create(call: Call) -> dict[str, Any]:
    call.check_files(call.body, "source_files")
    call.state.check_balance(PRICE)
    states = [("processing", call.state.render_seconds), ("completed", 0.0)]
    job = call.state.create_job(
        "podcast",
        "podcast",
        states,
        title=call.get_field("topic"),
        duration=_LENGTHS.get(call.get_field("duration"), 90.0),
    )
    call.state.charge(PRICE, call.operation, job.id, call.key)
    return {"podcast_id": job.id, "status": job.state(call.state.now())}


def _describe(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    done = state == "completed"
    return {
        "podcast_id": job.id,
        "status": state,
        "title": job.details["title"],
        "video_url": call.storage.presigned(f"/podcasts/{job.id}/video.mp4") if done else None,
        "thumbnail_url": call.storage.presigned(f"/podcasts/{job.id}/thumbnail.jpg") if done else None,
        "duration": job.details["duration"] if done else None,
        "failure_message": job.fail_message if state == "failed" else None,
        "created_at": int(job.created_at),
    }


def _find(call: Call) -> Job:
    return call.state.find("podcast", call.ids["podcast_id"])


def _get(call: Call) -> dict[str, Any]:
    return _describe(call, _find(call))


def _list(call: Call) -> JobListing:
    return JobListing(call.state, "podcast", partial(_describe, call))


def _delete(call: Call) -> dict[str, Any]:
    call.state.deleted.add(_find(call).id)
    return {}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "PodcastCreate": _create,
    "PodcastGet": _get,
    "PodcastList": _list,
    "PodcastDelete": _delete,
}
