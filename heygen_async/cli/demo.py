"""`heygen-async demo`: a first video from a local HeyGen, without an account."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from .._http.worker_threads import run_in_thread
from ..client import AsyncHeyGen
from . import output
from .running import run

_PROMPT = "A 30-second tour of our new app"
_NEXT_STEPS = f"""
The same at HeyGen, with a key from https://app.heygen.com/settings?nav=API:
  heygen-async auth login
  heygen-async video-agent create --prompt '{_PROMPT}' --wait"""


@click.command()
@click.option(
    "-o", "--output-path", type=click.Path(dir_okay=False, path_type=Path), default=Path("demo.mp4"), show_default=True
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
def demo(output_path: Path, *, force: bool) -> int:
    """Create a sample video with a local HeyGen, which needs no key and charges nothing."""
    # By name, because no module of the SDK depends on the emulator: it is a tool for users and tests.
    emulator = import_module("heygen_async.testing").HeyGenEmulator

    async def create() -> None:
        if not force and await run_in_thread(output_path.exists):
            raise click.UsageError(f"{output_path} exists; --force replaces it, --output-path names another file.")
        async with emulator(autojump=True) as api, AsyncHeyGen(api.key, base_url=api.url) as heygen:
            output.print_text(f"A local HeyGen serves at {api.url}. It needs no key and charges nothing.")
            session = await heygen.video_agents.create(prompt=_PROMPT)
            output.print_text(f"Created the session {session.session_id} from the prompt '{_PROMPT}'.")
            started = api.clock.time()
            video = await heygen.wait_for_video(session)
            output.print_text(
                f"Waited for the video {video.id}: {api.clock.time() - started:.0f} s of a clock that jumps."
            )
            await heygen.download(video, output_path, overwrite=force)
        output.print_text(f"Saved {output_path}.{_NEXT_STEPS}")

    return run(create, needs_key=False)
