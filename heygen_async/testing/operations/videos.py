"""Videos: each is charged when it is created, and ends after the emulator's `render_seconds`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from . import prices
from .avatars import find_look
from .call import Call, JobListing, build_batch_page, create_batch, list_statuses
from .video_requests import check
from .video_scenes import get_scenes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..jobs import Job
    from ..storage import Storage

__all__ = ["BULK", "HANDLERS", "describe", "start_video"]

#: The bulk words for a video's states.
BULK = {"waiting": "queued", "pending": "queued"}


def start_video(
    call: Call,
    *,
    billed: prices.Billed = prices.OWN_VIDEO,
    session: str | None = None,
    queued: int | None = None,
    request: Mapping[str, Any] | None = None,
    **details: Any,
) -> Job:
    """Check the limits, charge the price and start a video.

    Args:
        call: The call.
        billed: Its price and its length.
        session: The id of the session to which the video belongs; the charge is the session's.
        queued: The video's position in a batch, where it waits for the videos before it; None outside of a batch.
        request: The video's own part of a batch's request.
        details: The fields that the API shows, such as the title.
    """
    seconds = call.state.render_seconds
    if queued is None and session is None:
        call.state.reserve_capacity(billed.usd)
    else:
        call.state.check_balance(billed.usd)
    turns = (queued or 0) // max(call.state.concurrency_limit, 1)
    states = [
        ("waiting", seconds * (0.05 + turns)),
        ("pending", seconds * 0.1),
        ("processing", seconds * 0.85),
        ("completed", 0.0),
    ]
    own_request: Mapping[str, Any] | None = {} if session else request
    job = call.state.create_job("video", "video", states, request=own_request, seconds=billed.seconds, **details)
    call.state.charge(billed.usd, call.operation, session or job.id, call.key)
    return job


def describe(job: Job, now: float, storage: Storage) -> dict[str, Any]:
    """Return the JSON of a video."""
    state = job.state(now)
    video: dict[str, Any] = {
        "id": job.id,
        "status": {"waiting": "pending"}.get(state, state),
        "title": job.details.get("title"),
        "created_at": int(job.created_at),
        "folder_id": job.details.get("folder_id"),
        "video_page_url": f"https://app.heygen.com/videos/{job.id}",
    }
    if state == "completed":
        base = f"/videos/{job.id}"
        video |= {
            "duration": job.details["seconds"],
            "completed_at": int(job.ends_at),
            "video_url": storage.presigned(f"{base}/video.mp4"),
            "captioned_video_url": storage.presigned(f"{base}/captioned/video.mp4"),
            "subtitle_url": storage.presigned(f"{base}/subtitles.srt"),
            "thumbnail_url": storage.presigned(f"{base}/thumbnail.jpg"),
            "gif_url": storage.presigned(f"{base}/preview.gif"),
        }
    if state == "failed":
        video |= {
            "completed_at": int(job.ends_at),
            "failure_code": job.fail_code,
            "failure_message": job.fail_message,
        }
    return video


def _bill(call: Call, body: dict[str, Any]) -> prices.Billed:
    return prices.video(body, partial(find_look, call))


def _create(call: Call) -> dict[str, Any]:
    check(call, call.body)
    details = {"title": call.get_field("title"), "folder_id": call.get_field("folder_id")}
    job = start_video(call, billed=_bill(call, call.body), document=call.body, **details)
    return {
        "video_id": job.id,
        "status": job.state(call.state.now()),
        "output_format": call.get_field("output_format") or "mp4",
    }


def _get(call: Call) -> dict[str, Any]:
    return describe(call.state.find("video", call.ids["video_id"]), call.state.now(), call.storage)


def _list(call: Call) -> JobListing:
    title, folder_id = call.query.get("title", ""), call.query.get("folder_id")

    def matches(job: Job) -> bool:
        is_in_folder = folder_id is None or job.details.get("folder_id") == folder_id
        return is_in_folder and title in (job.details.get("title") or "")

    now, storage = call.state.now(), call.storage
    return JobListing(call.state, "video", lambda job: describe(job, now, storage), matches=matches)


def _delete(call: Call) -> dict[str, Any]:
    job = call.state.find("video", call.ids["video_id"])
    call.state.deleted.add(job.id)
    return {"id": job.id, "deleted": True}


def _statuses(call: Call) -> list[dict[str, Any]]:
    return list_statuses(call, "video", BULK)


def _create_batch(call: Call) -> dict[str, Any]:
    for index, video in enumerate(call.body["videos"]):
        if video.get("folder_id") is not None:
            raise APIErrorResponse.invalid_parameter(
                f"videos[{index}].folder_id", "Set 'folder_id' on the batch, not on its videos."
            )
        check(call, video, f"videos[{index}].")
    billed = [_bill(call, video) for video in call.body["videos"]]
    call.state.check_balance(sum(each.usd for each in billed))
    ids = [
        start_video(
            call, billed=billed[place], title=video.get("title"), queued=place, request=video, document=video
        ).id
        for place, video in enumerate(call.body["videos"])
    ]  # fmt: skip
    return create_batch(call, "video", ids)


def _get_batch(call: Call) -> dict[str, Any]:
    return build_batch_page(call, "video", BULK)


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "VideoCreate": _create,
    "VideoGet": _get,
    "VideoScenesGet": get_scenes,
    "VideoList": _list,
    "VideoDelete": _delete,
    "VideoStatusesList": _statuses,
    "VideoBatchesCreate": _create_batch,
    "VideoBatchesGet": _get_batch,
}
