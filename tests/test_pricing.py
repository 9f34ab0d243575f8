"""Estimates of costs, and the time to speak a script."""

from __future__ import annotations

from typing import Any

import pytest
from batch_support import CLIP

import heygen_async.progress  # noqa: F401  its import reads files, which no test may do on the loop
from heygen_async.batch import estimate
from heygen_async.pricing import speaking_time
from heygen_async.types.videos import (
    AvatarIII,
    AvatarInput,
    AvatarScene,
    AvatarVideo,
    CinematicVideo,
    ImageVideo,
    StudioVideo,
    VideoScene,
)


@pytest.mark.parametrize(
    ("kind", "body", "usd", "sure"),
    [
        ("videos", AvatarVideo(avatar_id="a", script="word " * 150), 0.0667 * 60, "likely"),
        ("videos", AvatarVideo(avatar_id="a", script="word " * 150, resolution="4k"), 0.0833 * 60, "likely"),
        ("videos", AvatarVideo(avatar_id="a", script="word " * 150, engine=AvatarIII()), 0.0167 * 60, "likely"),
        (
            "videos",
            ImageVideo(image=CLIP, script='word <break time="1.5s"/> word <break time="500ms"/>'),
            0.05 * 2.8,
            "likely",
        ),
        ("videos", {"type": "avatar", "avatar_id": "a", "audio_url": "https://e.com/a.mp3"}, 0.0667 * 60, "guess"),
        ("videos", CinematicVideo(prompt="x", avatar_id=["a"]), 7.0, "exact"),
        (
            "videos",
            StudioVideo(
                scenes=[AvatarScene(input=AvatarInput(avatar_id="a", script="word " * 75)), VideoScene(source=CLIP)]
            ),
            0.0667 * 30 + 0.05 * 60,
            "guess",
        ),
        ("video_agents", {"prompt": "A 30-second tour"}, 0.0333 * 30, "likely"),
        ("video_agents", {"prompt": "A tour of 2 minutes"}, 0.0333 * 120, "likely"),
        ("video_agents", {"prompt": "A tour"}, 0.0333 * 60, "guess"),
        ("video_translations", {"video": CLIP, "output_languages": ["a", "b"]}, 0.0333 * 120, "guess"),
        (
            "video_translations",
            {"video": CLIP, "output_languages": ["a"], "mode": "precision", "start_time": 5, "end_time": 15},
            0.667,
            "likely",
        ),
        (
            "video_translations",
            {"video": CLIP, "output_languages": ["a"], "translate_audio_only": True},
            0.0167 * 60,
            "guess",
        ),
        ("lipsyncs", {"video": CLIP, "audio": CLIP, "mode": "precision"}, 0.0667 * 60, "guess"),
        ("hyperframes", {"project": CLIP, "fps": 60, "resolution": "4k"}, 0.30, "guess"),
        ("voices", {"text": "word " * 150, "voice_id": "v"}, 0.000667 * 60, "likely"),
        ("avatars", {"type": "digital_twin"}, 1.0, "exact"),
        ("avatars", {"type": "prompt"}, 0.0, "unknown"),
        ("ai_clipping", {"video": CLIP}, 0.0, "unknown"),
    ],
    ids=range(19),
)
def test_estimates(kind: str, body: Any, usd: float, sure: str) -> None:
    found = estimate(kind, body)
    assert (found.usd, found.sure) == (pytest.approx(usd, rel=1e-3), sure)
    assert found.why


def test_speaking_time() -> None:
    assert speaking_time("word " * 300) == pytest.approx(120)
    assert speaking_time("") == 0
