"""Estimates of the price of a job by HeyGen's published rates, and of the time that a script takes to speak.

```python
from collections.abc import Iterable

from heygen_async.pricing import NOTHING, estimate
from heygen_async.types.videos import AvatarVideo


def total_price(scripts: Iterable[str]) -> str:
    requests = [AvatarVideo(avatar_id="avatar_1", script=script) for script in scripts]
    total = sum((estimate("videos", request) for request in requests), NOTHING)
    return f"{total} ({total.sure})"  # total.usd, total.unknown_jobs
```

`estimate("videos", AvatarVideo(avatar_id="…", script="…"))` returns an `Estimate` before anything is paid. It says
how sure it is:

| `sure` | `usd` |
|---|---|
| `exact` | a flat price, or a rate for a length that is known |
| `likely` | a rate for the speaking time of a script, or for a length that the request asks for |
| `unknown` | None, or the known part: HeyGen publishes no rate, or the length is not known before |

An unknown price is never counted as zero: a sum has the number of jobs without a price in `unknown_jobs`. Where only
the length is not known, as with a recording, `usd_per_second` is the rate, and `estimate(…, seconds=90)` takes the
length.

The rates are those of self-serve plans in USD. `rates()` returns them, each with its page and the month in which it
stood there. They may change, and an account may have other rates. `heygen.spent` adds up what the creates of a client
cost by these rates; `users.me()` shows the real charges.

**Budgets.** The budget of a batch and that of tools follow one rule. A job of unknown length counts with the price of a
minute, and may cost more. State the length to have it counted, as in the prompt `A 30-second tour`. A job whose rate is
not published counts as over the budget. With `allow_unpriced=True` tools run it, and do not count it.

The local HeyGen charges by the same rates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, TypeAlias, cast

import msgspec

from .types.base import fields_of, get_field, get_tag

#: The seconds for which a budget counts a job of unknown length.
ASSUMED_SECONDS = 60.0
#: The speed at which a script is spoken, for estimates.
WORDS_A_MINUTE = 150

Sureness: TypeAlias = Literal["exact", "likely", "unknown"]
#: The unit of a rate. A second or a minute is one of the result.
Unit: TypeAlias = Literal["second", "minute", "video", "call"]
_SURENESS: Sequence[Sureness] = ("exact", "likely", "unknown")

_PAUSE = re.compile(r"<break\s+time=[\"']?([\d.]+)(m?)s[\"']?\s*/?>", re.IGNORECASE)
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)[\s-]*(s|sec|second|m|min|minute)s?\b", re.IGNORECASE)
#: The end of a rate's name for each resolution of a video.
_SUFFIXES: Mapping[str | None, str] = {None: "", "720p": "", "1080p": "", "4k": "_4k"}
_NO_RATE = "HeyGen publishes no price"


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A published price.

    Args:
        usd: The price of one unit in USD.
        unit: `second` or `minute` of the result, `video` or `call`.
        page: The URL of the page that states it.
        date: The month in which it stood there, such as `2026-09`.
    """

    usd: float
    unit: Unit
    page: str
    date: str

    @property
    def usd_per_second(self) -> float:
        """The price of one second of the result in USD."""
        return self.usd / 60 if self.unit == "minute" else self.usd


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """The estimated price of a job, or the sum of several.

    `str(estimate)` is a text such as `about 1.33 USD plus 2 jobs of unknown price`.

    Args:
        usd: The known part of the price in USD; None if no part is known.
        sure: `exact`, `likely` or `unknown`, see `heygen_async.pricing`; that of the least sure part.
        why: The reason in words.
        usd_per_second: The price of a second of the result in USD; None for a flat price, for parts with different
            rates, and if HeyGen publishes no rate.
        unknown_jobs: The number of jobs whose price is not known, or known in part.
        assumed_usd: The price of a minute for each job of unknown length, in USD; None if the rate of a job is not
            published.
    """

    usd: float | None
    sure: Sureness
    why: str
    usd_per_second: float | None = None
    unknown_jobs: int = 0
    assumed_usd: float | None = 0.0

    @property
    def counted_usd(self) -> float | None:
        """The price that a budget counts, in USD: jobs of unknown length take a minute each. None without a rate."""
        return None if self.assumed_usd is None else (self.usd or 0.0) + self.assumed_usd

    def __add__(self, other: Estimate) -> Estimate:
        """Return the sum, with the lower certainty of the two."""
        return total((self, other))

    def __str__(self) -> str:
        parts: list[str] = []
        if self.usd is not None:
            parts.append(f"{'' if self.sure == 'exact' else 'about '}{format_usd(self.usd)}")
        if self.unknown_jobs:
            parts.append(f"{self.unknown_jobs} job{'s' if self.unknown_jobs > 1 else ''} of unknown price")
        return " plus ".join(parts)


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """The price of a client's creates by the published rates.

    `str(spent)` is a text such as `12.40 USD plus 2 creates of unknown price`.

    Args:
        usd: The known part in USD.
        creates: The number of successful requests for something that costs credit.
        unknown_creates: The number of those whose price is not known, or known in part.
    """

    usd: float = 0.0
    creates: int = 0
    unknown_creates: int = 0

    def __str__(self) -> str:
        count = self.unknown_creates
        unknown = f" plus {count} create{'s' if count > 1 else ''} of unknown price" if count else ""
        return f"{format_usd(self.usd)}{unknown}"


