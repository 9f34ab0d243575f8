"""Checks of requests before they are sent, for documented rules that the API is not expected to relax.

A body is a struct or an equal mapping; `get_field` reads both. The API itself checks everything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from ..errors import InvalidInputError
from ..types.base import fields_of, get_field, get_tag
from ..types.batches import MAX_IDS

_IS_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII).fullmatch
_SPEECH_FIELDS = ("script", "audio_url", "audio_asset_id")


def check_text(field: str, value: object, max_length: int | None = None) -> None:
    """Check that a text is not blank and has at most `max_length` characters."""
    if isinstance(value, str) and value.strip() and len(value) <= (max_length or len(value)):
        return
    length = f"; this one has {len(value):,}" if isinstance(value, str) else ""
    bounds = f" of 1 to {max_length:,} characters" if max_length else " that is not empty"
    raise InvalidInputError(field, value, f"a text{bounds}{length}")


def check_length(field: str, value: Sequence[object] | None, max_length: int, min_length: int = 0) -> None:
    """Check the length of a list; None is not checked."""
    if value is None:
        return
    bounds = f"a list of {min_length} to {max_length}" if min_length else f"a list of at most {max_length}"
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidInputError(field, value, bounds)
    if not min_length <= len(value) <= max_length:
        raise InvalidInputError(field, value, f"{bounds}; this one has {len(value)}")


def check_limit(value: int | None, max_limit: int = 100) -> int | None:
    """Return the size of a page when it is in the API's range."""
    if value is not None and not (isinstance(value, int) and 1 <= value <= max_limit):
        raise InvalidInputError("limit", value, f"an integer from 1 to {max_limit}")
    return value


def check_number(field: str, value: object, minimum: float, maximum: float) -> None:
    """Check that a number is in the API's range; None is not checked."""
    if value is not None and (not isinstance(value, int | float) or not minimum <= value <= maximum):
        raise InvalidInputError(field, value, f"a number from {minimum:g} to {maximum:g}")


def check_video(request: object, path: str = "request") -> None:
    """Check the body of `POST /v3/videos`."""
    check = _VIDEO_CHECKS.get(str(get_tag(request)))
    if check is None:
        raise InvalidInputError(
            f"{path}.type",
            get_tag(request),
            "an AvatarVideo, ImageVideo, CinematicVideo or StudioVideo, or an equal mapping",
        )
    check(request, path)


def check_avatar(request: object) -> None:
    """Check the body of `POST /v3/avatars`."""
    if str(get_tag(request)) not in {"photo", "digital_twin", "prompt"}:
        raise InvalidInputError(
            "request.type", get_tag(request), "a PhotoAvatar, DigitalTwin or PromptAvatar, or an equal mapping"
        )
    if get_tag(request) == "prompt":
        check_text("request.prompt", get_field(request, "prompt"), 1_000)
    check_length("request.reference_images", get_field(request, "reference_images"), 3)


def check_looks(request: object) -> None:
    """Check the body of `POST /v3/avatars/looks`."""
    if str(get_tag(request)) not in {"look_pack", "template"}:
        raise InvalidInputError("request.type", get_tag(request), "a LookPack or LookFromTemplate, or an equal mapping")


def check_translations(requests: Sequence[object]) -> None:
    """Check the bodies of a batch of translations, in which each language is a job."""
    check_length("video_translations", requests, MAX_IDS, min_length=1)
    jobs = sum(len(get_field(request, "output_languages") or ()) for request in requests)
    if jobs > MAX_IDS:
        raise InvalidInputError("video_translations", jobs, f"at most {MAX_IDS} jobs, one for each language of each")


def check_model_video(request: object) -> None:
    """Check the body of `POST /v3/models/videos`, whose kinds differ in `mode`."""
    mode = get_tag(request) if isinstance(request, msgspec.Struct) else get_field(request, "mode")
    if str(mode) not in {"text_to_video", "image_to_video", "reference_to_video"}:
        raise InvalidInputError(
            "request.mode", mode, "a TextToVideo, ImageToVideo or ReferenceToVideo, or an equal mapping"
        )
    check_text("request.prompt", get_field(request, "prompt"))
    check_number("request.duration", get_field(request, "duration"), 5, 15)


def check_model_voice(request: object) -> None:
    """Check the body of `POST /v3/models/audio/voices`, whose kinds differ in `mode`."""
    mode = get_tag(request) if isinstance(request, msgspec.Struct) else get_field(request, "mode")
    if str(mode) not in {"instant", "professional"}:
        raise InvalidInputError("request.mode", mode, "an InstantVoice or a ProfessionalVoice, or an equal mapping")
    is_instant = str(mode) == "instant"
    if is_instant:
        check_text("request.name", get_field(request, "name"))
    check_length("request.audio", get_field(request, "audio") or (), 1 if is_instant else 10, min_length=1)


