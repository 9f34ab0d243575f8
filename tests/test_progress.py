"""Progress bars of waits and transfers."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from support import PNG, THINKING

from heygen_async import AsyncHeyGen
from heygen_async.batch import Item, run
from heygen_async.progress import ProgressBars
from heygen_async.testing import HeyGenEmulator, Plan
from heygen_async.testing.storage import media
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")


async def test_shows_bars_of_waits_and_a_download(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.plan(THINKING)
    screen = io.StringIO()
    created = [await client.videos.create(SCRIPT) for _ in range(3)]
    session = await client.video_agents.create(prompt="A tour")
    with ProgressBars(Console(file=screen, force_terminal=True, width=140)) as bars:
        video, *_ = await client.wait_for_all([*created, session], on_update=bars.update)
        await client.download(video, tmp_path / "a.mp4", on_progress=bars.bytes("a.mp4"))
        await asyncio.to_thread(bars._live.refresh)
    shown = screen.getvalue()
    last = shown.rpartition(f"video {created[0].video_id}")[2]
    assert "completed, " in last
    assert f"video agent session {session.session_id}" in shown
    assert "a.mp4" in last
    size = f"{len(media('video.mp4')) / 1000:.1f}"
    assert f"{size}/{size} kB" in last


async def test_shows_amount_rate_and_time_left_of_an_upload(client: AsyncHeyGen, tmp_path: Path) -> None:
    screen = io.StringIO()
    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(9_000_000))
    with ProgressBars(Console(file=screen, force_terminal=True, width=140)) as bars:
        await client.assets.upload(path, on_progress=bars.bytes("a.png"))
        await asyncio.to_thread(bars._live.refresh)
    last = screen.getvalue().rpartition("a.png")[2]
    assert "9.0/9.0 MB" in last
    assert "B/s" in last
    assert "0:00:00" in last


async def test_shows_state_and_next_poll_of_a_job_without_percentage(client: AsyncHeyGen) -> None:
    screen = io.StringIO()
    created = await client.videos.create(SCRIPT)
    with ProgressBars(Console(file=screen, force_terminal=True, width=140)) as bars:
        async for update in client.watch_video(created):
            bars.update(update)
            if update.state == "processing":
                bars._live.refresh()
                assert "processing, " in screen.getvalue()
                assert "next poll in " in screen.getvalue()


def test_import_without_rich_says_how_to_install_it() -> None:
    code = "import sys; sys.modules['rich'] = None\nimport heygen_async.progress"
    error = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr
    assert "pip install 'heygen-async[progress]'" in error


async def test_shows_the_rows_of_a_batch(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(count=1, fail_code="bad_script", fail_message="No [voice]."))
    screen = io.StringIO()
    batch = run([Item(str(n), SCRIPT) for n in range(3)], heygen=client, concurrency=1)
    with ProgressBars(Console(file=screen, force_terminal=True, width=300)) as bars:
        show = bars.rows(batch, total=3)
        async for outcome in batch:
            show(outcome)
        await asyncio.to_thread(bars._live.refresh)
    shown = screen.getvalue()
    assert "running, 1 failed, about" in shown.rpartition("3/3")[2]
    assert "No [voice]." in shown
