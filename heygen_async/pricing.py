"""What things cost by HeyGen's published tables, and how long a script takes to be spoken.

Rates are in USD, those of self-serve plans (https://developers.heygen.com/docs/pricing, as of 2026). They may change,
and an account may have others: an estimate says what to expect, `users.me()` what was spent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias, cast

import msgspec

from .types.base import get_field, get_tag

WORDS_A_MINUTE = 150
GUESSED_SECONDS = 60.0  # where nothing tells how long it will be

Sureness: TypeAlias = Literal["exact", "likely", "guess", "unknown"]
_SURENESS: Sequence[Sureness] = ("exact", "likely", "guess", "unknown")

_PAUSE = re.compile(r"<break\s+time=[\"']?([\d.]+)(m?)s[\"']?\s*/?>", re.IGNORECASE)
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)[\s-]*(s|sec|second|m|min|minute)s?\b", re.IGNORECASE)
#: USD a second: up to 1080p, and in 4k.
_AVATAR = (0.0667, 0.0833)
_PHOTO = (0.05, 0.0667)
_OLDER = (0.0167, 0.02)
_OLDER_ENGINE = "avatar_iii"
_CINEMATIC = 7.0  # a video
_AVATAR_MADE = 1.0  # a photo avatar or digital twin
_AGENT = 0.0333
_SPEECH = 0.000667
_SPEED, _PRECISION, _AUDIO_ONLY = 0.0333, 0.0667, 0.0167
#: USD a minute by resolution, up to 30 frames a second and above.
_RENDER = {"1080p": (0.10, 0.20), "4k": (0.15, 0.30)}


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What something will cost, in USD, and how sure that is.

    `exact` is a flat price, `likely` follows from a script or a stated length, `guess` assumes a minute because nothing
    tells the length, `unknown` (with 0 USD) has no published price. `why` says it in words.
    """

    usd: float
    sure: Sureness
    why: str

    def __add__(self, other: Estimate) -> Estimate:
        """Both together: as sure as the less sure one."""
        less_sure = max(self, other, key=lambda one: _SURENESS.index(one.sure))
        return Estimate(usd=self.usd + other.usd, sure=less_sure.sure, why=less_sure.why)


_UNKNOWN = Estimate(usd=0.0, sure="unknown", why="no price is published")
NOTHING = Estimate(usd=0.0, sure="exact", why="nothing")


def speaking_time(script: str) -> float:
    """Seconds that a script takes to be spoken, at 150 words a minute, its `<break time="1s"/>` pauses included."""
    pauses = sum(float(length) / (1000 if unit else 1) for length, unit in _PAUSE.findall(script))
    return len(_PAUSE.sub(" ", script).split()) * 60 / WORDS_A_MINUTE + pauses


def estimate(of: str, request: object) -> Estimate:
    """What one job of the resource `of` will cost, by what is asked for."""
    made = _BY_RESOURCE.get(of)
    return _UNKNOWN if made is None else made(request)


def _video(request: object) -> Estimate:
    if get_tag(request) == "cinematic_avatar":
        return Estimate(usd=_CINEMATIC, sure="exact", why="a flat price")
    large = get_field(request, "resolution") == "4k"
    if get_tag(request) == "studio":
        scenes = cast("Sequence[object]", get_field(request, "scenes") or ())
        return sum((_presented(get_field(scene, "input") or scene, large=large) for scene in scenes), NOTHING)
    return _presented(request, large=large)


def _presented(request: object, *, large: bool) -> Estimate:
    engine = get_tag(get_field(request, "engine"))
    rates = _OLDER if engine == _OLDER_ENGINE else _AVATAR if get_tag(request) == "avatar" else _PHOTO
    return _by_length(rates[large], get_field(request, "script"), get_field(request, "duration"))


def _agent(request: object) -> Estimate:
    said = _LENGTH.search(str(get_field(request, "prompt") or ""))
    seconds = None if said is None else float(said[1]) * (60 if said[2].lower().startswith("m") else 1)
    return _by_length(_AGENT, None, seconds)


def _translation(request: object) -> Estimate:
    precise = get_field(request, "mode") == "precision"
    rate = _AUDIO_ONLY if get_field(request, "translate_audio_only") else _PRECISION if precise else _SPEED
    languages = len(cast("Sequence[object]", get_field(request, "output_languages") or (None,)))
    return _by_length(rate * languages, None, _part(request))


def _lipsync(request: object) -> Estimate:
    return _by_length(_PRECISION if get_field(request, "mode") == "precision" else _SPEED, None, _part(request))


def _render(request: object) -> Estimate:
    rates = _RENDER.get(str(get_field(request, "resolution") or "1080p").lower(), _RENDER["1080p"])
    return _by_length(rates[(get_field(request, "fps") or 30) > 30] / 60, None, None)


def _speech(request: object) -> Estimate:
    return _by_length(_SPEECH, get_field(request, "text"), None)


def _made_avatar(request: object) -> Estimate:
    if get_tag(request) in {"photo", "digital_twin"}:
        return Estimate(usd=_AVATAR_MADE, sure="exact", why="a flat price")
    return _UNKNOWN


def _by_length(rate: float, script: str | None, seconds: float | None) -> Estimate:
    """By the second, for as long as is known."""
    if seconds is not None:
        return Estimate(usd=rate * seconds, sure="likely", why=f"{seconds:g} s are asked for")
    if script:
        spoken = speaking_time(script)
        return Estimate(usd=rate * spoken, sure="likely", why=f"the script takes about {spoken:.0f} s")
    return Estimate(usd=rate * GUESSED_SECONDS, sure="guess", why="its length is not known; a minute is assumed")


def _part(request: object) -> float | None:
    """The length of what is cut out of a source; None when it is the whole of it."""
    end = get_field(request, "end_time")
    return None if end is None else max(0.0, end - (get_field(request, "start_time") or 0.0))


_BY_RESOURCE = {
    "videos": _video,
    "video_agents": _agent,
    "video_translations": _translation,
    "lipsyncs": _lipsync,
    "hyperframes": _render,
    "voices": _speech,
    "avatars": _made_avatar,
}
