"""Lipsyncs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import prices
from .call import Call, build_batch_page, build_job_handlers, create_batch, list_statuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]

BULK = {"pending": "queued", "running": "processing"}


def _start(call: Call, request: dict[str, Any]) -> Job:
    call.check_files(request, "video", "audio")
    billed = prices.lipsync(request)
    seconds = call.state.render_seconds
    states = [("pending", seconds * 0.1), ("running", seconds * 0.9), ("completed", 0.0)]
    job = call.state.create_job(
        "lipsync",
        "lipsync",
        states,
        request=request,
        title=request.get("title"),
        callback_id=request.get("callback_id"),
        seconds=billed.seconds,
    )
    call.state.charge(billed.usd, call.operation, job.id, call.key)
    return job


def _describe(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    done = state == "completed"
    return {
        "id": job.id,
        "status": state,
        "title": job.details["title"],
        "callback_id": job.details["callback_id"],
        "created_at": int(job.created_at),
        "duration": job.details["seconds"] if done else None,
        "video_url": call.storage.presigned(f"/lipsyncs/{job.id}/video.mp4") if done else None,
        "caption_url": call.storage.presigned(f"/lipsyncs/{job.id}/subtitles.srt") if done else None,
        "failure_message": job.fail_message if state == "failed" else None,
    }


def _create(call: Call) -> dict[str, Any]:
    call.state.check_balance(prices.lipsync(call.body).usd)
    return {"lipsync_id": _start(call, call.body).id}


def _statuses(call: Call) -> list[dict[str, Any]]:
    return list_statuses(call, "lipsync", BULK)


def _create_batch(call: Call) -> dict[str, Any]:
    requests = call.body["lipsyncs"]
    call.state.check_balance(sum(prices.lipsync(request).usd for request in requests))
    return create_batch(call, "lipsync", [_start(call, request).id for request in requests])


def _get_batch(call: Call) -> dict[str, Any]:
    return build_batch_page(call, "lipsync", BULK)


HANDLERS: dict[str, Callable[[Call], Any]] = {
    **build_job_handlers("Lipsync", "lipsync", "lipsync_id", _describe),
    "LipsyncCreate": _create,
    "LipsyncStatusesList": _statuses,
    "LipsyncBatchesCreate": _create_batch,
    "LipsyncBatchesGet": _get_batch,
}
