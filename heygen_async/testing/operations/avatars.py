"""Avatars: a public library, avatars created from a photo, footage or a prompt, and looks created from templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from ..storage import portrait_path
from . import prices
from .call import Call, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS", "find_look"]

_TYPES = {"photo": "photo_avatar", "prompt": "photo_avatar", "digital_twin": "digital_twin"}


def _public_groups(call: Call) -> list[dict[str, Any]]:
    return [_show_group(call, group) for group in call.state.catalog["avatar_group"].values()]


def _show_group(call: Call, group: dict[str, Any]) -> dict[str, Any]:
    path = portrait_path(group["id"], group["id"], group.get("gender") or "female")
    return group | {
        "preview_image_url": call.storage.static(path),
        "preview_video_url": call.storage.static(f"/avatars/{group['id']}/video.mp4"),
    }


def _public_looks(call: Call) -> list[dict[str, Any]]:
    return [_show_look(call, look) for look in call.state.catalog["avatar"].values()]


def _show_look(call: Call, look: dict[str, Any]) -> dict[str, Any]:
    path = portrait_path(look.get("group_id") or look["id"], look["id"], look.get("gender") or "female")
    return look | {"preview_image_url": call.storage.static(path)}


def _own_groups(call: Call) -> dict[str, list[Job]]:
    """Return the account's avatar groups with their looks, newest first."""
    groups: dict[str, list[Job]] = {}
    for job in call.state.jobs_of_kind("avatar"):
        groups.setdefault(job.details["group"], []).append(job)
    return groups


