"""Avatars, voices, photo avatars and files of v1 and v2."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from ..api_errors import APIErrorResponse
from ..operations import HANDLERS as V3
from ..operations.assets import detect_media_type
from ..operations.call import Call
from .handler import Handler, replace_fields, require_fields, require_one_of

__all__ = ["HANDLERS"]

_ENUMS = {
    "age": {"Young Adult", "Early Middle Age", "Late Middle Age", "Senior", "Unspecified"},
    "gender": {"Woman", "Man", "Unspecified"},
    "ethnicity": {
        "White", "Black", "Asian American", "East Asian", "South East Asian", "South Asian", "Middle Eastern",
        "Pacific", "Hispanic", "Unspecified",
    },
    "orientation": {"square", "horizontal", "vertical"},
    "pose": {"half_body", "close_up", "full_body"},
    "style": {"Realistic", "Pixar", "Cinematic", "Vintage", "Noir", "Cyberpunk", "Unspecified"},
}  # fmt: skip


def _pictures(call: Call, id: str) -> dict[str, str]:
    return {
        "preview_image_url": call.storage.static(f"/avatars/{id}/thumbnail.jpg"),
        "preview_video_url": call.storage.static(f"/avatars/{id}/video.mp4"),
    }


def looks(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = list(V3["AvatarLooksList"](replace_fields(call, query={})).items)
    return [look for look in found if look["avatar_type"] == "studio_avatar"]


def _groups(call: Call) -> list[dict[str, Any]]:
    return list(V3["AvatarList"](replace_fields(call, query={})).items)


def _avatars(call: Call) -> dict[str, Any]:
    return {
        "avatars": [
            {"avatar_id": look["id"], "avatar_name": look["name"], "gender": look["gender"], "premium": False,
             "type": None, "tags": None, "default_voice_id": look["default_voice_id"], **_pictures(call, look["id"])}
            for look in looks(call)
        ],
        "talking_photos": [
            {"talking_photo_id": job.id, "talking_photo_name": job.details["name"],
             "preview_image_url": call.storage.static(f"/avatars/{job.id}/thumbnail.jpg")}
            for job in call.state.jobs_of_kind("avatar")
        ],
    }  # fmt: skip


def _details(call: Call) -> dict[str, Any]:
    for look in looks(call):
        if look["id"] == call.ids["id"]:
            return {
                "type": "avatar", "id": look["id"], "name": look["name"], "gender": look["gender"], "premium": False,
                "is_public": True, "default_voice_id": look["default_voice_id"], "tags": ["AVATAR_IV"],
                **_pictures(call, look["id"]),
            }  # fmt: skip
    raise APIErrorResponse(404, "avatar_not_found", "avatar not found")


def _avatar_groups(call: Call) -> dict[str, Any]:
    public = call.query.get("include_public") == "true"
    groups = [
        {"id": group["id"], "name": group["name"], "created_at": group["created_at"], "num_looks": group["looks_count"],
         "preview_image": group.get("preview_image_url"), "group_type": "PUBLIC" if "gender" in group else "PRIVATE",
         "train_status": "ready" if "gender" in group else "empty", "default_voice_id": group.get("default_voice_id")}
        for group in _groups(call)
        if public or "gender" not in group
    ]  # fmt: skip
    return {"total_count": len(groups), "avatar_group_list": groups}


def _in_group(call: Call) -> dict[str, Any]:
    own = [job for job in call.state.jobs_of_kind("avatar") if job.details["group"] == call.ids["id"]]
    if own:
        return {"avatar_list": [_describe_photo(call, job) for job in own]}
    public = [look for look in looks(call) if look["group_id"] == call.ids["id"]]
    if not public:
        raise APIErrorResponse(404, "not_found", "avatar group not found")
    return {
        "avatar_list": [
            {"id": look["id"], "name": look["name"], "group_id": look["group_id"], "status": "completed",
             "image_url": _pictures(call, look["id"])["preview_image_url"], "default_voice_id": look["default_voice_id"]}
            for look in public
        ]
    }  # fmt: skip


def voices(call: Call) -> dict[str, Any]:
    return {
        "voices": [
            {"voice_id": voice["voice_id"], "language": voice["language"], "gender": voice["gender"],
             "name": voice["name"], "support_pause": voice["support_pause"], "emotion_support": False,
             "support_locale": voice["support_locale"], "support_interactive_avatar": True,
             "preview_audio": call.storage.static(f"/voices/{voice['voice_id']}/speech.wav")}
            for voice in call.state.catalog["voice"].values()
        ]
    }  # fmt: skip


def _describe_photo(call: Call, job: Any) -> dict[str, Any]:
    state = job.state(call.state.now())
    return {
        "id": job.id, "group_id": job.details["group"], "name": job.details["name"], "created_at": job.created_at,
        "image_url": call.storage.static(f"/avatars/{job.id}/thumbnail.jpg"), "is_motion": False,
        "status": {"processing": "pending"}.get(state, state), "business_type": "uploaded", "motion_preview_url": None,
        "upscale_availability": {"available": True, "reason": None}, "upscaled": False, "background_sound_effect": None,
    }  # fmt: skip


def _new_photo(call: Call, name: str, group: str | None) -> Any:
    job = call.state.create_job(
        "avatar", "look", [("processing", call.state.render_seconds), ("completed", 0.0)], name=name,
        type="photo_avatar", group=group, group_name=name,
    )  # fmt: skip
    job.details["group"] = group or job.id
    return job


def _create_group(call: Call) -> dict[str, Any]:
    require_fields(call.body, "name", "image_key")
    return _describe_photo(call, _new_photo(call, call.body["name"], None))


def _add_photos(call: Call) -> dict[str, Any]:
    require_fields(call.body, "group_id", "image_keys", "name")
    if len(call.body["image_keys"]) > 4:
        raise APIErrorResponse(400, "invalid_parameter", "image_keys takes at most 4")
    photos = [_new_photo(call, call.body["name"], call.body["group_id"]) for _ in call.body["image_keys"]]
    return {"photo_avatar_list": [_describe_photo(call, job) for job in photos]}


def _train(call: Call) -> dict[str, Any]:
    require_fields(call.body, "group_id")
    states = [("training", call.state.render_seconds), ("ready", 0.0)]
    job = call.state.create_job("training", "training", states)
    call.state.jobs[f"training of {call.body['group_id']}"] = job
    return {"flow_id": job.id}


def _training(call: Call) -> dict[str, Any]:
    job = call.state.jobs.get(f"training of {call.ids['id']}")
    state = "empty" if job is None else job.state(call.state.now())
    return {
        "status": state, "error_msg": job.fail_message if job else None, "updated_at": None,
        "created_at": None if job is None else int(job.created_at),
    }  # fmt: skip


def _generate_photos(call: Call) -> dict[str, Any]:
    require_fields(call.body, "name", "appearance", *_ENUMS)
    for name, allowed in _ENUMS.items():
        require_one_of(call.body[name], allowed, name)
    return {"generation_id": _generation(call)}


def _generate_looks(call: Call) -> dict[str, Any]:
    require_fields(call.body, "group_id", "prompt", "orientation", "pose", "style")
    return {"generation_id": _generation(call)}


def _generation(call: Call) -> str:
    states = [("in_progress", call.state.render_seconds), ("success", 0.0)]
    return call.state.create_job("generation", "generation", states).id


def _describe_generation(call: Call) -> dict[str, Any]:
    job = call.state.find("generation", call.ids["id"])
    state = job.state(call.state.now())
    keys = [f"photo_generation/{job.id}/image{n}.jpg" for n in range(1, 5)] if state == "success" else None
    urls = [call.storage.static(f"/{key}") for key in keys] if keys else None
    return {"id": job.id, "status": state, "msg": job.fail_message, "image_url_list": urls, "image_key_list": keys}


def _photo(call: Call) -> dict[str, Any]:
    return _describe_photo(call, call.state.find("avatar", call.ids["id"]))


def _delete_photo(call: Call) -> None:
    call.state.deleted.add(call.state.find("avatar", call.ids["id"]).id)


def _delete_group(call: Call) -> None:
    own = [job for job in call.state.jobs_of_kind("avatar") if job.details["group"] == call.ids["id"]]
    if not own:
        raise APIErrorResponse(404, "not_found", "photo avatar group not found")
    call.state.deleted.update(job.id for job in own)


def _changed(field: str) -> Handler:
    def change(call: Call) -> dict[str, Any]:
        require_fields(call.body, "id")
        call.state.find("avatar", call.body["id"])
        return {field: call.state.new_id(field) if field != "id" else call.body["id"]}

    return change


def _asset(call: Call) -> dict[str, Any]:
    kind = call.request.headers.get("Content-Type", "").partition(";")[0]
    media_type = detect_media_type(call.raw, "")
    if (
        media_type is None
        or kind.partition("/")[0] not in {"image", "video", "audio"}
        or media_type.partition("/")[0] != kind.partition("/")[0]
    ):
        raise APIErrorResponse(400, "400128", f"The body is no {kind or 'file'}.")
    job = call.state.create_job("asset", "asset", [("completed", 0.0)])
    call.state.assets[job.id] = {
        "name": job.id, "content_type": media_type, "content": call.raw, "usable": True, "size_bytes": len(call.raw),
        "sha256": hashlib.sha256(call.raw).hexdigest(), "uploaded_at": int(call.state.now()),
    }  # fmt: skip
    extension = media_type.rpartition("/")[2]
    return {
        "id": job.id, "name": job.id, "file_type": media_type.partition("/")[0], "folder_id": "", "meta": None,
        "url": call.storage.static(f"/assets/{job.id}/original.{extension}"), "created_ts": int(call.state.now()),
        "image_key": f"image/{job.id}/original.{extension}" if media_type.startswith("image/") else None,
    }  # fmt: skip


def _talking_photo(call: Call) -> dict[str, Any]:
    asset = _asset(call)
    job = _new_photo(call, "talking photo", None)
    return {"talking_photo_id": job.id, "talking_photo_url": asset["url"]}


def _talking_photos(call: Call) -> list[dict[str, Any]]:
    return [
        {"id": job.id, "image_url": call.storage.static(f"/avatars/{job.id}/thumbnail.jpg"), "circle_image": ""}
        for job in call.state.jobs_of_kind("avatar")
    ]


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("GET", "/v2/avatars"): _avatars,
    ("GET", "/v2/avatar/{id}/details"): _details,
    ("GET", "/v2/avatar_group.list"): _avatar_groups,
    ("GET", "/v2/avatar_group/{id}/avatars"): _in_group,
    ("GET", "/v2/voices"): voices,
    ("POST", "/v2/photo_avatar/photo/generate"): _generate_photos,
    ("POST", "/v2/photo_avatar/look/generate"): _generate_looks,
    ("GET", "/v2/photo_avatar/generation/{id}"): _describe_generation,
    ("POST", "/v2/photo_avatar/avatar_group/create"): _create_group,
    ("POST", "/v2/photo_avatar/avatar_group/add"): _add_photos,
    ("POST", "/v2/photo_avatar/train"): _train,
    ("GET", "/v2/photo_avatar/train/status/{id}"): _training,
    ("POST", "/v2/photo_avatar/add_motion"): _changed("id"),
    ("POST", "/v2/photo_avatar/add_sound_effect"): _changed("sound_effect_id"),
    ("POST", "/v2/photo_avatar/upscale"): _changed("id"),
    ("GET", "/v2/photo_avatar/{id}"): _photo,
    ("DELETE", "/v2/photo_avatar/{id}"): _delete_photo,
    ("DELETE", "/v2/photo_avatar_group/{id}"): _delete_group,
    ("POST", "/v1/asset"): _asset,
    ("POST", "/v1/talking_photo"): _talking_photo,
    ("GET", "/v1/talking_photo.list"): _talking_photos,
    ("DELETE", "/v2/talking_photo/{id}"): _delete_photo,
    ("GET", "/v1/audio/voices"): voices,
}
