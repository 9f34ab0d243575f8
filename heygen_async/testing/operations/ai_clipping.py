"""Clips of a long video, which finish one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import Call, JobListing
from .prices import OWN_PRICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job
    from ..storage import Storage

__all__ = ["HANDLERS", "describe"]

PRICE = OWN_PRICES["AiClippingCreate"]
_SECONDS = {"30": 30.0, "60": 60.0, "180": 180.0, "long": 240.0}


def _create(call: Call) -> dict[str, Any]:
    call.check_files(call.body, "video")
    settings: dict[str, Any] = call.get_field("output_settings") or {}
    call.state.check_balance(PRICE)
    seconds = call.state.render_seconds
    job = call.state.create_job(
        "ai_clipping", "clipping", [("pending", seconds * 0.1), ("running", seconds * 0.9), ("completed", 0.0)],
        title=call.get_field("title") or "A long video", language=call.get_field("input_language"),
        callback_id=call.get_field("callback_id"), lengths=settings.get("duration_types") or ["30", "60"],
        shape=settings.get("aspect_ratio") or "portrait",
    )  # fmt: skip
    call.state.charge(PRICE, call.operation, job.id, call.key)
    return {"ai_clipping_id": job.id, "id": job.id, "status": job.state(call.state.now())}


def _share(job: Job, now: float) -> float:
    state = job.state(now)
    if state == "completed" or not job.seconds:
        return 1.0
    return 0.0 if state == "pending" else min((now - job.created_at) / job.seconds, 0.99)


def _clip(job: Job, place: int, now: float, storage: Storage) -> dict[str, Any]:
    done = _share(job, now) >= (place + 1) / len(job.details["lengths"])
    base = f"/clips/{job.id}_{place}"
    return {
        "id": f"{job.id}_{place}",
        "status": "completed" if done else "pending",
        "title": f"{job.details['title']}, part {place + 1}",
        "aspect_ratio": job.details["shape"] if done else None,
        "duration_seconds": _SECONDS[job.details["lengths"][place]] if done else None,
        "video_url": storage.presigned(f"{base}/video.mp4") if done else None,
        "thumbnail_url": storage.presigned(f"{base}/thumbnail.jpg") if done else None,
        "virality_score": 90 - place if done else None,
    }


def describe(job: Job, now: float, storage: Storage) -> dict[str, Any]:
    """Return the JSON of a job, for the API and for its events."""
    state = job.state(now)
    clips = [_clip(job, place, now, storage) for place in range(len(job.details["lengths"]))]
    return {
        "id": job.id,
        "status": state,
        "progress": int(_share(job, now) * 100),
        "clips": [] if state == "pending" else clips,
        "title": job.details["title"],
        "input_language": job.details["language"] or "en",
        "source_duration": 1800.0,
        "callback_id": job.details["callback_id"],
        "failure_message": job.fail_message if state == "failed" else None,
        "created_at": int(job.created_at),
    }


def _find(call: Call) -> Job:
    return call.state.find("ai_clipping", call.ids["job_id"])


def _get(call: Call) -> dict[str, Any]:
    return describe(_find(call), call.state.now(), call.storage)


def _list(call: Call) -> JobListing:
    def describe_with_progress(job: Job) -> dict[str, Any]:
        described = describe(job, call.state.now(), call.storage)
        return described | {"progress": 100 if described["status"] == "completed" else 0}

    return JobListing(call.state, "ai_clipping", describe_with_progress)


def _delete(call: Call) -> dict[str, Any]:
    job = _find(call)
    call.state.deleted.add(job.id)
    return {"id": job.id}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "AiClippingCreate": _create,
    "AiClippingGet": _get,
    "AiClippingList": _list,
    "AiClippingDelete": _delete,
}
