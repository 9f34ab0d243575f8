"""Files up and down."""

from __future__ import annotations

from pathlib import Path

import click

from .._http.worker_threads import run_in_thread
from ..client import AsyncHeyGen
from ..errors import HeyGenError
from . import output
from .running import HUMAN, QUIET, bars, run

_ASSETS = {
    "video": "video_url",
    "captioned": "captioned_video_url",
    "subtitle": "subtitle_url",
    "gif": "gif_url",
    "thumbnail": "thumbnail_url",
}


@click.command("download", params=[HUMAN, QUIET])
@click.argument("video_id")
@click.option("--output-path", type=click.Path(path_type=Path), help="Where to; by default VIDEO_ID.mp4, here.")
@click.option("--asset", type=click.Choice([*_ASSETS]), default="video", help="Which of its files.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--resume", is_flag=True, help="Go on with what an interrupted download left.")
def video_download(
    video_id: str, output_path: Path | None, asset: str, *, force: bool, resume: bool, human: bool, quiet: bool
) -> int:
    """Fetch a finished video into a file, which is there under its name only when it is whole."""
    if output_path == Path("-"):
        raise click.UsageError("--output-path is '-'; expected a file's path: a download is whole before it is there.")

    async def download() -> None:
        async with AsyncHeyGen() as heygen:
            video = await heygen.videos.get(video_id)
            if video.status != "completed":
                raise output.FailedError(
                    "resource_not_ready",
                    f"The video {video_id} is {video.status}.",
                    f"{output.PROGRAM} video get {video_id} --wait",
                )
            url = getattr(video, _ASSETS[asset])
            if url is None:
                there = ", ".join(name for name, field in _ASSETS.items() if getattr(video, field))
                raise output.FailedError("not_found", f"The video {video_id} has no {asset}; it has {there}.")
            name = f"{video_id}{'' if asset == 'video' else f'-{asset}'}{Path(url.partition('?')[0]).suffix or '.mp4'}"
            target = output_path or Path(name)
            if await run_in_thread(target.is_dir):
                target /= name
            if not force and await run_in_thread(target.exists):
                raise click.UsageError(f"{target} is there; --force replaces it, --output-path names another.")
            with bars(shown=not quiet) as shown:
                await heygen.download(
                    video,
                    target,
                    field=_ASSETS[asset],
                    overwrite=force,
                    resume=resume,
                    on_progress=shown.bytes(target.name) if shown else None,
                )
        output.tell({"asset": asset, "message": f"Downloaded {asset} to {target}", "path": str(target)}, human=human)

    return run(download, human=human)


@click.command(params=[HUMAN, QUIET])
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--no-wait", is_flag=True, help="Do not wait until HeyGen has processed it.")
def upload(files: tuple[Path, ...], *, no_wait: bool, human: bool, quiet: bool) -> int:
    """Upload files of any size, several at the same time: a line of JSON each, with its `path` and `asset_id`."""

    async def send() -> None:
        async with AsyncHeyGen() as heygen:
            with bars(shown=not quiet) as shown:
                progress = shown.bytes(", ".join(path.name for path in files)) if shown else None
                ends = await heygen.assets.upload_many(files, wait=not no_wait, on_progress=progress)
        uploaded: list[dict[str, str]] = []
        failed: list[tuple[Path, HeyGenError]] = []
        for path, end in zip(files, ends, strict=True):
            if isinstance(end, HeyGenError):
                failed.append((path, end))
            else:
                uploaded.append({"path": str(path), "asset_id": end.asset_id})
        if human:
            output.tell({"data": uploaded}, human=True)
        else:
            for line in uploaded:
                output.tell_line(line)
        if len(files) == 1 and failed:
            raise failed[0][1]
        if failed:
            why = "; ".join(f"{path}: {str(error).removesuffix(' Nothing was sent.')}" for path, error in failed)
            raise output.FailedError("upload_failed", f"{len(failed)} of {len(files)} files were not uploaded: {why}")

    return run(send, human=human)