#: The start of a sum of estimates.
NOTHING = Estimate(usd=0.0, sure="exact", why="nothing")


def total(estimates: Sequence[Estimate]) -> Estimate:
    """Return the sum of estimates, with the lowest certainty of them.

    Args:
        estimates: The estimates. `NOTHING` at their start does not count.
    """
    while estimates and estimates[0] == NOTHING:
        estimates = estimates[1:]
    if len(estimates) < 2:
        return estimates[0] if estimates else NOTHING
    least_sure = max(estimates, key=lambda estimate: _SURENESS.index(estimate.sure))
    known = [estimate.usd for estimate in estimates if estimate.usd is not None]
    assumed = [estimate.assumed_usd for estimate in estimates]
    rates_per_second = {estimate.usd_per_second for estimate in estimates}
    return Estimate(
        usd=round(sum(known), 6) if known else None,
        sure=least_sure.sure,
        why=least_sure.why,
        usd_per_second=rates_per_second.pop() if len(rates_per_second) == 1 else None,
        unknown_jobs=sum([estimate.unknown_jobs for estimate in estimates]),
        assumed_usd=None if None in assumed else sum(filter(None, assumed)),
    )


def _unpriced(why: str) -> Estimate:
    return Estimate(usd=None, sure="unknown", why=why, unknown_jobs=1, assumed_usd=None)


_UNKNOWN = _unpriced(_NO_RATE)


@cache
def rates() -> Mapping[str, Rate]:
    """Return the published rates by name.

    The first call, or the first estimate, reads a file of a few kilobytes; call it before the event loop starts.
    """
    content = Path(__file__).with_name("pricing_rates.json").read_bytes()
    return msgspec.json.decode(content, type=dict[str, Rate])


def format_usd(usd: float) -> str:
    """Return an amount in USD as text, with four digits if it is less than 10 cents.

    Args:
        usd: The amount.
    """
    return f"{usd:.2f} USD" if usd >= 0.1 or not usd else f"{usd:.4f} USD"


def speaking_time(script: str) -> float:
    """Return the seconds that a script takes to speak, at 150 words a minute, with `<break time="1s"/>` pauses.

    Args:
        script: The script.
    """
    pauses = 0.0
    if "<" in script:
        pauses = sum(float(length) / (1000 if unit else 1) for length, unit in _PAUSE.findall(script))
        script = _PAUSE.sub(" ", script)
    return len(script.split()) * 60 / WORDS_A_MINUTE + pauses


