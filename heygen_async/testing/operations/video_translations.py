"""Video translations and proofreads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from . import prices
from .call import Call, JobListing, build_batch_page, build_job_handlers, create_batch, list_statuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS", "list_languages"]

_MAX_ITEMS = 100
_FILES = ("video", "audio", "srt")
BULK = {"pending": "queued", "running": "processing"}


def _checked(request: dict[str, Any], where: str = "") -> list[str]:
    languages = request["output_languages"]
    if not languages:
        raise APIErrorResponse.invalid_parameter(f"{where}output_languages", "'output_languages' must not be empty.")
    return list(languages)


def _translate(call: Call, request: dict[str, Any], language: str, *, queued: int = 0) -> Job:
    """Start a translation; in a batch it waits for those before it."""
    seconds = call.state.render_seconds
    billed = prices.translation(request)
    turns = queued // max(call.state.concurrency_limit, 1)
    states = [("pending", seconds * (0.1 + turns)), ("running", seconds * 0.9), ("completed", 0.0)]
    job = call.state.create_job(
        "translation", "translation", states, request=request, title=request.get("title"), language=language,
        source=request.get("input_language"), callback_id=request.get("callback_id"),
        audio_only=bool(request.get("translate_audio_only")),
        srt=request.get("edited"), seconds=billed.seconds,
    )  # fmt: skip
    call.state.charge(billed.usd, call.operation, job.id, call.key)
    return job


def _describe(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    translation: dict[str, Any] = {
        "id": job.id,
        "status": state,
        "title": job.details["title"],
        "input_language": job.details["source"] or "English",
        "output_language": job.details["language"],
        "translate_audio_only": job.details["audio_only"],
        "callback_id": job.details["callback_id"],
        "created_at": int(job.created_at),
        "failure_message": job.fail_message if state == "failed" else None,
    }
    if state == "completed":
        base = f"/translations/{job.id}"
        translation |= {
            "duration": job.details["seconds"],
            "audio_url": call.storage.presigned(f"{base}/speech.wav"),
            "video_url": None if job.details["audio_only"] else call.storage.presigned(f"{base}/video.mp4"),
        }
        translation |= {f"{form}_caption_url": _caption_url(call, job, form) for form in ("srt", "vtt")}
    return translation


def _caption_url(call: Call, job: Job, form: str) -> str:
    edited = job.details["srt"]
    path = f"/assets/{edited}" if form == "srt" and edited else f"/translations/{job.id}/subtitles.{form}"
    return call.storage.presigned(path)


def _create(call: Call) -> dict[str, Any]:
    languages = _checked(call.body)
    call.check_files(call.body, *_FILES)
    call.state.reserve_capacity(prices.translation(call.body).usd * len(languages), count=len(languages))
    return {"video_translation_ids": [_translate(call, call.body, language).id for language in languages]}


def list_languages(call: Call) -> dict[str, Any]:
    """Return the languages of translations."""
    return {"languages": list(call.state.catalog["language"])}


def _caption(call: Call) -> dict[str, Any]:
    job = call.state.find("translation", call.ids["video_translation_id"])
    if job.state(call.state.now()) != "completed":
        raise APIErrorResponse(409, "resource_not_ready", "The translation is not finished.")
    return {"caption_url": _caption_url(call, job, call.query["format"])}


def _statuses(call: Call) -> list[dict[str, Any]]:
    return list_statuses(call, "translation", BULK)


def _create_batch(call: Call) -> dict[str, Any]:
    items: list[tuple[dict[str, Any], str]] = []
    for index, request in enumerate(call.body["video_translations"]):
        items += [(request, language) for language in _checked(request, f"video_translations[{index}].")]
        call.check_files(request, *_FILES)
    if len(items) > _MAX_ITEMS:
        raise APIErrorResponse.invalid_parameter(
            "video_translations", f"A batch takes {_MAX_ITEMS} videos times languages at most."
        )
    call.state.check_balance(sum(prices.translation(request).usd for request, _ in items))
    ids = [_translate(call, request, language, queued=n).id for n, (request, language) in enumerate(items)]
    return create_batch(call, "translation", ids)


def _get_batch(call: Call) -> dict[str, Any]:
    return build_batch_page(call, "translation", BULK)


def _proofread(call: Call) -> dict[str, Any]:
    call.check_files(call.body, "video", "srt")
    srt: dict[str, Any] = call.get_field("srt") or {}
    source = srt.get("asset_id")
    states = [("processing", call.state.render_seconds), ("completed", 0.0)]
    ids = [
        call.state.create_job(
            "proofread", "proofread", states, title=call.body["title"], language=language, original_srt=source,
            srt=source,
        ).id
        for language in _checked(call.body)
    ]  # fmt: skip
    return {"proofread_ids": ids, "status": "processing"}


def _describe_proofread(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    return {
        "id": job.id,
        "status": state,
        "title": job.details["title"],
        "input_language": "English",
        "output_language": job.details["language"],
        "submitted_for_review": False,
        "created_at": int(job.created_at),
        "failure_message": job.fail_message if state == "failed" else None,
    }


def _finished(call: Call) -> Job:
    job = call.state.find("proofread", call.ids["proofread_id"])
    if job.state(call.state.now()) != "completed":
        raise APIErrorResponse(409, "resource_not_ready", "The proofread is not finished.")
    return job


def _get_proofread(call: Call) -> dict[str, Any]:
    return _describe_proofread(call, call.state.find("proofread", call.ids["proofread_id"]))


def _list_proofreads(call: Call) -> JobListing:
    return JobListing(call.state, "proofread", partial(_describe_proofread, call))


def _delete_proofread(call: Call) -> dict[str, Any]:
    job = call.state.find("proofread", call.ids["proofread_id"])
    call.state.deleted.add(job.id)
    return {"id": job.id}


def _get_srt(call: Call) -> dict[str, Any]:
    job = _finished(call)
    edited, original = job.details["srt"], job.details["original_srt"]
    path = f"/assets/{edited}" if edited else f"/proofreads/{job.id}/subtitles.srt"
    return {
        "srt_url": call.storage.presigned(path),
        "original_srt_url": call.storage.presigned(f"/assets/{original}") if original else None,
    }


def _put_srt(call: Call) -> dict[str, Any]:
    job = _finished(call)
    call.check_files(call.body, "srt")
    job.details["srt"] = call.body["srt"].get("asset_id")
    return _describe_proofread(call, job)


def _generate(call: Call) -> dict[str, Any]:
    job = _finished(call)
    request = call.body | {
        "title": job.details["title"], "edited": job.details["srt"]
    }  # fmt: skip
    call.state.reserve_capacity(prices.translation(request).usd)
    return {"video_translation_id": _translate(call, request, job.details["language"]).id, "status": "processing"}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    **build_job_handlers("VideoTranslate", "translation", "video_translation_id", _describe),
    "VideoTranslateCreate": _create,
    "VideoTranslateLanguagesList": list_languages,
    "VideoTranslateCaptionGet": _caption,
    "VideoTranslateStatusesList": _statuses,
    "VideoTranslateBatchesCreate": _create_batch,
    "VideoTranslateBatchesGet": _get_batch,
    "VideoTranslateProofreadsCreate": _proofread,
    "VideoTranslateProofreadsList": _list_proofreads,
    "VideoTranslateProofreadsGet": _get_proofread,
    "VideoTranslateProofreadsDelete": _delete_proofread,
    "VideoTranslateProofreadsSrtGet": _get_srt,
    "VideoTranslateProofreadsSrtUpdate": _put_srt,
    "VideoTranslateProofreadsGenerate": _generate,
}
