"""The price of each job in the ledger: HeyGen's published rates, by the length of the result.

The rates stand in `heygen_async/pricing_rates.json`. For what HeyGen publishes no price, the emulator has one of its
own, so that the balance falls.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "OWN_PRICES",
    "OWN_VIDEO",
    "SOURCE_SECONDS",
    "WORD_SECONDS",
    "Billed",
    "agent_video",
    "avatar",
    "lipsync",
    "render",
    "speaking_seconds",
    "speech",
    "translation",
    "video",
    "video_seconds",
]

#: The emulator's own prices in USD of jobs without a published one.
OWN_PRICES = {
    "AiClippingCreate": 1.0, "AvatarCreate": 1.0, "AvatarLooksCreate": 1.0, "AvatarRealtimeCreate": 0.5,
    "BackgroundRemovalCreate": 0.3, "FillerWordRemovalCreate": 0.3, "ModelImageCreate": 0.1, "ModelSpeechCreate": 0.01, "ModelVideoCreate": 0.5,
    "ModelVoiceCreate": 1.0, "PodcastCreate": 2.0, "VideoQualityComparisonCreate": 0.05, "VoiceCloneCreate": 0.0,
    "WorkflowRunCreate": 0.1,  # for each node
}  # fmt: skip
SOURCE_SECONDS = 60.0  # the length of every file, and of a result whose length the request does not state
WORD_SECONDS = 0.4
_BREAK = re.compile(r"""<break\s+time=["']?(?P<time>[0-9.]+)(?P<milli>m?)s["']?\s*/?>""")
_STATED = re.compile(r"([0-9.]*[0-9])[\s-]*(sec|s\b|min|m\b)", re.IGNORECASE)


class Billed(NamedTuple):
    """The price of a job in USD, and the length of its result in seconds."""

    usd: float
    seconds: float


OWN_VIDEO = Billed(1.0, SOURCE_SECONDS)  # of a template, and of v1 and v2, which count in credits


class _Rate(msgspec.Struct):
    usd: float
    unit: str


@cache
def _rates() -> dict[str, _Rate]:
    return msgspec.json.decode((files("heygen_async") / "pricing_rates.json").read_bytes(), type=dict[str, _Rate])


def _by_length(rate: str, seconds: float) -> Billed:
    known = _rates()[rate]
    return Billed(round(known.usd * seconds / (60 if known.unit == "minute" else 1), 6), round(seconds, 3))


def speaking_seconds(text: str, speed: float | None = None) -> float:
    """Return the seconds that a voice takes to speak a text, with the pauses of its `<break>` tags."""
    pauses = sum(float(tag["time"]) / (1000 if tag["milli"] else 1) for tag in _BREAK.finditer(text))
    return (len(_BREAK.sub(" ", text).split()) * WORD_SECONDS + pauses) / (speed or 1.0)


def video_seconds(body: dict[str, Any]) -> float:
    """Return the length of a video of any type, in seconds."""
    if body["type"] == "cinematic_avatar":
        return body.get("duration") or SOURCE_SECONDS / 6
    if body["type"] == "studio":
        return sum(_presenter_seconds(scene.get("input") or scene) for scene in body["scenes"])
    return _presenter_seconds(body)


def _presenter_seconds(body: dict[str, Any]) -> float:
    """Return the length of a video or scene with one presenter."""
    if body.get("script") is None:
        return body.get("duration") or SOURCE_SECONDS
    voice: dict[str, Any] = body.get("voice_settings") or {}
    return speaking_seconds(body["script"], voice.get("speed"))


def video(body: dict[str, Any], find_look: Callable[[str], dict[str, Any] | None]) -> Billed:
    """Return the price of a video of any type; that of scenes without an avatar is the emulator's own.

    Args:
        body: The request.
        find_look: Returns a look by its id; None for one that does not exist, which costs as most do.
    """
    if body["type"] == "cinematic_avatar":
        return Billed(_rates()["cinematic_video"].usd, video_seconds(body))
    large = body.get("resolution") == "4k"
    if body["type"] != "studio":
        return _presenter(body, find_look, large=large)
    scenes = [_presenter(scene.get("input") or scene, find_look, large=large) for scene in body["scenes"]]
    return Billed(round(sum(scene.usd for scene in scenes), 6), sum(scene.seconds for scene in scenes))


def _presenter(body: dict[str, Any], find_look: Callable[[str], dict[str, Any] | None], *, large: bool) -> Billed:
    look = find_look(body["avatar_id"]) if "avatar_id" in body else {"avatar_type": "photo_avatar"}
    name = "photo_avatar_video" if (look or {}).get("avatar_type") == "photo_avatar" else "avatar_video"
    engine: dict[str, Any] = body.get("engine") or {}
    if engine.get("type") == "avatar_iii":
        name = "avatar_iii_video"
    return _by_length(f"{name}{'_4k' if large else ''}", _presenter_seconds(body))


def agent_video(prompt: str) -> Billed:
    """Return the price of a session's video, by the first length in its prompt."""
    stated = _STATED.search(prompt)
    unit = 60 if stated and stated[2].lower().startswith("m") else 1
    return _by_length("video_agent", float(stated[1]) * unit if stated else SOURCE_SECONDS)


def translation(request: dict[str, Any]) -> Billed:
    """Return the price of a translation into one language."""
    mode = "audio_only" if request.get("translate_audio_only") else request.get("mode") or "speed"
    return _by_length(f"translation_{mode}", _excerpt_seconds(request))


def lipsync(request: dict[str, Any]) -> Billed:
    """Return the price of a lipsync."""
    return _by_length(f"lipsync_{request.get('mode') or 'speed'}", _excerpt_seconds(request))


def render(body: dict[str, Any]) -> Billed:
    """Return the price of a HyperFrames render."""
    rate = 60 if (body.get("fps") or 30) > 30 else 30
    return _by_length(f"render_{body.get('resolution') or '1080p'}_{rate}fps", SOURCE_SECONDS)


def speech(text: str, speed: float | None) -> Billed:
    """Return the price of speech."""
    return _by_length("speech", speaking_seconds(text, speed))


def avatar(kind: str) -> float:
    """Return the price of an avatar in USD."""
    rate = _rates().get({"photo": "photo_avatar"}.get(kind, kind))
    return OWN_PRICES["AvatarCreate"] if rate is None else rate.usd


def _excerpt_seconds(request: dict[str, Any]) -> float:
    """Return the length of the excerpt from the source."""
    start = request.get("start_time") or 0.0
    end = request.get("end_time")
    return max(0.0, (SOURCE_SECONDS if end is None else end) - start)
