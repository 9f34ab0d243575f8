"""Templates of the account: created from a video, renamed, deleted, and given variables.

The composition of a new template is that of the samples without their variables.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from ..sample_template import COMPOSITION
from .call import Call
from .templates import find_template, show_template

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HANDLERS"]

_TYPES = ("text", "image", "video", "audio", "character", "voice")
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_TEXT = "Acme"  # in place of each placeholder of the samples


def _create(call: Call) -> dict[str, Any]:
    video = call.state.find("video", call.body["video_id"])
    if any(charge.id == video.id and " /v" in charge.operation for charge in call.state.ledger):
        raise APIErrorResponse(
            400, "template_source_unsupported", "A video of v1 or v2 cannot become a template.", param="video_id"
        )
    id, now = call.state.new_id("template"), int(call.state.now())
    template: dict[str, Any] = {
        "id": id,
        "name": call.get_field("name") or video.details.get("title") or "Untitled",
        "aspect_ratio": "landscape",
        "created_at": now,
        "source_video_id": video.id,
    }
    _replace_variables(call, template, {})
    older = dict(call.state.templates)
    call.state.templates.clear()
    call.state.templates.update({id: template} | older)  # newest first
    return show_template(call, template)


def _update(call: Call) -> dict[str, Any]:
    template = find_template(call)
    template |= {"name": call.body["name"], "updated_at": int(call.state.now())}
    return show_template(call, template)


def _delete(call: Call) -> dict[str, Any]:
    template = find_template(call)
    call.state.deleted.add(template["id"])
    return {"id": template["id"], "deleted": True}


def _update_variables(call: Call) -> dict[str, Any]:
    template = find_template(call)
    expected = call.get_field("expected_edit_version")
    if expected not in {None, template["edit_version"]}:
        raise APIErrorResponse(409, "stale_edit_version", "The template was edited after this edit_version.")
    _replace_variables(call, template, call.body["variables"])
    return show_template(call, template)


def _replace_variables(call: Call, template: dict[str, Any], variables: dict[str, Any]) -> None:
    """Replace all variables of a template.

    Raises:
        APIErrorResponse: 400: a variable has no type, no text of the template, or no element that takes its type.
    """
    composition = _without_variables()
    nodes = list(_nodes(composition))
    bound = {name: _bind(nodes, name, variable) for name, variable in variables.items()}
    for node in nodes:
        node["text_variables"] = _PLACEHOLDER.findall(node.get("text") or "")
    template |= {
        "variables": bound,
        "composition": composition,
        "scenes": [_show_scene(scene, bound) for scene in composition["scenes"]],
        "edit_version": call.state.new_id("edit"),
        "updated_at": int(call.state.now()),
    }


def _without_variables() -> dict[str, Any]:
    composition = copy.deepcopy(COMPOSITION)
    for node in _nodes(composition):
        node.pop("variable", None)
        if "text" in node:
            node["text"] = _PLACEHOLDER.sub(_TEXT, node["text"])
    return composition


def _nodes(composition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every node to which a variable may be bound."""
    pending: list[dict[str, Any]] = [*composition["background_audio"]]
    for scene in composition["scenes"]:
        pending += [scene["background"], *scene["elements"], *scene["script"]]
    while pending:
        node = pending.pop(0)
        pending += node.get("children", [])
        yield node


def _bind(nodes: list[dict[str, Any]], name: str, variable: dict[str, Any]) -> dict[str, Any]:
    """Bind one variable to its nodes, and return it with its default value."""
    where, kind = f"variables.{name}", variable.get("type")
    if kind not in _TYPES:
        raise APIErrorResponse.invalid_parameter(f"{where}.type", f"'type' must be one of: {', '.join(_TYPES)}.")
    if kind == "text":
        match = str(variable.get("match") or "")
        texts = [node for node in nodes if match and match in node.get("text", "")]
        if not texts:
            raise APIErrorResponse.invalid_parameter(f"{where}.match", "'match' must be a text of the template.")
        for node in texts:
            node["text"] = node["text"].replace(match, f"{{{{{name}}}}}")
        return {"name": name, "type": kind, "properties": {"content": match}}
    elements = [node for node in nodes if node.get("id") == variable.get("element_id")]
    if not elements or kind not in elements[0].get("bindable_as", ()):
        message = f"'element_id' must be an element of the template that is bindable as {kind}."
        raise APIErrorResponse.invalid_parameter(f"{where}.element_id", message)
    elements[0]["variable"] = name
    return {"name": name, "type": kind, "properties": {}}


def _show_scene(scene: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
    """Return a scene in its deprecated form; the first one has the variables."""
    is_first = scene["id"] == COMPOSITION["scenes"][0]["id"]
    shown = [{"name": name, "variable_type": variable["type"]} for name, variable in variables.items()]
    script = " ".join(part["text"] for part in scene["script"])
    return {"scene_id": scene["id"], "script": script, "variables": shown if is_first else []}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "TemplateCreate": _create,
    "TemplateUpdate": _update,
    "TemplateDelete": _delete,
    "TemplateVariablesUpdate": _update_variables,
}
