"""The emulator's clock is its own."""

from __future__ import annotations

import time

import pytest

from heygen_async.testing import Clock


def test_a_patched_or_changed_system_clock_does_not_move_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    start = clock.time()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    assert 0 <= clock.time() - start < 600
    clock.advance(3600)
    assert 3600 <= clock.time() - start < 4200
    assert 0 <= Clock().time() - start < 600