def check_variable_names(variables: Mapping[str, object]) -> None:
    """Check the names of a template's variables."""
    for name in variables:
        if not _IS_VARIABLE_NAME(name):
            expected = "a name of 1 to 64 letters, digits and _ that does not begin with a digit"
            raise InvalidInputError("variables", name, expected)


def keep_nulls(body: Mapping[str, object]) -> dict[str, object]:
    """Return a body in which None is sent as null; omitted fields are UNSET."""
    return {name: msgspec.Raw(b"null") if value is None else value for name, value in body.items()}


def reject_nulls(body: Mapping[str, object]) -> dict[str, object]:
    """Return a body of changes to fields that are never null; omitted fields are UNSET."""
    for name, value in body.items():
        if value is None:
            raise InvalidInputError(name, value, "a new value, or an empty one to clear it; leave it out to keep it")
    return dict(body)


def _check_speech(request: object, path: str) -> None:
    fields = fields_of(request)
    _check_one_of(fields, path, _SPEECH_FIELDS)
    if (script := fields.get("script")) is not None:
        check_text(f"{path}.script", script)
    expressiveness = fields.get("expressiveness")
    if expressiveness is not None and get_tag(fields.get("engine")) == "avatar_v":
        raise InvalidInputError(f"{path}.expressiveness", expressiveness, "no value with engine avatar_v")
    if get_tag(request) == "image":
        _check_script_voice(request, path)
    voice = fields.get("voice_settings")
    if voice is not None:
        check_number(f"{path}.voice_settings.speed", get_field(voice, "speed"), 0.5, 1.5)
        check_number(f"{path}.voice_settings.pitch", get_field(voice, "pitch"), -50, 50)
        check_number(f"{path}.voice_settings.volume", get_field(voice, "volume"), 0, 1)
    background = fields.get("background")
    if background is not None:
        _check_one_of(fields_of(background), f"{path}.background", ("url", "asset_id"), required=False)


def _check_script_voice(request: object, path: str) -> None:
    """Check that a script has a voice; unlike an avatar, a picture or a clip has no default voice."""
    if get_field(request, "script") and get_field(request, "voice_id") is None:
        raise InvalidInputError(f"{path}.voice_id", None, "a voice for the script, from voices.list")


def _check_cinematic(request: object, path: str) -> None:
    check_length(f"{path}.avatar_id", get_field(request, "avatar_id"), 3, min_length=1)
    check_text(f"{path}.prompt", get_field(request, "prompt"))
    duration = get_field(request, "duration")
    check_number(f"{path}.duration", duration, 4, 15)
    if duration is not None and get_field(request, "auto_duration"):
        raise InvalidInputError(f"{path}.duration", duration, "no value with auto_duration")


def _check_studio(request: object, path: str) -> None:
    scenes = get_field(request, "scenes")
    check_length(f"{path}.scenes", scenes, 50, min_length=1)
    for index, scene in enumerate(scenes or ()):
        scene_path = f"{path}.scenes[{index}]"
        if get_tag(scene) == "avatar_video":
            _check_speech(get_field(scene, "input"), f"{scene_path}.input")
        elif get_tag(scene) == "video":
            _check_one_of(fields_of(scene), scene_path, _SPEECH_FIELDS, required=False)
            _check_script_voice(scene, scene_path)
        elif get_tag(scene) == "image":
            _check_one_of(fields_of(scene), scene_path, (*_SPEECH_FIELDS, "duration"))
            _check_script_voice(scene, scene_path)
            if get_field(scene, "duration") == 0:
                raise InvalidInputError(f"{scene_path}.duration", 0, "a number of seconds above 0, up to 300")
            check_number(f"{scene_path}.duration", get_field(scene, "duration"), 0, 300)


_VIDEO_CHECKS: dict[str, Callable[[object, str], None]] = {
    "avatar": _check_speech,
    "image": _check_speech,
    "cinematic_avatar": _check_cinematic,
    "studio": _check_studio,
}


def _check_one_of(fields: Mapping[str, object], path: str, names: Sequence[str], *, required: bool = True) -> None:
    present = [name for name in names if fields.get(name) is not None]
    if len(present) == 1 or not (present or required):
        return
    raise InvalidInputError(
        f"{path}.{present[1] if present else names[0]}",
        fields[present[1]] if present else None,
        f"{'exactly' if required else 'at most'} one of {', '.join(names)}; got {' and '.join(present) or 'none'}",
    )
