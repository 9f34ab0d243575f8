"""Measure how the SDK decodes a page of 100 voices, against a bare typed decoder of the same shape."""

from __future__ import annotations

import json
import time

import msgspec
import pydantic
from rows import Row, medians, pin

from heygen_async._http.decoding import page_decoder
from heygen_async._http.response import Response
from heygen_async.types.voices import Voice

PAGE = msgspec.json.encode(
    {
        "data": [
            {
                "voice_id": f"voice_{number:04d}",
                "name": f"Voice {number}",
                "language": "English",
                "gender": "female",
                "type": "public",
                "support_pause": True,
                "support_locale": False,
                "preview_audio_url": f"https://files.example.com/{number}.mp3",
            }
            for number in range(100)
        ],
        "has_more": True,
        "next_token": "abc",
    }
)
TIMES = 2000
ROUNDS = 9


class Bare(msgspec.Struct):
    data: list[Voice]
    has_more: bool = False
    next_token: str | None = None


class PydanticVoice(pydantic.BaseModel):
    voice_id: str
    name: str
    language: str
    gender: str
    type: str
    support_pause: bool
    support_locale: bool
    preview_audio_url: str | None = None


class PydanticPage(pydantic.BaseModel):
    data: list[PydanticVoice]
    has_more: bool = False
    next_token: str | None = None


def measure() -> list[Row]:
    """Return one row: microseconds a page."""
    pin(1)
    bare = msgspec.json.Decoder(Bare)
    read = page_decoder(Voice)
    response = Response("GET", "/v3/voices", 200, {}, PAGE, 1, 0.0)
    decoders = {
        "floor": lambda: bare.decode(PAGE),
        "ours": lambda: read(response),
        "msgspec untyped": lambda: msgspec.json.decode(PAGE),
        "json": lambda: json.loads(PAGE),
        "pydantic": lambda: PydanticPage.model_validate_json(PAGE),
    }
    samples: dict[str, list[float]] = {name: [] for name in decoders}
    for number in range(ROUNDS + 1):
        for name, decode in decoders.items():
            started = time.process_time()
            for _ in range(TIMES):
                decode()
            if number:
                samples[name].append((time.process_time() - started) / TIMES * 1e6)
    times = medians(samples)
    return [Row("a page of 100 voices", "µs", times.pop("floor"), times.pop("ours"), 1.1, times)]


if __name__ == "__main__":
    for row in measure():
        print(row.line())
