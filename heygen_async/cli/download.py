"""`heygen-async video download VIDEO_ID`: a file of a finished video."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import output
from .command_names import PROGRAM
from .flags import FlagValueCommand
from .running import HUMAN, QUIET, progress_bars, run

if TYPE_CHECKING:
    from ..types.videos import Video

_URL_FIELDS = {
    "video": "video_url",
    "captioned": "captioned_video_url",
    "subtitle": "subtitle_url",
    "gif": "gif_url",
    "thumbnail": "thumbnail_url",
}


@click.command("download", cls=FlagValueCommand, params=[HUMAN, QUIET])
@click.argument("video_id")
@click.option("-o", "--output-path", type=click.Path(path_type=Path), help="The file to write. Default: VIDEO_ID.mp4.")
@click.option("--asset", type=click.Choice([*_URL_FIELDS]), default="video", show_default=True)
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.option("--resume", is_flag=True, help="Resume an interrupted download.")
def download(
    video_id: str, output_path: Path | None, asset: str, *, force: bool, resume: bool, human: bool, quiet: bool
) -> int:
    """Download a finished video. The file appears under its name when it is complete."""
    if output_path == Path("-"):
        raise click.UsageError("--output-path is '-'; expected the path of a file, because a download is not streamed.")

    from .._http.worker_threads import run_in_thread
    from ..client import AsyncHeyGen

    async def fetch() -> None:
        async with AsyncHeyGen() as heygen:
            video = await heygen.videos.get(video_id)
            target = await run_in_thread(_target, _file_name(video, video_id, asset), output_path)
            if not force and await run_in_thread(target.exists):
                raise click.UsageError(f"{target} exists; --force replaces it, --output-path names another file.")
            with progress_bars(visible=not quiet) as bars:
                await heygen.download(
                    video,
                    target,
                    url_field=_URL_FIELDS[asset],
                    overwrite=force,
                    resume=resume,
                    on_progress=bars.bytes(target.name) if bars else None,
                )
        message = f"Downloaded {asset} to {target}"
        output.print_response({"asset": asset, "message": message, "path": str(target)}, human=human)

    return run(fetch)


def _file_name(video: Video, video_id: str, asset: str) -> str:
    """Return the default name of the downloaded file.

    Raises:
        output.CommandError: The video is not finished, or has no such file.
    """
    if video.status != "completed":
        hint = f"{PROGRAM} video get {video_id} --wait"
        raise output.CommandError("resource_not_ready", f"The video {video_id} is {video.status}.", hint)
    url = getattr(video, _URL_FIELDS[asset])
    if url is None:
        available = ", ".join(name for name, field in _URL_FIELDS.items() if getattr(video, field))
        raise output.CommandError("not_found", f"The video {video_id} has no {asset}; it has {available}.")
    suffix = Path(url.partition("?")[0]).suffix or ".mp4"
    return f"{video_id}{'' if asset == 'video' else f'-{asset}'}{suffix}"


def _target(name: str, output_path: Path | None) -> Path:
    target = output_path or Path(name)
    return target / name if target.is_dir() else target
