"""The types of nodes that the emulator's workflows can have. HeyGen's own types are those of the account."""

from __future__ import annotations

from typing import Any

__all__ = ["NODE_TYPES", "find_variant"]


def _port(name: str, type: str, *, required: bool | None = None) -> dict[str, Any]:
    return {"name": name, "type": type, "required": required, "description": f"The {name}."}


def _variant(
    name: str | None, category: str, inputs: list[dict[str, Any]], outputs: list[dict[str, Any]], **settings: bool
) -> dict[str, Any]:
    """Return a variant. `settings` names its settings, and tells which are required."""
    return {
        "variant": name,
        "display_name": (name or category).replace("_", " ").title(),
        "description": f"A node for {category}.",
        "category": category,
        "config_schema": {
            "type": "object",
            "properties": {setting: {"type": "string"} for setting in settings},
            "required": [setting for setting, required in settings.items() if required],
            "additionalProperties": False,
        },
        "input_ports": inputs,
        "output_ports": outputs,
        "contract_version": "1.0.0",
        "lifecycle": "available",
    }


def _family(name: str, *variants: dict[str, Any]) -> dict[str, Any]:
    return {"family": name, "display_name": name.replace("_", " ").title(), "variants": list(variants)}


_SCRIPT, _VIDEO = _port("script", "text", required=True), _port("video", "video", required=True)
NODE_TYPES: list[dict[str, Any]] = [
    _family(
        "script_writer",
        _variant(None, "text", [_port("topic", "text", required=True)], [_port("script", "text")], tone=False),
    ),
    _family(
        "image_generation", _variant(None, "images", [_port("prompt", "text", required=True)], [_port("image", "image")])
    ),
    _family("speech", _variant(None, "audio", [_SCRIPT], [_port("audio", "audio")], voice_id=False)),
    _family(
        "avatar_video",
        _variant("avatar_iv", "video", [_SCRIPT, _port("avatar", "avatar"), _port("background", "image")], [_port("video", "video")]),
        _variant("avatar_v", "video", [_SCRIPT, _port("avatar", "avatar")], [_port("video", "video")]),
    ),
    _family(
        "video_translation", _variant(None, "video", [_VIDEO], [_port("video", "video")], output_language=True)
    ),
    _family("merge", _variant(None, "data", [_port("items", "json", required=True)], [_port("result", "json")])),
]  # fmt: skip


def find_variant(type: str, variant: str | None) -> dict[str, Any] | None:
    """Return the variant of a family; the first one when the node names none."""
    for family in NODE_TYPES:
        if family["family"] == type:
            return next((one for one in family["variants"] if variant in {None, one["variant"]}), None)
    return None
