"""The SDK works on asyncio, and says so elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from heygen_async import AsyncHeyGen, ConfigurationError


async def enter(heygen: AsyncHeyGen) -> None:
    async with heygen:
        raise AssertionError("it opened")


CALLS: dict[str, Callable[[AsyncHeyGen], Awaitable[object]]] = {
    "open": enter,
    "call": lambda heygen: heygen.videos.get("video_1"),
    "list": lambda heygen: heygen.videos.list(),
    "upload": lambda heygen: heygen.assets.upload(Path("a.png")),
    "download": lambda heygen: heygen.download("https://example.com/a.mp4", "a.mp4"),
    "wait": lambda heygen: heygen.wait_for_video("video_1"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_trio_is_one_clear_error(call: Callable[[AsyncHeyGen], Awaitable[object]]) -> None:
    trio = pytest.importorskip("trio")

    async def main() -> None:
        await call(AsyncHeyGen("key"))

    with pytest.raises(ConfigurationError, match="works on asyncio"):
        trio.run(main)
