"""What can never be right, caught before it is sent, in the same words everywhere.

Bodies come as structs or as equal mappings; both are read through `field_of`. What only the API can judge is left
to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from ..errors import InvalidInputError
from ..types.base import get_field, get_tag
from ..types.batches import MAX_IDS

_AUDIO = ("script", "audio_url", "audio_asset_id")


def given(request: Mapping[str, object], shape: type) -> dict[str, object]:
    """The keywords of a request, when all that are required are there and none is unknown."""
    known = shape.__annotations__
    for name in request:
        if name not in known:
            raise InvalidInputError(name, request[name], f"one of {', '.join(sorted(known))}")
    for name, kind in known.items():
        if request.get(name) is None and "Required[" in str(kind):  # kept as a string, since annotations are not run
            raise InvalidInputError(name, request.get(name), "a value; it is required")
    return dict(request)


def text(field: str, value: object, most: int | None = None) -> None:
    """A text that says something, in at most so many characters."""
    if not isinstance(value, str) or not value.strip() or len(value) > (most or len(value)):
        length = f"; this one has {len(value):,}" if isinstance(value, str) else ""
        bounds = f" of 1 to {most:,} characters" if most else " that is not empty"
        raise InvalidInputError(field, value, f"a text{bounds}{length}")


def at_most(field: str, value: Sequence[object] | None, most: int, least: int = 0) -> None:
    """A list of at most so many."""
    if value is None:
        return
    bounds = f"a list of {least} to {most}" if least else f"a list of at most {most}"
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidInputError(field, value, bounds)
    if not least <= len(value) <= most:
        raise InvalidInputError(field, value, f"{bounds}; this one has {len(value)}")


def limit(value: int | None, most: int = 100) -> int | None:
    """A page's size."""
    if value is not None and not (isinstance(value, int) and 1 <= value <= most):
        raise InvalidInputError("limit", value, f"a whole number from 1 to {most}")
    return value


def number(field: str, value: object, low: float, high: float) -> None:
    """A number within the API's documented range."""
    if value is not None and (not isinstance(value, int | float) or not low <= value <= high):
        raise InvalidInputError(field, value, f"a number from {low:g} to {high:g}")


def video(request: object, where: str = "request") -> None:
    """The body of `POST /v3/videos`."""
    check = _KINDS.get(str(get_tag(request)))
    if check is None:
        raise InvalidInputError(
            f"{where}.type",
            get_tag(request),
            "an AvatarVideo, ImageVideo, CinematicVideo or StudioVideo, or an equal mapping",
        )
    check(request, where)


def avatar(request: object) -> None:
    """The body of `POST /v3/avatars`."""
    if str(get_tag(request)) not in {"photo", "digital_twin", "prompt"}:
        raise InvalidInputError(
            "request.type", get_tag(request), "a PhotoAvatar, DigitalTwin or PromptAvatar, or an equal mapping"
        )
    if get_tag(request) == "prompt":
        text("request.prompt", get_field(request, "prompt"), 1_000)
    at_most("request.reference_images", get_field(request, "reference_images"), 3)


def translations(batch: Sequence[object]) -> None:
    """The bodies of a batch of translations, each of which is a job for each of its languages."""
    at_most("video_translations", batch, MAX_IDS, least=1)
    jobs = sum(len(get_field(one, "output_languages") or ()) for one in batch)
    if jobs > MAX_IDS:
        raise InvalidInputError("video_translations", jobs, f"at most {MAX_IDS} jobs, one for each language of each")


def model_video(request: object) -> None:
    """The body of `POST /v3/models/videos`, whose kinds are told apart by `mode`."""
    mode = get_tag(request) if isinstance(request, msgspec.Struct) else get_field(request, "mode")
    if str(mode) not in {"text_to_video", "image_to_video", "reference_to_video"}:
        raise InvalidInputError(
            "request.mode", mode, "a TextToVideo, ImageToVideo or ReferenceToVideo, or an equal mapping"
        )
    text("request.prompt", get_field(request, "prompt"))
    number("request.duration", get_field(request, "duration"), 5, 15)


