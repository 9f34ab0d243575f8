"""`explain` and `convert_to_v3`: the v3 request for the same video as a v2 request."""

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


def convert_to_v3(request: VideoRequest | Mapping[str, JSONValue]) -> v3.AvatarVideo | v3.StudioVideo:
    """Return the request of `videos.create` for the same video: an `AvatarVideo` for one scene, else a `StudioVideo`.

    Args:
        request: The v2 request, as a struct or a mapping.

    Raises:
        InvalidInputError: A field has no counterpart in v3; the error names it.
    """
    request = request if isinstance(request, VideoRequest) else msgspec.convert(request, VideoRequest)
    shared: dict[str, Any] = {
        "title": request.title,
        "callback_id": request.callback_id,
        "callback_url": request.callback_url,
    }
    if request.test:
        raise _unsupported(
            "test", request.test, "v3 has no test mode; the local HeyGen of heygen_async.testing charges nothing"
        )
    if request.folder_id is not None:
        raise _unsupported("folder_id", request.folder_id, "videos.create takes no folder")
    if request.caption:
        if not isinstance(request.caption, bool) and request.caption.style is not None:
            raise _unsupported("caption.style", request.caption.style, "v3 always uses its own style")
        shared["caption"] = v3.Caption(style="default")
    if request.dimension is not None:
        width, height = request.dimension.width, request.dimension.height
        shape, size = _SHAPES.get(width / height), _SIZES.get(min(width, height))
        if shape is None or size is None:
            raise _unsupported("dimension", f"{width} x {height}", "v3 takes an aspect_ratio and a resolution")
        shared |= {"aspect_ratio": shape, "resolution": size}
    if len(request.video_inputs) == 1:
        return v3.AvatarVideo(**_scene_fields(request.video_inputs[0], "video_inputs[0]", single=True), **shared)
    scenes: list[v3.Scene] = [
        v3.AvatarScene(input=v3.AvatarInput(**_scene_fields(scene, f"video_inputs[{index}]", single=False)))
        for index, scene in enumerate(request.video_inputs)
    ]
    return v3.StudioVideo(scenes=scenes, **shared)


def explain(request: VideoRequest | Mapping[str, JSONValue]) -> str:
    """Return the v3 call for the same video as Python code.

    Args:
        request: The v2 request, as a struct or a mapping.

    Raises:
        InvalidInputError: A field has no counterpart in v3; the error names it.
    """
    return f"await heygen.videos.create({_code(convert_to_v3(request))})"


def _scene_fields(scene: Scene, where: str, *, single: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    character = scene.character
    if not isinstance(character, AvatarCharacter):
        reason = (
            "a photo is an avatar; pass the look's id as avatar_id" if character else "each scene needs a character"
        )
        raise _unsupported(f"{where}.character", type(character).__name__, reason)
    fields["avatar_id"] = character.avatar_id
    for name in ("scale", "offset", "circle_background_color"):
        if getattr(character, name) not in {None, 1.0}:
            raise _unsupported(f"{where}.character.{name}", getattr(character, name), "v3 places the avatar itself")
    if character.avatar_style not in {None, "normal"}:
        raise _unsupported(f"{where}.character.avatar_style", character.avatar_style, "v3 has looks in place of styles")
    if character.matting:
        if not single:
            raise _unsupported(f"{where}.character.matting", character.matting, "scenes have no remove_background")
        fields["remove_background"] = True
    fields |= _voice_fields(scene, where)
    background = scene.background
    if isinstance(background, ColorBackground):
        single_color = v3.Background(type="color", value=background.value)
        fields["background"] = single_color if single else v3.ColorBackground(color=background.value)
    elif isinstance(background, ImageBackground) and single and background.fit is None:
        fields["background"] = v3.Background(type="image", url=background.url, asset_id=background.image_asset_id)
    elif background is not None:
        raise _unsupported(f"{where}.background", type(background).__name__, "v3 has no such background here")
    return fields


def _voice_fields(scene: Scene, where: str) -> dict[str, Any]:
    voice = scene.voice
    if isinstance(voice, AudioVoice):
        return {"audio_url": voice.audio_url, "audio_asset_id": voice.audio_asset_id}
    if not isinstance(voice, TextVoice):
        raise _unsupported(f"{where}.voice", "silence", "v3 has still pictures in place of silence")
    if voice.emotion is not None:
        raise _unsupported(f"{where}.voice.emotion", voice.emotion, "v3 takes a motion_prompt in words")
    fields: dict[str, Any] = {"script": voice.input_text, "voice_id": voice.voice_id}
    if not {voice.speed, voice.pitch, voice.locale} <= {None}:
        fields["voice_settings"] = v3.VoiceSettings(speed=voice.speed, pitch=voice.pitch, locale=voice.locale)
    return fields


def _unsupported(field: str, value: object, reason: str) -> InvalidInputError:
    return InvalidInputError(field, value, f"no value, because v3 has no counterpart ({reason})")


def _code(value: Any) -> str:
    """Return the Python code of a value, without the fields of structs that are not set."""
    if isinstance(value, msgspec.Struct):
        fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
        inside = ", ".join(f"{name}={_code(inner)}" for name, inner in fields if inner is not None)
        return f"{type(value).__name__}({inside})"
    if isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return f"[{', '.join(_code(inner) for inner in items)}]"
    return repr(value)