def _status(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    error = {"code": job.fail_code or "training_failed", "message": job.fail_message or "It failed."}
    return {"status": state, "error": error if state == "failed" else None}


def _describe_group(call: Call, id: str, looks: list[Job]) -> dict[str, Any]:
    first = looks[-1]
    needs_consent = any(job.details["type"] == "digital_twin" for job in looks)
    has_consent = id in call.state.consents
    return {
        "id": id,
        "name": first.details["group_name"],
        "created_at": int(first.created_at),
        "looks_count": len(looks),
        "consent_status": ("approved" if has_consent else "pending") if needs_consent else None,
        "default_voice_id": first.details.get("voice"),
        **_status(call, first),
    }


def _describe_look(call: Call, job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "name": job.details["name"],
        "avatar_type": job.details["type"],
        "group_id": job.details["group"],
        "supported_api_engines": ["avatar_iv", "avatar_v"],
        "tags": [],
        "preferred_orientation": "portrait",
        **_status(call, job),
    }


def _create(call: Call) -> dict[str, Any]:
    body = call.body
    group = call.get_field("avatar_group_id")
    if call.get_field("avatar_id") is not None:
        own = call.state.jobs.get(body["avatar_id"])
        reference = find_look(call, body["avatar_id"]) if own is not None and own.kind == "avatar" else None
        if reference is not None and group not in {None, reference["group_id"]}:
            raise APIErrorResponse.invalid_parameter("avatar_id", "'avatar_id' does not belong to 'avatar_group_id'.")
        group = group or (reference["group_id"] if reference is not None else None)
    price = prices.avatar(body["type"])
    call.state.check_balance(price)
    purpose = "digital_twin" if body["type"] == "digital_twin" else "avatar"
    needs_consent = purpose == "digital_twin" and group not in call.state.consents
    end = "pending_consent" if needs_consent else "completed"
    states = [("processing", call.state.render_seconds), (end, 0.0)]
    group = group or call.state.new_id("avatar_group")
    known = _own_groups(call).get(group)
    job = call.state.create_job(
        "avatar", "look", states, name=body["name"], type=_TYPES[body["type"]], group=group,
        group_name=known[-1].details["group_name"] if known else body["name"],
    )  # fmt: skip
    call.state.charge(price, call.operation, job.id, call.key)
    return {
        "avatar_item": _describe_look(call, job),
        "avatar_group": _describe_group(call, group, _own_groups(call)[group]),
    }


def _get(call: Call) -> dict[str, Any]:
    return _find_group(call, call.ids["group_id"])


def _find_group(call: Call, id: str) -> dict[str, Any]:
    own = _own_groups(call)
    if id in own:
        return _describe_group(call, id, own[id])
    group = call.state.catalog["avatar_group"].get(id)
    if group is None:
        raise APIErrorResponse.not_found("avatar_group", id)
    return _show_group(call, group)


def _list(call: Call) -> Listing:
    wanted = call.query.get("ownership")
    own = [] if wanted == "public" else [_describe_group(call, id, jobs) for id, jobs in _own_groups(call).items()]
    public = [] if wanted == "private" else _public_groups(call)
    return Listing(own + public, "id")


def _own_group(call: Call) -> list[Job]:
    group_id = call.ids["group_id"]
    looks = _own_groups(call).get(group_id)
    if looks is None:
        _find_group(call, group_id)
        raise APIErrorResponse(403, "forbidden", "Public avatars cannot be changed.")
    return looks


def _update(call: Call) -> dict[str, Any]:
    looks = _own_group(call)
    if "default_voice_id" in call.body:
        for job in looks:
            job.details["voice"] = call.body["default_voice_id"]
    return _describe_group(call, call.ids["group_id"], looks)


def _delete(call: Call) -> dict[str, Any]:
    call.state.deleted.update(job.id for job in _own_group(call))
    return {"id": call.ids["group_id"]}


def _consent(call: Call) -> dict[str, Any]:
    group_id = call.ids["group_id"]
    looks = _own_groups(call).get(group_id)
    if looks is None:
        raise APIErrorResponse.not_found("avatar_group", group_id)
    recorded = call.get_field("consent_video") is not None
    for name in ("reroute_url", "consent_text"):
        if recorded and call.get_field(name) is not None:
            raise APIErrorResponse.invalid_parameter(name, f"'{name}' cannot be used with 'consent_video'.")
    if recorded:
        give_consent(call, group_id)
    url = None if recorded else f"https://app.heygen.com/consent/{group_id}"
    return {"avatar_group": _describe_group(call, group_id, looks), "url": url}


def give_consent(call: Call, group_id: str) -> None:
    """Record the consent of the person shown."""
    call.state.consents.add(group_id)
    for job in _own_groups(call)[group_id]:
        job.states = [
            (state, seconds) if state != "pending_consent" else ("completed", seconds) for state, seconds in job.states
        ]


def find_look(call: Call, id: str) -> dict[str, Any] | None:
    """Return a look by its id; None if it is unknown."""
    job = call.state.jobs.get(id)
    if job is not None and job.kind == "avatar" and id not in call.state.deleted:
        return _describe_look(call, job)
    look = call.state.catalog["avatar"].get(id)
    return None if look is None else _show_look(call, look)


def _get_look(call: Call) -> dict[str, Any]:
    look = find_look(call, call.ids["look_id"])
    if look is None:
        raise APIErrorResponse.not_found("avatar", call.ids["look_id"])
    return look


def _list_looks(call: Call) -> Listing:
    own = [] if call.query.get("ownership") == "public" else call.state.jobs_of_kind("avatar")
    public = [] if call.query.get("ownership") == "private" else _public_looks(call)
    wanted = {name: call.query[name] for name in ("group_id", "avatar_type") if name in call.query}
    looks = [_describe_look(call, job) for job in own] + public
    return Listing([look for look in looks if all(look[name] == value for name, value in wanted.items())], "id")


def _look_templates() -> list[dict[str, Any]]:
    """Return the templates for new looks: look packs and single templates."""
    return [
        {
            "id": f"{kind}_{n}",
            "type": kind,
            "name": f"{name} {n}",
            "gender": "female" if n % 2 == 0 else "male",
            "looks_count": count,
            "preview_image_url": None,
        }
        for kind, name, count in (("look_pack", "Pack", 4), ("template", "Template", 2))
        for n in range(6)
    ]


def _list_look_templates(call: Call) -> Listing:
    wanted = {name: call.query[name] for name in ("type", "gender") if name in call.query}
    templates = _look_templates()
    return Listing([one for one in templates if all(one[name] == value for name, value in wanted.items())], "id")


def _create_looks(call: Call) -> dict[str, Any]:
    body, id = call.body, call.body["template_id"]
    template = next((one for one in _look_templates() if one["id"] == id), None)
    if template is None:
        raise APIErrorResponse.not_found("look_template", id)
    if template["type"] != body["type"]:
        raise APIErrorResponse.invalid_parameter("template_id", f"'{id}' is not of type '{body['type']}'.")
    reference = _own_look(call, body["reference_look_id"])
    count = template["looks_count"]
    price = prices.OWN_PRICES[call.operation]
    call.state.check_balance(price * count)
    looks = [
        call.state.create_job(
            "avatar", "look", [("processing", call.state.render_seconds), ("completed", 0.0)],
            name=f"{template['name']}, look {n + 1}", type=reference.details["type"], group=reference.details["group"],
            group_name=reference.details["group_name"],
        )
        for n in range(count)
    ]  # fmt: skip
    for job in looks:
        call.state.charge(price, call.operation, job.id, call.key)
    return {"group_id": reference.details["group"], "looks": [{"id": job.id} for job in looks]}


def _own_look(call: Call, look_id: str) -> Job:
    if look_id not in call.state.jobs and find_look(call, look_id) is not None:
        raise APIErrorResponse(403, "forbidden", "Public looks cannot be changed.")
    return call.state.find("avatar", look_id)


def _update_look(call: Call) -> dict[str, Any]:
    job = _own_look(call, call.ids["look_id"])
    if call.get_field("name") is not None:
        job.details["name"] = call.get_field("name")
    return _describe_look(call, job)


def _delete_look(call: Call) -> dict[str, Any]:
    job = _own_look(call, call.ids["look_id"])
    call.state.deleted.add(job.id)
    return {"id": job.id}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "AvatarCreate": _create,
    "AvatarGet": _get,
    "AvatarList": _list,
    "AvatarUpdate": _update,
    "AvatarDelete": _delete,
    "AvatarConsentCreate": _consent,
    "AvatarLookTemplatesList": _list_look_templates,
    "AvatarLooksCreate": _create_looks,
    "AvatarLooksGet": _get_look,
    "AvatarLooksList": _list_looks,
    "AvatarLooksUpdate": _update_look,
    "AvatarLooksDelete": _delete_look,
}
