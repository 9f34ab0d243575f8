"""`explain`: the v3 call that makes the same video as a v2 request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..errors import InvalidInputError
from ..types import videos as v3
from ..types.base import JSONValue
from .types.videos import AudioVoice, AvatarCharacter, ColorBackground, ImageBackground, Scene, TextVoice, VideoRequest

_SHAPES = {16 / 9: "16:9", 9 / 16: "9:16", 1.0: "1:1", 4 / 5: "4:5", 5 / 4: "5:4"}
_SIZES = {720: "720p", 1080: "1080p", 2160: "4k"}


def successor_of(request: VideoRequest | Mapping[str, JSONValue]) -> v3.AvatarVideo | v3.StudioVideo:
    """The same video as a request of `heygen.videos.create`: an `AvatarVideo` for one scene, else a `StudioVideo`.

    Raises:
        InvalidInputError: Something in it has no counterpart in v3; the error names the field.
    """
    given = request if isinstance(request, VideoRequest) else msgspec.convert(request, VideoRequest)
    whole: dict[str, Any] = {"title": given.title, "callback_id": given.callback_id, "callback_url": given.callback_url}
    if given.test:
        raise _no("test", given.test, "v3 has no test mode; the local HeyGen of heygen_async.testing charges nothing")
    if given.folder_id is not None:
        raise _no("folder_id", given.folder_id, "videos.create takes no folder")
    if given.caption:
        if not isinstance(given.caption, bool) and given.caption.style is not None:
            raise _no("caption.style", given.caption.style, "v3 has one style of its own")
        whole["caption"] = v3.Caption(style="default")
    if given.dimension is not None:
        width, height = given.dimension.width, given.dimension.height
        shape, size = _SHAPES.get(width / height), _SIZES.get(min(width, height))
        if shape is None or size is None:
            raise _no("dimension", f"{width} x {height}", "v3 takes an aspect_ratio and a resolution")
        whole |= {"aspect_ratio": shape, "resolution": size}
    if len(given.video_inputs) == 1:
        return v3.AvatarVideo(**_spoken(given.video_inputs[0], "video_inputs[0]", single=True), **whole)
    scenes: list[v3.Scene] = [
        v3.AvatarScene(input=v3.AvatarInput(**_spoken(scene, f"video_inputs[{index}]", single=False)))
        for index, scene in enumerate(given.video_inputs)
    ]
    return v3.StudioVideo(scenes=scenes, **whole)


def explain(request: VideoRequest | Mapping[str, JSONValue]) -> str:
    """The v3 call that makes the same video, as Python: printed, it can be pasted.

    Raises:
        InvalidInputError: Something in it has no counterpart in v3; the error names the field.
    """
    return f"await heygen.videos.create({_code(successor_of(request))})"


def _spoken(scene: Scene, where: str, *, single: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    who = scene.character
    if not isinstance(who, AvatarCharacter):
        what = "a photo is an avatar there: give the look's id as avatar_id" if who else "each scene has somebody in it"
        raise _no(f"{where}.character", type(who).__name__, what)
    fields["avatar_id"] = who.avatar_id
    for name in ("scale", "offset", "circle_background_color"):
        if getattr(who, name) not in {None, 1.0}:
            raise _no(f"{where}.character.{name}", getattr(who, name), "v3 places the avatar itself")
    if who.avatar_style not in {None, "normal"}:
        raise _no(f"{where}.character.avatar_style", who.avatar_style, "v3 has looks in place of styles")
    if who.matting:
        if not single:
            raise _no(f"{where}.character.matting", who.matting, "scenes have no remove_background")
        fields["remove_background"] = True
    fields |= _voiced(scene, where)
    behind = scene.background
    if isinstance(behind, ColorBackground):
        single_color = v3.Background(type="color", value=behind.value)
        fields["background"] = single_color if single else v3.ColorBackground(color=behind.value)
    elif isinstance(behind, ImageBackground) and single and behind.fit is None:
        fields["background"] = v3.Background(type="image", url=behind.url, asset_id=behind.image_asset_id)
    elif behind is not None:
        raise _no(f"{where}.background", type(behind).__name__, "v3 has no such background here")
    return fields


def _voiced(scene: Scene, where: str) -> dict[str, Any]:
    voice = scene.voice
    if isinstance(voice, AudioVoice):
        return {"audio_url": voice.audio_url, "audio_asset_id": voice.audio_asset_id}
    if not isinstance(voice, TextVoice):
        raise _no(f"{where}.voice", "silence", "v3 has still pictures in place of silence")
    if voice.emotion is not None:
        raise _no(f"{where}.voice.emotion", voice.emotion, "v3 takes a motion_prompt in words")
    fields: dict[str, Any] = {"script": voice.input_text, "voice_id": voice.voice_id}
    if not {voice.speed, voice.pitch, voice.locale} <= {None}:
        fields["voice_settings"] = v3.VoiceSettings(speed=voice.speed, pitch=voice.pitch, locale=voice.locale)
    return fields


def _no(field: str, value: object, why: str) -> InvalidInputError:
    return InvalidInputError(field, value, f"nothing, to be the same in v3: {why}")


def _code(value: Any) -> str:
    """A struct as the call that makes it, without what is not set."""
    if isinstance(value, msgspec.Struct):
        fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
        inside = ", ".join(f"{name}={_code(inner)}" for name, inner in fields if inner is not None)
        return f"{type(value).__name__}({inside})"
    if isinstance(value, list):
        several: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return f"[{', '.join(_code(inner) for inner in several)}]"
    return repr(value)
