"""The scenes of a finished video, as HeyGen's editor holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse

if TYPE_CHECKING:
    from .call import Call

__all__ = ["get_scenes"]


def get_scenes(call: Call) -> dict[str, Any]:
    """Return the scenes of a finished video.

    Raises:
        APIErrorResponse: 404: there is no such video, or it has no scenes; 409: it is not finished.
    """
    job = call.state.find("video", call.ids["video_id"])
    if job.state(call.state.now()) != "completed":
        raise APIErrorResponse(409, "resource_not_ready", f"The video '{job.id}' is not finished yet.")
    request: dict[str, Any] = job.details.get("document") or {"type": "studio", "scenes": [{}]}
    if request["type"] == "cinematic_avatar":
        raise APIErrorResponse.not_found("video", job.id)
    parts = request["scenes"] if request["type"] == "studio" else [request]
    caption: dict[str, Any] = request.get("caption") or {}
    return {
        "video_id": job.id,
        "edit_version": f"edit_{job.id}",
        "video": {
            "title": job.details.get("title"),
            "aspect_ratio": request.get("aspect_ratio"),
            "resolution": request.get("resolution"),
            "brand_glossary_id": request.get("brand_glossary_id"),
            "caption": {"enabled": caption.get("style") is not None},
        },
        "scenes": [_scene(call, f"{job.id}_scene_{index}", part) for index, part in enumerate(parts)],
    }


def _scene(call: Call, id: str, part: dict[str, Any]) -> dict[str, Any]:
    """Return a scene of a request: a studio scene, or the whole request of one avatar or picture."""
    speaker: dict[str, Any] = part.get("input") or part
    return {
        "id": id,
        "background": _background(call, id, speaker.get("background")),
        "elements": _elements(call, id, speaker),
        "script": _script(call, id, speaker),
    }


def _background(call: Call, id: str, background: dict[str, Any] | None) -> dict[str, Any] | None:
    if background is None:
        return None
    if background["type"] == "color":
        return {"type": "color", "color": background.get("color") or background.get("value")}
    return {"type": background["type"], "id": f"{id}_background", "url": _url(call, background)}


def _elements(call: Call, id: str, speaker: dict[str, Any]) -> list[dict[str, Any]]:
    if "avatar_id" in speaker:
        engine: dict[str, Any] = speaker.get("engine") or {}
        details = {name: speaker.get(name) for name in ("avatar_id", "expressiveness", "motion_prompt")}
        return [{"type": "avatar", "id": f"{id}_avatar", "engine": engine.get("type"), **details}]
    if "image" in speaker:
        return [{"type": "image", "id": f"{id}_image", "url": _url(call, speaker["image"])}]
    if "source" in speaker:
        kind: str = speaker["type"]
        element: dict[str, Any] = {"type": kind, "id": f"{id}_{kind}", "url": _url(call, speaker["source"])}
        playback: dict[str, Any] = speaker.get("playback") or {}
        if kind == "video":
            element |= {"playback": playback.get("mode") or "full_video", "volume": playback.get("volume", 1.0)}
        return [element]
    return []


def _script(call: Call, id: str, speaker: dict[str, Any]) -> list[dict[str, Any]]:
    if speaker.get("script") is not None:
        voice = {"voice_id": speaker.get("voice_id"), "voice_settings": speaker.get("voice_settings")}
        return [{"type": "text", "id": f"{id}_script", "text": speaker["script"], **voice}]
    if speaker.get("audio_url") is not None or speaker.get("audio_asset_id") is not None:
        file = {"url": speaker.get("audio_url"), "asset_id": speaker.get("audio_asset_id")}
        return [{"type": "audio", "id": f"{id}_script", "audio_url": _url(call, file)}]
    if speaker.get("duration") is not None:
        return [{"type": "silence", "id": f"{id}_script", "duration": speaker["duration"]}]
    return []


def _url(call: Call, file: dict[str, Any]) -> str:
    """Return the URL of a file that a request gave by its URL, by its asset id or by its content."""
    url: str | None = file.get("url")
    return url or call.storage.static(f"/assets/{file.get('asset_id') or 'inline'}/file")
