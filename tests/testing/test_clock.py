"""The emulator's clock is its own, and jumps without a pause when nothing is in transit."""

from __future__ import annotations

import asyncio
import selectors
import sys
import time
from typing import Any

import pytest
from webhook_support import VIDEO_REQUEST

from heygen_async import AsyncHeyGen
from heygen_async.testing import Clock, HeyGenEmulator


def test_a_patched_or_changed_system_clock_does_not_move_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    start = clock.time()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    assert 0 <= clock.time() - start < 600
    clock.advance(3600)
    assert 3600 <= clock.time() - start < 4200
    assert 0 <= Clock().time() - start < 600


async def test_timers_are_exact_after_years() -> None:
    async with HeyGenEmulator(autojump=True) as api:
        loop = asyncio.get_running_loop()
        for _ in range(3):
            api.clock.advance(1e8)  # loses digits of the loop's time
            start = api.clock.time()
            await asyncio.sleep(0.1)
            fired = loop.create_future()
            loop.call_at(loop.time(), fired.set_result, None)
            await fired
            assert abs(api.clock.time() - start - 0.1) < 1e-4


class PauseCounter(selectors.DefaultSelector):  # type: ignore[misc]  # the class of this system
    """A selector that counts the calls that may sleep."""

    pauses = 0

    def select(self, timeout: float | None = None) -> Any:
        self.pauses += timeout is None or timeout > 0
        return super().select(timeout)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a connection has received")
def test_a_wait_pauses_only_for_its_connection() -> None:
    selector = PauseCounter()

    async def count() -> tuple[int, int]:
        async with HeyGenEmulator(autojump=True) as api, AsyncHeyGen(api.key, base_url=api.url) as client:
            await client.wait_for_video(await client.videos.create(VIDEO_REQUEST))  # opens the connection
            video, before = await client.videos.create(VIDEO_REQUEST), selector.pauses
            await client.wait_for_video(video)
            return selector.pauses - before, len(api.requests_for("VideoGet"))

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        pauses, polls = runner.run(count())
    assert (pauses, polls > 4) == (0, True)
