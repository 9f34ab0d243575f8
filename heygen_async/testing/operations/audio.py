"""The library of music and sound effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import Call, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HANDLERS"]


def _search(call: Call) -> Listing:
    kind = call.query.get("type", "music")
    minimum = float(call.query.get("min_score", "0.7"))
    found: list[dict[str, Any]] = [
        {
            "id": f"{kind}_{n:02d}",
            "name": f"{call.query['query'][:40]} {n + 1}",
            "type": kind,
            "description": f"{call.query['query']}, take {n + 1}",
            "score": round(0.98 - n * 0.01, 2),
            "audio_url": call.storage.presigned(f"/sounds/{kind}_{n:02d}/speech.wav"),
            "duration": 30.0 + n,
            "peak_offset": 0.4 if kind == "sound_effects" else None,
            "placement": "hit" if kind == "sound_effects" else None,
        }
        for n in range(40)
    ]
    return Listing([sound for sound in found if sound["score"] >= minimum], "id", 10)


HANDLERS: dict[str, Callable[[Call], Any]] = {"AudioSoundsList": _search}
