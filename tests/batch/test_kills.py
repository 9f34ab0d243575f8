"""A batch that is killed repeatedly pays for nothing twice. `HEYGEN_ASYNC_KILLS` sets the number of kills."""

from __future__ import annotations

import asyncio
import collections
import os
import random
import signal
import sys
from pathlib import Path

import pytest

from heygen_async.testing import Fault, HeyGenEmulator

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("HEYGEN_ASYNC_KILLS", "15"))
ROWS = KILLS * 3 // 2
PROGRAM = """
import asyncio, sys
from heygen_async import AsyncHeyGen, Backoff
from heygen_async.batch import run
from heygen_async.types.videos import AvatarVideo

async def main(kind, engine, rows, folder):
    if kind == "videos":
        rows = [(f"row-{i}", AvatarVideo(avatar_id="a", script=f"Hello {i}.")) for i in range(int(rows))]
    elif kind == "video_agents":
        rows = [(f"row-{i}", {"prompt": f"Tour {i}"}) for i in range(int(rows))]
    else:
        video = {"type": "url", "url": "https://example.com/a.mp4"}
        rows = [(f"row-{i}", {"video": video, "output_languages": ["French (France)"]}) for i in range(int(rows))]
    async with AsyncHeyGen(poll=Backoff(initial=0.1, maximum=0.2), retry=Backoff(initial=0.01)) as heygen:
        batch = run(rows, heygen=heygen, kind=kind, engine=engine, journal=f"{folder}/journal.db", output_dir=f"{folder}/out", concurrency=8, retry_failed=engine == "api")
        print("started", flush=True)
        async for outcome in batch:
            print(outcome.key, outcome.state, *outcome.ids, outcome.path, repr(outcome.error), sep="\\t", flush=True)
    print("ended", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def inject_faults(api: HeyGenEmulator, seed: int) -> None:
    """Let two requests in a hundred fail, in every way."""
    for number, kind in enumerate(("reset_before", "lost_response", "truncate", "reset_mid_body", "corrupt")):
        # Only a digest shows a wrong bit of a download.
        for origin in ("api",) if kind == "corrupt" else ("api", "storage"):
            api.inject(Fault(kind, origin=origin, count=None, probability=0.003, seed=seed * 100 + number))  # type: ignore[arg-type]
    for number, status in enumerate((500, 503)):
        api.inject(Fault("status", status=status, count=None, probability=0.003, seed=seed * 100 + 50 + number))


async def run_program(api: HeyGenEmulator, kill_after: float | None, *arguments: object) -> list[str]:
    """Run the program in a process, and kill it after so many seconds; return the lines that it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, *map(str, arguments),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"HEYGEN_API_KEY": api.key, "HEYGEN_BASE_URL": api.url},
    )  # fmt: skip
    assert process.stdout is not None
    first_line = await process.stdout.readline()
    assert first_line == b"started\n", first_line + (await process.communicate())[1]
    output = asyncio.ensure_future(process.communicate())
    if kill_after is not None:
        await asyncio.wait({output}, timeout=kill_after)
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
    stdout, stderr = await output
    assert process.returncode == 0 or kill_after is not None, stderr.decode()
    return stdout.decode().splitlines()


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
    async with HeyGenEmulator(
        record_requests=False, render_seconds=render_seconds, concurrency_limit=limit, balance=1e6
    ) as api:
        inject_faults(api, seed)
        arguments = (kind, engine, ROWS, tmp_path)
        for _ in range(KILLS):
            lines = await run_program(api, delays.uniform(0.02, 0.35), *arguments)
            kills += not lines or lines[-1] != "ended"
        api.clear_faults()
        lines = await run_program(api, None, *arguments)
        charges = collections.Counter(charge.id for charge in api.ledger)
    assert lines[-1] == "ended"
    outcomes = [line.split("\t") for line in lines[:-1]]
    assert {line[1] for line in outcomes} == {"completed"}, [line for line in outcomes if line[1] != "completed"]
    assert len({line[0] for line in outcomes}) == len({line[2] for line in outcomes}) == ROWS
    assert set(charges) == {line[2] for line in outcomes}, "a job exists that no row knows"
    assert set(charges.values()) == {1}
    files = list((tmp_path / "out").iterdir())
    assert len(files) == ROWS
    assert len({file.read_bytes() for file in files}) == 1
    print(f"{kind}, {engine}: {kills} of {KILLS} kills hit a running batch; {len(charges)} jobs for {ROWS} rows")
