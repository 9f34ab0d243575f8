"""Estimates of the price of a job by HeyGen's published rates, and of the time that a script takes to speak.

The rates are those of self-serve plans in USD (https://developers.heygen.com/docs/pricing, as of 2026). They may
change, and an account may have other rates. `users.me()` shows the real charges.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias, cast

import msgspec

from .types.base import get_field, get_tag

WORDS_A_MINUTE = 150
ASSUMED_SECONDS = 60.0  # where the request does not state the length

Sureness: TypeAlias = Literal["exact", "likely", "guess", "unknown"]
_SURENESS: Sequence[Sureness] = ("exact", "likely", "guess", "unknown")

_PAUSE = re.compile(r"<break\s+time=[\"']?([\d.]+)(m?)s[\"']?\s*/?>", re.IGNORECASE)
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)[\s-]*(s|sec|second|m|min|minute)s?\b", re.IGNORECASE)
#: USD a second: up to 1080p, and for 4k.
_AVATAR = (0.0667, 0.0833)
_PHOTO = (0.05, 0.0667)
_OLDER = (0.0167, 0.02)
_OLDER_ENGINE = "avatar_iii"
_CINEMATIC = 7.0  # a video
_AVATAR_CREATION = 1.0  # a photo avatar or digital twin
_AGENT = 0.0333
_SPEECH = 0.000667
_SPEED, _PRECISION, _AUDIO_ONLY = 0.0333, 0.0667, 0.0167
#: USD a minute by resolution, up to 30 frames a second and above.
_RENDER = {"1080p": (0.10, 0.20), "4k": (0.15, 0.30)}


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """The estimated price of a job.

    Args:
        usd: The price in USD; 0 if it is unknown.
        sure: `exact`: a flat price. `likely`: a price by a script or a stated length. `guess`: an assumed length of a
            minute. `unknown`: no price is published.
        why: The reason in words.
    """

    usd: float
    sure: Sureness
    why: str

    def __add__(self, other: Estimate) -> Estimate:
        """Return the sum, with the lower certainty of the two."""
        less_sure = max(self, other, key=lambda estimate: _SURENESS.index(estimate.sure))
        return Estimate(usd=self.usd + other.usd, sure=less_sure.sure, why=less_sure.why)


_UNKNOWN = Estimate(usd=0.0, sure="unknown", why="no price is published")
NOTHING = Estimate(usd=0.0, sure="exact", why="nothing")


def speaking_time(script: str) -> float:
    """Return the seconds that a script takes to speak, at 150 words a minute, with `<break time="1s"/>` pauses."""
    pauses = sum(float(length) / (1000 if unit else 1) for length, unit in _PAUSE.findall(script))
    return len(_PAUSE.sub(" ", script).split()) * 60 / WORDS_A_MINUTE + pauses


def estimate(resource: str, request: object) -> Estimate:
    """Return the estimated price of one job.

    Args:
        resource: The name of the resource, such as `videos`.
        request: The request of its `create`, as a struct or a mapping.
    """
    estimate_request = _BY_RESOURCE.get(resource)
    return _UNKNOWN if estimate_request is None else estimate_request(request)


def _video(request: object) -> Estimate:
    if get_tag(request) == "cinematic_avatar":
        return Estimate(usd=_CINEMATIC, sure="exact", why="a flat price")
    large = get_field(request, "resolution") == "4k"
    if get_tag(request) == "studio":
        scenes = cast("Sequence[object]", get_field(request, "scenes") or ())
        return sum((_presenter(get_field(scene, "input") or scene, large=large) for scene in scenes), NOTHING)
    return _presenter(request, large=large)


def _presenter(request: object, *, large: bool) -> Estimate:
    engine = get_tag(get_field(request, "engine"))
    rates = _OLDER if engine == _OLDER_ENGINE else _AVATAR if get_tag(request) == "avatar" else _PHOTO
    return _by_length(rates[large], get_field(request, "script"), get_field(request, "duration"))


def _agent(request: object) -> Estimate:
    length = _LENGTH.search(str(get_field(request, "prompt") or ""))
    seconds = None if length is None else float(length[1]) * (60 if length[2].lower().startswith("m") else 1)
    return _by_length(_AGENT, None, seconds)


def _translation(request: object) -> Estimate:
    precise = get_field(request, "mode") == "precision"
    rate = _AUDIO_ONLY if get_field(request, "translate_audio_only") else _PRECISION if precise else _SPEED
    languages = len(cast("Sequence[object]", get_field(request, "output_languages") or (None,)))
    return _by_length(rate * languages, None, _excerpt_seconds(request))


def _lipsync(request: object) -> Estimate:
    return _by_length(
        _PRECISION if get_field(request, "mode") == "precision" else _SPEED, None, _excerpt_seconds(request)
    )


def _render(request: object) -> Estimate:
    rates = _RENDER.get(str(get_field(request, "resolution") or "1080p").lower(), _RENDER["1080p"])
    return _by_length(rates[(get_field(request, "fps") or 30) > 30] / 60, None, None)


def _speech(request: object) -> Estimate:
    return _by_length(_SPEECH, get_field(request, "text"), None)


def _avatar(request: object) -> Estimate:
    if get_tag(request) in {"photo", "digital_twin"}:
        return Estimate(usd=_AVATAR_CREATION, sure="exact", why="a flat price")
    return _UNKNOWN


def _by_length(rate: float, script: str | None, seconds: float | None) -> Estimate:
    """Return the price of this length, or of the script's speaking time, or of an assumed minute."""
    if seconds is not None:
        return Estimate(usd=rate * seconds, sure="likely", why=f"the request states {seconds:g} s")
    if script:
        speech_seconds = speaking_time(script)
        return Estimate(usd=rate * speech_seconds, sure="likely", why=f"the script takes about {speech_seconds:.0f} s")
    return Estimate(usd=rate * ASSUMED_SECONDS, sure="guess", why="the length is not known; a minute is assumed")


def _excerpt_seconds(request: object) -> float | None:
    """Return the length of the excerpt from the source in seconds; None for the whole source."""
    end = get_field(request, "end_time")
    return None if end is None else max(0.0, end - (get_field(request, "start_time") or 0.0))


_BY_RESOURCE = {
    "videos": _video,
    "video_agents": _agent,
    "video_translations": _translation,
    "lipsyncs": _lipsync,
    "hyperframes": _render,
    "voices": _speech,
    "avatars": _avatar,
}
