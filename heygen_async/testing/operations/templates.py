"""Templates, and videos from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .. import limits
from ..api_errors import APIErrorResponse
from .call import Call, Listing
from .videos import describe, start_video

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HANDLERS", "find_template", "show_template", "templates"]

_REQUIRED_FIELDS = {
    "text": ("content",),
    "image": ("url", "asset_id"),
    "video": ("url", "asset_id"),
    "audio": ("url", "asset_id"),
    "character": ("character_id",),
    "voice": ("voice_id",),
}


def templates(call: Call) -> dict[str, dict[str, Any]]:
    """Return the account's templates by id."""
    return {id: one for id, one in call.state.templates.items() if id not in call.state.deleted}


def find_template(call: Call) -> dict[str, Any]:
    """Return the template in the path of a request.

    Raises:
        APIErrorResponse: 404: there is no such template.
    """
    found = templates(call).get(call.ids["template_id"])
    if found is None:
        raise APIErrorResponse.not_found("template", call.ids["template_id"])
    return found


def show_template(call: Call, template: dict[str, Any]) -> dict[str, Any]:
    """Return a template as its own response has it."""
    scene_ids = [scene["scene_id"] for scene in template["scenes"]]
    return template | {"scene_ids": scene_ids} | _summary(call, template)


def _summary(call: Call, template: dict[str, Any]) -> dict[str, Any]:
    fields = ("id", "name", "aspect_ratio", "created_at", "updated_at")
    thumbnail = call.storage.static(f"/templates/{template['id']}/thumbnail.jpg")
    return {name: template[name] for name in fields} | {"thumbnail_url": thumbnail}


def _list(call: Call) -> Listing:
    listed = [one for one in templates(call).values() if one["variables"] or "composition" not in one]
    return Listing([_summary(call, template) for template in listed], "id", 10)


def _get(call: Call) -> dict[str, Any]:
    return show_template(call, find_template(call))


def _generate(call: Call) -> dict[str, Any]:
    template = _get(call)
    for name, value in call.body["variables"].items():
        _check_variable(template["variables"], name, value)
    if call.get_field("fps") not in {None, 25, 30, 60}:
        raise APIErrorResponse.invalid_parameter("fps", "'fps' must be one of: 25, 30, 60.")
    is_bare = call.state.catalog.is_bare("template", template["id"])
    _check_size(call.get_field("dimension") or {}, None if is_bare else template["aspect_ratio"])
    for index, scene_id in enumerate(() if is_bare else call.get_field("scene_ids") or ()):
        if scene_id not in template["scene_ids"]:
            raise APIErrorResponse.invalid_parameter(f"scene_ids[{index}]", f"The template has no scene '{scene_id}'.")
    details = {"title": call.get_field("title") or template["name"], "folder_id": call.get_field("folder_id")}
    job = start_video(call, **details, gif=bool(call.get_field("include_gif")))
    return describe(job, call.state.now(), call.storage)


def _check_size(size: dict[str, int], shape: str | None) -> None:
    for side, pixels in size.items():
        if pixels % 2 or not 128 <= pixels <= 4096:
            raise APIErrorResponse.invalid_parameter(
                f"dimension.{side}", f"'{side}' must be an even number from 128 to 4096."
            )
    if size and shape is not None and (size["width"] > size["height"]) != (shape == "landscape"):
        raise APIErrorResponse.invalid_parameter("dimension", f"'dimension' must be {shape}, as in the template.")


def _check_variable(variables: dict[str, Any], name: str, variable: Any) -> None:
    where = f"variables.{name}"
    if name not in variables:
        return
    kind = variables[name]["type"]
    fields = cast("dict[str, Any]", variable) if isinstance(variable, dict) else {}
    if fields.get("type") != kind or not isinstance(fields.get("properties"), dict):
        raise APIErrorResponse.invalid_parameter(
            where, f"'{where}' must be an object of type '{kind}' with properties."
        )
    properties: dict[str, Any] = fields["properties"]
    if not any(properties.get(field) for field in _REQUIRED_FIELDS[kind]):
        raise APIErrorResponse.invalid_parameter(
            f"{where}.properties", f"One of {', '.join(_REQUIRED_FIELDS[kind])} is required."
        )
    limits.check("TemplateGenerate", "url", properties.get("url"), f"{where}.properties.url")


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "TemplateList": _list,
    "TemplateGet": _get,
    "TemplateGenerate": _generate,
}