def with_nulls(body: Mapping[str, object]) -> dict[str, object]:
    """A body in which None is sent as null: what was not given is `UNSET` there."""
    return {name: msgspec.Raw(b"null") if value is None else value for name, value in body.items()}


def without_nulls(body: Mapping[str, object]) -> dict[str, object]:
    """A body of changes to what is never null: what was not given is `UNSET` there, what is cleared is empty."""
    for name, value in body.items():
        if value is None:
            raise InvalidInputError(name, value, "a new value, or an empty one to clear it; left out, it stays")
    return dict(body)


def _spoken(request: object, where: str) -> None:
    _one_of(request, where, _AUDIO)
    if get_field(request, "script") is not None:
        text(f"{where}.script", get_field(request, "script"))
    engine = get_field(request, "engine")
    if get_field(request, "expressiveness") is not None and engine is not None and get_tag(engine) == "avatar_v":
        raise InvalidInputError(
            f"{where}.expressiveness", get_field(request, "expressiveness"), "nothing with engine avatar_v"
        )
    _voiced(request, where)
    voice = get_field(request, "voice_settings")
    if voice is not None:
        number(f"{where}.voice_settings.speed", get_field(voice, "speed"), 0.5, 1.5)
        number(f"{where}.voice_settings.pitch", get_field(voice, "pitch"), -50, 50)
        number(f"{where}.voice_settings.volume", get_field(voice, "volume"), 0, 1)
    background = get_field(request, "background")
    if background is not None:
        _one_of(background, f"{where}.background", ("url", "asset_id"), least=0)


def _voiced(request: object, where: str) -> None:
    """A picture has no voice of its own, as an avatar has."""
    if get_tag(request) == "image" and get_field(request, "script") and get_field(request, "voice_id") is None:
        raise InvalidInputError(f"{where}.voice_id", None, "a voice to speak the script, of voices.list")


def _cinematic(request: object, where: str) -> None:
    at_most(f"{where}.avatar_id", get_field(request, "avatar_id"), 3, least=1)
    text(f"{where}.prompt", get_field(request, "prompt"))
    duration = get_field(request, "duration")
    number(f"{where}.duration", duration, 4, 15)
    if duration is not None and get_field(request, "auto_duration"):
        raise InvalidInputError(f"{where}.duration", duration, "nothing with auto_duration")


def _studio(request: object, where: str) -> None:
    scenes = get_field(request, "scenes")
    at_most(f"{where}.scenes", scenes, 50, least=1)
    for index, scene in enumerate(scenes or ()):
        place = f"{where}.scenes[{index}]"
        if get_tag(scene) == "avatar_video":
            _spoken(get_field(scene, "input"), f"{place}.input")
        elif get_tag(scene) == "image":
            _one_of(scene, place, (*_AUDIO, "duration"))
            _voiced(scene, place)
            if get_field(scene, "duration") == 0:
                raise InvalidInputError(f"{place}.duration", 0, "a number of seconds above 0, up to 300")
            number(f"{place}.duration", get_field(scene, "duration"), 0, 300)


_KINDS: dict[str, Callable[[object, str], None]] = {
    "avatar": _spoken,
    "image": _spoken,
    "cinematic_avatar": _cinematic,
    "studio": _studio,
}


def _one_of(request: object, where: str, names: Sequence[str], least: int = 1) -> None:
    there = [name for name in names if get_field(request, name) is not None]
    if not least <= len(there) <= 1:
        raise InvalidInputError(
            f"{where}.{there[1] if there else names[0]}",
            get_field(request, there[1]) if there else None,
            f"{'exactly' if least else 'at most'} one of {', '.join(names)}; {' and '.join(there) or 'none'} is given",
        )
