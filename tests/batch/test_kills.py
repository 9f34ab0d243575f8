"""A batch that is killed repeatedly pays for nothing twice."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from batch_process import KILLS, check_files, check_paid_once, inject_faults, run_batch

from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow

ROWS = KILLS * 3 // 2


@pytest.mark.parametrize(
    ("kind", "engine"),
    [
        ("videos", "jobs"),
        ("video_translations", "jobs"),
        ("video_agents", "jobs"),
        ("videos", "api"),
        ("video_translations", "api"),
    ],
)
async def test_a_batch_survives_kills(kind: str, engine: str, tmp_path: Path) -> None:
    seed = 6
    delays = random.Random(seed)
    render_seconds = 1.8 if KILLS > 100 else 1.0  # so that no run ends before the last kill
    limit = 1000 if engine == "api" else 4
    kills = 0
    (tmp_path / "journal").mkdir()
    async with HeyGenEmulator(
        record_requests=False, render_seconds=render_seconds, concurrency_limit=limit, balance=1e6
    ) as api:
        inject_faults(api, seed)
        batch = {"rows": ROWS, "folder": tmp_path, "kind": kind, "engine": engine, "retry_failed": engine == "api"}
        for _ in range(KILLS):
            kills += not (await run_batch(api, delays.uniform(0.02, 0.35), **batch)).has_ended
        api.clear_faults()
        ended = await run_batch(api, None, **batch)
        check_paid_once(api, ended, ROWS)
    check_files(tmp_path, ROWS)
    print(f"{kind}, {engine}: {kills} of {KILLS} kills hit a running batch; {ROWS} rows")