def estimate(
    resource: str, request: object, *, seconds: float | None = None, avatar_type: str | None = None
) -> Estimate:
    """Return the estimated price of one request.

    Args:
        resource: The name of the resource, such as `videos`, whose `create` takes the request; for `voices`,
            `create_speech`. Or the path of an endpoint, such as `/v3/videos/batches`.
        request: The request, as a struct or a mapping.
        seconds: The length of the result in seconds, of each scene and in each language, if it is known. By default the
            length that the request asks for, or the speaking time of its script.
        avatar_type: The `avatar_type` of the look, from `avatars.looks.get`: videos of a `photo_avatar` cost less. By
            default the rate of the other types.
    """
    if (find_estimate := _BY_PATH.get(_PATHS.get(resource, resource))) is None:
        return _UNKNOWN
    is_known = seconds is not None or avatar_type is not None
    return find_estimate(request, _Known(seconds=seconds, avatar_type=avatar_type) if is_known else _NOTHING_KNOWN)


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller knows beside the request, as `estimate` describes it."""

    seconds: float | None = None
    avatar_type: str | None = None


_NOTHING_KNOWN = _Known()


def _video(request: object, known: _Known) -> Estimate:
    tag = get_tag(request)
    if tag == "cinematic_avatar":
        return _flat("cinematic_video")
    resolution = get_field(request, "resolution")
    if tag == "studio":
        scenes = cast("Sequence[object]", get_field(request, "scenes") or ())
        whole = sum((_scene(scene, resolution, known) for scene in scenes), NOTHING)
        return msgspec.structs.replace(whole, unknown_jobs=min(1, whole.unknown_jobs))
    return _presenter(request, resolution, known)


def _scene(scene: object, resolution: object, known: _Known) -> Estimate:
    presenter = get_field(scene, "input")
    return _UNKNOWN if presenter is None else _presenter(presenter, resolution, known)


def _presenter(request: object, resolution: object, known: _Known) -> Estimate:
    suffix = _SUFFIXES.get(cast("str | None", resolution))
    if suffix is None:
        return _UNKNOWN
    fields = fields_of(request)
    is_photo = get_tag(request) == "image" or known.avatar_type == "photo_avatar"
    name = "photo_avatar_video" if is_photo else "avatar_video"
    engine, voice = fields.get("engine"), fields.get("voice_settings")
    if engine is not None and get_tag(engine) == "avatar_iii":
        name = "avatar_iii_video"
    speed = None if voice is None else get_field(voice, "speed")
    return _spoken(f"{name}{suffix}", fields.get("script"), speed, known)


def _agent(request: object, known: _Known) -> Estimate:
    length = _LENGTH.search(str(get_field(request, "prompt") or ""))
    asked = None if length is None else float(length[1]) * (60 if length[2].lower().startswith("m") else 1)
    return _timed("video_agent", known.seconds, asked)


def _translation(request: object, known: _Known) -> Estimate:
    mode = "precision" if get_field(request, "mode") == "precision" else "speed"
    name = "audio_only" if get_field(request, "translate_audio_only") else mode
    one = _timed(f"translation_{name}", known.seconds, _excerpt_seconds(request))
    return sum((one for _ in get_field(request, "output_languages") or (None,)), NOTHING)


def _lipsync(request: object, known: _Known) -> Estimate:
    mode = "precision" if get_field(request, "mode") == "precision" else "speed"
    return _timed(f"lipsync_{mode}", known.seconds, _excerpt_seconds(request))


def _render(request: object, known: _Known) -> Estimate:
    resolution = str(get_field(request, "resolution") or "1080p").lower()
    name = f"render_{resolution}_{60 if (get_field(request, 'fps') or 30) > 30 else 30}fps"
    return _timed(name, known.seconds, None) if name in rates() else _UNKNOWN


def _speech(request: object, known: _Known) -> Estimate:
    return _spoken("speech", get_field(request, "text"), get_field(request, "speed"), known)


def _avatar(request: object, _: _Known) -> Estimate:
    name = {"photo": "photo_avatar", "digital_twin": "digital_twin"}.get(str(get_tag(request)))
    return _UNKNOWN if name is None else _flat(name)


def _looks(request: object, _: _Known) -> Estimate:
    credits = "2 API credits" if get_tag(request) == "template" else "1 API credit for each look of the pack"
    return _unpriced(f"HeyGen publishes a price in credits: {credits}")


def _comparison(_: object, __: _Known) -> Estimate:
    return _unpriced("HeyGen publishes no price of comparisons, a preview")


def _workflow_run(_: object, __: _Known) -> Estimate:
    return _unpriced("a run costs what its nodes cost, and HeyGen publishes no price of nodes")


def _batch(field: str, find_estimate: Callable[[object, _Known], Estimate]) -> Callable[[object, _Known], Estimate]:
    """Return the function for a batch endpoint whose body has the requests in this field."""
    return lambda request, known: sum((find_estimate(each, known) for each in get_field(request, field) or ()), NOTHING)


def _flat(name: str) -> Estimate:
    return Estimate(usd=rates()[name].usd, sure="exact", why="a flat price")


def _spoken(name: str, script: str | None, speed: float | None, known: _Known) -> Estimate:
    seconds = speaking_time(script) / (speed or 1.0) if script else None
    return _timed(name, known.seconds, seconds, "the script takes about {:.3g} s")


@lru_cache(maxsize=512)  # many scripts take the same number of seconds
def _timed(name: str, known: float | None, asked: float | None, why: str = "the request states {:g} s") -> Estimate:
    """Return the price by a rate.

    Args:
        name: The rate's name.
        known: The length in seconds, if the caller knows it.
        asked: The length in seconds that the request asks for or that its script takes; None if neither is there.
        why: The reason for `asked` in words.
    """
    rate = rates()[name].usd_per_second
    seconds = asked if known is None else known
    if seconds is None:
        unknown = f"the length is not known; a second costs {rate:.4g} USD"
        assumed = rate * ASSUMED_SECONDS
        return Estimate(usd=None, sure="unknown", why=unknown, usd_per_second=rate, unknown_jobs=1, assumed_usd=assumed)
    reason = why if known is None else "the length is {:g} s"
    sure: Sureness = "likely" if known is None else "exact"
    return Estimate(usd=round(rate * seconds, 6), sure=sure, why=reason.format(seconds), usd_per_second=rate)


def _excerpt_seconds(request: object) -> float | None:
    """Return the length of the excerpt from the source in seconds; None for the whole source."""
    end = get_field(request, "end_time")
    return None if end is None else max(0.0, end - (get_field(request, "start_time") or 0.0))


_BY_PATH: Mapping[str, Callable[[object, _Known], Estimate]] = {
    "/v3/avatars": _avatar,
    "/v3/avatars/looks": _looks,
    "/v3/hyperframes/renders": _render,
    "/v3/lipsyncs": _lipsync,
    "/v3/lipsyncs/batches": _batch("lipsyncs", _lipsync),
    "/v3/video-agents": _agent,
    "/v3/video-quality/comparisons": _comparison,
    "/v3/video-quality/comparisons/batches": _batch("comparisons", _comparison),
    "/v3/video-translations": _translation,
    "/v3/video-translations/batches": _batch("video_translations", _translation),
    "/v3/videos": _video,
    "/v3/videos/batches": _batch("videos", _video),
    "/v3/voices/speech": _speech,
    "/v3/workflow-runs": _workflow_run,
}
#: The paths of the resources' creates.
_PATHS = {
    "avatars": "/v3/avatars",
    "hyperframes": "/v3/hyperframes/renders",
    "lipsyncs": "/v3/lipsyncs",
    "video_agents": "/v3/video-agents",
    "video_translations": "/v3/video-translations",
    "videos": "/v3/videos",
    "voices": "/v3/voices/speech",
    "video_quality": "/v3/video-quality/comparisons",
    "workflow_runs": "/v3/workflow-runs",
}
