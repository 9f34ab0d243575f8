"""Translations, and the proofreading before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from .call import Call, batch_page, begin_batch, statuses, titled

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..state import Job

__all__ = ["HANDLERS"]

PRICE = 0.5  # USD a language
PROOFREAD_SECONDS = 40.0
_MAX_ITEMS = 100
_FILES = ("video", "audio", "srt")
BULK = {"pending": "queued", "running": "processing"}
LANGUAGES = (
    "English", "Spanish (Spain)", "Spanish (Mexico)", "German (Germany)", "French (France)", "Italian (Italy)",
    "Japanese (Japan)", "Portuguese (Brazil)", "Hindi (India)", "Chinese (Cantonese, Traditional)",
)  # fmt: skip


def _checked(request: dict[str, Any], where: str = "") -> list[str]:
    languages = request["output_languages"]
    if not languages:
        raise APIErrorResponse.invalid_parameter(f"{where}output_languages", "'output_languages' must not be empty.")
    return list(languages)


def _translate(call: Call, request: dict[str, Any], language: str, *, queued: int = 0) -> Job:
    """Begin one; in a batch it waits for its turn, behind so many others."""
    seconds = call.state.render_seconds
    turns = queued // max(call.state.concurrency_limit, 1)
    states = [("pending", seconds * (0.1 + turns)), ("running", seconds * 0.9), ("completed", 0.0)]
    job = call.state.create_job(
        "translation", "translation", states, asked=request, title=request.get("title"), language=language,
        source=request.get("input_language"), callback_id=request.get("callback_id"),
        captions=bool(request.get("enable_caption")), audio_only=bool(request.get("translate_audio_only")),
        srt=request.get("edited"),
    )  # fmt: skip
    call.state.charge(PRICE, call.operation, job.id, call.key)
    return job


def _shown(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    shown: dict[str, Any] = {
        "id": job.id,
        "status": state,
        "title": job.facts["title"],
        "input_language": job.facts["source"] or "English",
        "output_language": job.facts["language"],
        "translate_audio_only": job.facts["audio_only"],
        "callback_id": job.facts["callback_id"],
        "created_at": int(job.made),
        "failure_message": job.fail_message if state == "failed" else None,
    }
    if state == "completed":
        base = f"/translations/{job.id}"
        shown |= {
            "duration": 1.0,
            "audio_url": call.storage.presigned(f"{base}/speech.wav"),
            "video_url": None if job.facts["audio_only"] else call.storage.presigned(f"{base}/video.mp4"),
        }
        if job.facts["captions"]:
            shown |= {f"{form}_caption_url": _caption_url(call, job, form) for form in ("srt", "vtt")}
    return shown


def _caption_url(call: Call, job: Job, form: str) -> str:
    edited = job.facts["srt"]
    path = f"/assets/{edited}" if form == "srt" and edited else f"/translations/{job.id}/subtitles.{form}"
    return call.storage.presigned(path)


def _create(call: Call) -> dict[str, Any]:
    languages = _checked(call.body)
    call.check_files(call.body, *_FILES)
    call.state.take_slots(PRICE * len(languages), count=len(languages))
    return {"video_translation_ids": [_translate(call, call.body, language).id for language in languages]}


def _languages(_: Call) -> dict[str, Any]:
    return {"languages": list(LANGUAGES)}


def _caption(call: Call) -> dict[str, Any]:
    job = call.state.find("translation", call.ids["video_translation_id"])
    if job.state(call.state.now()) != "completed":
        raise APIErrorResponse(409, "resource_not_ready", "The translation is not finished.")
    if not job.facts["captions"]:
        raise APIErrorResponse(404, "resource_not_found", "The translation was made without enable_caption.")
    return {"caption_url": _caption_url(call, job, call.query["format"])}


def _statuses(call: Call) -> list[dict[str, Any]]:
    return statuses(call, "translation", BULK)


def _create_batch(call: Call) -> dict[str, Any]:
    items: list[tuple[dict[str, Any], str]] = []
    for index, request in enumerate(call.body["video_translations"]):
        items += [(request, language) for language in _checked(request, f"video_translations[{index}].")]
        call.check_files(request, *_FILES)
    if len(items) > _MAX_ITEMS:
        raise APIErrorResponse.invalid_parameter(
            "video_translations", f"A batch takes {_MAX_ITEMS} videos times languages at most."
        )
    call.state.check_balance(PRICE * len(items))
    ids = [_translate(call, request, language, queued=n).id for n, (request, language) in enumerate(items)]
    return begin_batch(call, "translation", ids)


def _get_batch(call: Call) -> dict[str, Any]:
    return batch_page(call, "translation", BULK)


def _proofread(call: Call) -> dict[str, Any]:
    call.check_files(call.body, "video", "srt")
    srt: dict[str, Any] = call.given("srt") or {}
    given = srt.get("asset_id")
    ids = [
        call.state.create_job(
            "proofread", "proofread", [("processing", PROOFREAD_SECONDS), ("completed", 0.0)], title=call.body["title"],
            language=language, given=given, srt=given,
        ).id
        for language in _checked(call.body)
    ]  # fmt: skip
    return {"proofread_ids": ids, "status": "processing"}


def _proofread_shown(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    return {
        "id": job.id,
        "status": state,
        "title": job.facts["title"],
        "input_language": "English",
        "output_language": job.facts["language"],
        "submitted_for_review": False,
        "created_at": int(job.made),
        "failure_message": job.fail_message if state == "failed" else None,
    }


def _finished(call: Call) -> Job:
    job = call.state.find("proofread", call.ids["proofread_id"])
    if job.state(call.state.now()) != "completed":
        raise APIErrorResponse(409, "resource_not_ready", "The proofread is not finished.")
    return job


def _get_proofread(call: Call) -> dict[str, Any]:
    return _proofread_shown(call, call.state.find("proofread", call.ids["proofread_id"]))


def _get_srt(call: Call) -> dict[str, Any]:
    job = _finished(call)
    edited, given = job.facts["srt"], job.facts["given"]
    path = f"/assets/{edited}" if edited else f"/proofreads/{job.id}/subtitles.srt"
    return {
        "srt_url": call.storage.presigned(path),
        "original_srt_url": call.storage.presigned(f"/assets/{given}") if given else None,
    }


def _put_srt(call: Call) -> dict[str, Any]:
    job = _finished(call)
    call.check_files(call.body, "srt")
    job.facts["srt"] = call.body["srt"].get("asset_id")
    return _proofread_shown(call, job)


def _generate(call: Call) -> dict[str, Any]:
    job = _finished(call)
    call.state.take_slots(PRICE)
    request = call.body | {
        "title": job.facts["title"], "enable_caption": call.given("captions"), "edited": job.facts["srt"]
    }  # fmt: skip
    return {"video_translation_id": _translate(call, request, job.facts["language"]).id, "status": "processing"}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    **titled("VideoTranslate", "translation", "video_translation_id", _shown),
    "VideoTranslateCreate": _create,
    "VideoTranslateLanguagesList": _languages,
    "VideoTranslateCaptionGet": _caption,
    "VideoTranslateStatusesList": _statuses,
    "VideoTranslateBatchesCreate": _create_batch,
    "VideoTranslateBatchesGet": _get_batch,
    "VideoTranslateProofreadsCreate": _proofread,
    "VideoTranslateProofreadsGet": _get_proofread,
    "VideoTranslateProofreadsSrtGet": _get_srt,
    "VideoTranslateProofreadsSrtUpdate": _put_srt,
    "VideoTranslateProofreadsGenerate": _generate,
}
