"""Rules for the fields of a video's request that its schema does not express."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from ..file_checks import describe_file
from .avatars import find_look

if TYPE_CHECKING:
    from collections.abc import Callable

    from .call import Call

__all__ = ["check"]

_AUDIO = ("script", "audio_url", "audio_asset_id")
_MAX_STILL_SECONDS = 300.0
#: The maximum number of files of each kind in a cinematic video; looks count as images.
_MAX_REFERENCES = {"video": 3, "image": 9}


def check(call: Call, body: dict[str, Any], where: str = "") -> None:
    """Check the request of a video; `where` is its path in a batch.

    Raises:
        APIErrorResponse: 400: fields contradict each other.
    """
    _CHECKS[body["type"]](call, body, where)


def _avatar(call: Call, body: dict[str, Any], where: str) -> None:
    _one_of(body, _AUDIO, where)
    _check_background(body, where)
    if any(body.get(name) is not None for name in ("engine", "expressiveness", "motion_prompt")):
        _check_look(call, body, where)


def _image(_: Call, body: dict[str, Any], where: str) -> None:
    _one_of(body, _AUDIO, where)
    _need_voice(body, where)
    _check_background(body, where)


def _check_background(body: dict[str, Any], where: str) -> None:
    background: dict[str, Any] | None = body.get("background")
    if background is None:
        return
    if body.get("output_format") == "webm":
        raise APIErrorResponse.invalid_parameter(
            f"{where}background", "'background' cannot be used with output_format 'webm'."
        )
    if background["type"] != "color":
        _one_of(background, ("url", "asset_id"), f"{where}background.", minimum=0)
    elif background.get("value") is None and background.get("color") is None:
        raise APIErrorResponse.invalid_parameter(
            f"{where}background.value", "'value' is required when type is 'color'."
        )


def _check_look(call: Call, body: dict[str, Any], where: str) -> None:
    """Check that the engine and the look support the request, unless only the look's id is known."""
    chosen: dict[str, Any] = body.get("engine") or {}
    engine = chosen.get("type", "avatar_iv")
    expressive, moves = body.get("expressiveness") is not None, body.get("motion_prompt") is not None
    if expressive and engine == "avatar_v":
        raise APIErrorResponse.invalid_parameter(
            f"{where}expressiveness", "'expressiveness' is not supported by engine 'avatar_v'."
        )
    look = find_look(call, body["avatar_id"])
    if look is None or call.state.catalog.is_bare("avatar", look["id"]):
        return
    if engine not in look["supported_api_engines"]:
        raise APIErrorResponse.invalid_parameter(
            f"{where}engine.type", f"The look '{look['id']}' does not support '{engine}'."
        )
    if look["avatar_type"] == "photo_avatar":
        return
    if expressive:
        raise APIErrorResponse.invalid_parameter(
            f"{where}expressiveness", "'expressiveness' is for photo avatars only."
        )
    if moves and engine == "avatar_iv":
        raise APIErrorResponse.invalid_parameter(
            f"{where}motion_prompt", "A video avatar takes 'motion_prompt' by 'avatar_v' only."
        )


def _cinematic(call: Call, body: dict[str, Any], where: str) -> None:
    if not 1 <= len(body["avatar_id"]) <= 3:
        raise APIErrorResponse.invalid_parameter(f"{where}avatar_id", "'avatar_id' takes 1 to 3 looks.")
    if body.get("duration") is not None and body.get("auto_duration"):
        raise APIErrorResponse.invalid_parameter(f"{where}duration", "'duration' cannot be used with 'auto_duration'.")
    if body.get("duration") is not None and not 4 <= body["duration"] <= 15:
        raise APIErrorResponse.invalid_parameter(f"{where}duration", "'duration' must be between 4 and 15.")
    kinds = [describe_file(call.state, file).kind for file in body.get("references") or ()]
    kinds += ["image" for id in body["avatar_id"] if (find_look(call, id) or {}).get("avatar_type") == "photo_avatar"]
    for kind, maximum in _MAX_REFERENCES.items():
        if kinds.count(kind) > maximum:
            raise APIErrorResponse.invalid_parameter(f"{where}references", f"At most {maximum} {kind}s can be used.")


def _studio(call: Call, body: dict[str, Any], where: str) -> None:
    for index, scene in enumerate(body["scenes"]):
        place = f"{where}scenes[{index}]."
        if scene["type"] == "avatar_video":
            check(call, scene["input"], f"{place}input.")
        elif scene["type"] == "image":
            _still(scene, place)
        else:
            _clip(scene, place)


def _still(scene: dict[str, Any], where: str) -> None:
    _one_of(scene, (*_AUDIO, "duration"), where)
    _need_voice(scene, where)
    if scene.get("duration") is not None and not 0 < scene["duration"] <= _MAX_STILL_SECONDS:
        raise APIErrorResponse.invalid_parameter(
            f"{where}duration", "'duration' must be more than 0 and at most 300 seconds."
        )


def _clip(scene: dict[str, Any], where: str) -> None:
    _one_of(scene, _AUDIO, where, minimum=0)
    _need_voice(scene, where)
    playback: dict[str, Any] = scene.get("playback") or {}
    if playback.get("mode") is not None and not any(scene.get(name) is not None for name in _AUDIO):
        raise APIErrorResponse.invalid_parameter(
            f"{where}playback.mode", "'playback.mode' needs a narration: script, audio_url or audio_asset_id."
        )


def _need_voice(body: dict[str, Any], where: str) -> None:
    if body.get("script") is not None and body.get("voice_id") is None:
        raise APIErrorResponse.invalid_parameter(f"{where}voice_id", "'voice_id' is required with 'script'.")


def _one_of(body: dict[str, Any], names: tuple[str, ...], where: str, minimum: int = 1) -> None:
    there = [name for name in names if body.get(name) is not None]
    if not minimum <= len(there) <= 1:
        param = there[1] if there else names[0]
        wanted = "Exactly one of {} is required." if minimum else "At most one of {} can be given."
        raise APIErrorResponse.invalid_parameter(f"{where}{param}", wanted.format(", ".join(names)))


_CHECKS: dict[str, Callable[[Call, dict[str, Any], str], None]] = {
    "avatar": _avatar,
    "image": _image,
    "cinematic_avatar": _cinematic,
    "studio": _studio,
}
