"""Fixtures of the batch tests: a local HeyGen with money and a plan limit, and a sheet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from heygen_async.testing import HeyGenEmulator


@pytest.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator(autojump=True, concurrency_limit=10, balance=1e5) as emulator:
        yield emulator


@pytest.fixture
def sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sheet of three videos in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rows.csv"
    path.write_text("id,avatar_id,script\n1,avatar_1,Hi\n2,avatar_1,Ho\n3,avatar_1,Ha\n", encoding="utf-8")
    return path
