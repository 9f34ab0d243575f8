"""Sung samples of the sample voices, as WAV: each voice has its own pitch, vowels and melody."""

from __future__ import annotations

import io
import math
import wave
from array import array
from functools import lru_cache
from hashlib import sha256

__all__ = ["sing_sample"]

_RATE = 11025  # samples a second
_SYLLABLE = 0.3  # seconds
_VOWELS = ((730, 1090, 2440), (530, 1840, 2480), (300, 2250, 3000), (570, 840, 2410), (440, 1020, 2240))  # formants, Hz
_STEPS = (-3, 0, 2, 4, 5, 7)  # semitones


@lru_cache(maxsize=256)
def sing_sample(voice: str, gender: str) -> bytes:
    """Return four sung syllables.

    Args:
        voice: The id of the voice, which decides the pitch, the vowels and the melody.
        gender: `female` is about an octave above `male`.
    """
    digest = sha256(voice.encode()).digest()
    pitch = (185.0 if gender == "female" else 95.0) * (1 + digest[0] / 640)
    samples = array("h")
    for place in range(4):
        note = pitch * 2 ** (_STEPS[digest[1 + place] % len(_STEPS)] / 12)
        samples.extend(_syllable(note, _VOWELS[digest[5 + place] % len(_VOWELS)]))
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples.tobytes())
    return target.getvalue()


def _syllable(note: float, formants: tuple[int, ...]) -> array[int]:
    """Return one period of a sung vowel, repeated, with a soft start and end."""
    period = round(_RATE / note)
    weights = [
        sum(math.exp(-(((number * note - formant) / 150) ** 2)) for formant in formants) + 0.4 / number
        for number in range(1, min(20, period // 2))
    ]
    cycle = [
        sum(weight * math.sin(2 * math.pi * number * n / period) for number, weight in enumerate(weights, 1))
        for n in range(period)
    ]
    loudest = max(map(abs, cycle))
    length = round(_RATE * _SYLLABLE)
    envelope = [min(1.0, n / 400, (length - n) / 900) * 12000 / loudest for n in range(length)]
    return array("h", [int(cycle[n % period] * envelope[n]) for n in range(length)])
