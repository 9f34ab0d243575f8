"""Fixtures for the tests of programs that use HeyGen: `heygen_emulator`, and `heygen`, a client of it.

Both need pytest-asyncio, and the emulator's clock jumps: a test of a five-minute render takes milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    import pytest_asyncio
except ImportError:  # a project may use the package and test without asyncio
    pass
else:
    if TYPE_CHECKING:
        from collections.abc import AsyncIterator

        from heygen_async import AsyncHeyGen
        from heygen_async.testing import HeyGenEmulator

    @pytest_asyncio.fixture
    async def heygen_emulator() -> AsyncIterator[HeyGenEmulator]:
        """A local HeyGen whose clock jumps over every wait."""
        from heygen_async.testing import HeyGenEmulator  # noqa: PLC0415  the plugin loads into every run of pytest

        async with HeyGenEmulator(autojump=True) as emulator:
            yield emulator

    @pytest_asyncio.fixture
    async def heygen(heygen_emulator: HeyGenEmulator) -> AsyncIterator[AsyncHeyGen]:
        """A client of `heygen_emulator`."""
        from heygen_async import AsyncHeyGen  # noqa: PLC0415  the plugin loads into every run of pytest

        async with AsyncHeyGen(heygen_emulator.key, base_url=heygen_emulator.url) as client:
            yield client
