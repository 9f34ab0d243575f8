"""What can never be right, caught before it is sent, in the same words everywhere.

Bodies come as structs or as equal mappings; both are read through `_get`. What only the API can judge is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec

from ..errors import InvalidInputError

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


def text(field: str, value: object, most: int) -> None:
    """A text of 1 to `most` characters."""
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        length = f"; this one has {len(value):,}" if isinstance(value, str) else ""
        raise InvalidInputError(field, value, f"a text of 1 to {most:,} characters{length}")


def at_most(field: str, value: Sequence[object] | None, most: int, least: int = 0) -> None:
    """A list of at most so many."""
    if value is not None and (isinstance(value, str) or not least <= len(value) <= most):
        bounds = f"{least} to {most}" if least else f"at most {most}"
        raise InvalidInputError(field, value, f"a list of {bounds}; this one has {len(value)}")


def limit(value: int | None, most: int = 100) -> int | None:
    """A page's size."""
    if value is not None and not 1 <= value <= most:
        raise InvalidInputError("limit", value, f"a whole number from 1 to {most}")
    return value


def number(field: str, value: object, low: float, high: float) -> None:
    """A number within the API's documented range."""
    if value is not None and (not isinstance(value, int | float) or not low <= value <= high):
        raise InvalidInputError(field, value, f"a number from {low:g} to {high:g}")


def video(request: object, where: str = "request") -> None:
    """The body of `POST /v3/videos`."""
    check = _KINDS.get(str(_kind(request)))
    if check is None:
        raise InvalidInputError(
            f"{where}.type",
            _kind(request),
            "an AvatarVideo, ImageVideo, CinematicVideo or StudioVideo, or an equal mapping",
        )
    check(request, where)


def avatar(request: object) -> None:
    """The body of `POST /v3/avatars`."""
    if str(_kind(request)) not in {"photo", "digital_twin", "prompt"}:
        raise InvalidInputError(
            "request.type", _kind(request), "a PhotoAvatar, DigitalTwin or PromptAvatar, or an equal mapping"
        )
    at_most("request.reference_images", _get(request, "reference_images"), 3)


def with_nulls(body: Mapping[str, object]) -> dict[str, object]:
    """A body in which None is sent as null: what was not given is `UNSET` there."""
    return {name: msgspec.Raw(b"null") if value is None else value for name, value in body.items()}


def _spoken(request: object, where: str) -> None:
    _one_of(request, where, _AUDIO)
    engine = _get(request, "engine")
    if _get(request, "expressiveness") is not None and engine is not None and _kind(engine) == "avatar_v":
        raise InvalidInputError(
            f"{where}.expressiveness", _get(request, "expressiveness"), "nothing with engine avatar_v"
        )
    voice = _get(request, "voice_settings")
    if voice is not None:
        number(f"{where}.voice_settings.speed", _get(voice, "speed"), 0.5, 1.5)
        number(f"{where}.voice_settings.pitch", _get(voice, "pitch"), -50, 50)
        number(f"{where}.voice_settings.volume", _get(voice, "volume"), 0, 1)
    background = _get(request, "background")
    if background is not None:
        _one_of(background, f"{where}.background", ("url", "asset_id"), least=0)


def _cinematic(request: object, where: str) -> None:
    at_most(f"{where}.avatar_id", _get(request, "avatar_id"), 3, least=1)
    text(f"{where}.prompt", _get(request, "prompt"), 10_000)
    duration = _get(request, "duration")
    number(f"{where}.duration", duration, 4, 15)
    if duration is not None and _get(request, "auto_duration"):
        raise InvalidInputError(f"{where}.duration", duration, "nothing with auto_duration")


def _studio(request: object, where: str) -> None:
    scenes = _get(request, "scenes")
    at_most(f"{where}.scenes", scenes, 50, least=1)
    for index, scene in enumerate(scenes or ()):
        place = f"{where}.scenes[{index}]"
        if _kind(scene) == "avatar_video":
            _spoken(_get(scene, "input"), f"{place}.input")
        elif _kind(scene) == "image":
            _one_of(scene, place, (*_AUDIO, "duration"))
            number(f"{place}.duration", _get(scene, "duration"), 0, 300)


_KINDS: dict[str, Callable[[object, str], None]] = {
    "avatar": _spoken,
    "image": _spoken,
    "cinematic_avatar": _cinematic,
    "studio": _studio,
}


def _one_of(request: object, where: str, names: Sequence[str], least: int = 1) -> None:
    there = [name for name in names if _get(request, name) is not None]
    if not least <= len(there) <= 1:
        raise InvalidInputError(
            f"{where}.{there[1] if there else names[0]}",
            _get(request, there[1]) if there else None,
            f"{'exactly' if least else 'at most'} one of {', '.join(names)}; {' and '.join(there) or 'none'} is given",
        )


def _get(thing: object, name: str) -> Any:
    if isinstance(thing, Mapping):
        return cast("Mapping[str, object]", thing).get(name)
    return getattr(thing, name, None)


def _kind(thing: object) -> object:
    """The discriminator, which a struct holds as its tag."""
    if isinstance(thing, msgspec.Struct) and thing.__struct_config__.tag is not None:
        return thing.__struct_config__.tag
    return _get(thing, "type")
