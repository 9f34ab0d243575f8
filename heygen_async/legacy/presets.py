"""Rules of HeyGen's documentation that no endpoint enforces: sizes, backgrounds, subtitles, credits.

They apply to v3 too.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

from ..errors import InvalidInputError
from ..pricing import speaking_time
from ..types.templates import Dimension
from .types.videos import Caption, CaptionStyle, ColorBackground, SilenceVoice, TextVoice, VideoRequest

__all__ = ["BACKGROUNDS", "CAPTIONS", "check_dimension", "dimension", "estimate_credits", "speaking_time"]

Shape: TypeAlias = Literal["16:9", "9:16", "1:1", "4:3", "4:5"]
Quality: TypeAlias = Literal["720p", "1080p"]

_MIN_SIDE, _MAX_SIDE = 128, 4096  # pixels
_SHORT_SIDE = {"720p": 720, "1080p": 1080}
_CREDITS_PER_MINUTE = {"720p": 1.0, "1080p": 1.5}

#: Backgrounds by name; `green_screen` is for chroma keying.
BACKGROUNDS = {
    "white": ColorBackground(value="#FFFFFF"),
    "black": ColorBackground(value="#000000"),
    "green_screen": ColorBackground(value="#00FF00"),
    "corporate": ColorBackground(value="#0066CC"),
}
#: Subtitles by name.
CAPTIONS = {
    name: Caption(
        style=CaptionStyle(
            font_family=family, font_size=size, font_color=color, background_color=background, position="bottom"
        )
    )
    for name, family, size, color, background in (
        ("default", "Arial", 32, "#FFFFFF", "rgba(0, 0, 0, 0.7)"),
        ("minimal", "Arial", 28, "#FFFFFF", "transparent"),
        ("bold", "Arial", 36, "#FFFFFF", "rgba(0, 0, 0, 0.9)"),
        ("branded", "Roboto", 30, "#00D1FF", "rgba(26, 26, 46, 0.9)"),
    )
}


def dimension(shape: Shape, quality: Quality = "1080p") -> Dimension:
    """Return the size of a shape in pixels: `dimension("9:16")` is 1080 × 1920.

    The quality is the short side for 16:9, 9:16 and 1:1, and the height for 4:3 and 4:5.

    Args:
        shape: The aspect ratio, such as `16:9`.
        quality: `720p` or `1080p`.
    """
    if quality not in _SHORT_SIDE:
        raise InvalidInputError("quality", quality, "720p or 1080p")
    across, down = _parts(shape)
    side = _SHORT_SIDE[quality]
    if shape == "9:16":
        return Dimension(width=side, height=side * down // across)
    return Dimension(width=side * across // down, height=side)


def _parts(shape: str) -> tuple[int, int]:
    if shape not in {"16:9", "9:16", "1:1", "4:3", "4:5"}:
        raise InvalidInputError("shape", shape, "16:9, 9:16, 1:1, 4:3 or 4:5")
    across, _, down = shape.partition(":")
    return int(across), int(down)


def check_dimension(width: int, height: int) -> None:
    """Check that both sides are even numbers from 128 to 4096, which HeyGen can render.

    Args:
        width: The width in pixels.
        height: The height in pixels.

    Raises:
        InvalidInputError: A side is not such a number; the error names it.
    """
    for name, side in (("width", width), ("height", height)):
        if side % 2 or not _MIN_SIDE <= side <= _MAX_SIDE:
            raise InvalidInputError(f"dimension.{name}", side, f"an even number from {_MIN_SIDE} to {_MAX_SIDE}")


def estimate_credits(request: VideoRequest) -> int:
    """Estimate the credits of a video: 1 a minute up to 720p, 1.5 a minute above, 0 for a test.

    An audio file counts as a minute, since its length is not known.

    Args:
        request: The request of `videos.generate`.
    """
    if request.test:
        return 0
    seconds = 0.0
    for scene in request.video_inputs:
        if isinstance(scene.voice, TextVoice):
            seconds += speaking_time(scene.voice.input_text) / (scene.voice.speed or 1.0)
        elif isinstance(scene.voice, SilenceVoice):
            seconds += scene.voice.duration or 1.0
        else:
            seconds += 60.0
    size = request.dimension
    quality = "720p" if size is not None and min(size.width, size.height) <= _SHORT_SIDE["720p"] else "1080p"
    return math.ceil(seconds / 60 * _CREDITS_PER_MINUTE[quality])
