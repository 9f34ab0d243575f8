"""What HeyGen tells of the end of a job or of a batch: the type of the event, and its data where they are documented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .operations import ai_clipping

if TYPE_CHECKING:
    from .state import Job, State
    from .storage import Storage

__all__ = ["TYPES", "UNLISTED", "of_batch", "of_job"]

#: The event of each kind of job, and the field that names the job in it.
TYPES = {
    "ai_clipping": ("ai_clipping", "id"),
    "filler_word_removal": ("filler_word_removal", "filler_word_removal_id"), "lipsync": ("lipsync", "lipsync_id"),
    "model_video": ("model_video", "video_id"), "podcast": ("podcast", "podcast_id"),
    "proofread": ("proofread_creation", "proofread_id"),
    "render": ("hyperframes_video", "render_id"), "session": ("video_agent", "session_id"),
    "translation": ("video_translate", "video_translate_id"), "video": ("avatar_video", "video_id"),
}  # fmt: skip
#: Jobs that only their own `callback_url` hears of: no type of event is documented for them.
UNLISTED = frozenset({"lipsync", "model_video"})
_REASONS = {"translation": "message"}  # where a failure says why, if not in `msg`


def of_job(job: Job, callback_id: str | None, state: State, storage: Storage) -> tuple[str, dict[str, Any]]:
    """The event of a job's end: its type and its data."""
    prefix, named = TYPES[job.kind]
    last = state.last_of(job)
    failed = last.state(state.now()) == "failed"
    data: dict[str, Any] = {named: job.id, "callback_id": callback_id}
    if job.kind == "ai_clipping":
        data |= ai_clipping.shown(job, state.now(), storage)
    elif failed:
        data[_REASONS.get(job.kind, "msg")] = last.fail_message or "It failed."
    elif job.kind == "video":
        data |= _video(job, storage)
    elif job.kind == "translation":
        data["url"] = storage.presigned(f"/translations/{job.id}/video.mp4")
    if job.kind == "translation":
        data["output_language"] = job.facts["language"]
    return f"{prefix}.{'fail' if failed else 'success'}", data


def _video(job: Job, storage: Storage) -> dict[str, Any]:
    gif = storage.presigned(f"/videos/{job.id}/preview.gif") if job.facts.get("gif", True) else None
    return {
        "url": storage.presigned(f"/videos/{job.id}/video.mp4"),
        "gif_download_url": gif,
        "video_page_url": f"https://app.heygen.com/videos/{job.id}",
        "video_share_page_url": f"https://app.heygen.com/share/{job.id}",
        "folder_id": job.facts.get("folder_id"),
    }


def of_batch(batch_id: str) -> tuple[str, dict[str, Any]]:
    """The event of a batch whose every item ended. Its data are documented nowhere: the id is the least."""
    return "batch.finished", {"batch_id": batch_id}
