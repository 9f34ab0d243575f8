"""Ids in requests: one that exists neither in the account nor by an earlier request is refused, with a hint for the test.

A new field that names a resource is one entry of `_FIELDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from itertools import chain
from typing import TYPE_CHECKING, Any

from .api_errors import APIErrorResponse
from .known_ids import OPTIONS
from .limits import find_entry
from .request_fields import walk

if TYPE_CHECKING:
    from .jobs import State

__all__ = ["check"]

#: The kinds of resources whose id a field takes, in bodies and in paths. The refusal names the first; none means any id.
#: A key is the name of a field, or the operation and the name.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "asset_id": ("asset",),
    "audio_asset_id": ("asset",),
    "avatar_group_id": ("avatar_group",),
    "avatar_id": ("avatar",),
    "avatar_pose_id": ("avatar",),
    "brand_glossary_id": ("brand_glossary",),
    "brand_kit_id": ("brand_kit",),
    "brand_voice_id": ("brand_glossary",),
    "character_id": ("avatar",),
    "default_voice_id": ("voice", "model_voice"),
    "folder_id": ("folder",),
    "group_id": ("avatar_group",),
    "guest_avatar_id": ("avatar",),
    "guest_voice_id": ("voice", "model_voice"),
    "host_avatar_id": ("avatar",),
    "host_voice_id": ("voice", "model_voice"),
    "image_asset_id": ("asset",),
    "input_language": ("language", "language_code"),
    "look_id": ("avatar",),
    "output_language": ("language",),
    "output_languages": ("language",),
    "parent_id": ("folder",),
    "preferred_stock_voice_ids": ("voice",),
    "reference_look_id": ("avatar",),
    "style_id": ("style",),
    "talking_photo_id": ("avatar",),
    "template_id": ("template",),
    "video_asset_id": ("asset",),
    "voice_id": ("voice", "model_voice"),
    "AvatarLooksCreate.reference_look_id": (),  # its handler takes looks of the account only
    "AvatarLooksCreate.template_id": (),  # a template of looks
    "AiClippingCreate.input_language": ("language_code",),
    "ModelSpeechCreate.language": ("language_code",),
    "ModelSpeechStream.language": ("language_code",),
    "ModelVoiceCreate.language": ("language_code",),
    "ModelVoiceCreate.voice_id": ("model_voice",),
    "ModelVoiceDelete.voice_id": ("model_voice",),
    "ModelVoiceGet.voice_id": ("model_voice",),
    "VideoTranslateProofreadsCreate.output_languages": ("language", "language_code"),
    "VoiceCloneCreate.language": ("language_code",),
    "VoiceSpeechCreate.language": ("language_code",),
}
_LANGUAGES = frozenset({"language", "language_code"})
_MAX_SHOWN = 100  # characters of an id in a hint


def check(state: State, operation: str, ids: Mapping[str, str], body: Any, *, status: int = 404) -> None:
    """Check the ids in a path and a body. A lenient emulator adds those that do not exist.

    Args:
        state: The emulator's state.
        operation: The operation.
        ids: The ids in the path.
        body: The decoded JSON body; None if there is none.
        status: The status for an id that does not exist; v2 has 400.

    Raises:
        APIErrorResponse: An id does not exist; for a language, the status is 400.
    """
    found = ((name, id, None) for name, id in ids.items())
    for name, id, where in chain(found, walk(body)):
        kinds = find_entry(_FIELDS, operation, name)
        if kinds and isinstance(id, str) and not any(state.exists(kind, id) for kind in kinds):
            _refuse(state, kinds[0], id, where, status)


def _refuse(state: State, kind: str, id: str, where: str | None, status: int) -> None:
    """Raise the error for an id that does not exist; a lenient emulator adds it instead."""
    if state.catalog.is_lenient and id not in state.deleted:
        state.add(kind, id)
        return
    hint = None if id in state.deleted else _build_hint(state, kind, id)
    if kind in _LANGUAGES:
        raise APIErrorResponse(400, "invalid_parameter", f"'{id}' is not a supported language.", param=where, hint=hint)
    error = APIErrorResponse.not_found(kind, id, param=where, hint=hint)
    error.status = status
    raise error


def _build_hint(state: State, kind: str, id: str) -> str:
    """Return how to make an id known, in ASCII."""
    shown = ascii(id[:_MAX_SHOWN])
    noun = kind.replace("_", " ")
    nearest = get_close_matches(id[:_MAX_SHOWN], state.catalog[kind], n=1)
    start = f"The emulator has no {noun} {shown}."
    if nearest:
        start += f" Did you mean {nearest[0]!a}?"
    option = OPTIONS.get(kind)
    if option is None:
        return f"{start} Create it in the test, or use lenient=True, which accepts any id."
    return (
        f"{start} Make it known: HeyGenEmulator({option}=[{shown}]) or @pytest.mark.heygen({option}=[{shown}]); "
        f"api.{'add_' + kind if kind in _METHODS else 'add'}({shown if kind in _METHODS else f'{kind!r}, {shown}'}); "
        f"heygen_{option} in pytest's settings; --{option.replace('_', '-')} of python -m heygen_async.testing; or "
        "HeyGenEmulator.from_account() with what the list commands of heygen-async print. lenient=True accepts any id."
    )


_METHODS = frozenset({"avatar", "template", "voice"})
