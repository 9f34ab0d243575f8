"""HyperFrames renders of a zip with an HTML composition."""

from __future__ import annotations

import io
import zipfile
from functools import partial
from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from . import prices
from .call import Call, JobListing

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]

_INVALID = "hyperframes_project_invalid"


def _create(call: Call) -> dict[str, Any]:
    call.check_files(call.body, "project")
    _check_zip(call)
    billed = prices.render(call.body)
    call.state.check_balance(billed.usd)
    seconds = call.state.render_seconds
    names = ("title", "callback_id", "fps", "quality", "format", "resolution", "aspect_ratio", "composition")
    job = call.state.create_job(
        "render",
        "render",
        [("queued", seconds * 0.1), ("rendering", seconds * 0.9), ("completed", 0.0)],
        **{name: call.get_field(name) for name in names},
    )
    call.state.charge(billed.usd, call.operation, job.id, call.key)
    return {"render_id": job.id}


def _check_zip(call: Call) -> None:
    """Check that an uploaded project is a zip with the composition. Projects behind a URL are not checked."""
    asset = call.state.assets.get(call.body["project"].get("asset_id", ""))
    if asset is None or asset.get("content") is None:
        return
    wanted = call.get_field("composition") or "index.html"
    try:
        names = zipfile.ZipFile(io.BytesIO(asset["content"])).namelist()
    except zipfile.BadZipFile:
        raise APIErrorResponse(400, _INVALID, "The project is not a zip archive.", param="project") from None
    tops = {name.partition("/")[0] for name in names}
    if wanted not in names and (len(tops) != 1 or f"{tops.pop()}/{wanted}" not in names):
        message = f"The project has no '{wanted}' at its root or in a single top-level directory."
        raise APIErrorResponse(400, _INVALID, message, param="project")


def _describe(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    done = state == "completed"
    defaults = {"quality": "standard", "format": "mp4", "resolution": "1080p", "aspect_ratio": "16:9", "fps": 30}
    return {
        "render_id": job.id,
        "status": state,
        **{name: value or defaults.get(name) for name, value in job.details.items()},
        "duration": prices.SOURCE_SECONDS if done else None,
        "video_url": call.storage.presigned(f"/renders/{job.id}/video.mp4") if done else None,
        "thumbnail_url": call.storage.presigned(f"/renders/{job.id}/thumbnail.jpg") if done else None,
        "created_at": int(job.created_at),
        "completed_at": int(job.ends_at) if done else None,
        "failure_message": job.fail_message if state == "failed" else None,
    }


def _find(call: Call) -> Job:
    return call.state.find("render", call.ids["render_id"])


def _get(call: Call) -> dict[str, Any]:
    return _describe(call, _find(call))


def _list(call: Call) -> JobListing:
    return JobListing(call.state, "render", partial(_describe, call))


def _delete(call: Call) -> dict[str, Any]:
    job = _find(call)
    call.state.deleted.add(job.id)
    return {"render_id": job.id}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "HyperframesRenderCreate": _create,
    "HyperframesRenderGet": _get,
    "HyperframesRenderList": _list,
    "HyperframesRenderDelete": _delete,
}
