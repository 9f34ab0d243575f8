"""The webhook events of ended jobs and batches: their types, and their data as far as HeyGen documents them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .operations import ai_clipping

if TYPE_CHECKING:
    from .jobs import Job, State
    from .storage import Storage

__all__ = ["CALLBACK_ONLY_KINDS", "EVENT_TYPES", "build_batch_event", "build_job_event"]

#: For each kind of job, the prefix of its event types and the field with the job's id.
EVENT_TYPES = {
    "ai_clipping": ("ai_clipping", "id"),
    "filler_word_removal": ("filler_word_removal", "filler_word_removal_id"), "lipsync": ("lipsync", "lipsync_id"),
    "model_video": ("model_video", "video_id"), "podcast": ("podcast", "podcast_id"),
    "proofread": ("proofread_creation", "proofread_id"),
    "render": ("hyperframes_video", "render_id"), "session": ("video_agent", "session_id"),
    "translation": ("video_translate", "video_translate_id"), "video": ("avatar_video", "video_id"),
}  # fmt: skip
#: Kinds of jobs without a documented event type: only the job's own `callback_url` is called.
CALLBACK_ONLY_KINDS = frozenset({"lipsync", "model_video"})
_MESSAGE_FIELDS = {"translation": "message"}  # of a failure; otherwise it is `msg`


def build_job_event(job: Job, callback_id: str | None, state: State, storage: Storage) -> tuple[str, dict[str, Any]]:
    """Return the type and the data of the event for an ended job."""
    prefix, id_field = EVENT_TYPES[job.kind]
    last = state.final_job(job)
    failed = last.state(state.now()) == "failed"
    data: dict[str, Any] = {id_field: job.id, "callback_id": callback_id}
    if job.kind == "ai_clipping":
        data |= ai_clipping.describe(job, state.now(), storage)
    elif failed:
        data[_MESSAGE_FIELDS.get(job.kind, "msg")] = last.fail_message or "It failed."
    elif job.kind == "video":
        data |= _video(job, storage)
    elif job.kind == "translation":
        data["url"] = storage.presigned(f"/translations/{job.id}/video.mp4")
    if job.kind == "translation":
        data["output_language"] = job.details["language"]
    return f"{prefix}.{'fail' if failed else 'success'}", data


def _video(job: Job, storage: Storage) -> dict[str, Any]:
    gif = storage.presigned(f"/videos/{job.id}/preview.gif") if job.details.get("gif", True) else None
    return {
        "url": storage.presigned(f"/videos/{job.id}/video.mp4"),
        "gif_download_url": gif,
        "video_page_url": f"https://app.heygen.com/videos/{job.id}",
        "video_share_page_url": f"https://app.heygen.com/share/{job.id}",
        "folder_id": job.details.get("folder_id"),
    }


def build_batch_event(batch_id: str) -> tuple[str, dict[str, Any]]:
    """Return the type and the data of the event for an ended batch. HeyGen does not document the data."""
    return "batch.finished", {"batch_id": batch_id}
