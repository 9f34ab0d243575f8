"""Videos, templates and translations of v1 and v2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..api_errors import APIErrorResponse
from ..operations import HANDLERS as V3
from ..operations.call import Call
from ..operations.prices import OWN_VIDEO, agent_video
from ..operations.templates import HANDLERS as TEMPLATES
from ..operations.video_translations import list_languages
from ..operations.videos import describe, start_video
from .handler import Handler, replace_fields, require_fields, require_one_of

__all__ = ["HANDLERS"]


def _check_scene(scene: Any, where: str) -> None:
    require_fields(scene, "voice", where=where)
    character: dict[str, Any] = scene.get("character") or {}
    if character:
        require_one_of(character.get("type"), {"avatar", "talking_photo"}, f"{where}character.type")
        require_fields(character, f"{character['type']}_id", where=f"{where}character.")
    voice: dict[str, Any] = scene["voice"]
    require_one_of(voice.get("type"), {"text", "audio", "silence"}, f"{where}voice.type")
    if voice["type"] == "text":
        require_fields(voice, "voice_id", "input_text", where=f"{where}voice.")
        for name, low, high in (("speed", 0.5, 1.5), ("pitch", -50, 50)):
            if voice.get(name) is not None and not low <= voice[name] <= high:
                raise APIErrorResponse(
                    400, "invalid_parameter", f"{where}voice.{name} must be between {low} and {high}"
                )
    elif voice["type"] == "audio":
        if (voice.get("audio_url") is None) == (voice.get("audio_asset_id") is None):
            raise APIErrorResponse(400, "invalid_parameter", f"{where}voice takes audio_url or audio_asset_id")
    elif not 1 <= float(voice.get("duration") or 1) <= 100:
        raise APIErrorResponse(400, "invalid_parameter", f"{where}voice.duration must be between 1 and 100")
    background: dict[str, Any] = scene.get("background") or {}
    if background:
        require_one_of(background.get("type"), {"color", "image", "video"}, f"{where}background.type")
        wanted = ("value",) if background["type"] == "color" else ("url", f"{background['type']}_asset_id")
        if not any(background.get(name) for name in wanted):
            raise APIErrorResponse(400, "invalid_parameter", f"{where}background needs {' or '.join(wanted)}")


def _check_dimension(size: Any) -> None:
    if size is None:
        return
    require_fields(size, "width", "height", where="dimension.")
    if any(side % 2 or not 128 <= side <= 4096 for side in (size["width"], size["height"])):
        raise APIErrorResponse(400, "invalid_parameter", "dimension must be even numbers from 128 to 4096")


def _generate(call: Call) -> dict[str, Any]:
    require_fields(call.body, "video_inputs")
    for index, scene in enumerate(call.body["video_inputs"]):
        _check_scene(scene, f"video_inputs[{index}].")
    if len(call.body["video_inputs"]) > 50:
        raise APIErrorResponse(400, "invalid_parameter", "video_inputs takes at most 50 scenes")
    _check_dimension(call.get_field("dimension"))
    billed = OWN_VIDEO._replace(usd=0.0) if call.get_field("test") else OWN_VIDEO
    job = start_video(call, billed=billed, title=call.get_field("title"), callback_id=call.get_field("callback_id"))
    return {"video_id": job.id}


def _generate_av4(call: Call) -> dict[str, Any]:
    require_fields(call.body, "image_key", "script", "voice_id")
    if call.get_field("video_orientation") is not None:
        require_one_of(call.get_field("video_orientation"), {"portrait", "landscape", "square"}, "video_orientation")
    return {"video_id": start_video(call, title=call.get_field("video_title")).id}


def _generate_webm(call: Call) -> dict[str, Any]:
    require_fields(call.body, "avatar_pose_id")
    if (call.get_field("input_text") is None) == (call.get_field("input_audio") is None):
        raise APIErrorResponse(400, "invalid_parameter", "input_text with voice_id, or input_audio")
    return {
        "video_id": start_video(
            call,
        ).id
    }


def _generate_agent(call: Call) -> dict[str, Any]:
    require_fields(call.body, "prompt")
    return {"video_id": start_video(call, billed=agent_video(call.body["prompt"]), title=call.body["prompt"][:40]).id}


def _status(call: Call) -> dict[str, Any]:
    id = call.query.get("video_id", "")
    job = call.state.jobs.get(id)
    if job is None or job.kind != "video" or id in call.state.deleted:
        raise APIErrorResponse(404, "not_found", "video not found")
    video = describe(job, call.state.now(), call.storage)
    failed = video["status"] == "failed"
    return {
        "id": job.id, "status": video["status"], "created_at": int(job.created_at), "duration": video.get("duration"),
        "video_url": video.get("video_url"), "video_url_caption": video.get("captioned_video_url"),
        "thumbnail_url": video.get("thumbnail_url"), "gif_url": video.get("gif_url"), "callback_id": job.details.get("callback_id"),
        "error": {"code": 40119, "message": job.fail_message, "detail": job.fail_code} if failed else None,
    }  # fmt: skip


def _list(call: Call) -> dict[str, Any]:
    limit = int(call.query.get("limit", "100"))
    start = int(call.query.get("token") or 0)
    jobs = call.state.jobs_of_kind("video")
    page = [
        {"video_id": job.id, "status": describe(job, call.state.now(), call.storage)["status"], "type": "GENERATED",
         "video_title": job.details.get("title") or "Untitled", "created_at": int(job.created_at)}
        for job in jobs[start : start + limit]
    ]  # fmt: skip
    return {"videos": page, "token": str(start + limit) if start + limit < len(jobs) else None, "total": len(jobs)}


def _delete(call: Call) -> None:
    body: dict[str, Any] = call.body or {}
    id = body.get("video_id") or call.query.get("video_id", "")
    call.state.deleted.add(call.state.find("video", id).id)


def _share(call: Call) -> str:
    require_fields(call.body, "video_id")
    return f"https://app.heygen.com/share/{call.state.find('video', call.body['video_id']).id}"


def _templates(call: Call) -> dict[str, Any]:
    found = TEMPLATES["TemplateList"](call).items
    return {
        "templates": [
            {"template_id": one["id"], "name": one["name"], "thumbnail_image_url": one["thumbnail_url"],
             "aspect_ratio": one["aspect_ratio"]}
            for one in found
        ]
    }  # fmt: skip


def _template(call: Call) -> dict[str, Any]:
    found = TEMPLATES["TemplateGet"](replace_fields(call, ids={"template_id": call.ids["id"]}))
    return {"variables": found["variables"]}


def _from_template(call: Call) -> dict[str, Any]:
    body: dict[str, Any] = {"variables": {}, **(call.body or {})}
    _check_dimension(body.get("dimension"))
    created = TEMPLATES["TemplateGenerate"](replace_fields(call, ids={"template_id": call.ids["id"]}, body=body))
    return {"video_id": created["id"]}


def _translate(call: Call) -> dict[str, Any]:
    require_fields(call.body, "video_url")
    languages = call.get_field("output_languages") or [call.get_field("output_language")]
    if not all(languages):
        raise APIErrorResponse(400, "invalid_parameter", "output_language is required")
    body = {"video": {"type": "url", "url": call.body["video_url"]}, "output_languages": languages, "title": call.get_field("title"),
            "translate_audio_only": call.get_field("translate_audio_only"), "callback_id": call.get_field("callback_id"),
            "callback_url": call.get_field("callback_url")}  # fmt: skip
    ids = V3["VideoTranslateCreate"](replace_fields(call, body=body))["video_translation_ids"]
    return {"video_translate_id": ids[0], "video_translate_ids": ids}


def _translation(call: Call) -> dict[str, Any]:
    job = call.state.find("translation", call.ids["id"])
    state = job.state(call.state.now())
    url = call.storage.presigned(f"/translations/{job.id}/video.mp4") if state == "completed" else None
    return {
        "video_translate_id": job.id, "title": job.details["title"], "url": url,
        "status": {"completed": "success"}.get(state, state),
        "message": job.fail_message if state == "failed" else None, "output_language": job.details["language"],
    }  # fmt: skip


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("POST", "/v2/video/generate"): _generate,
    ("POST", "/v2/video/av4/generate"): _generate_av4,
    ("POST", "/v1/video.webm"): _generate_webm,
    ("POST", "/v1/video_agent/generate"): _generate_agent,
    ("GET", "/v1/video_status.get"): _status,
    ("GET", "/v1/video.list"): _list,
    ("DELETE", "/v1/video.delete"): _delete,
    ("POST", "/v1/video/share"): _share,
    ("GET", "/v2/templates"): _templates,
    ("GET", "/v2/template/{id}"): _template,
    ("GET", "/v2/templates/{id}"): _template,
    ("POST", "/v2/template/{id}/generate"): _from_template,
    ("POST", "/v2/templates/{id}/generate"): _from_template,
    ("POST", "/v2/video_translate"): _translate,
    ("GET", "/v2/video_translate/target_languages"): list_languages,
    ("GET", "/v2/video_translate/{id}"): _translation,
}
